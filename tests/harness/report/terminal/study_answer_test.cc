// The default answer of a study: what stands, marks of cells, what is wrong before what is odd.
#include "harness/report/terminal/study_answer.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <sstream>

namespace iiifbench {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

std::vector<std::string> StudyLines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

json MeasuredCell(const std::string& server, const std::string& name, double ratio) {
  return {{"server", server},
          {"recipe", "jpeg_q90"},
          {"class", name},
          {"page", "map"},
          {"link", "loopback"},
          {"status", "measured"},
          {"status_id", "measured"},
          {"median_ms", 10 * ratio},
          {"median_low_ms", 9.9 * ratio},
          {"median_high_ms", 10.1 * ratio},
          {"ratio", ratio},
          {"ratio_low", ratio * 0.99},
          {"ratio_high", ratio * 1.01}};
}

json StudyOfCells(const json& cells) {
  return {{"reportable", true},
          {"standing_cells", cells.size()},
          {"measured_cells", cells.size()},
          {"not_reportable", json::array()},
          {"servers", json::array()},
          {"cells", cells}};
}

TEST(StudyAnswerTest, FirstLineCountsWhatStands) {
  json unmeasured = MeasuredCell("iipsrv", "tile", 2);
  unmeasured.erase("ratio");
  unmeasured["status"] = "stopped before the end";
  json study = StudyOfCells({MeasuredCell("iipsrv", "full", 3), unmeasured});
  study["measured_cells"] = 1, study["standing_cells"] = 1;
  const auto text = StudyAnswer(study, {});
  EXPECT_EQ(StudyLines(text).front(), "REPORTABLE: 1 of 1 measured cells stand; not measured: 1.");
  EXPECT_THAT(text, HasSubstr("Farthest from the floor: iipsrv jpeg_q90 full"));
  EXPECT_THAT(text, HasSubstr("Not measured, 1 cells: iipsrv jpeg_q90: stopped before the end"));
}

TEST(StudyAnswerTest, NothingMeasuredIsNotReportable) {
  json study = StudyOfCells(json::array());
  study["reportable"] = false;
  study["not_reportable"] = {"nothing was measured"};
  const auto lines = StudyLines(StudyAnswer(study, {}));
  ASSERT_GE(lines.size(), 2U);
  EXPECT_EQ(lines[0], "NOT REPORTABLE: 0 of 0 measured cells stand.");
  EXPECT_EQ(lines[1], "- nothing was measured");
  EXPECT_THAT(StudyAnswer(study, {}), Not(HasSubstr("Farthest")));
}

TEST(StudyAnswerTest, MarksCellsAndExplainsMarks) {
  json faulty = MeasuredCell("one", "tile", 2), other = MeasuredCell("two", "tile", 2);
  faulty["faults"] = {"our lag was above 1 %"};
  other["traps"] = {"sends pixels unscaled"};
  const auto text =
      StudyAnswer(StudyOfCells({faulty, other, MeasuredCell("three", "tile", 0.5)}), {});
  EXPECT_THAT(text, HasSubstr("x2.00*\n"));
  EXPECT_THAT(text, HasSubstr("x2.00~\n"));
  EXPECT_THAT(text, HasSubstr("x0.50!\n"));
  EXPECT_THAT(text, HasSubstr("* one jpeg_q90 tile: our lag was above 1 %"));
  EXPECT_THAT(text, HasSubstr("~ two jpeg_q90 tile: sends pixels unscaled"));
  // Neither a faulty cell nor other work is what is farthest from the floor.
  EXPECT_THAT(text, HasSubstr("Farthest from the floor: three"));
}

TEST(StudyAnswerTest, OneLineForCellsOfOneReason) {
  json cells = json::array();
  for (const char* name : {"tile", "full", "crop"}) {
    cells.push_back(MeasuredCell("s", name, 0.4));
    cells.back()["ratio_low"] = 0.01, cells.back()["ratio_high"] = 2.0;
    cells.back()["faults"] = {"4 samples are too few"};
  }
  const auto text = StudyAnswer(StudyOfCells(cells), {});
  EXPECT_THAT(text, HasSubstr("* s jpeg_q90 tile and 2 more: 4 samples are too few\n"));
  EXPECT_THAT(text, HasSubstr("x0.4*"));  // not "x0", however wide its interval
}

TEST(StudyAnswerTest, WrongPicturesComeFirst) {
  json wrong = MeasuredCell("bad", "tile", 2), faulty = MeasuredCell("odd", "tile", 2),
       other = MeasuredCell("odd", "full", 2);
  wrong.erase("ratio");
  wrong["status_id"] = "wrong-answer", wrong["status"] = "wrong picture: all white";
  faulty["faults"] = {"drifts"};
  other["traps"] = {"other work"};
  const auto text = StudyAnswer(StudyOfCells({faulty, other, wrong}), {});
  const auto at = [&](const char* words) { return text.find(words); };
  ASSERT_NE(at("wrong picture: all white"), std::string::npos);
  EXPECT_LT(at("wrong picture: all white"), at("* odd"));
  EXPECT_LT(at("* odd"), at("~ odd"));
}

TEST(StudyAnswerTest, ReasonsKeepTheirLastWords) {
  json study = StudyOfCells(json::array({MeasuredCell("s", "tile", 2)}));
  study["servers"].push_back({{"name", "s2"},
                              {"status", "failed: " + std::string(120, 'u') +
                                             " is what it asked, and the gateway answered 502"}});
  EXPECT_THAT(StudyAnswer(study, {}), HasSubstr("502"));
}

TEST(StudyAnswerTest, FitsTheTerminalWhateverTheNames) {
  json cells = json::array(), servers = json::array();
  for (int s = 0; s < 5; ++s)
    for (int c = 0; c < 8; ++c) {
      json cell = MeasuredCell(fmt::format("server-{}-{}", s, std::string(s * 30, 'n')),
                               fmt::format("class-{}", c), 2 + s);
      if (c % 3 == 0) cell["faults"] = {std::string(300, 'f')};
      if (c % 3 == 1)
        cell["traps"] = {std::string(200, 't') + " and words " + std::string(90, 'x')};
      cells.push_back(cell);
      servers.push_back({{"name", fmt::format("m{}{}", s, c)}, {"status", "not installed"}});
    }
  json study = StudyOfCells(cells);
  study["servers"] = servers;
  for (int i = 0; i < 9; ++i) study["not_reportable"].push_back(std::string(250, 'r'));
  for (const size_t columns : {60, 80, 100})
    for (const auto& line : StudyLines(StudyAnswer(study, {.columns = columns})))
      EXPECT_LE(DisplayWidth(line), columns) << line;
  EXPECT_THAT(StudyAnswer(study, {}), HasSubstr("and 6 more: --verbose"));
}

}  // namespace
}  // namespace iiifbench
