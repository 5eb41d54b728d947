#include "harness/findings/finding.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "harness/findings/cell_status.h"

namespace iiifbench {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(FindingTableTest, IdsAreUniqueKebabCaseAndEachSaysWhatItMeans) {
  std::set<std::string_view> seen;
  for (const FindingEntry& entry : kFindingTable) {
    EXPECT_TRUE(seen.insert(entry.id).second) << entry.id;
    EXPECT_TRUE(std::ranges::all_of(entry.id, [](char c) {
      return c == '-' || (c >= 'a' && c <= 'z');
    })) << entry.id;
    EXPECT_LE(entry.id.size(), 32u) << entry.id;
    EXPECT_TRUE(entry.means.ends_with('.')) << entry.id;
    // A remedy is one sentence, or none.
    EXPECT_TRUE(entry.remedy.empty() || entry.remedy.ends_with('.')) << entry.id;
    EXPECT_EQ(entry.remedy.find(". "), std::string_view::npos) << entry.id;
  }
}

TEST(FindingTest, TextsAndIdsStandInOneOrderAndAreReadBack) {
  const std::vector<Finding> findings = {{"own-lag", "a: 3 ms"}, {"rows-drift", "7 rows"}};
  json out;
  PutFindings(findings, "faults", "fault_ids", out);
  EXPECT_EQ(out["faults"], json({"a: 3 ms", "7 rows"}));
  EXPECT_EQ(out["fault_ids"], json({"own-lag", "rows-drift"}));
  EXPECT_EQ(FindingsIn(out, "faults", "fault_ids"), findings);
}

TEST(FindingTest, ARecordOfBeforeHasTextsAndNoIds) {
  const auto old = FindingsIn({{"faults", {"a", "b"}}}, "faults", "fault_ids");
  EXPECT_THAT(TextsOf(old), ElementsAre("a", "b"));
  EXPECT_THAT(IdsOf(old), ElementsAre("", ""));
  EXPECT_EQ(Finding::Recorded("an-id-of-then", "c").id, "");
  EXPECT_THAT(FindingsIn({{"faults", 3}}, "faults", "fault_ids"), IsEmpty());
  EXPECT_THAT(FindingsIn(json(), "faults", "fault_ids"), IsEmpty());
}

TEST(FindingTest, AFileGetsTheRemediesOfTheIdsThatItHas) {
  const json file = {{"not_reportable_ids", {"own-lag", "stages-overlap", "unheard-of"}},
                     {"points", {{{"refused_id", "knee-too-wide"}, {"texts", {"pauses"}}}}}};
  const json remedies = RemediesFor(file);
  EXPECT_EQ(remedies.size(), 2u) << remedies;
  EXPECT_TRUE(remedies.contains("own-lag"));
  EXPECT_TRUE(remedies.contains("knee-too-wide"));
}

TEST(CellStatusTest, WordsAreThoseOfTheFieldStatus) {
  EXPECT_EQ(Words({}), "not measured");
  EXPECT_EQ(Words({CellStatus::kMeasured}), "measured");
  EXPECT_EQ(Words({CellStatus::kWrongAnswer, "grey came"}), "wrong answer: grey came");
  EXPECT_EQ(Words({CellStatus::kServerGone, "ended with signal 9"}), "ended with signal 9");
  std::set<std::string_view> ids;
  for (int i = 0; i <= static_cast<int>(CellStatus::kTooFewAnswers); ++i)
    EXPECT_TRUE(ids.insert(IdOf(static_cast<CellStatus>(i))).second) << i;
  EXPECT_FALSE(ids.contains(""));
}

}  // namespace
}  // namespace iiifbench
