#include "harness/load/study/study.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "data/corpus.h"
#include "harness/servers/reference_server.h"

namespace iiifbench {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class StudyTest : public ::testing::Test {
 protected:
  StudyTest() : folder_(fs::path(::testing::TempDir()) / fmt::format("study_{}", ::getpid())) {
    fs::create_directories(folder_);
    auto corpus = EnsureCorpus(Options().corpus);
    auto server = ReferenceServer::Start({.folder = corpus->image_folder});
    server_ = std::move(*server);
    ::setenv("IIIFBENCH_URL", fmt::format("http://127.0.0.1:{}/iiif/2/", server_->port()).c_str(), 1);
  }
  ~StudyTest() override {
    ::unsetenv("IIIFBENCH_URL");
    fs::remove_all(folder_);
  }
  StudyOptions Options() const {
    return {.corpus = {.folder = folder_ / "corpus",
                       .small = true,
                       .recipes = {"tiff_deflate"},
                       .pages = {"map"}},
            .servers = {"url"},
            .rounds = 3,
            .run_folder = folder_ / "run",
            .founding = true,
            .links_ms = {10},
            .samples_file = folder_ / "samples.jsonl",
            .command = "study"};
  }
  int Lines() const {
    std::ifstream in(folder_ / "samples.jsonl");
    int lines = 0;
    for (std::string line; std::getline(in, line);) lines += line.starts_with("{\"sample\"") ? 1 : 0;
    return lines;
  }
  const fs::path folder_;
  std::unique_ptr<ReferenceServer> server_;
};

TEST_F(StudyTest, AStoppedStudyGoesOnWhereItStoppedAndTheLinkCostsARoundTrip) {
  std::atomic<bool> stop = false;
  StudyOptions options = Options();
  options.stop = &stop;
  options.progress = [&](const std::string& line) {
    if (line.find("loopback: round 2/3") != std::string::npos) stop = true;
  };
  const auto cut = RunStudy(options);
  ASSERT_TRUE(cut.ok()) << cut.error().message;
  EXPECT_FALSE(cut->complete);
  const int before = Lines();
  EXPECT_EQ(before, 10);  // two rounds of five operations

  options = Options();
  options.resume = true;
  const auto whole = RunStudy(options);
  ASSERT_TRUE(whole.ok()) << whole.error().message;
  EXPECT_TRUE(whole->complete);
  EXPECT_EQ(whole->sittings, 2);
  EXPECT_EQ(Lines(), 30);  // nothing was measured twice
  EXPECT_THAT(whole->servers.at(0).effective.at("answers"), HasSubstr("tiff_deflate q90 4:2:0"));
  ASSERT_EQ(whole->cells.size(), 10u);
  for (size_t i = 0; i < 5; ++i) {
    const StudyCell &near = whole->cells[i], &far = whole->cells[i + 5];
    ASSERT_EQ(near.total_ms.size(), 3u) << near.request_class << ": " << near.status;
    ASSERT_EQ(far.total_ms.size(), 3u) << far.request_class << ": " << far.status;
    EXPECT_EQ(far.link, "10 ms");
    EXPECT_GE(*std::ranges::min_element(far.total_ms), 10);  // the round trip, however busy the machine is
    EXPECT_EQ(far.floor_ms, near.floor_ms);
  }
}

TEST_F(StudyTest, ABudgetEndsTheRoundsAndTooFewSamplesAreNamed) {
  StudyOptions options = Options();
  options.rounds = 1000;
  options.budget = std::chrono::milliseconds(1);
  const auto study = RunStudy(options);
  ASSERT_TRUE(study.ok()) << study.error().message;
  EXPECT_TRUE(study->complete);
  for (const StudyCell& cell : study->cells) EXPECT_EQ(cell.total_ms.size(), 1u) << cell.request_class;
  EXPECT_THAT(study->not_reportable, ::testing::Contains(HasSubstr("fewer than 6 samples")));
  EXPECT_THAT(study->not_reportable, ::testing::Contains("url: its version is unknown"));
}

TEST(BrokenRulesTest, EachRuleIsNamed) {
  Study good{.complete = true};
  good.servers = {{.name = "a", .title = "A", .version = "1.0", .status = "measured", .effective = {}}};
  StudyCell cell{
      .server = "a", .recipe = "tiff", .request_class = "tile", .page = "map", .status = "measured"};
  for (int i = 0; i < 8; ++i) cell.total_ms.push_back(10 + 0.01 * (i * 3 % 8));
  good.cells = {cell};
  EXPECT_THAT(BrokenRules(good), ::testing::IsEmpty());
  Study study = good;
  for (size_t i = 4; i < 8; ++i) study.cells[0].total_ms[i] *= 1.1;
  EXPECT_THAT(BrokenRules(study), ::testing::ElementsAre(HasSubstr("a: latencies drift by +")));
  study = good;
  study.cells[0].wrong = 2;
  EXPECT_THAT(BrokenRules(study), ::testing::ElementsAre(HasSubstr("2 answers were wrong")));
  study = good;
  study.servers[0].version = "";
  EXPECT_THAT(BrokenRules(study), ::testing::ElementsAre("a: its version is unknown"));
  study = good;
  study.cells[0].total_ms.resize(5);
  EXPECT_THAT(BrokenRules(study), ::testing::ElementsAre(HasSubstr("1 of 1 cells have fewer than 6")));
  study = good;
  study.complete = false;
  EXPECT_THAT(BrokenRules(study), ::testing::ElementsAre("stopped before the end"));
}

TEST_F(StudyTest, AFullDiskEndsTheStudyWithWhatToDo) {
  StudyOptions options = Options();
  options.samples_file = "/dev/full";
  const auto study = RunStudy(options);
  ASSERT_FALSE(study.ok());
  EXPECT_THAT(study.error().message, HasSubstr("make room"));
}

}  // namespace
}  // namespace iiifbench
