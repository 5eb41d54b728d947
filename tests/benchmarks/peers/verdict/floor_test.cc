#include "benchmarks/peers/verdict/floor.h"

#include <gmock/gmock.h>

#include "benchmarks/peers/verdict/table.h"
#include "tests/benchmarks/peers/blocks.h"

namespace iiifbench::peers {
namespace {

using testing::HasSubstr;
using testing::Not;

CaseResult Case(std::vector<Row> rows, std::vector<Row> again = {}) {
  return {.task = {.name = "case"}, .rows = std::move(rows), .again = std::move(again)};
}

TEST(Floor, HoldsTiesAndSuspects) {
  EXPECT_EQ(FloorOf(Case(Block(RowAt("peer", 1.2, 0.1)))), "holds");
  EXPECT_EQ(FloorOf(Case(Block(RowAt("peer", 1.0, 0.1)))), "ties with peer");
  const CaseResult suspect = Case(Block(RowAt("peer", 0.9, 0.05)));
  EXPECT_TRUE(HasSuspects(suspect));
  EXPECT_EQ(StandOf(suspect, suspect.rows[2]), Stand::kSuspect);
  EXPECT_THAT(FloorOf(suspect), HasSubstr("measured again"));
}

TEST(Floor, ARealBreakIsConfirmed) {
  const CaseResult real = Case(Block(RowAt("peer", 0.9, 0.03)), Block(RowAt("peer", 0.9, 0.03)));
  EXPECT_EQ(StandOf(real, real.rows[2]), Stand::kFaster);
  EXPECT_THAT(FloorOf(real),
              HasSubstr("broken by peer: first 0.90 (0.88-0.92), again 0.90 (0.88-0.92)"));
  EXPECT_FALSE(HasSuspects(real));
}

// Two per cent are a break when the control says that two per cent can be told apart.
TEST(Floor, ASmallBreakIsConfirmedByAQuietControl) {
  const CaseResult small =
      Case(Block(RowAt("peer", 0.98, 0.005)), Block(RowAt("peer", 0.98, 0.005), 1, 0.005));
  EXPECT_EQ(StandOf(small, small.rows[2]), Stand::kFaster);
}

TEST(Floor, WhatTheSecondBlockDoesNotShowIsATie) {
  const CaseResult chance = Case(Block(RowAt("peer", 0.9, 0.03)), Block(RowAt("peer", 1.01, 0.05)));
  EXPECT_EQ(StandOf(chance, chance.rows[2]), Stand::kNotConfirmed);
  EXPECT_THAT(FloorOf(chance),
              HasSubstr("not confirmed: peer first 0.90 (0.88-0.92), again 1.01 (0.97-1.05)"));
  EXPECT_THAT(FloorOf(chance), Not(HasSubstr("broken")));
}

// The machine itself was as much faster: ours against ours says so.
TEST(Floor, ABreakWithinTheControlIsATie) {
  const CaseResult noisy =
      Case(Block(RowAt("peer", 0.9, 0.03)), Block(RowAt("peer", 0.9, 0.03), 0.95, 0.06));
  EXPECT_EQ(StandOf(noisy, noisy.rows[2]), Stand::kNotConfirmed);
}

TEST(Floor, ASecondBlockThatFailedExcusesNothing) {
  std::vector<Row> again = Block(RowAt("peer", 1.1));
  again[2].failed = "the file is gone";
  const CaseResult failed = Case(Block(RowAt("peer", 0.9, 0.03)), again);
  EXPECT_EQ(StandOf(failed, failed.rows[2]), Stand::kFaster);
  EXPECT_THAT(FloorOf(failed),
              HasSubstr("broken by peer: first 0.90 (0.88-0.92), the second block could not"));
}

TEST(Floor, OtherWorkNeverBreaksIt) {
  Row other = RowAt("peer", 0.5);
  other.apart = "no antialiasing";
  EXPECT_EQ(FloorOf(Case(Block(other))), "holds");
  EXPECT_FALSE(HasSuspects(Case(Block(other))));
}

TEST(Floor, MoreRoundsNarrowTheInterval) {
  // Evenly spread ratios: of 21 rounds the sixth on each side, of 9 the second, of 8 the ends.
  const auto low = [](int rounds) {
    return RatioOf(RowAt("peer", 1, 0.5, rounds), OursAt("ours", 1, 0, rounds)).low;
  };
  EXPECT_NEAR(low(21), 0.5 + 5 * 0.05, 1e-9);
  EXPECT_NEAR(low(9), 0.5 + 0.125, 1e-9);
  EXPECT_NEAR(low(8), 0.5, 1e-9);
}

TEST(Floor, JsonHoldsBothBlocksAndTheReportTheRule) {
  const CaseResult real = Case(Block(RowAt("peer", 0.9, 0.03)), Block(RowAt("peer", 0.9, 0.03)));
  const nlohmann::json json = AsJson(real);
  EXPECT_EQ(json["rows"].size(), 3u);
  EXPECT_EQ(json["again"].size(), 3u);
  EXPECT_NEAR(json["again"][2]["ratio"]["median"].get<double>(), 0.9, 1e-9);
  EXPECT_THAT(SummaryAsMarkdown({real}), HasSubstr(RuleAsMarkdown()));
  EXPECT_THAT(AgainAsMarkdown(real), HasSubstr("| peer | 9.000 | 0.90 (0.88-0.92) | 9 |"));
}

TEST(Floor, TheNoteNamesASharedLibrary) {
  Row peer = RowAt("peer", 1.0, 0.1);
  peer.shared = "libwebp";
  peer.bytes = 900;
  CaseResult result = Case(Block(peer));
  result.rows[0].bytes = 1000;
  EXPECT_THAT(CaseAsMarkdown(result),
              HasSubstr("libwebp in both: a tie is the best there is; 0.900 of our bytes"));
}

// Jobs that say their times themselves.
int turns = 0;
std::vector<Job> Timed(std::string label, std::function<double()> milliseconds, const Task& task) {
  return {{.label = std::move(label), .run = [=](Answer& answer) -> Result<void> {
             answer.milliseconds = milliseconds();
             answer.pixels = Image(task.out, 3);
             Resize(task.pixels, WholeOf(task.pixels.size()), answer.pixels.view(),
                    {.filter = task.filter});
             return {};
           }}};
}
Result<std::string> NoVersion() { return std::string(); }

TEST(Floor, MeasureAgainRunsOnlyWhatIsInDoubt) {
  Image pixels({8, 8}, 3);
  std::fill_n(pixels.view().data, pixels.bytes(), uint8_t{7});
  const Task task{.kind = Kind::kResize, .name = "case", .pixels = pixels.view(), .out = {4, 4}};
  const Peer ours{.name = "ours", .version = NoVersion, .prepare = [](const Task& t) {
                    return Timed(
                        "ours", [] { return 10.0; }, t);
                  }};
  // One check, one trial, nine rounds: then it is slower than ours.
  const Peer moody{.name = "moody", .version = NoVersion, .prepare = [](const Task& t) {
                     return Timed(
                         "moody", [] { return ++turns <= 11 ? 8.0 : 12.0; }, t);
                   }};
  const Peer slow{.name = "slow", .version = NoVersion, .prepare = [](const Task& t) {
                    return Timed(
                        "slow", [] { return 20.0; }, t);
                  }};
  const Peer steady{.name = "steady", .version = NoVersion, .prepare = [](const Task& t) {
                      return Timed(
                          "steady", [] { return 9.0; }, t);
                    }};
  const Peer* const peers[] = {&ours, &moody, &slow, &steady};
  CaseResult result{.task = task, .rows = RunBlock(task, peers, {})};
  ASSERT_TRUE(HasSuspects(result));
  MeasureAgain(result, peers, {});
  EXPECT_EQ(result.again.size(), 4u);
  EXPECT_EQ(AgainOf(result, "slow"), nullptr);
  ASSERT_NE(AgainOf(result, "moody"), nullptr);
  EXPECT_EQ(AgainOf(result, "moody")->milliseconds.size(), 21u);
  EXPECT_EQ(StandOf(result, result.rows[2]), Stand::kNotConfirmed);
  EXPECT_EQ(StandOf(result, result.rows[4]), Stand::kFaster);
  EXPECT_THAT(FloorOf(result), HasSubstr("broken by steady"));
}

}  // namespace
}  // namespace iiifbench::peers
