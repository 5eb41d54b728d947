#include "harness/study/study.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "data/corpus.h"
#include "harness/servers/reference/reference_server.h"
#include "tests/harness/findings/figures.h"

namespace iiifbench {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class StudyTest : public ::testing::Test {
 protected:
  StudyTest() : folder_(fs::path(::testing::TempDir()) / fmt::format("study_{}", ::getpid())) {
    fs::create_directories(folder_);
    auto corpus = EnsureCorpus(Options().corpus);
    auto server = ReferenceServer::Start({.folder = corpus->image_folder});
    server_ = std::move(*server);
    ::setenv("IIIFBENCH_URL", fmt::format("http://127.0.0.1:{}/iiif/2/", server_->port()).c_str(),
             1);
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
    for (std::string line; std::getline(in, line);)
      lines += line.starts_with("{\"sample\"") ? 1 : 0;
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
    if (line.find("tiff_deflate: round 2/3") != std::string::npos) stop = true;
  };
  const auto cut = RunStudy(options);
  ASSERT_TRUE(cut.ok()) << cut.error().message;
  EXPECT_FALSE(cut->complete);
  const int before = Lines();
  EXPECT_EQ(before, 20);  // two rounds of five operations, over loopback and the link

  options = Options();
  options.resume = true;
  const auto whole = RunStudy(options);
  ASSERT_TRUE(whole.ok()) << whole.error().message;
  EXPECT_TRUE(whole->complete);
  EXPECT_EQ(whole->sittings, 2);
  EXPECT_EQ(Lines(), 30);  // nothing was measured twice
  EXPECT_THAT(whole->servers.at(0).effective.at("answers"), HasSubstr("tiff_deflate q90 4:2:0"));
  // Nothing is left to ask: what was read back before is kept.
  const auto again = RunStudy(options);
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_EQ(Lines(), 30);
  EXPECT_EQ(again->servers.at(0).effective, whole->servers.at(0).effective);
  EXPECT_THAT(again->servers.at(0).effective.at("cache"), HasSubstr("of its first time"));
  EXPECT_THAT(again->servers.at(0).effective.at("jpeg_quality"), "90");
  ASSERT_EQ(whole->cells.size(), 10u);
  for (size_t i = 0; i < 5; ++i) {
    const StudyCell &near = whole->cells[i], &far = whole->cells[i + 5];
    ASSERT_EQ(near.total_ms.size(), 3u) << near.request_class << ": " << Words(near.state);
    ASSERT_EQ(far.total_ms.size(), 3u) << far.request_class << ": " << Words(far.state);
    EXPECT_EQ(far.link, "10 ms");
    EXPECT_GE(*std::ranges::min_element(far.total_ms),
              10);  // the round trip, however busy the machine is
    // Its own floor, measured between its own requests.
    EXPECT_EQ(far.floor_ms.size(), 3u);
    EXPECT_NE(far.floor_ms, near.floor_ms);
    EXPECT_EQ(far.rounds, (std::vector<int>{0, 1, 2}));
  }
}

TEST_F(StudyTest, ServersTakeTurnsWithinEveryRequestInRandomOrder) {
  StudyOptions options = Options();
  options.servers = {"url", "url#2"};
  options.links_ms = {};
  options.rounds = 8;
  const auto study = RunStudy(options);
  ASSERT_TRUE(study.ok()) << study.error().message;
  ASSERT_EQ(study->servers.size(), 2u);
  std::ifstream in(folder_ / "samples.jsonl");
  std::vector<nlohmann::json> samples;
  for (std::string line; std::getline(in, line);) {
    auto json = nlohmann::json::parse(line);
    if (json.contains("sample")) samples.push_back(json["sample"]);
  }
  ASSERT_EQ(samples.size(), 80u);
  int first_begins = 0;
  std::vector<std::string> order;
  for (size_t i = 0; i < samples.size(); i += 2) {
    const auto &one = samples[i], &other = samples[i + 1];
    EXPECT_EQ(one["class"], other["class"]);
    EXPECT_EQ(one["round"], other["round"]);
    EXPECT_EQ(one["floor_ms"], other["floor_ms"]);  // that of the turn
    EXPECT_NE(one["server"], other["server"]);
    first_begins += one["server"] == "url" ? 1 : 0;
    order.push_back(one["class"]);
  }
  EXPECT_GT(first_begins, 5);
  EXPECT_LT(first_begins, 35);
  EXPECT_FALSE(std::equal(order.begin(), order.begin() + 5, order.begin() + 5))
      << "requests are shuffled";
  options.servers = {"url", "url"};
  const auto twice = RunStudy(options);
  ASSERT_FALSE(twice.ok());
  EXPECT_THAT(twice.error().message, HasSubstr("url,url#2"));
}

TEST_F(StudyTest, ABudgetEndsTheRoundsAndTooFewSamplesAreNamed) {
  StudyOptions options = Options();
  options.rounds = 1000;
  options.budget = std::chrono::seconds(2);
  const auto study = RunStudy(options);
  ASSERT_TRUE(study.ok()) << study.error().message;
  EXPECT_TRUE(study->complete);
  EXPECT_LT(study->cells.at(0).total_ms.size(), 1000u);
  EXPECT_THAT(IdsOf(study->not_reportable), ::testing::Contains("version-unknown"));
}

// A file type whose predecessors took all the time: nothing is shared out below zero, what is left
// out is said before it begins, and its cells say so.
TEST_F(StudyTest, WithoutTimeWhatIsLeftOutIsSaidBeforehand) {
  StudyOptions options = Options();
  options.corpus.recipes = {"tiff_deflate", "jpeg_q90"};
  options.budget = std::chrono::milliseconds(1);
  std::vector<std::string> lines;
  options.progress = [&](const std::string& line) { lines.push_back(line); };
  const auto study = RunStudy(options);
  ASSERT_TRUE(study.ok()) << study.error().message;
  EXPECT_TRUE(study->complete);
  for (const char* recipe : {"tiff_deflate", "jpeg_q90"}) {
    std::vector<CellStatus> left_out;
    size_t samples = 0;
    for (const StudyCell& cell : study->cells) {
      if (cell.recipe != recipe) continue;
      samples += cell.total_ms.size();
      if (!cell.state.measured()) left_out.push_back(cell.state.status);
    }
    EXPECT_EQ(samples, 1u) << recipe;  // the first request is asked even so
    EXPECT_GE(left_out.size(), 9u);
    EXPECT_THAT(left_out, ::testing::Each(CellStatus::kLeftOut));
    const auto at = [&](const std::string& text) {
      return std::ranges::find_if(lines,
                                  [&](const auto& line) { return line.find(text) != line.npos; });
    };
    const auto said = at(fmt::format("{}: left out, no time", recipe)),
               began = at(fmt::format("{}: round 1/3", recipe));
    ASSERT_NE(said, lines.end());
    ASSERT_NE(began, lines.end());
    EXPECT_LT(said - lines.begin(), began - lines.begin());
    EXPECT_NE(at(fmt::format("{}: 0 s are left of its share of 0 s", recipe)), lines.end());
  }
  EXPECT_THAT(lines, ::testing::Contains(
                         HasSubstr("3 rounds of every file type would need about 1 minutes")));
  EXPECT_THAT(lines, ::testing::Each(::testing::Not(HasSubstr(" -"))));
  EXPECT_THAT(IdsOf(study->not_reportable), ::testing::Contains("too-few-samples"));
}

// As some servers answer for HTJ2K: right size, status 200, and grey.
TEST_F(StudyTest, GreyAnswersAreWrongAndRankNowhere) {
  auto grey = ReferenceServer::Start({.folder = EnsureCorpus(Options().corpus)->image_folder,
                                      .faults = {.answer = FaultyAnswer::kGrey}});
  ASSERT_TRUE(grey.ok());
  ::setenv("IIIFBENCH_URL", fmt::format("http://127.0.0.1:{}/iiif/2/", (*grey)->port()).c_str(), 1);
  StudyOptions options = Options();
  options.links_ms = {};
  options.founding = false;
  const auto study = RunStudy(options);
  ASSERT_TRUE(study.ok()) << study.error().message;
  int wrong = 0;
  for (const StudyCell& cell : study->cells) {
    if (cell.request_class == "info") continue;
    EXPECT_TRUE(cell.total_ms.empty()) << cell.request_class;
    EXPECT_EQ(cell.state.status, CellStatus::kWrongAnswer);
    EXPECT_THAT(cell.state.reason, ::testing::StartsWith("one colour, (128 128 128), came"));
    ++wrong;
  }
  EXPECT_GT(wrong, 3);
}

TEST(BrokenRulesTest, EachRuleIsNamed) {
  Study good{.complete = true};
  good.servers = {
      {.name = "a", .title = "A", .version = "1.0", .status = "measured", .effective = {}}};
  StudyCell cell{.server = "a",
                 .recipe = "tiff",
                 .request_class = "tile",
                 .page = "map",
                 .state = {CellStatus::kMeasured}};
  for (int i = 0; i < 8; ++i) cell.total_ms.push_back(10 + 0.01 * (i * 3 % 8));
  good.cells = {cell};
  EXPECT_THAT(BrokenRules(good), ::testing::IsEmpty());
  Study study = good;
  for (size_t i = 4; i < 8; ++i) study.cells[0].total_ms[i] *= 1.1;
  ASSERT_THAT(IdsOf(BrokenRules(study)), ElementsAre("latency-drift"));
  // Per cent, rows, rounds that are too few.
  EXPECT_THAT(FiguresIn(BrokenRules(study)[0].text), ElementsAre(10.3, 1, 8));
  study = good;
  study.cells[0].lag_ms.assign(8, 0.6);
  ASSERT_THAT(IdsOf(BrokenRules(study)), ElementsAre("own-lag"));
  EXPECT_THAT(FiguresIn(BrokenRules(study)[0].text), ::testing::Contains(0.6));
  study.cells[0].lag_ms.assign(8, 0.4);
  EXPECT_THAT(BrokenRules(study), ::testing::IsEmpty());
  study = good;
  study.servers[0].idle_cpu = 0.5;
  EXPECT_THAT(IdsOf(BrokenRules(study)), ElementsAre("server-works-while-idle"));
  study = good;
  study.servers[0].differences = {{"setting-differs", "workers was meant to be 4, but is 1"}};
  ASSERT_THAT(IdsOf(BrokenRules(study)), ElementsAre("setting-differs"));
  EXPECT_EQ(BrokenRules(study)[0].text, "a: workers was meant to be 4, but is 1");
  study = good;
  study.cells[0].wrong = 2;
  EXPECT_THAT(IdsOf(BrokenRules(study)), ElementsAre("wrong-answers"));
  study = good;
  study.cells[0].failures = {{"cut off", 2}, {"timed out", 1}};
  ASSERT_THAT(IdsOf(BrokenRules(study)), ElementsAre("requests-failed"));
  EXPECT_THAT(FiguresIn(BrokenRules(study)[0].text), ElementsAre(3, 2, 1));
  study = good;
  for (const char* none : {"", "unknown", "<undefined>"}) {
    study.servers[0].version = none;
    EXPECT_THAT(IdsOf(BrokenRules(study)), ElementsAre("version-unknown")) << none;
  }
  study = good;
  study.cells[0].total_ms.resize(5);
  EXPECT_THAT(IdsOf(BrokenRules(study)), ElementsAre("too-few-samples"));
  study = good;
  study.cells[0].total_ms.clear();
  study.cells[0].state = {CellStatus::kServerGone, "connection refused"};
  ASSERT_THAT(IdsOf(BrokenRules(study)), ElementsAre("nothing-measured"));
  EXPECT_TRUE(BrokenRules(study)[0].text.ends_with("a: connection refused"));
  study.cells.clear();
  EXPECT_THAT(IdsOf(BrokenRules(study)), ElementsAre("nothing-measured"));
  study = good;
  study.complete = false;
  EXPECT_THAT(IdsOf(BrokenRules(study)), ElementsAre("stopped-early"));
  study.failure = "samples.jsonl: no space";
  EXPECT_THAT(IdsOf(BrokenRules(study)), ElementsAre("samples-not-written"));
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
