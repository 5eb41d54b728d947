// The calibration: wrk's words, the bounds, and a server that holds as long as it says.
#include "harness/load/calibration/calibrate.h"

#include <gtest/gtest.h>

#include "harness/http/client.h"
#include "harness/load/calibration/delay_server.h"
#include "harness/stats/quantile.h"

namespace iiifbench {
namespace {

TEST(Calibrate, ReadsWrk) {
  const auto figures = ParseWrk(
      "Running 2s test @ http://127.0.0.1:1/\n  1 threads and 1 connections\n  Thread Stats   Avg  "
      "    "
      "Stdev\n"
      "    Latency    55.34us   13.07us\n  Latency Distribution\n     50%   53.00us\n     75%   "
      "58.00us\n"
      "     90%    1.50ms\n     99%    2.00s \n  35421 requests in 2.10s, 690.01MB "
      "read\nRequests/sec:  "
      "16867.71\n");
  ASSERT_TRUE(figures) << figures.error().message;
  EXPECT_DOUBLE_EQ(figures->rate, 16867.71);
  EXPECT_DOUBLE_EQ(figures->p50_ms, 0.053);
  EXPECT_DOUBLE_EQ(figures->p99_ms, 2000);
  const auto beside = ParseWrk(
      "  Thread Stats   Avg      Stdev     Max   +/- Stdev\n    Latency    20.17ms   61.89us  "
      "20.43ms   "
      "71.99%\n    Req/Sec   394.55     11.02   420.00     62.50%\n  Latency Distribution\n     "
      "50%   "
      "20.16ms\n     99%   20.40ms\nRequests/sec:    394.11\n");
  ASSERT_TRUE(beside) << beside.error().message;
  EXPECT_DOUBLE_EQ(beside->p50_ms, 20.16);
  EXPECT_DOUBLE_EQ(beside->p99_ms, 20.40);
  EXPECT_FALSE(ParseWrk("unable to connect to 127.0.0.1:1 Connection refused"));
}

TEST(Calibrate, BoundsAreTwoPercent) {
  auto judged = [](CalibrationRow row) {
    Judge(row);
    return row;
  };
  const CalibrationRow good{
      .known_ms = 20, .our_ms = 20.3, .our_rate = 49.3, .wrk_ms = 20.2, .wrk_rate = 49.5};
  EXPECT_TRUE(judged(good).bounded);
  EXPECT_TRUE(judged(good).out_of_bounds.empty());
  CalibrationRow slow = good;
  slow.our_ms = 20.5;
  EXPECT_EQ(judged(slow).out_of_bounds.size(), 1U);
  CalibrationRow crossing = slow;  // 0.5 ms more than was held, of which 0.2 are the way
  crossing.base_ms = 0.2;
  crossing.wrk_ms = 20.4;
  EXPECT_TRUE(judged(crossing).out_of_bounds.empty());
  CalibrationRow rare = good;
  rare.our_rate = 48;
  EXPECT_EQ(judged(rare).out_of_bounds.size(), 1U);
  rare.wrk_seconds = 1;  // wrk's 49.5 may be 50.5: it counts whole answers
  EXPECT_TRUE(judged(rare).out_of_bounds.empty());
  EXPECT_NEAR(judged(rare).rate_bound, 0.02 + 1 / 49.5, 1e-12);
  rare.wrk_seconds = 10;
  EXPECT_EQ(judged(rare).out_of_bounds.size(), 1U);  // known better, bounded more tightly
  rare.wrk_seconds = 1;
  rare.our_rate = 47;
  EXPECT_EQ(judged(rare).out_of_bounds.size(), 1U);
  CalibrationRow quick = slow;
  quick.known_ms = 1;
  EXPECT_FALSE(judged(quick).bounded);
  CalibrationRow fixed{.our_ms = 0.2, .wrk_ms = 0.05};
  EXPECT_EQ(judged(fixed).out_of_bounds.size(), 1U);
}

TEST(DelayServer, HoldsAtLeastAsLongAndSaysHowLong) {
  auto server = DelayServer::Start(std::chrono::milliseconds(3), 5000);
  ASSERT_TRUE(server) << server.error().message;
  Client client;
  for (int i = 0; i < 5; ++i) {
    const Exchange exchange = client.Get(fmt::format("http://127.0.0.1:{}/", (*server)->port()));
    ASSERT_EQ(exchange.error, "");
    EXPECT_EQ(exchange.body.size(), 5000U);
    EXPECT_GE(exchange.latency(), std::chrono::milliseconds(3));
  }
  const auto held = (*server)->TakeHeldMs();
  ASSERT_GE(held.size(), 4U);  // the fifth may still be written down
  for (double ms : held) EXPECT_GE(ms, 3);
}

TEST(DelayServer, AnswersNowWhenAskedToAndCountsNoneOfIt) {
  auto server = DelayServer::Start(std::chrono::seconds(30), 5000);
  ASSERT_TRUE(server) << server.error().message;
  Client client;
  for (int i = 0; i < 2; ++i) {
    const Exchange exchange = client.Get(fmt::format("http://127.0.0.1:{}/now", (*server)->port()));
    ASSERT_EQ(exchange.status, 200);
    EXPECT_LT(exchange.latency(), std::chrono::seconds(30));
  }
  EXPECT_TRUE((*server)->TakeHeldMs().empty());
}

}  // namespace
}  // namespace iiifbench
