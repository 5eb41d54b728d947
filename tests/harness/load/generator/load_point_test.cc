// A load run in figures: what counts, what is refused and why, and answers that lie.
#include "harness/load/generator/load_point.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "harness/load/generator/body_check.h"
#include "harness/servers/reference/reference_server.h"
#include "tests/harness/findings/figures.h"
#include "tests/kernels/codecs/test_pages.h"

namespace iiifbench {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Requests of 10 ms + i us, one after the other.
LoadRun Steady(int count) {
  LoadRun run{.classes = {"tile"}, .failures = {"timed out"}, .http_version = "1.1"};
  std::chrono::nanoseconds at{};
  for (int i = 0; i < count; ++i) {
    const auto latency = 10ms + std::chrono::microseconds(i * 7919 % count);  // no drift
    run.samples.push_back(
        {.due = at, .latency = latency, .lag = 20us, .first_byte = 9ms, .bytes = 1000});
    at += latency;
  }
  run.measured = at;
  run.mean_in_flight = 1;
  return run;
}

TEST(LoadPoint, FiguresOfASteadyRun) {
  const LoadPoint point = Summarise(Steady(1000), ConnectionPolicy::kReuse);
  EXPECT_THAT(point.not_reportable, IsEmpty());
  EXPECT_EQ(point.answers, 1000);
  EXPECT_NEAR(point.median_ms(), 10.4995, 1e-4);
  EXPECT_LE(point.percentiles[0].interval.low, 10.4995);
  EXPECT_GE(point.percentiles[0].interval.high, 10.4995);
  EXPECT_NEAR(point.throughput, 1000 / (10.4995), 0.01);
  EXPECT_NEAR(point.little_error, 0, 1e-9);
  EXPECT_NEAR(static_cast<double>(point.histogram.At(0.5)), 10499, 11);
  EXPECT_EQ(point.classes.at("tile").answers, 1000);
}

TEST(LoadPoint, ATailThatTheSamplesCannotSupportIsRefused) {
  const LoadPoint few = Summarise(Steady(1000), ConnectionPolicy::kReuse);
  EXPECT_EQ(few.percentiles.size(), 3U);
  ASSERT_THAT(IdsOf(few.refused), ElementsAre("too-few-for-percentile"));
  EXPECT_THAT(FiguresIn(few.refused[0].text), ElementsAre(99.9, 3688, 1000));
  const LoadPoint many = Summarise(Steady(6000), ConnectionPolicy::kReuse);
  EXPECT_EQ(many.percentiles.size(), 4U);
  EXPECT_THAT(many.refused, IsEmpty());
}

TEST(LoadPoint, FailuresAreCountedApart) {
  LoadRun run = Steady(100);
  run.samples[7].failure = 0;
  run.samples[7].latency += 30s;
  const LoadPoint point = Summarise(run, ConnectionPolicy::kReuse);
  EXPECT_EQ(point.answers, 99);
  EXPECT_EQ(point.failed, 1);
  EXPECT_LT(point.histogram.At(1), 11'000);
  EXPECT_GT(point.failures.at("timed out").At(1), 30'000'000);
  ASSERT_THAT(IdsOf(point.not_reportable), Contains("requests-failed"));
  EXPECT_THAT(FiguresIn(point.not_reportable[0].text), ElementsAre(1, 100, 1));
}

TEST(LoadPoint, OurOwnLagAboveFivePercentIsNotReportable) {
  LoadRun run = Steady(100);
  for (size_t i = 0; i < 20; ++i) run.samples[i].lag = 1ms;
  EXPECT_THAT(IdsOf(Summarise(run, ConnectionPolicy::kReuse).not_reportable),
              ElementsAre("own-lag"));
}

// 10 ms of service at 150 a second: each request waits for all before it.
TEST(LoadPoint, ARateAboveWhatTheServerCanDoHasNoLatencyAndIsNoReasonByItsDrift) {
  LoadRun run = Steady(1000);
  for (int i = 0; i < 1000; ++i) {
    auto& sample = run.samples[static_cast<size_t>(i)];
    sample.due = std::chrono::nanoseconds(1s) / 150 * i;
    sample.latency = std::chrono::milliseconds(10 * (i + 1)) - sample.due;
  }
  run.measured = 10s;
  double waited = 0;
  for (const auto& sample : run.samples)
    waited += std::chrono::duration<double>(sample.latency).count();
  run.mean_in_flight = waited / 10;
  EXPECT_THAT(IdsOf(Summarise(run, ConnectionPolicy::kReuse).not_reportable),
              Contains("latency-drift"));
  const LoadPoint point = Summarise(run, ConnectionPolicy::kReuse, 150);
  EXPECT_THAT(point.not_reportable, IsEmpty());
  EXPECT_EQ(point.state.status, CellStatus::kOverloaded);
  EXPECT_THAT(FiguresIn(point.state.reason), ElementsAre(100, 150));
  // As fast as it was asked: a drift is a drift.
  const LoadPoint able = Summarise(run, ConnectionPolicy::kReuse, 101);
  EXPECT_EQ(able.state.status, CellStatus::kMeasured);
  EXPECT_THAT(IdsOf(able.not_reportable), Contains("latency-drift"));
}

TEST(LoadPoint, LittlesLawAndDriftAreGates) {
  LoadRun run = Steady(100);
  run.mean_in_flight = 1.1;
  EXPECT_THAT(IdsOf(Summarise(run, ConnectionPolicy::kReuse).not_reportable),
              ElementsAre("littles-law-broken"));
  LoadRun drifting = Steady(100);
  for (size_t i = 50; i < 100; ++i) drifting.samples[i].latency += 3ms;
  const auto reasons = Summarise(drifting, ConnectionPolicy::kReuse).not_reportable;
  const auto drift = std::ranges::find(reasons, "latency-drift", &Finding::id);
  ASSERT_NE(drift, reasons.end());
  EXPECT_THAT(FiguresIn(drift->text), ElementsAre(30));
}

// Sessions differ: that the second half asks for more of what is slow says nothing about the
// server.
TEST(LoadPoint, OtherRequestsInTheSecondHalfAreNoDrift) {
  const auto mixed = [](double slower) {
    LoadRun run = Steady(400);
    run.classes.push_back("full");
    for (size_t i = 0; i < 400; ++i) {
      auto& sample = run.samples[i];
      if (i % 10 < (i < 200 ? 3U : 7U)) sample.request_class = 1, sample.latency *= 5;
      if (i >= 200)
        sample.latency = std::chrono::nanoseconds(std::llround(slower * sample.latency.count()));
    }
    return Summarise(run, ConnectionPolicy::kReuse).not_reportable;
  };
  EXPECT_THAT(IdsOf(mixed(1)), testing::Not(Contains("latency-drift")));
  EXPECT_THAT(IdsOf(mixed(1.2)), Contains("latency-drift"));
}

TEST(LoadPoint, WhatWasAskedAndNotGivenIsSaid) {
  LoadRun run = Steady(100);
  run.not_answered = 12;
  EXPECT_THAT(IdsOf(Summarise(run, ConnectionPolicy::kHttp2).not_reportable),
              testing::AllOf(Contains("requests-not-answered"), Contains("protocol-not-spoken")));
  const LoadPoint ended =
      Summarise(LoadRun{.ended_early = "interrupted"}, ConnectionPolicy::kReuse);
  EXPECT_THAT(IdsOf(ended.not_reportable), Contains("stopped-early"));
  EXPECT_EQ(ended.state, (CellState{CellStatus::kStopped, "interrupted"}));
  LoadRun short_of_time = Steady(100);
  short_of_time.asked = short_of_time.measured * 2;
  EXPECT_THAT(IdsOf(Summarise(short_of_time, ConnectionPolicy::kReuse).not_reportable),
              Contains("measured-too-short"));
}

// The whole way: a server with a fault, its answers, the check, the verdict.
class FaultTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/iiifbench-test-XXXXXX";
    folder_ = ::mkdtemp(name);
    const auto bytes = Encoded(*FindCodec("jpeg"), TestPicture({640, 480}, 3), {});
    std::ofstream(folder_ + "/page.jpg", std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), std::ssize(bytes));
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  LoadPoint Point(FaultyAnswer answer, BodyCheck& check) {
    auto server = ReferenceServer::Start({.folder = folder_, .faults = {.answer = answer}});
    EXPECT_TRUE(server) << server.error().message;
    const std::vector<WorkloadImage> images = {
        {.file = "page.jpg", .path = folder_ + "/page.jpg", .size = {640, 480}}};
    int left = 8;
    LoadRun run =
        Generate({.next = [&]() -> std::optional<LoadRequest> {
                    if (left-- == 0) return {};
                    const std::string path = fmt::format("{},10,200,100/100,/0/default.jpg", left);
                    return LoadRequest{.url = fmt::format("http://127.0.0.1:{}/iiif/2/page.jpg/{}",
                                                          (*server)->port(), path),
                                       .request_class = "crop",
                                       .path = path};
                  },
                  .duration = 20s,
                  .timeout = 500ms});
    check = CheckBodies(run, images, {});
    return Summarise(run, ConnectionPolicy::kReuse);
  }

  std::string folder_;
};

TEST_F(FaultTest, RightAnswersAreAllChecked) {
  BodyCheck check;
  const LoadPoint point = Point(FaultyAnswer::kRight, check);
  EXPECT_EQ(point.answers, 8);
  EXPECT_EQ(check.checked, 8);
  EXPECT_EQ(check.wrong, 0) << fmt::format("{}", fmt::join(check.examples, "; "));
  EXPECT_TRUE(check.compared);
}

TEST_F(FaultTest, WrongAnswersWithStatus200DoNotCount) {
  for (auto [fault, name] : {std::pair(FaultyAnswer::kGrey, "wrong picture"),
                             std::pair(FaultyAnswer::kSmaller, "wrong picture"),
                             std::pair(FaultyAnswer::kHtml, "that is no picture")}) {
    BodyCheck check;
    const LoadPoint point = Point(fault, check);
    EXPECT_EQ(point.answers, 0) << name;
    EXPECT_EQ(point.failed, 8) << name;
    EXPECT_THAT(IdsOf(point.not_reportable), Contains("requests-failed"));
    EXPECT_THAT(point.failures, testing::ElementsAre(testing::Key(HasSubstr(name))));
  }
}

TEST_F(FaultTest, TruncatedAnswersDoNotCount) {
  BodyCheck check;
  const LoadPoint point = Point(FaultyAnswer::kTruncated, check);
  EXPECT_EQ(point.answers, 0);
  EXPECT_EQ(point.failed, 8);
}

}  // namespace
}  // namespace iiifbench
