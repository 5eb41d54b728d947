// What was not measured is null in the JSON and words in the text, never a number.
#include "harness/report/attribution_report.h"

#include <gmock/gmock.h>

namespace iiifbench {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(AttributionReportTest, NothingThatWasNotMeasuredIsANumber) {
  Attribution attribution;
  attribution.requests = {{.path = "full/800,/0/default.jpg", .measured_ms = 60}};
  Observed observed;
  observed.signatures.bottom_to_top = 1.25;
  attribution.naive_error = 0.125;
  const auto json = AttributionToJson(attribution, observed, "iiifbench attribute");
  EXPECT_EQ(json["signatures"]["bottom_to_top"], 1.25);
  for (const char* name : {"second_to_first", "above_level", "pixel_to_small", "info_to_small"})
    EXPECT_TRUE(json["signatures"][name].is_null()) << name;
  EXPECT_TRUE(json["errors"]["geometric"].is_null());
  EXPECT_EQ(json["errors"]["naive"], 0.125);
  const std::string text = AttributionToText(json);
  EXPECT_THAT(text, HasSubstr("geometric not defined here, naive 12.5 %"));
  EXPECT_THAT(text, Not(HasSubstr("geometric 0.0 %")));
}

// Two clients wait 98 ms for what one waits 40: a saving of 48 is none of 40.
TEST(AttributionReportTest, WhatIsSavedIsOfTheLatencyThatWasTried) {
  Attribution attribution;
  const std::string path = "full/800,/0/default.jpg";
  attribution.requests = {{.path = path, .measured_ms = 40}};
  attribution.what_ifs = {{.path = path,
                           .change = "two workers",
                           .saves_ms = 48,
                           .low = 36,
                           .high = 50,
                           .tried_saves_ms = 39,
                           .tried_before_ms = 98.3,
                           .tried_after_ms = 59.3,
                           .under_load = true}};
  const Observed observed;
  const std::string text =
      AttributionToText(AttributionToJson(attribution, observed, "iiifbench attribute"));
  EXPECT_THAT(text,
              HasSubstr("Change first: two workers; that saves about 48 of 98 ms (36 to 50)."));
}

TEST(AttributionReportTest, WithoutTheFileItsFormatStandsWithWhatGaveItAwayAndWhatIsNotKnown) {
  Attribution attribution;
  attribution.requests = {{.path = "full/800,/0/default.jpg", .measured_ms = 60}};
  attribution.stored = {
      .fetched = "full/full/0/default.png: 800x1200 in 1 request, 2.1 MB",
      .fields = {{.what = "format", .value = "TIFF", .identified = true, .by = "the nearest other"},
                 {.what = "tile", .candidates = {"256x256", "none"}}},
      .candidates = {{"TIFF, tiles", 0.02, ""}, {"PNG", std::nullopt, "slower than the server"}},
      .cannot_say = {"no floor"},
      .next = "iiifbench attribute URL --source FILE"};
  const auto json = AttributionToJson(attribution, Observed{}, "iiifbench attribute URL");
  EXPECT_EQ(json["without_file"]["stored"][0]["value"], "TIFF");
  EXPECT_TRUE(json["without_file"]["stand_ins"][1]["error"].is_null());
  const std::string text = AttributionToText(json);
  EXPECT_THAT(text, HasSubstr("format: TIFF (the nearest other)"));
  EXPECT_THAT(text, HasSubstr("tile: NOT IDENTIFIED: 256x256 or none"));
  EXPECT_THAT(text, HasSubstr("not said: no floor"));
  EXPECT_THAT(text, HasSubstr("next: iiifbench attribute URL --source FILE"));
}

}  // namespace
}  // namespace iiifbench
