#include "harness/report/study/render_study.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "harness/report/study/study_report.h"
#include "harness/study/answer_traps.h"

namespace iiifbench {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

std::string TextOf(const fs::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(RenderStudyTest, WrongAnswersAreListedAndHaveNoRow) {
  Study study{
      .servers =
          {{.name = "a", .title = "A", .version = "1", .status = "measured", .effective = {}}},
      .cells = {},
      .complete = true};
  StudyCell cell{.server = "a", .recipe = "htj2k_10to1", .request_class = "tile", .page = "map"};
  cell.state = {CellStatus::kWrongAnswer, "one colour, (128 128 128), came"};
  study.cells.push_back(cell);
  cell.request_class = "crop";
  study.cells.push_back(cell);
  cell.request_class = "full";
  cell.state = {CellStatus::kLeftOut, "left out: --minutes left no time for it"};
  study.cells.push_back(cell);
  const std::string text = StudyToMarkdown(StudyToJson(study, "iiifbench study"));
  EXPECT_THAT(
      text,
      HasSubstr("counts for nothing:\n\n- a htj2k_10to1: one colour, (128 128 128), came (tile, "
                "crop)\n"));
  EXPECT_THAT(
      text,
      HasSubstr(
          "Not measured:\n\n- a htj2k_10to1: left out: --minutes left no time for it (full)"));
  EXPECT_THAT(text, Not(HasSubstr("| a |")));
  EXPECT_THAT(text, Not(HasSubstr("The floor holds"))) << "there is no row";
  EXPECT_THAT(text, HasSubstr("nothing is said of the floor"));
  EXPECT_THAT(text, HasSubstr("# Study\n\n0 of 0 measured cells stand; not measured: 3.\n"));
}

TEST(RenderStudyTest, TheFirstLineSaysHowManyCellsStandAndTheOthersAreMarked) {
  Study study{.servers = {{.name = "a", .title = "A", .version = "1", .status = "measured"}},
              .complete = true};
  StudyCell cell{.server = "a",
                 .recipe = "tiff",
                 .request_class = "tile",
                 .page = "map",
                 .state = {CellStatus::kMeasured}};
  for (int i = 0; i < 8; ++i) {
    cell.rounds.push_back(i);
    cell.total_ms.push_back(10 + 0.01 * (i * 3 % 8));
    cell.first_byte_ms.push_back(9), cell.floor_ms.push_back(5);
  }
  study.cells = {cell, cell};
  study.cells[1].request_class = "info";
  study.cells[1].lag_ms.assign(8, 1);
  const auto json = StudyToJson(study, "iiifbench study");
  EXPECT_EQ(json["standing_cells"], 1);
  EXPECT_EQ(json["measured_cells"], 2);
  EXPECT_FALSE(json["cells"][0].contains("faults"));
  EXPECT_EQ(json["cells"][1]["fault_ids"], nlohmann::json({"own-lag"}));
  EXPECT_EQ(json["cells"][1]["status_id"], "measured");
  EXPECT_TRUE(json["remedies"].contains("own-lag"));
  const std::string text = StudyToMarkdown(json);
  EXPECT_THAT(text, HasSubstr("# Study\n\n1 of 2 measured cells stand; the others say"));
  EXPECT_THAT(text, HasSubstr("; **" + json["cells"][1]["faults"][0].get<std::string>()));
  EXPECT_THAT(text, HasSubstr("The floor holds"));
}

TEST(RenderStudyTest, ChangedAnswersAndThoseThatCannotBeJudgedAreNamedInTheirRow) {
  Study study{
      .servers =
          {{.name = "a", .title = "A", .version = "1", .status = "measured", .effective = {}}},
      .cells = {},
      .complete = true};
  StudyCell cell{.server = "a", .recipe = "tiff", .request_class = "tile", .page = "map"};
  cell.state = {CellStatus::kMeasured};
  for (int i = 0; i < 8; ++i) {
    cell.rounds.push_back(i);
    cell.total_ms.push_back(10 + 0.01 * i);
    cell.first_byte_ms.push_back(1);
    cell.floor_ms.push_back(5 + 0.01 * i);
  }
  cell.change = "a stamp or a damage in 7% of the area";
  study.cells.push_back(cell);
  cell.change.clear(), cell.doubt = "cannot tell: the picture is flat";
  study.cells.push_back(cell);
  const nlohmann::json json = StudyToJson(study, "iiifbench study");
  EXPECT_EQ(json["cells"][0]["changed"], "a stamp or a damage in 7% of the area");
  EXPECT_FALSE(json["cells"][0].contains("not_judged"));
  EXPECT_EQ(json["cells"][1]["not_judged"], "cannot tell: the picture is flat");
  const std::string text = StudyToMarkdown(json);
  EXPECT_THAT(text, HasSubstr("the right picture, but changed: a stamp or a damage in 7%"));
  EXPECT_THAT(text, HasSubstr("**neither right nor wrong: cannot tell: the picture is flat**"));
  EXPECT_THAT(text, HasSubstr("Of changed pictures: A change is work, too: switch it off"));
  EXPECT_THAT(text, HasSubstr("Of pictures that are not judged: "));
}

TEST(RenderStudyTest, AnOldRecordIsPrintedByTodaysRulesAndStaysAsItWas) {
  const fs::path folder = fs::path(testing::TempDir()) / fmt::format("render_{}", ::getpid());
  fs::create_directories(folder);
  Study study{.servers = {{.name = "a",
                           .title = "A",
                           .version = "1",
                           .status = "measured",
                           .intended = {{"workers", "1"}},
                           .effective = {{"workers", "1"}}}},
              .cells = {},
              .complete = true};
  StudyCell cell{.server = "a",
                 .recipe = "jpeg_q90",
                 .request_class = "full-size",
                 .page = "map",
                 .path = "full/full/0/default.jpg",
                 .state = {CellStatus::kMeasured},
                 .rounds = {0, 1, 2, 3, 4, 5, 6, 7},
                 .traps = {{"source-streamed", std::string(kStreamedSource)}}};
  for (int i = 0; i < 8; ++i) {
    cell.total_ms.push_back(10 + 0.01 * i);
    cell.first_byte_ms.push_back(1);
    cell.floor_ms.push_back(40 + 0.01 * i);
  }
  study.cells = {cell};
  nlohmann::json json = StudyToJson(study, "iiifbench study");
  EXPECT_THAT(StudyToMarkdown(json), HasSubstr("in turns with the servers"));
  // As it was recorded before servers took turns and before settings were read back.
  json["servers"][0].erase("intended");
  json["cells"][0]["raw"].erase("round");
  std::ofstream(folder / "study.json") << json.dump(1);
  std::ofstream(folder / "study.md") << "| a | jpeg_q90 | full-size | **FLOOR BEATEN** |";
  const std::string before = TextOf(folder / "study.json");
  auto rendered = RenderStudy(folder);
  ASSERT_TRUE(rendered.ok()) << rendered.error().message;
  const std::string text = TextOf(folder / "study.md");
  EXPECT_THAT(text, HasSubstr("made anew from study.json"));
  EXPECT_THAT(text, Not(HasSubstr("FLOOR BEATEN"))) << "nothing was decoded";
  EXPECT_THAT(text, HasSubstr("The floor holds"));
  EXPECT_THAT(text, HasSubstr("recorded: 1")) << "not claimed to be read back";
  EXPECT_THAT(text, Not(HasSubstr("in turns"))) << "it was not measured so";
  EXPECT_EQ(TextOf(folder / "study.json"), before);
  std::ofstream(folder / "study.json") << before.substr(0, before.size() / 2);
  auto cut = RenderStudy(folder);
  ASSERT_FALSE(cut.ok());
  EXPECT_THAT(cut.error().message, HasSubstr("cut off"));
  fs::remove_all(folder);
  auto none = RenderStudy(folder);
  ASSERT_FALSE(none.ok());
  EXPECT_THAT(none.error().message, HasSubstr("--resume"));
}

}  // namespace
}  // namespace iiifbench
