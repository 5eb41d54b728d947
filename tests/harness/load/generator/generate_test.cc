// The generator against servers of ours whose behaviour is known: delays, failures, rates; its own
// accounts.
#include "harness/load/generator/generate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "harness/load/generator/load_point.h"
#include "harness/load/workload/arrivals.h"

namespace iiifbench {
namespace {

using namespace std::chrono_literals;

TEST(Arrivals, ConstantAndPoissonHaveTheRate) {
  Arrivals constant(100, false, 1);
  EXPECT_EQ(constant.Next(), 0ns);
  EXPECT_EQ(constant.Next(), 10ms);
  EXPECT_EQ(constant.Next(), 20ms);
  Arrivals poisson(100, true, 1);
  std::chrono::nanoseconds last{}, at{};
  int short_gaps = 0;
  for (int i = 0; i < 20'000; ++i, last = at) {
    at = poisson.Next();
    short_gaps += at - last < 5ms;
  }
  EXPECT_NEAR(std::chrono::duration<double>(at).count(), 200, 5);
  EXPECT_NEAR(short_gaps / 20'000.0, 1 - std::exp(-0.5), 0.01);  // P(gap < half the mean)
}

class GenerateTest : public testing::Test {
 protected:
  void SetUp() override {
    server_.new_task_queue = [] { return new httplib::ThreadPool(32); };
    server_.set_keep_alive_max_count(1'000'000);
    server_.set_tcp_nodelay(true);
    server_.Get("/good.jpg", [](const httplib::Request&, httplib::Response& response) {
      response.set_content("\xFF\xD8 picture \xFF\xD9", "image/jpeg");
    });
    server_.Get("/slow.jpg", [](const httplib::Request&, httplib::Response& response) {
      std::this_thread::sleep_for(20ms);  // the delay that is measured, no waiting for anything
      response.set_content("\xFF\xD8 picture \xFF\xD9", "image/jpeg");
    });
    server_.Get("/half.jpg", [](const httplib::Request&, httplib::Response& response) {
      response.set_content("\xFF\xD8 pict", "image/jpeg");
    });
    server_.Get("/html.jpg", [](const httplib::Request&, httplib::Response& response) {
      response.set_content("<html>busy</html>", "text/html; charset=utf-8");
    });
    server_.Get("/cut.jpg", [](const httplib::Request&, httplib::Response& response) {
      response.set_content_provider(1000, "image/jpeg",
                                    [](size_t, size_t, httplib::DataSink& sink) {
                                      sink.write("\xFF\xD8", 2);
                                      return false;  // closes long before the stated length
                                    });
    });
    server_.Get("/hang.jpg", [this](const httplib::Request&, httplib::Response&) {
      std::unique_lock lock(mutex_);
      over_.wait(lock, [this] { return ended_; });
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }
  void TearDown() override {
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
    }
    over_.notify_all();
    server_.stop();
    thread_.join();
  }
  GenerateOptions Asking(const std::string& path, int64_t count = 1 << 30) {
    return {.next = [this, path, left = count]() mutable -> std::optional<LoadRequest> {
              if (left-- <= 0) return {};
              return LoadRequest{.url = fmt::format("http://127.0.0.1:{}/{}", port_, path),
                                 .request_class = "it",
                                 .path = path};
            },
            .duration = 200ms};
  }

  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable over_;
  bool ended_ = false;
};

TEST_F(GenerateTest, AClosedLoopKeepsItsClientsBusy) {
  auto options = Asking("slow.jpg");
  options.clients = 3;
  const LoadRun run = Generate(options);
  EXPECT_EQ(run.ended_early, "");
  ASSERT_GE(run.samples.size(), 6U);
  EXPECT_NEAR(run.mean_in_flight, 3, 0.5);
  for (const auto& sample : run.samples) {
    EXPECT_EQ(sample.failure, -1);
    EXPECT_GE(sample.latency, 20ms);
    EXPECT_GE(sample.first_byte, 19ms);
    EXPECT_EQ(sample.slot, 0ns);
  }
  EXPECT_EQ(run.http_version, "1.1");
  EXPECT_EQ(run.not_answered, 0);
}

TEST_F(GenerateTest, NeverAreMoreInFlightThanThereAreClients) {
  auto options = Asking("good.jpg");
  options.clients = 4;
  options.duration = 500ms;
  const LoadRun run = Generate(options);
  EXPECT_GT(run.samples.size(), 100u);
  EXPECT_LE(run.mean_in_flight, 4.001);
}

// A fast server has answered all its clients before the next look: that is no end of the run. Shown
// by a few runs in a row, since one may have a client busy by luck.
TEST_F(GenerateTest, ARunAgainstAFastServerLastsAsLongAsItWasAsked) {
  for (int run_number = 0; run_number < 5; ++run_number) {
    for (int clients : {1, 4}) {
      auto options = Asking("good.jpg");
      options.clients = clients;
      options.warm_up = 20ms;
      options.duration = 100ms;
      const LoadRun run = Generate(options);
      EXPECT_EQ(run.ended_early, "");
      EXPECT_GE(run.measured, 99ms) << clients << " clients";
    }
  }
}

TEST_F(GenerateTest, ALimitedStreamEndsAndSaysSo) {
  const LoadRun run = Generate(Asking("good.jpg", 7));
  EXPECT_THAT(run.ended_early, ::testing::StartsWith("the stream of requests ended after 0.0"));
  EXPECT_EQ(run.samples.size(), 7U);
  EXPECT_EQ(run.kept.size(), 7U);
  EXPECT_EQ(run.kept[0].body.size(), 13U);
  EXPECT_FALSE(run.samples[0].reused);
  EXPECT_TRUE(run.samples[6].reused);
}

TEST_F(GenerateTest, FreshConnectionsAreFresh) {
  auto options = Asking("good.jpg", 5);
  options.policy = ConnectionPolicy::kFresh;
  for (const auto& sample : Generate(options).samples) EXPECT_FALSE(sample.reused);
}

// 20 ms of service for one slot at 200 a second: each further request waits 15 ms more than the one
// before, and a client that paced itself would not show it.
TEST_F(GenerateTest, AnOpenLoopCountsTheWaitForASlot) {
  auto options = Asking("slow.jpg", 10);
  options.rate_per_second = 200;
  options.poisson = false;
  options.slots = 1;
  options.duration = 1s;
  const LoadRun run = Generate(options);
  ASSERT_EQ(run.samples.size(), 10U);
  EXPECT_GE(run.samples[9].slot, 9 * 15ms - 5ms);
  EXPECT_GE(run.samples[9].latency, run.samples[9].slot + 20ms);
  const double seconds = std::chrono::duration<double>(run.measured).count();
  double latency = 0;
  for (const auto& sample : run.samples)
    latency += std::chrono::duration<double>(sample.latency).count();
  EXPECT_NEAR(run.mean_in_flight * seconds / latency, 1, 0.15);  // Little's law, on a busy machine
}

TEST_F(GenerateTest, WarmUpDoesNotCount) {
  auto options = Asking("good.jpg");
  options.warm_up = 50ms;
  options.duration = 50ms;
  const LoadRun run = Generate(options);
  EXPECT_GT(run.warm_up_requests, 0);
  for (const auto& sample : run.samples) EXPECT_GE(sample.due, 50ms);
}

TEST_F(GenerateTest, EachFailureHasItsName) {
  auto failure = [&](const std::string& path) {
    auto options = Asking(path, 3);
    options.timeout = 100ms;
    options.duration = 2s;
    const LoadRun run = Generate(options);
    EXPECT_EQ(run.samples.size(), 3U) << path;
    EXPECT_TRUE(run.kept.empty()) << path;
    return fmt::format("{}", fmt::join(run.failures, "; "));
  };
  EXPECT_EQ(failure("half.jpg"), "a picture without its end");
  EXPECT_EQ(failure("html.jpg"), "text/html that is no picture");
  EXPECT_EQ(failure("cut.jpg"), "cut off");
  EXPECT_EQ(failure("hang.jpg"), "timed out");
  EXPECT_EQ(failure("none.jpg"), "status 404");
}

TEST_F(GenerateTest, ADeadServerEndsTheRunAndKeepsWhatThereWas) {
  auto options = Asking("good.jpg");
  options.duration = 60s;
  int asked = 0;
  options.alive = [&asked]() -> Result<void> {
    if (++asked < 2) return {};
    return Fail(ErrorKind::kIo, "server: signal 9 (Killed)");
  };
  const LoadRun killed = Generate(options);
  EXPECT_EQ(killed.ended_early, "server: signal 9 (Killed)");
  EXPECT_FALSE(killed.samples.empty());
  options.alive = {};
  server_.stop();
  // Not before it could have been started again, and without hammering at the closed door.
  const auto start = std::chrono::steady_clock::now();
  const LoadRun refused = Generate(options);
  EXPECT_GT(std::chrono::steady_clock::now() - start, 2s);
  EXPECT_THAT(refused.ended_early, ::testing::MatchesRegex("the last [0-9]+ requests failed"));
  EXPECT_LT(refused.samples.size(), 1000u);
  EXPECT_EQ(refused.failures, std::vector<std::string>{"connection refused"});
}

TEST_F(GenerateTest, StopEndsTheRun) {
  auto options = Asking("hang.jpg");
  options.duration = 60s;
  const std::atomic<bool> stop{true};
  options.stop = &stop;
  EXPECT_EQ(Generate(options).ended_early, "interrupted");
}

// One client: five answers of 20 ms, then one that never comes until the run is ended after 200 ms.
// What was in flight then has waited for half of the time, and Little's law knows it.
TEST_F(GenerateTest, WhatIsInFlightWhenTheRunEndsHasWaited) {
  auto options = Asking("slow.jpg", 5);
  options.next = [this, slow = options.next]() -> std::optional<LoadRequest> {
    if (auto request = slow()) return request;
    return LoadRequest{.url = fmt::format("http://127.0.0.1:{}/hang.jpg", port_),
                       .request_class = "it",
                       .path = "hang.jpg"};
  };
  options.duration = 60s;
  options.alive = []() -> Result<void> { return Fail(ErrorKind::kIo, "enough"); };
  const LoadRun run = Generate(options);
  EXPECT_EQ(run.ended_early, "enough");
  ASSERT_EQ(run.samples.size(), 5U);
  EXPECT_EQ(run.not_answered, 1);
  EXPECT_GE(run.measured, 200ms);
  EXPECT_GT(run.not_answered_waited, 20ms);
  EXPECT_NEAR(run.mean_in_flight, 1, 0.05);
  LoadRun forgotten = run;
  forgotten.not_answered_waited = {};
  EXPECT_LT(Summarise(run, options.policy).little_error, 0.05);
  EXPECT_GT(Summarise(forgotten, options.policy).little_error, 0.05);
}

TEST_F(GenerateTest, KeptBodiesAreAnEvenSample) {
  auto options = Asking("good.jpg", 100);
  options.duration = 10s;
  options.keep_bytes = 13 * 20;
  const LoadRun run = Generate(options);
  EXPECT_EQ(run.kept_one_in, 8);
  ASSERT_EQ(run.kept.size(), 13U);
  for (size_t i = 0; i < run.kept.size(); ++i) EXPECT_EQ(run.kept[i].sample, 8 * i);
}

}  // namespace
}  // namespace iiifbench
