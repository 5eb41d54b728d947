#include "data/page.h"

#include <gtest/gtest.h>

#include "data/corpus.h"

namespace iiifbench {
namespace {

double BitsPerPixel(const Image& page, std::string_view recipe) {
  const Codec* codec = nullptr;
  const Recipe* r = FindRecipe(recipe, &codec);
  EncodeOptions options = r->options;
  options.pyramid = false;  // the table counts the picture alone
  std::vector<uint8_t> bytes;
  EXPECT_TRUE(codec->encode(page.view(), options, bytes).ok());
  return static_cast<double>(bytes.size()) * 8 / static_cast<double>(page.size().pixels());
}

TEST(PageTest, RatesAreThoseOfRealPagesWithinAFifth) {
  std::printf("%-12s %22s %22s %22s\n", "bits/pixel", "jpeg_q90", "jp2_lossless", "tiff_deflate");
  for (const PageKind& kind : PageKinds()) {
    const Image page = kind.make(kSmallPage, 2);
    ASSERT_EQ(page.channels(), kind.channels);
    std::printf("%-12s", std::string(kind.name).c_str());
    const std::pair<const char*, Target> targets[] = {{"jpeg_q90", kind.jpeg_q90},
                                                      {"jp2_lossless", kind.jp2_lossless},
                                                      {"tiff_deflate", kind.tiff_deflate}};
    for (const auto& [recipe, target] : targets) {
      const double rate = BitsPerPixel(page, recipe);
      std::printf("   %5.2f (real %4.1f-%4.1f)", rate, target.low, target.high);
      EXPECT_GE(rate, target.low * 0.8) << kind.name << " " << recipe;
      EXPECT_LE(rate, target.high * 1.2) << kind.name << " " << recipe;
    }
    std::printf("\n");
  }
}

TEST(PageTest, SameBytesForAnyNumberOfThreads) {
  for (const PageKind& kind : PageKinds()) {
    const Image one = kind.make({300, 200}, 1), two = kind.make({300, 200}, 3);
    EXPECT_EQ(Compare(one.view(), two.view()).maximum, 0) << kind.name;
  }
}

TEST(PageTest, BytesAreTheRecordedOnes) {
  // These change only together with kPageGeneration.
  const std::pair<const char*, const char*> recorded[] = {{"print", "4e727efbc239e178"},
                                                          {"handwriting", "e0ad8a3b3a0b5351"},
                                                          {"map", "9cf95d2f6b23b944"},
                                                          {"newspaper", "648f0d627c69e6c8"}};
  for (const auto& [name, checksum] : recorded) {
    const Image page = FindPageKind(name)->make({300, 200}, 1);
    EXPECT_EQ(Checksum(std::span(page.view().data, static_cast<size_t>(page.bytes()))), checksum)
        << name;
  }
}

}  // namespace
}  // namespace iiifbench
