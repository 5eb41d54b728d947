// What a fuzz target asks of a codec: a region at a level in a variant, within limits of a small
// server.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>

#include "kernels/codecs/codec.h"

namespace iiifbench {

// The last bytes of an input say what is asked; those before are the file. Decoders take no harm
// from bytes behind a file.
struct FuzzedRequest {
  static constexpr size_t kBytes = 8;
  uint8_t x = 0, y = 0, width = 0, height = 0, level = 0, variant = 0, threads = 0, spare = 0;
};

constexpr int64_t kFuzzedPixels = int64_t{1} << 20;

inline Region FuzzedRegion(const FuzzedRequest& ask, Size size) {
  const auto part = [](uint8_t of_256, int whole) {
    return static_cast<int>(int64_t{of_256} * whole / 256);
  };
  const int x = part(ask.x, size.width), y = part(ask.y, size.height);
  return {x, y, std::max(1, part(ask.width, size.width - x)),
          std::max(1, part(ask.height, size.height - y))};
}

// The pixels, over a buffer that holds `fill`; nothing for a refusal.
inline std::optional<Image> FuzzedDecode(const Codec& codec, Source& source, const ImageInfo& info,
                                         DecodeRequest request, int fill) {
  const Region covered = LevelRegion(info, request.region, request.level);
  if (covered.size().pixels() > kFuzzedPixels) return std::nullopt;
  request.limits = {.max_pixels = kFuzzedPixels, .max_memory_bytes = int64_t{256} << 20};
  Image out(covered.size(), info.channels);
  std::memset(out.view().data, fill, static_cast<size_t>(out.bytes()));
  auto report = codec.decode(source, request, out.view());
  if (report.ok()) return out;
  if (report.error().message.empty()) std::abort();
  return std::nullopt;
}

// Ends the process, which libFuzzer reports with the input.
inline void Demand(bool truth, const char* what) {
  if (truth) return;
  std::fprintf(stderr, "not so: %s\n", what);
  std::abort();
}

}  // namespace iiifbench
