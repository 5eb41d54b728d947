#include "harness/attribution/findings/gateway_findings.h"

#include <gmock/gmock.h>

#include <random>

#include "harness/stats/uniform.h"
#include "tests/harness/findings/figures.h"

namespace iiifbench {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Attribution GatewayFindingsOf(const Observed& observed) {
  Attribution out;
  AddGatewayFindings(observed, out);
  return out;
}

// Ten requests of 5 to 50 ms, five answers each, 1 to 30 ms after the one before; `latency` makes
// of the work and the gap what is seen.
template <typename Latency>
Observed Answered(Latency latency) {
  Observed observed;
  std::mt19937_64 random(3);
  for (int i = 1; i <= 10; ++i) {
    Case c;
    for (int k = 0; k < 5; ++k) {
      const double gap = 1 + 29 * Uniform(random), work = 5 * i * (1 + 0.03 * Uniform(random));
      c.samples_ms.push_back(latency(work, gap));
      c.transfers.push_back({.gap_ms = gap});
    }
    observed.cases.push_back(std::move(c));
  }
  return observed;
}

TEST(GatewayFindingsTest, AServerAloneIsNotAccused) {
  std::mt19937_64 random(4);
  EXPECT_THAT(IdsOf(GatewayFindingsOf(Answered([](double work, double) { return work; })).findings),
              IsEmpty());
  const auto delayed = GatewayFindingsOf(Answered([](double work, double) { return work + 200; }));
  EXPECT_THAT(delayed.findings, IsEmpty());
  EXPECT_THAT(delayed.refusals, IsEmpty());
  // Noise without two groups, and pauses that add the same to fast and slow requests.
  EXPECT_THAT(GatewayFindingsOf(Answered([&](double work, double) {
                return work * (1 + 0.8 * Uniform(random));
              })).findings,
              IsEmpty());
  EXPECT_THAT(GatewayFindingsOf(Answered([&](double work, double) {
                return work + (Uniform(random) < 0.3 ? 60 : 0);
              })).findings,
              IsEmpty());
}

TEST(GatewayFindingsTest, AGatewayThatDelaysToARateIsRefused) {
  const auto found = GatewayFindingsOf(
      Answered([](double work, double gap) { return std::max(work, 100 - gap); }));
  ASSERT_THAT(IdsOf(found.refusals), ElementsAre("answers-are-paced"));
  EXPECT_THAT(FiguresIn(found.refusals[0].text), ElementsAre(100, 10));
}

TEST(GatewayFindingsTest, TwoUnequalBackEndsAreNamedWithTheirRatio) {
  int number = 0;
  const auto found = GatewayFindingsOf(
      Answered([&](double work, double) { return number++ % 2 == 0 ? work : 1.8 * work; }));
  ASSERT_THAT(IdsOf(found.findings), ElementsAre("two-speeds"));
  EXPECT_NEAR(FiguresIn(found.findings[0].text)[2], 1.8, 0.05);
}

TEST(GatewayFindingsTest, DelayedAcknowledgementsAreNamed) {
  Observed observed;
  for (const double late : {0.0, 10.0, 200.0}) {
    observed.network.kept_later_ms = late;
    EXPECT_THAT(GatewayFindingsOf(observed).findings, IsEmpty()) << late;
  }
  observed.network.kept_later_ms = 41;
  EXPECT_THAT(IdsOf(GatewayFindingsOf(observed).findings), ElementsAre("delayed-acknowledgement"));
}

TEST(GatewayFindingsTest, ACacheThatWasWarmBeforeUsIsNamedAndRefusedWhereItIsMostOfIt) {
  Observed observed;
  observed.exchanges = 100;
  EXPECT_THAT(GatewayFindingsOf(observed).findings, IsEmpty());
  observed.from_cache = 20, observed.cache_words = "Age: 300, X-Cache: HIT";
  const auto some = GatewayFindingsOf(observed);
  EXPECT_THAT(IdsOf(some.findings), ElementsAre("cached-before-we-came"));
  EXPECT_THAT(some.refusals, IsEmpty());
  observed.from_cache = 90;
  EXPECT_THAT(IdsOf(GatewayFindingsOf(observed).refusals), ElementsAre("cached-before-we-came"));
}

}  // namespace
}  // namespace iiifbench
