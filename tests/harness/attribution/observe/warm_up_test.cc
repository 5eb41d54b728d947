// A server that is still getting faster is told from one that scatters.
#include "harness/attribution/observe/warm_up.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "harness/stats/uniform.h"

namespace iiifbench {
namespace {

// `ms(i)` of request i, off by up to `noise` of it.
template <typename Of>
std::vector<double> Series(int n, double noise, uint64_t seed, Of ms) {
  std::mt19937_64 random(seed);
  std::vector<double> out;
  for (int i = 0; i < n; ++i) out.push_back(ms(i) * (1 + noise * (2 * Uniform(random) - 1)));
  return out;
}

// What a virtual machine does: from 30 to 6 ms, about 2,000 requests long. From one dozen to the
// next it falls by 2 %, which ended a warm-up that compared two dozens.
double Compiling(int i) { return 6 + 24 * std::exp(-i / 500.0); }

TEST(WarmUpTest, AVirtualMachineCutShortIsStillFalling) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const auto trend = TrendOf(Series(300, 0.1, seed, Compiling));
    EXPECT_TRUE(trend.falling) << seed;
    EXPECT_NEAR(trend.fall, 1 - Compiling(262) / Compiling(187), 0.05) << seed;
  }
}

TEST(WarmUpTest, TheSameMachineWarmIsNot) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    EXPECT_FALSE(TrendOf(Series(4000, 0.1, seed, Compiling)).falling) << seed;
  }
}

// A decoder that starts at the top: latencies of places at random scatter threefold and have no
// trend.
TEST(WarmUpTest, ScatterIsNoTrend) {
  int falling = 0;
  for (uint64_t seed = 1; seed <= 400; ++seed) {
    falling += TrendOf(Series(48, 0.5, seed, [](int) { return 20.0; })).falling;
  }
  EXPECT_LE(falling, 6);  // 0.5 % on one side, 2 expected
}

TEST(WarmUpTest, AFirstAnswerThatIsSlowIsNoTrend) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const auto series = Series(40, 0.05, seed, [](int i) { return i < 8 ? 200.0 : 10.0; });
    EXPECT_FALSE(TrendOf(series).falling) << seed;
  }
}

TEST(WarmUpTest, GettingSlowerIsNotGettingFaster) {
  const auto trend = TrendOf(Series(100, 0.02, 1, [](int i) { return 10.0 + i; }));
  EXPECT_FALSE(trend.falling);
  EXPECT_LT(trend.fall, 0);
}

TEST(WarmUpTest, AFewRequestsSayNothing) {
  EXPECT_FALSE(TrendOf(Series(23, 0, 1, [](int i) { return 100.0 - i; })).falling);
  EXPECT_TRUE(TrendOf(Series(60, 0, 1, [](int i) { return 100.0 - i; })).falling);
}

}  // namespace
}  // namespace iiifbench
