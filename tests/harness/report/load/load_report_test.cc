// A sweep of loads as JSON and as text, by loads whose figures are made up.
#include "harness/report/load/load_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "tests/harness/findings/figures.h"

namespace iiifbench {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A server of `workers`, each serving one request in 10 ms, in slices with relative noise up to
// `noise`.
LoadStep Step(double clients, double workers, double noise = 0) {
  std::mt19937_64 random(static_cast<uint64_t>(clients));
  LoadStep step{.load = clients};
  LoadPoint& point = step.point;
  point.answers = 100;
  point.seconds = 10;
  point.throughput = 100 * std::min(clients, workers);
  const double ms = clients / point.throughput * 1e3;
  point.percentiles = {{.p = 0.5, .ms = ms, .interval = {ms * 0.95, ms * 1.05}}};
  point.refused = {
      {"too-few-for-percentile", "p99.9: about 3688 answers are needed, there are 100"}};
  point.state = {CellStatus::kMeasured};
  point.in_flight = clients;
  point.little_ms = ms;
  point.http_version = "1.1";
  point.classes["tile"] = {
      .answers = 100, .median_ms = ms, .median_interval = {}, .mean_bytes = 1000};
  point.histogram.Record(static_cast<int64_t>(ms * 1e3), 100);
  for (int i = 0; i < 10; ++i)
    point.slices.push_back(point.throughput *
                           (1 + noise * (static_cast<double>(random() % 2001) / 1000 - 1)));
  return step;
}

LoadSweep Sweep(const std::vector<double>& clients, double workers, double noise = 0) {
  LoadSweep sweep{.command = "iiifbench load",
                  .workload = "viewer",
                  .server = "made up",
                  .link = "no link added",
                  .connections = "reuse",
                  .effective = {}};
  for (const double n : clients) sweep.steps.push_back(Step(n, workers, noise));
  return sweep;
}

TEST(LoadReportTest, AnOverloadedRateHasNoLatencyAndTheSweepIsReportable) {
  LoadSweep sweep = Sweep({1, 3}, 1);
  sweep.by_rate = true;
  sweep.steps[0].load = 50, sweep.steps[0].point.throughput = 50;
  sweep.steps[1].load = 150;
  sweep.steps[1].point.state = {CellStatus::kOverloaded,
                                "overloaded: 100.0 of 150 per second were done"};
  sweep.alone = Step(1, 1);
  const json load = LoadToJson(sweep);
  EXPECT_TRUE(load["reportable"].get<bool>());
  EXPECT_TRUE(load["points"][0].contains("latency_ms"));
  for (const char* field : {"latency_ms", "low_ms", "high_ms", "percentiles"})
    EXPECT_FALSE(load["points"][1].contains(field)) << field;
  EXPECT_EQ(load["knee"]["rate_per_second"], 150);
  EXPECT_EQ(load["knee"]["low"], 50);
  EXPECT_EQ(load["points"][0]["status_id"], "measured");
  EXPECT_EQ(load["points"][1]["status_id"], "overloaded");
  EXPECT_THAT(LoadToText(load), HasSubstr("150 requests per second: " +
                                          load["points"][1]["overloaded"].get<std::string>()));
}

TEST(LoadReportTest, ASweepOfClientsHasServiceWaitingAndTheKneeWithItsInterval) {
  LoadSweep sweep = Sweep({1, 2, 4, 8}, 2, 0.02);
  sweep.steps[1].server = ServerUse{.cpu_ms = 9.5, .run_queue_ms = 0.25, .peak_memory_mb = 40};
  const json load = LoadToJson(sweep);
  EXPECT_TRUE(load["reportable"].get<bool>());
  EXPECT_EQ(load["connections"], "reuse");
  ASSERT_EQ(load["points"].size(), 4u);
  const json &one = load["points"][0], &two = load["points"][1], &eight = load["points"][3];
  EXPECT_DOUBLE_EQ(one["latency_ms"], 10);
  EXPECT_DOUBLE_EQ(eight["latency_ms"], 40);
  EXPECT_DOUBLE_EQ(eight["service_ms"], 10);  // so that 30 ms are waiting
  EXPECT_DOUBLE_EQ(eight["percentiles"]["p50"]["low_ms"], 38);
  EXPECT_EQ(eight["refused_ids"], json({"too-few-for-percentile"}));
  EXPECT_EQ(eight["refused"].size(), 1u);
  EXPECT_TRUE(load["remedies"].contains("too-few-for-percentile"));
  EXPECT_DOUBLE_EQ(two["cpu_ms_per_request"], 9.5);
  EXPECT_FALSE(one.contains("cpu_ms_per_request"));  // nothing is known: nothing is said
  const auto histogram = HdrHistogram::Decode(eight["hdr"].get<std::string>());
  ASSERT_TRUE(histogram.ok());
  EXPECT_EQ(*histogram, sweep.steps[3].point.histogram);
  ASSERT_TRUE(load["knee"].contains("clients")) << load["knee"];
  EXPECT_LE(load["knee"]["low"], load["knee"]["clients"]);
  EXPECT_GE(load["knee"]["high"], load["knee"]["clients"]);
  EXPECT_NEAR(load["knee"]["clients"], 2, 0.6);  // two workers
  const std::string text = LoadToText(load);
  EXPECT_THAT(text, HasSubstr("40.00 [38.00 42.00]"));
  ASSERT_EQ(load["waiting_ids"].back(), "requests-wait");
  const std::string waiting = load["waiting"].back();
  EXPECT_THAT(FiguresIn(waiting), ::testing::IsSupersetOf({8.0, 30.0, 40.0}));
  EXPECT_THAT(text, HasSubstr(waiting));
  EXPECT_THAT(text, HasSubstr("knee: "));
  EXPECT_THAT(text, HasSubstr("\nREPORTABLE"));
}

TEST(LoadReportTest, FailuresAreApartAndEachReasonSaysWhere) {
  LoadSweep sweep = Sweep({1, 2, 4}, 2);
  LoadPoint& point = sweep.steps[2].point;
  point.failed = 3;
  point.failures["timed out"].Record(30'000'000, 3);
  point.not_reportable = {{"requests-failed", "3 of 103 requests failed: 3 x timed out"}};
  sweep.not_reportable = {{"machine-swapped", "the machine swapped"}};
  const json load = LoadToJson(sweep);
  EXPECT_FALSE(load["reportable"].get<bool>());
  EXPECT_THAT(
      load["not_reportable"],
      ElementsAre("the machine swapped", "4 clients: 3 of 103 requests failed: 3 x timed out"));
  EXPECT_EQ(load["not_reportable_ids"], json({"machine-swapped", "requests-failed"}));
  const json& failure = load["points"][2]["failures"]["timed out"];
  EXPECT_EQ(failure["count"], 3);
  const auto histogram = HdrHistogram::Decode(failure["hdr"].get<std::string>());
  ASSERT_TRUE(histogram.ok());
  EXPECT_NEAR(static_cast<double>(histogram->At(0.5)), 3e7, 3e5);
  EXPECT_DOUBLE_EQ(load["points"][2]["latency_ms"], 20);  // of the good ones
  EXPECT_THAT(LoadToText(load),
              HasSubstr("NOT REPORTABLE\n  the machine swapped\n  4 clients: 3 of 103"));
}

// A size that the standard allows is a finding, and no reason against the run.
TEST(LoadReportTest, SizesThatAreRoundedOtherwiseAreNamedOnce) {
  LoadSweep sweep = Sweep({1, 2, 4}, 2);
  for (LoadStep& step : sweep.steps)
    step.check = {.checked = 9,
                  .kept = 9,
                  .rounded = 2,
                  .roundings = {"a: height 187 is the floor of 187.5"}};
  const json load = LoadToJson(sweep);
  EXPECT_TRUE(load["reportable"].get<bool>());
  EXPECT_EQ(load["points"][1]["check"]["rounded"], 2);
  const std::string text = LoadToText(load),
                    line = "allowed size, not rounded as ours: a: height 187 is";
  const size_t at = text.find(line);
  ASSERT_NE(at, std::string::npos) << text;
  EXPECT_EQ(text.find(line, at + 1), std::string::npos);
}

TEST(LoadReportTest, TwoLoadsFitNoLawAndItIsSaid) {
  const json load = LoadToJson(Sweep({1, 2}, 2));
  EXPECT_EQ(load["scalability"]["refused_id"], "no-scalability-law");
  EXPECT_FALSE(load.contains("knee"));
  EXPECT_THAT(LoadToText(load), HasSubstr(load["scalability"]["refused"].get<std::string>()));
}

// Three loads fit three parameters exactly, whatever they are: only the slices' noise can say how
// sure it is.
TEST(LoadReportTest, AKneeFromThreeLoadsHasAnIntervalOrIsRefused) {
  const json clear = LoadToJson(Sweep({1, 2, 4}, 1, 0.02));
  ASSERT_TRUE(clear["knee"].contains("clients")) << clear["knee"];
  EXPECT_LT(clear["knee"]["low"], clear["knee"]["high"]);
  EXPECT_THAT(clear["knee"]["how"], HasSubstr("three loads fit its three parameters"));
  const json noisy = LoadToJson(Sweep({1, 2, 4}, 4, 0.5));
  EXPECT_FALSE(noisy["knee"].contains("clients")) << noisy["knee"];
  EXPECT_THAT(LoadToText(noisy), HasSubstr("knee: " + noisy["knee"]["refused"].get<std::string>()));
}

}  // namespace
}  // namespace iiifbench
