#include "harness/study/sample_log.h"

#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace iiifbench {
namespace {

StudyCell Sampled() {
  StudyCell cell = {
      .server = "iipsrv", .recipe = "jp2_lossless", .request_class = "crop", .page = "map"};
  cell.total_ms = {12.5};
  cell.first_byte_ms = {11.5};
  cell.floor_ms = {10};
  cell.floor_stages_ms[Stage::kDecode] = {9};
  cell.stages_ms[Stage::kNetwork] = {0.5};
  cell.traps = {{"other-quality", "q75 instead of q90"}};
  cell.bytes = 1234;
  return cell;
}

class SampleLogTest : public ::testing::Test {
 protected:
  const std::string path_ = fmt::format("{}/samples_{}.jsonl", ::testing::TempDir(), ::getpid());
};

TEST_F(SampleLogTest, SamplesComeBackAndACutLastLineIsDropped) {
  {
    auto log = SampleLog::Open(path_, "study --rounds 2", false);
    ASSERT_TRUE(log.ok());
    ASSERT_TRUE(
        log->AddServer({.name = "iipsrv", .version = "1.1", .effective = {{"workers", "1"}}}).ok());
    StudyCell cell = Sampled();
    ASSERT_TRUE(log->AddSample(cell).ok());
    cell.total_ms.push_back(13.5);
    ASSERT_TRUE(log->AddSample(cell).ok());
  }
  std::ofstream(path_, std::ios::app) << R"({"sample": {"server": "iip)";
  const auto earlier = ReadSamples(path_, "study --rounds 2");
  ASSERT_TRUE(earlier.ok()) << earlier.error().message;
  ASSERT_EQ(earlier->cells.size(), 1u);
  const StudyCell& cell = earlier->cells[0];
  EXPECT_EQ(cell.total_ms, (std::vector<double>{12.5, 13.5}));
  EXPECT_EQ(cell.floor_ms, (std::vector<double>{10, 10}));
  EXPECT_EQ(cell.floor_stages_ms.at(Stage::kDecode).size(), 2u);
  EXPECT_EQ(cell.traps, Sampled().traps);
  EXPECT_EQ(earlier->servers.at("iipsrv").effective.at("workers"), "1");
  EXPECT_EQ(earlier->sittings, 1);
}

// A full disk cuts a line; what is written after a resume must not be joined to it.
TEST_F(SampleLogTest, AResumedRunBeginsOnALineOfItsOwn) {
  {
    auto log = SampleLog::Open(path_, "study", false);
    ASSERT_TRUE(log.ok());
    ASSERT_TRUE(log->AddSample(Sampled()).ok());
  }
  std::ofstream(path_, std::ios::app) << R"({"sample": {"server": "iip)";
  {
    auto log = SampleLog::Open(path_, "study", true);
    ASSERT_TRUE(log.ok());
    ASSERT_TRUE(log->AddSample(Sampled()).ok());
  }
  const auto earlier = ReadSamples(path_, "study");
  ASSERT_TRUE(earlier.ok()) << earlier.error().message;
  ASSERT_EQ(earlier->cells.size(), 1u);
  EXPECT_EQ(earlier->cells[0].total_ms.size(), 2u);
  EXPECT_EQ(earlier->sittings, 2);
}

TEST_F(SampleLogTest, AnotherCommandIsRefused) {
  { ASSERT_TRUE(SampleLog::Open(path_, "study --rounds 2", false).ok()); }
  const auto earlier = ReadSamples(path_, "study --rounds 3");
  ASSERT_FALSE(earlier.ok());
  EXPECT_NE(earlier.error().message.find("study --rounds 2"), std::string::npos);
}

TEST_F(SampleLogTest, AFullDiskIsSaidWithWhatToDo) {
  auto log = SampleLog::Open("/dev/full", "study", false);
  ASSERT_FALSE(log.ok());
  EXPECT_NE(log.error().message.find("make room"), std::string::npos) << log.error().message;
}

}  // namespace
}  // namespace iiifbench
