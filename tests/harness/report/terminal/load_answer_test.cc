// The default answer of a load run: what stands, what waits, wrong pictures before other notes.
#include "harness/report/terminal/load_answer.h"

#include <gmock/gmock.h>

#include <sstream>

namespace iiifbench {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::vector<std::string> LoadLines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

json PointOf(double clients, double ms) {
  const json p50 = {{"ms", ms}, {"low_ms", ms * 0.99}, {"high_ms", ms * 1.01}};
  return {{"clients", clients},
          {"answers", 100},
          {"failed", 0},
          {"throughput", 50.0},
          {"latency_ms", ms},
          {"service_ms", 10.0},
          {"low_ms", ms * 0.99},
          {"high_ms", ms * 1.01},
          {"percentiles", {{"p50", p50}, {"p90", p50}, {"p99", p50}}},
          {"not_reportable", json::array()},
          {"check", {{"checked", 5}, {"wrong", 0}, {"examples", json::array()}}}};
}

json LoadOfPoints(const json& points) {
  return {{"reportable", true},
          {"not_reportable", json::array()},
          {"server", {{"name", "reference"}, {"version", "1"}}},
          {"workload", {{"name", "viewer"}}},
          {"points", points}};
}

TEST(LoadAnswerTest, FirstLinesSayWhatStandsAndWaits) {
  const auto lines = LoadLines(LoadAnswer(LoadOfPoints({PointOf(1, 10), PointOf(4, 40)}), {}));
  ASSERT_GE(lines.size(), 2U);
  EXPECT_EQ(lines[0], "REPORTABLE: 2 of 2 points stand. reference 1, workload viewer");
  EXPECT_EQ(lines[1],
            "p50 is 10.0 ms at 1 client and 40.0 ms at 4 clients, of which 30.0 ms are waiting.");
}

TEST(LoadAnswerTest, MarksThePointThatDoesNotStand) {
  json bad = PointOf(4, 40);
  bad["not_reportable"] = {"our lag"};
  json load = LoadOfPoints({PointOf(1, 10), bad});
  load["not_reportable"] = {"4 clients: our lag"};
  load["reportable"] = false;
  const auto text = LoadAnswer(load, {});
  EXPECT_THAT(text, StartsWith("NOT REPORTABLE: 1 of 2 points stand."));
  EXPECT_THAT(text, HasSubstr("- 4 clients: our lag\n"));
  EXPECT_THAT(text, HasSubstr("4*"));
  EXPECT_THAT(text, Not(HasSubstr("1*")));
}

TEST(LoadAnswerTest, NothingMeasuredIsNotReportable) {
  json load = LoadOfPoints(json::array());
  load["reportable"] = false;
  load["not_reportable"] = {"no point was measured"};
  const auto text = LoadAnswer(load, {});
  EXPECT_THAT(text, StartsWith("NOT REPORTABLE: 0 of 0 points stand."));
  EXPECT_THAT(text, HasSubstr("no point was measured"));
  EXPECT_THAT(text, Not(HasSubstr("p50 is")));
}

TEST(LoadAnswerTest, WrongPicturesComeFirst) {
  json point = PointOf(4, 40);
  point["overloaded"] = "more came than it could answer";
  point["check"]["examples"] = {"/full/100,/0/default.jpg is white"};
  const auto text = LoadAnswer(LoadOfPoints({PointOf(1, 10), point}), {});
  const size_t wrong = text.find("wrong: /full/100,"), other = text.find("more came than");
  ASSERT_NE(wrong, std::string::npos);
  ASSERT_NE(other, std::string::npos);
  EXPECT_LT(wrong, other);
}

TEST(LoadAnswerTest, ReasonsKeepTheirLastWords) {
  json load = LoadOfPoints({PointOf(1, 10), PointOf(4, 40)});
  load["not_reportable"] = {std::string(150, 'r') + " 502"};
  EXPECT_THAT(LoadAnswer(load, {}), HasSubstr(" 502\n"));
}

TEST(LoadAnswerTest, FitsTheTerminal) {
  json points = json::array();
  for (int i = 1; i <= 40; ++i) {
    points.push_back(PointOf(i, 10 * i));
    points.back()["check"]["examples"] = {std::string(230, 'w') + " is wrong"};
  }
  json load = LoadOfPoints(points);
  for (int i = 0; i < 9; ++i) load["not_reportable"].push_back(std::string(150, 'r') + " 502");
  load["server"]["name"] = std::string(120, 's');
  for (const size_t columns : {80, 100}) {
    const auto lines = LoadLines(LoadAnswer(load, {.columns = columns}));
    for (const auto& line : lines) EXPECT_LE(DisplayWidth(line), columns) << line;
  }
  const auto text = LoadAnswer(load, {});
  EXPECT_THAT(text, HasSubstr("and 5 more reasons: --verbose"));
  EXPECT_THAT(text, HasSubstr("and 30 more points: --verbose"));
}

}  // namespace
}  // namespace iiifbench
