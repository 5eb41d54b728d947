#include "harness/load/generator/waiting.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace iiifbench {
namespace {

using ::testing::ElementsAre;

TEST(WaitingTest, OneWorkerIsToldFromABusyMachineAndAPacedClient) {
  LoadOutcome one{.clients = 10,
                  .service_ms = 10,
                  .latency_ms = 100,
                  .throughput = 100,
                  .in_flight = 10,
                  .cpu_ms_per_request = 9,
                  .cores = 4};
  const WaitingVerdict verdict = JudgeWaiting(one);
  EXPECT_NEAR(verdict.waiting_ms, 90, 1e-9);
  EXPECT_NEAR(verdict.at_a_time, 1, 1e-9);
  EXPECT_NEAR(verdict.busy_cores, 0.9, 1e-9);
  EXPECT_THAT(IdsOf(verdict.findings), ElementsAre("workers-are-the-limit"));
  LoadOutcome full = one;
  full.throughput = 400, full.latency_ms = 25;
  EXPECT_THAT(IdsOf(JudgeWaiting(full).findings), ElementsAre("machine-is-the-limit"));
  full.cpu_ms_per_request = 0;
  EXPECT_THAT(IdsOf(JudgeWaiting(full).findings), ElementsAre("requests-wait"));
  LoadOutcome paced = one;
  paced.in_flight = 2, paced.latency_ms = 10, paced.throughput = 200;
  EXPECT_TRUE(JudgeWaiting(paced).findings.empty());
  EXPECT_THAT(IdsOf(JudgeWaiting(paced).refusals), ElementsAre("client-paces-itself"));
  LoadOutcome fine = one;
  fine.latency_ms = 11, fine.throughput = 909;
  EXPECT_TRUE(JudgeWaiting(fine).findings.empty());
}

TEST(WaitingTest, ALogOfExchangesShowsHowManyWaited) {
  const std::chrono::steady_clock::time_point zero{};
  std::vector<Exchange> exchanges(4);
  for (int i = 0; i < 4; ++i) {
    exchanges[static_cast<size_t>(i)].sent = zero + std::chrono::milliseconds(30 * i);
    exchanges[static_cast<size_t>(i)].done = zero + std::chrono::milliseconds(30 * i + 10);
  }
  const LoadOutcome outcome = OutcomeOf(exchanges, 1);
  EXPECT_NEAR(outcome.latency_ms, 10, 1e-9);
  EXPECT_NEAR(outcome.in_flight, 0.4, 1e-9);
  EXPECT_NEAR(outcome.throughput, 40, 1e-9);
}

}  // namespace
}  // namespace iiifbench
