// iiifbench index --verify: a row with a reason for every file of a folder, and a difference is
// seen.
#include "harness/cli/index_verify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "data/corpus.h"
#include "tests/kernels/codecs/test_pages.h"

namespace iiifbench {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

const Codec& Jpeg() { return *FindCodec("jpeg"); }

IndexVerified Verified(std::span<const uint8_t> bytes, const Codec& codec) {
  auto source = Source::Borrow(bytes, "memory");
  return VerifyIndex(*source, codec);
}

// What the command prints and returns.
std::pair<std::string, int> Table(const std::vector<std::string>& paths) {
  ::testing::internal::CaptureStdout();
  const int status = VerifyIndexes(paths);
  std::fflush(stdout);
  return {::testing::internal::GetCapturedStdout(), status};
}

class IndexVerifyTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(::testing::TempDir()) / fmt::format("index_verify_{}", ::getpid());
    fs::create_directories(folder_ / "below");
  }
  void TearDown() override { fs::remove_all(folder_); }
  void Write(const std::string& name, std::span<const uint8_t> bytes) {
    auto written = WriteFile((folder_ / name).string(), bytes);
    ASSERT_TRUE(written.ok()) << written.error().message;
  }
  fs::path folder_;
};

TEST_F(IndexVerifyTest, EveryFileOfAFolderHasARowAndAReason) {
  const Image picture = TestPicture({331, 257}, 3);
  const auto plain = Encoded(Jpeg(), picture, {});
  Write("a.jpg", plain);
  Write("below/b.jpg",
        Encoded(Jpeg(), picture, {.subsampling = Subsampling::k444, .restart_rows = 1}));
  Write("c.jpg", Encoded(Jpeg(), picture, {.progressive = true}));
  Write("d.jpg", std::span(plain).first(plain.size() / 2));
  Write("e.txt", std::vector<uint8_t>(100, 'e'));
  Write("f.png", Encoded(*FindCodec("png"), picture, {}));
  const auto [table, status] = Table({folder_.string()});
  EXPECT_EQ(status, 0) << table;
  EXPECT_THAT(table, HasSubstr("a.jpg | sequential, luma 2x2, chroma 1x1, restart interval 0 | "));
  EXPECT_THAT(table, HasSubstr("b.jpg | sequential, luma 1x1, chroma 1x1, restart interval 42 | "));
  EXPECT_THAT(table, HasSubstr("| 32 | identical |"));
  EXPECT_THAT(table,
              ::testing::ContainsRegex("c.jpg .* 32 . identical, falls back: .*progressive"));
  EXPECT_THAT(table, ::testing::ContainsRegex(
                         "d.jpg .* 0 . not compared: libjpeg-turbo: .*[Pp]remature end"));
  EXPECT_THAT(table, ::testing::ContainsRegex(
                         "e.txt . - . - . 0 . not compared: not a known image format"));
  EXPECT_THAT(table, HasSubstr("not JPEG but png"));
  EXPECT_THAT(
      table,
      HasSubstr("6 files: 2 identical by the index, 1 identical without one, 0 differ, 3 not "
                "compared"));
}

TEST_F(IndexVerifyTest, NothingToCompareIsNoSuccess) {
  Write("e.txt", std::vector<uint8_t>(100, 'e'));
  EXPECT_EQ(Table({folder_.string()}).second, 1);
  EXPECT_EQ(Table({(folder_ / "absent").string()}).second, 1);
}

TEST(IndexVerifyCodecTest, OneWrongSampleIsSeen) {
  const auto bytes = Encoded(Jpeg(), TestPicture({331, 257}, 3), {});
  EXPECT_EQ(Verified(bytes, Jpeg()).difference, "");
  Codec wrong = Jpeg();
  wrong.decode = [](Source& source, const DecodeRequest& request, PixelView out) {
    auto report = Jpeg().decode(source, request, out);
    if (request.level == 1) out.row(out.height - 1)[0] ^= 1;
    return report;
  };
  EXPECT_THAT(Verified(bytes, wrong).difference, HasSubstr("level 1 region "));
}

TEST(IndexVerifyCodecTest, TheSmallCorpusIsIdentical) {
  auto corpus = EnsureCorpus(
      {.small = true,
       .recipes = {"jpeg_q90", "jpeg_q90_progressive", "jpeg_q90_restart", "jpeg_q90_444"}});
  ASSERT_TRUE(corpus.ok()) << corpus.error().message;
  for (const CorpusEntry& entry : corpus->entries) {
    if (!entry.recipe.starts_with("jpeg")) continue;
    auto source = Source::Open(entry.path);
    ASSERT_TRUE(source.ok()) << source.error().message;
    const IndexVerified found = VerifyIndex(**source, Jpeg());
    EXPECT_EQ(found.difference, "") << entry.file;
    EXPECT_EQ(found.regions, 32) << entry.file << ": " << found.reason;
    EXPECT_EQ(found.index_bytes == 0, entry.recipe == "jpeg_q90_progressive") << entry.file;
    EXPECT_EQ(found.fallbacks, entry.recipe == "jpeg_q90_progressive" ? 32 : 0)
        << entry.file << ": " << found.reason;
  }
}

TEST(IndexVerifyCodecTest, NoHostileFileDiffers) {
  const char* named = std::getenv("IIIFBENCH_SHARED");
  const fs::path shared = named != nullptr
                              ? fs::path(named)
                              : fs::path(__FILE__).parent_path() / "../../../../shared/corpus";
  if (!fs::exists(shared / "hostile")) GTEST_SKIP() << "IIIFBENCH_SHARED names no hostile files";
  const auto [table, status] = Table({(shared / "hostile").string()});
  EXPECT_EQ(status, 0) << table;
  EXPECT_THAT(table, HasSubstr(" 0 differ"));
}

}  // namespace
}  // namespace iiifbench
