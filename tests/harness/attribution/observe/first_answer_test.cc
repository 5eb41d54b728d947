#include "harness/attribution/observe/first_answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace iiifbench {
namespace {

using ::testing::HasSubstr;

TEST(FirstAnswerTest, SaysInPlainWordsWhatStandsOut) {
  const NetworkCost loopback;
  EXPECT_THAT(
      FirstAnswer(
          {.second_to_first = 1, .bottom_to_top = 3.2, .above_level = 1, .pixel_to_small = 40},
          "jpeg", loopback, 12),
      HasSubstr("a tile takes 12.0 ms; a tile at the bottom takes 3.2 times as long as one at the "
                "top: the "
                "file is decoded from its top down to the region; no size is cheaper"));
  EXPECT_THAT(
      FirstAnswer(
          {.second_to_first = 1, .bottom_to_top = 1, .above_level = 1, .pixel_to_small = 100},
          "jpeg", loopback, 0),
      HasSubstr("every request works on the whole page"));
  const std::string levels = FirstAnswer({.second_to_first = 0.3,
                                          .bottom_to_top = 1.1,
                                          .above_level = 2.5,
                                          .pixel_to_small = 2,
                                          .cached = true},
                                         "tiff", {.round_trip_ms = 46}, 0);
  EXPECT_THAT(levels, HasSubstr("46 ms of every request are the round trip"));
  EXPECT_THAT(levels, HasSubstr("repeats take 30 % of the first time: a cache answers"));
  EXPECT_THAT(levels, HasSubstr("goes straight to the region"));
  EXPECT_THAT(levels, HasSubstr("smaller levels of the file are used"));
  EXPECT_EQ(FirstAnswer({}, "jp2", loopback, 0), "");
}

// No size series, or a picture too small for a probe: 0.00 would be a measurement.
TEST(FirstAnswerTest, WhatWasNotMeasuredIsNoNumber) {
  EXPECT_EQ(Describe(Signatures{.second_to_first = 0.98, .bottom_to_top = 1}),
            "signatures: repeat/first 0.98, bottom/top 1.00, 501/500 wide not measured, pixel of "
            "page/of 64 px "
            "not measured, info of page/of 64 px not measured");
}

}  // namespace
}  // namespace iiifbench
