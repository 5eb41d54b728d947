// Offsets of clocks that are known, by Dates of whole seconds; without sleeping.
#include "harness/plan/clock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace iiifbench {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

// Our clock moves when somebody sleeps or a request is made; theirs is `offset` ahead.
struct World {
  WallTime now{std::chrono::nanoseconds(1'790'000'000'123'456'789)};
  std::chrono::nanoseconds offset{}, out = 8ms, back = 3ms;
  bool frozen = false;  // a cache that answers with the first Date
  int64_t first = 0;

  Clock clock() {
    return {.now = [this] { return now; },
            .sleep = [this](std::chrono::nanoseconds t) { now += t; }};
  }
  AskDate ask() {
    return [this]() -> Result<DateReply> {
      DateReply reply{.sent = now};
      now += out;
      reply.date_s =
          std::chrono::floor<std::chrono::seconds>(now + offset).time_since_epoch().count();
      if (first == 0) first = reply.date_s;
      if (frozen) reply.date_s = first;
      now += back;
      reply.done = now;
      return reply;
    };
  }
};

TEST(Clock, OffsetHoldsTheTruthAndIsNarrow) {
  for (const auto offset : {0ms, 7ms, -340ms, 2500ms, -86'400'000ms}) {
    World world{.offset = offset};
    const auto measured = MeasureOffset(world.ask(), world.clock());
    ASSERT_TRUE(measured) << measured.error().message;
    const double truth = std::chrono::duration<double>(offset).count();
    EXPECT_LE(measured->low_s, truth + 1e-6);
    EXPECT_GE(measured->high_s, truth - 1e-6);
    EXPECT_LT(measured->high_s - measured->low_s, 0.08);
    EXPECT_EQ(measured->Beyond(0.5), std::abs(truth) > 0.5) << truth;
  }
}

TEST(Clock, ContradictingDatesAreRefused) {
  World world{.out = 200ms, .frozen = true};
  const auto measured = MeasureOffset(world.ask(), world.clock());
  ASSERT_FALSE(measured);
  EXPECT_THAT(measured.error().message, HasSubstr("contradict each other"));
}

TEST(Clock, ParsesUtc) {
  const auto time = ParseUtc("2026-12-01T08:00:00.5Z");
  ASSERT_TRUE(time);
  EXPECT_EQ(time->time_since_epoch(), 1'796'112'000s + 500ms);
  for (const char* wrong :
       {"", "now", "2026-12-01", "2026-12-01T08:00:00", "2026-13-01T08:00:00Z",
        "2026-11-31T08:00:00Z", "2026-12-01T08:00:60Z", "2026-12-01T08:00:00Zz"})
    EXPECT_FALSE(ParseUtc(wrong)) << wrong;
}

TEST(Clock, WaitsAndRefuses) {
  World world;
  const WallTime start = world.now + 3s;
  ASSERT_TRUE(WaitUntil(start, world.clock(), nullptr));
  EXPECT_GE(world.now, start);
  EXPECT_LT(world.now, start + 1ms);
  const auto late = WaitUntil(world.now - 12s, world.clock(), nullptr);
  ASSERT_FALSE(late);
  EXPECT_THAT(late.error().message, HasSubstr("12.0 s ago"));
  EXPECT_FALSE(WaitUntil(world.now + 25h, world.clock(), nullptr));
}

}  // namespace
}  // namespace iiifbench
