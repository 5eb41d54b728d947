// Small seeded pictures and round trips through memory for the codec tests.
#pragma once

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "kernels/codecs/codec.h"

namespace iiifbench {

// Smooth gradients, hard edges and noise: everything a codec can get wrong shows somewhere.
inline Image TestPicture(Size size, int channels, uint64_t seed = 1) {
  Image image(size, channels);
  std::mt19937_64 random(seed);
  auto view = image.view();
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      const bool stroke = (x / 9 + y / 13) % 5 == 0;
      for (int c = 0; c < channels; ++c) {
        const int base = stroke
                             ? 40 + 30 * c
                             : 120 + (x * (c + 1) + 2 * y) * 100 / (size.width + 2 * size.height);
        view.row(y)[x * channels + c] = static_cast<uint8_t>(
            std::clamp<int>(base + static_cast<int>(random() % 9) - 4, 0, 255));
      }
    }
  }
  return image;
}

inline std::vector<uint8_t> Encoded(const Codec& codec, const Image& image,
                                    const EncodeOptions& options) {
  std::vector<uint8_t> bytes;
  auto done = codec.encode(image.view(), options, bytes);
  EXPECT_TRUE(done.ok()) << (done.ok() ? "" : done.error().message);
  return bytes;
}

// A decode of (region, level), failing the test with the codec's message.
inline Image Decoded(const Codec& codec, std::span<const uint8_t> bytes, const Region& region,
                     int level, Variant variant, int threads = 1,
                     std::span<const uint8_t> index = {}) {
  auto source = Source::Borrow(bytes, "memory");
  auto info = codec.probe(*source);
  EXPECT_TRUE(info.ok()) << (info.ok() ? "" : info.error().message);
  if (!info.ok()) return {};
  const Region asked = region.empty() ? Region{0, 0, info->size.width, info->size.height} : region;
  Image out(LevelRegion(*info, asked, level).size(), info->channels);
  DecodeRequest request{
      .region = asked, .level = level, .variant = variant, .threads = threads, .index = index};
  auto report = codec.decode(*source, request, out.view());
  EXPECT_TRUE(report.ok()) << (report.ok() ? "" : report.error().message);
  return out;
}

inline Region RandomRegion(Size size, std::mt19937_64& random) {
  const int width = 1 + static_cast<int>(random() % static_cast<uint64_t>(size.width));
  const int height = 1 + static_cast<int>(random() % static_cast<uint64_t>(size.height));
  return {static_cast<int>(random() % static_cast<uint64_t>(size.width - width + 1)),
          static_cast<int>(random() % static_cast<uint64_t>(size.height - height + 1)), width,
          height};
}

// Every variant must give the pixels of a whole decode of the level, cropped. `tolerance`: largest
// difference of a sample.
inline void ExpectVariantsAgree(const Codec& codec, std::span<const uint8_t> bytes,
                                std::span<const Variant> variants, int rounds, uint64_t seed,
                                int tolerance = 0, std::span<const uint8_t> index = {}) {
  auto source = Source::Borrow(bytes, "memory");
  auto info = codec.probe(*source);
  ASSERT_TRUE(info.ok()) << info.error().message;
  std::mt19937_64 random(seed);
  for (int level = 0; level < static_cast<int>(info->levels.size()); ++level) {
    const Image whole = Decoded(codec, bytes, {}, level, Variant::kNaive);
    for (int round = 0; round < rounds; ++round) {
      const Region region = RandomRegion(info->size, random);
      const Region covered = LevelRegion(*info, region, level);
      for (Variant variant : variants) {
        for (int threads : {1, 2}) {
          const Image part = Decoded(codec, bytes, region, level, variant, threads, index);
          ASSERT_EQ(part.size(), covered.size());
          const auto difference = Compare(part.view(), whole.view().crop(covered));
          ASSERT_LE(difference.maximum, tolerance)
              << VariantName(variant) << " level " << level << " region " << region.x << ","
              << region.y << "," << region.width << "," << region.height << " threads " << threads
              << " of " << info->size.width << "x" << info->size.height << " " << info->detail;
        }
      }
    }
  }
}

}  // namespace iiifbench
