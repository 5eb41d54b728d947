#include "harness/report/what_if_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/attribution/what_if/offered.h"

namespace iiifbench {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

WhatIf Tried(double saves, double low, double high, double before, double after) {
  return {.path = "tile",
          .change = "a change",
          .kind = "other format",
          .saves_ms = saves,
          .low = low,
          .high = high,
          .tried_saves_ms = before - after,
          .tried_before_ms = before,
          .tried_after_ms = after};
}

TEST(WhatIfTableTest, ClaimsAreCountedBothWaysAndSavingsThatCannotBeToldFromNoneAreNot) {
  Attribution a;
  a.what_ifs = {Tried(80, 70, 90, 100, 22),  // 20 against 22: near; 80 against 78: near and inside
                Tried(80, 79, 81, 100, 50),  // 20 against 50: neither, nor inside
                Tried(10, 5, 15, 100, 94),   // 90 against 94: near; 10 against 6: not near, inside
                Tried(0.2, -0.1, 0.5, 9, 8.4)};  // no claim
  a.not_offered = {{"cache", "no setting is known"}};
  const std::string table = WhatIfTable(WhatIfsToJson(a), NotOfferedToJson(a));
  EXPECT_THAT(
      table,
      HasSubstr("3 claims tried: the latency after the change within 20 % of the prediction 2 "
                "times, the saving 1 times; the saving inside its interval 2 times"));
  EXPECT_THAT(table, HasSubstr("cannot be told from none:"));
  EXPECT_THAT(
      table,
      HasSubstr("1 of these tried: the most that one saved is 0.6 ms; the latency after the change "
                "within 20 % of the prediction 1 times, the saving inside its interval 0 times"));
  EXPECT_THAT(table, HasSubstr("cache             no setting is known"));
}

TEST(WhatIfTableTest, AWideIntervalSaysSoAndStandsAfterWhatIsSureWithItsOwnCount) {
  Attribution a;
  a.what_ifs = {Tried(60, 5, 120, 100, 90), Tried(20, 18, 22, 100, 81)};
  RankWhatIfs(a.what_ifs);
  const std::string table = WhatIfTable(WhatIfsToJson(a), nlohmann::json::array());
  EXPECT_THAT(
      table,
      HasSubstr("What would save most:\n  tile                                     saves 20.0"));
  EXPECT_THAT(
      table,
      HasSubstr("less sure than the saving is large:\n  tile                                     "
                "saves 60.0"));
  EXPECT_THAT(
      table,
      HasSubstr("2 claims tried: the latency after the change within 20 % of the prediction 1 "
                "times, the saving 1 times; the saving inside its interval 2 times"));
  EXPECT_THAT(
      table,
      HasSubstr("Of these sure: 1 claims tried: the latency after the change within 20 % of the "
                "prediction 1 times, the saving 1 times; the saving inside its interval 1 times"));
}

TEST(WhatIfTableTest, ASavingBelowTheNoiseOfItsTrialIsNoDifferenceThatWeCanMeasure) {
  Attribution a;
  a.what_ifs = {Tried(0.5, 0.4, 0.6, 10, 9.6), Tried(0.5, 0.45, 0.55, 10, 9.55)};
  a.what_ifs[0].noise_ms = 0.5;  // 0.4 measured: none, and the interval reaches down to it
  a.what_ifs[1].noise_ms = 0.3;
  std::string table = WhatIfTable(WhatIfsToJson(a), nlohmann::json::array());
  EXPECT_THAT(table,
              HasSubstr("tried: no difference that we can measure (below 0.50 ms) (10.0 -> 9.6"));
  EXPECT_THAT(
      table,
      HasSubstr("the saving 1 times; the saving inside its interval 2 times; no difference that "
                "we can measure 1 times"));
  a.what_ifs[0].low = 0.52;  // promised more than the noise
  table = WhatIfTable(WhatIfsToJson(a), nlohmann::json::array());
  EXPECT_THAT(table, HasSubstr("inside its interval 1 times; no difference"));
}

TEST(WhatIfTableTest, ARangeSaysWhyItIsOne) {
  Attribution a;
  a.what_ifs = {Tried(20, 18, 300, 400, 380)};
  a.what_ifs[0].unknown = "how this server decodes it is not known";
  const auto json = WhatIfsToJson(a);
  EXPECT_TRUE(json[0]["sure"].get<bool>());
  EXPECT_THAT(WhatIfTable(json, nlohmann::json::array()),
              HasSubstr(": a change; how this server decodes it is not known\n"));
}

TEST(WhatIfTableTest, NothingToSayIsNothing) {
  EXPECT_EQ(WhatIfTable(nlohmann::json::array(), nlohmann::json::array()), "");
  Attribution a;
  a.what_ifs = {{.path = "tile",
                 .change = "an untried change",
                 .kind = "pyramid",
                 .saves_ms = 3,
                 .low = 2,
                 .high = 4}};
  const std::string table = WhatIfTable(WhatIfsToJson(a), nlohmann::json::array());
  EXPECT_THAT(table, HasSubstr("saves 3.0 ms (2.0 to 4.0): an untried change"));
  EXPECT_THAT(table, Not(HasSubstr("tried:")));
}

}  // namespace
}  // namespace iiifbench
