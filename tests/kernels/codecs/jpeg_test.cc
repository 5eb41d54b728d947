#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "kernels/codecs/jpeg/huffman/entropy.h"
#include "kernels/codecs/jpeg/region.h"
#include "tests/kernels/codecs/test_pages.h"

namespace iiifbench {
namespace {

const Codec& Jpeg() { return *FindCodec("jpeg"); }

struct Case {
  Size size;
  int channels;
  EncodeOptions options;
};

std::vector<Case> Cases() {
  std::vector<Case> cases;
  for (Subsampling s :
       {Subsampling::k420, Subsampling::k444, Subsampling::k422, Subsampling::k440}) {
    for (int restart : {0, 1}) {
      cases.push_back({{331, 257}, 3, {.quality = 90, .subsampling = s, .restart_rows = restart}});
    }
  }
  cases.push_back({{640, 512}, 3, {.quality = 75}});
  cases.push_back({{333, 129}, 1, {.quality = 90}});
  cases.push_back({{333, 129}, 1, {.quality = 90, .restart_rows = 2}});
  cases.push_back({{200, 170}, 3, {.quality = 90, .progressive = true}});
  cases.push_back({{200, 170}, 3, {.quality = 90, .optimised_huffman = true}});
  cases.push_back({{200, 170}, 1, {.quality = 90, .optimised_huffman = true}});
  cases.push_back({{1000, 60}, 3, {.quality = 90, .restart_rows = 3}});
  cases.push_back({{1000, 60}, 3, {.quality = 97, .optimised_huffman = true}});
  cases.push_back({{17, 9}, 3, {.quality = 95}});
  cases.push_back({{1, 1}, 3, {.quality = 95}});
  return cases;
}

// Both ways: our entropy decoder inside the library, and the splice.
class JpegWaysTest : public ::testing::TestWithParam<bool> {
 protected:
  void SetUp() override { jpeg::force_splice = GetParam(); }
  void TearDown() override { jpeg::force_splice = false; }
};
INSTANTIATE_TEST_SUITE_P(Ways, JpegWaysTest, ::testing::Bool(),
                         [](const auto& info) { return info.param ? "splice" : "own_entropy"; });

TEST(JpegTest, OurEntropyDecoderTakesOver) { EXPECT_TRUE(jpeg::EntropyDecoder::Available()); }

TEST_P(JpegWaysTest, RegionsAreTheCropOfAWholeDecode) {
  const Variant variants[] = {Variant::kLibrary, Variant::kBest};
  uint64_t seed = 7;
  for (const Case& c : Cases()) {
    const auto bytes = Encoded(Jpeg(), TestPicture(c.size, c.channels), c.options);
    ExpectVariantsAgree(Jpeg(), bytes, variants, 8, ++seed);
    if (c.options.progressive) continue;
    auto source = Source::Borrow(bytes, "indexed.jpg");
    auto index = Jpeg().build_index(*source);
    ASSERT_TRUE(index.ok()) << index.error().message;
    const Variant indexed[] = {Variant::kIndexed};
    ExpectVariantsAgree(Jpeg(), bytes, indexed, 8, ++seed, 0, *index);
  }
}

// A decode's report; the pixels are checked elsewhere.
DecodeReport ReportOf(std::span<const uint8_t> bytes, const Region& region, int level,
                      Variant variant, std::span<const uint8_t> index = {}) {
  auto source = Source::Borrow(bytes, "memory");
  auto info = Jpeg().probe(*source);
  Image out(LevelRegion(*info, region, level).size(), info->channels);
  auto report = Jpeg().decode(
      *source, {.region = region, .level = level, .variant = variant, .index = index}, out.view());
  EXPECT_TRUE(report.ok()) << (report.ok() ? "" : report.error().message);
  return report.ok() ? *report : DecodeReport{};
}

TEST_P(JpegWaysTest, ScanAndIndexDecodeOnlyTheTouchedMcus) {
  for (const Case& c : Cases()) {
    if (c.size.width < 300 || c.size.height < 200) continue;
    const auto bytes = Encoded(Jpeg(), TestPicture(c.size, c.channels), c.options);
    auto source = Source::Borrow(bytes, "page.jpg");
    auto index = Jpeg().build_index(*source);
    ASSERT_TRUE(index.ok()) << index.error().message;
    const Region region{100, c.size.height - 50, 40, 30};
    for (Variant variant : {Variant::kBest, Variant::kIndexed}) {
      const auto report = ReportOf(bytes, region, 0, variant, *index);
      EXPECT_EQ(report.fallback, "") << VariantName(variant);
      if (variant == Variant::kIndexed || GetParam()) {
        EXPECT_LE(report.pixels_decoded, 80 * 64) << VariantName(variant);
      }
    }
    EXPECT_GT(ReportOf(bytes, region, 0, Variant::kLibrary).pixels_decoded, 2 * 80 * 64);
  }
}

TEST(JpegTest, FallbacksSayWhy) {
  const Image page = TestPicture({200, 170}, 3);
  const auto progressive = Encoded(Jpeg(), page, {.progressive = true});
  const Region region{10, 120, 20, 20};
  EXPECT_EQ(ReportOf(progressive, region, 0, Variant::kBest).fallback, "progressive");
  EXPECT_EQ(ReportOf(Encoded(Jpeg(), page, {}), region, 0, Variant::kIndexed).fallback,
            "no index was given");
  auto source = Source::Borrow(progressive, "slow.jpg");
  auto index = Jpeg().build_index(*source);
  ASSERT_FALSE(index.ok());
  EXPECT_EQ(index.error().kind, ErrorKind::kUnsupported);
  EXPECT_NE(index.error().message.find("slow.jpg"), std::string::npos) << index.error().message;
}

// From a file only the touched stretches are read, and the headers.
TEST_P(JpegWaysTest, AnIndexReadsLittleOfAFile) {
  const auto bytes = Encoded(Jpeg(), TestPicture({2000, 2000}, 3), {});
  const std::string path = fmt::format("{}jpeg_index_test_{}.jpg", testing::TempDir(), ::getpid());
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), std::ssize(bytes));
  auto memory = Source::Borrow(bytes, "memory");
  auto index = Jpeg().build_index(*memory);
  ASSERT_TRUE(index.ok());
  const Region region{900, 1700, 300, 200};
  for (int threads : {1, 2}) {
    auto source = Source::Open(path);
    ASSERT_TRUE(source.ok());
    Image out(region.size(), 3);
    auto report = Jpeg().decode(
        **source,
        {.region = region, .variant = Variant::kIndexed, .threads = threads, .index = *index},
        out.view());
    ASSERT_TRUE(report.ok()) << report.error().message;
    EXPECT_EQ(report->fallback, "");
    EXPECT_EQ(
        Compare(out.view(), Decoded(Jpeg(), bytes, region, 0, Variant::kNaive).view()).maximum, 0);
    EXPECT_LT((*source)->bytes_read(), std::ssize(bytes) / 8 + (32 << 10));
    auto best = Jpeg().decode(**source, {.region = region, .threads = threads}, out.view());
    ASSERT_TRUE(best.ok()) << best.error().message;
    EXPECT_EQ(
        Compare(out.view(), Decoded(Jpeg(), bytes, region, 0, Variant::kNaive).view()).maximum, 0);
  }
  std::remove(path.c_str());
}

// Files of the shared corpus that do odd things, and what is expected of them.
TEST_P(JpegWaysTest, HostileFilesAreErrorsOrTheSamePixels) {
  const char* shared = std::getenv("IIIFBENCH_SHARED");
  const std::string folder =
      shared != nullptr
          ? shared
          : (std::filesystem::path(__FILE__).parent_path() / "../../../../shared/corpus").string();
  std::error_code none;
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder + "/hostile/jpeg", none)) {
    if (entry.path().extension() != ".jpg") continue;
    ++files;
    const std::string name = entry.path().filename().string();
    auto source = Source::Open(entry.path().string());
    ASSERT_TRUE(source.ok());
    auto info = Jpeg().probe(**source);
    const bool bomb = name.find("65500") != std::string::npos;
    const bool damaged =
        name.find("truncated") != std::string::npos || name.find("garbage") != std::string::npos ||
        name.find("width0") != std::string::npos || name.find("600-scans") != std::string::npos ||
        name.find("monkey12") != std::string::npos;
    if (info.ok() && (bomb || damaged)) {
      Image line({64, info->size.height > 64 ? 64 : info->size.height}, info->channels);
      for (Variant variant : {Variant::kLibrary, Variant::kBest, Variant::kIndexed}) {
        DecodeRequest request{.region = {0, info->size.height - line.height(), 64, line.height()},
                              .variant = variant};
        EXPECT_FALSE(Jpeg().decode(**source, request, line.view()).ok())
            << name << " " << VariantName(variant);
      }
      EXPECT_FALSE(Jpeg().build_index(**source).ok()) << name;
      continue;
    }
    EXPECT_EQ(info.ok(), !bomb && !damaged) << name;
    if (!info.ok()) continue;
    auto bytes = (*source)->ReadAll();
    ASSERT_TRUE(bytes.ok());
    const Variant variants[] = {Variant::kLibrary, Variant::kBest};
    ExpectVariantsAgree(Jpeg(), *bytes, variants, 4, 3);
  }
  if (files == 0) GTEST_SKIP() << "no shared corpus at " << folder;
}

TEST_P(JpegWaysTest, AnIndexOfAnotherFileIsRefused) {
  const auto bytes = Encoded(Jpeg(), TestPicture({400, 400}, 3, 1), {});
  auto source = Source::Borrow(bytes, "page.jpg");
  auto index = Jpeg().build_index(*source);
  ASSERT_TRUE(index.ok());
  const auto refused = [](std::span<const uint8_t> file, std::span<const uint8_t> sidecar) {
    auto other = Source::Borrow(file, "other.jpg");
    Image out({50, 50}, 3);
    auto report = Jpeg().decode(
        *other, {.region = {200, 200, 50, 50}, .variant = Variant::kIndexed, .index = sidecar},
        out.view());
    ASSERT_FALSE(report.ok());
    EXPECT_EQ(report.error().kind, ErrorKind::kBadInput);
    EXPECT_NE(report.error().message.find("other.jpg"), std::string::npos)
        << report.error().message;
    EXPECT_NE(report.error().message.find("build it again"), std::string::npos)
        << report.error().message;
  };
  refused(Encoded(Jpeg(), TestPicture({400, 400}, 3, 2), {}), *index);  // of another length
  auto changed = bytes;
  for (size_t i = bytes.size() / 2; i < bytes.size() / 2 + 4000; i += 9) changed[i] ^= 1;
  refused(changed, *index);  // the same headers and length
  auto other_tables = bytes;
  other_tables[30] ^= 1;
  refused(other_tables, *index);
  auto damaged = *index;
  damaged[damaged.size() / 2] ^= 4;
  refused(bytes, damaged);
  refused(bytes, std::span(*index).first(index->size() - 1));
  refused(bytes, std::span(*index).first(10));
}

// Whatever the bytes are, no variant may crash or read outside; what is answered with success in
// one way must not differ in another.
TEST_P(JpegWaysTest, DamagedFilesAreSafe) {
  std::mt19937_64 random(11);
  for (const Case& c : Cases()) {
    if (c.size.width > 400 || c.size.width < 100) continue;
    const auto good = Encoded(Jpeg(), TestPicture(c.size, c.channels), c.options);
    for (int round = 0; round < 40; ++round) {
      auto bytes = good;
      const size_t from = round % 2 == 0 ? 0 : 600;
      for (uint64_t n = 1 + random() % 4; n > 0; --n)
        bytes[from + random() % (bytes.size() - from)] =
            static_cast<uint8_t>(random() % 3 == 0 ? 0xFF : random());
      if (round % 8 == 7) bytes.resize(bytes.size() * (random() % 100) / 100);
      auto source = Source::Borrow(bytes, "damaged.jpg");
      auto info = Jpeg().probe(*source);
      if (!info.ok() || info->size.pixels() > 1000000) continue;
      auto index = Jpeg().build_index(*source);
      for (int n = 0; n < 4; ++n) {
        const Region region = RandomRegion(info->size, random);
        const int level = static_cast<int>(random() % 4);
        Image naive(LevelRegion(*info, region, level).size(), info->channels);
        Image other(naive.size(), info->channels);
        DecodeRequest request{.region = region, .level = level, .variant = Variant::kNaive};
        const bool whole = Jpeg().decode(*source, request, naive.view()).ok();
        for (Variant variant : {Variant::kLibrary, Variant::kBest, Variant::kIndexed}) {
          request.variant = variant;
          if (index.ok()) request.index = *index;
          auto report = Jpeg().decode(*source, request, other.view());
          if (!whole || !report.ok()) continue;
          EXPECT_EQ(Compare(naive.view(), other.view()).maximum, 0)
              << VariantName(variant) << " round " << round;
        }
      }
    }
  }
}

TEST(JpegTest, QualityNinetyKeepsThePicture) {
  const Image page = TestPicture({256, 256}, 3);
  const auto bytes = Encoded(Jpeg(), page, {.quality = 90, .subsampling = Subsampling::k444});
  EXPECT_GT(Compare(Decoded(Jpeg(), bytes, {}, 0, Variant::kBest).view(), page.view()).psnr, 35);
}

TEST(JpegTest, ATruncatedFileIsAnErrorThatNamesThePlace) {
  auto bytes = Encoded(Jpeg(), TestPicture({400, 400}, 3), {});
  bytes.resize(bytes.size() / 2);
  for (Variant variant : {Variant::kNaive, Variant::kLibrary, Variant::kBest}) {
    auto source = Source::Borrow(bytes, "half.jpg");
    auto image = DecodeWhole(*source, variant);
    ASSERT_FALSE(image.ok()) << VariantName(variant);
    EXPECT_EQ(image.error().kind, ErrorKind::kBadInput);
    EXPECT_NE(image.error().message.find("half.jpg"), std::string::npos) << image.error().message;
    EXPECT_NE(image.error().message.find("byte"), std::string::npos) << image.error().message;
  }
}

TEST(JpegTest, PixelLimitHoldsBeforeDecoding) {
  const auto bytes = Encoded(Jpeg(), TestPicture({100, 100}, 3), {});
  auto source = Source::Borrow(bytes, "large.jpg");
  Image out({100, 100}, 3);
  DecodeRequest request{.region = {0, 0, 100, 100}};
  request.limits.max_pixels = 9999;
  auto report = Jpeg().decode(*source, request, out.view());
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error().kind, ErrorKind::kTooLarge);
}

}  // namespace
}  // namespace iiifbench
