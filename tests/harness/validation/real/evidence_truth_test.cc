#include "harness/validation/real/evidence_truth.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/validation/real/real_report.h"

namespace iiifbench {
namespace {

using std::chrono::microseconds;
using ::testing::HasSubstr;

RequestAttribution Request(double decode, double resize, double encode, double overhead) {
  RequestAttribution request{.path = "tile", .measured_ms = decode + resize + encode + overhead};
  request.stages[Stage::kDecode] = {decode, decode, decode};
  request.stages[Stage::kResize] = {resize, resize, resize};
  request.stages[Stage::kEncode] = {encode, encode, encode};
  request.stages[Stage::kOverhead] = {overhead, overhead, overhead};
  return request;
}

TEST(EvidenceTruthTest, SharesAreComparedNotMilliseconds) {
  // The server took twice as long while it was profiled, all stages alike.
  const auto truth = FromProfile(
      {{Stage::kDecode, 12}, {Stage::kResize, 4}, {Stage::kEncode, 2}, {OtherPart::kOffCpu, 2}},
      500, 20);
  EXPECT_NEAR(CompareWith(Request(6, 2, 1, 1), truth).points, 0, 1e-9);
  const RealError off = CompareWith(Request(4, 4, 1, 1), truth);
  EXPECT_NEAR(off.points, 20, 1e-9);
}

TEST(EvidenceTruthTest, WhatTheLogDoesNotNameIsOneWithItsOverhead) {
  LoggedRequest entry;
  entry.stages[Stage::kDecode] = microseconds(6000);
  entry.stages[Stage::kResize] = microseconds(2000);
  const auto truth = FromLog({entry, entry}, 10);
  EXPECT_EQ(truth.samples, 2);
  // 2 ms of encode against 2 ms that the log leaves over.
  EXPECT_NEAR(CompareWith(Request(6, 2, 2, 0), truth).points, 0, 1e-9);
  EXPECT_NEAR(CompareWith(Request(6, 2, 0, 2), truth).points, 0, 1e-9);
  EXPECT_NEAR(CompareWith(Request(5, 3, 2, 0), truth).points, 10, 1e-9);
}

TEST(EvidenceTruthTest, ThreadsThatWorkAtOnceAreScaledToTheLatencyAndTold) {
  const auto truth = FromProfile({{Stage::kDecode, 15},
                                  {Stage::kResize, 5},
                                  {OtherPart::kBackground, 9},
                                  {OtherPart::kUnknown, 0},
                                  {OtherPart::kOffCpu, 0}},
                                 500, 10);
  EXPECT_NEAR(truth.work, 2, 1e-9);
  EXPECT_NEAR(CompareWith(Request(7.5, 2.5, 0, 0), truth).points, 0, 1e-9);
}

TEST(EvidenceTruthTest, MergedStagesCountAsOneAndHowMuchThatWasIsKept) {
  const auto truth = FromProfile(
      {{Stage::kDecode, 6}, {Stage::kResize, 3}, {Stage::kEncode, 1}, {OtherPart::kOffCpu, 0}}, 500,
      10);
  RequestAttribution request = Request(3, 6, 1, 0);
  EXPECT_NEAR(CompareWith(request, truth).points, 30, 1e-9);
  request.merged = {{Stage::kDecode, Stage::kResize}};
  const RealError merged = CompareWith(request, truth);
  EXPECT_NEAR(merged.points, 0, 1e-9);
  EXPECT_NEAR(merged.merged_ms, 9, 1e-9);
}

TEST(RealReportTest, TheGoalDependsOnWhoDecodesAndAMissIsShown) {
  EXPECT_EQ(GoalOf(false, 50), 5);
  EXPECT_EQ(GoalOf(false, 4), 10);
  EXPECT_EQ(GoalOf(true, 50), 10);
  const auto runs =
      nlohmann::json::parse(R"([{"server": "loris", "recipe": "jpeg_q90", "spawns": false,
    "refusals": ["drift"], "requests": [{"path": "tile", "measured_ms": 20.0, "merged": [["decode", "read"]],
    "estimated": {"decode": 15.0, "resize": 5.0}, "evidence": [{"method": "profile", "stages": {"decode": 13.0},
    "latency_ms": 20.0, "unknown_ms": 1.0, "work": 1.2, "samples": 300, "worst": "decode", "points": 7.0,
    "signed_points": -7.0, "merged_ms": 13.0}]}]}, {"server": "rais", "recipe": "x", "failed": "it died"}])");
  const std::string table = RealTable(runs);
  EXPECT_THAT(
      table,
      HasSubstr("| loris | jpeg_q90 | tile | 20.0 | decode 15.0, resize 5.0 | profile of 300 | "
                "decode 13.0, no rule 1.0 (work 1.20 of the latency) of 20.0 | decode -7.0 | "
                "MISSES 5 | decode+read |"));
  EXPECT_THAT(table, HasSubstr("REFUSED: drift"));
  EXPECT_THAT(table, HasSubstr("failed: it died"));
  EXPECT_THAT(RealSummary(runs),
              HasSubstr("| all | | | profile | 1 | 7.0 | 7.0 | 7.0 | 0 | 1 | 65 % | 13.0 |"));
}

}  // namespace
}  // namespace iiifbench
