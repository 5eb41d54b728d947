// A run sends no more, and no faster, than it may.
#include "harness/http/courtesy.h"

#include <gmock/gmock.h>
#include <httplib.h>

#include <memory>
#include <thread>

#include "harness/http/client.h"

namespace iiifbench {
namespace {

using std::chrono::steady_clock;
using namespace std::chrono_literals;

class CourtesyTest : public ::testing::Test {
 protected:
  CourtesyTest() {
    server_.Get("/", [&](const httplib::Request&, httplib::Response& r) {
      if (++asked_ <= busy_) {
        r.status = 429;
        r.set_header("Retry-After", retry_after_);
        return;
      }
      std::this_thread::sleep_for(work_);
      r.set_content("yes", "text/plain");
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([&] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }
  ~CourtesyTest() override {
    SetCourtesy(nullptr);
    client_.reset();  // its connection would hold the server for seconds
    server_.stop();
    thread_.join();
  }
  Exchange Ask() { return client_->Get("http://127.0.0.1:" + std::to_string(port_) + "/"); }

  httplib::Server server_;
  std::thread thread_;
  int port_ = 0, busy_ = 0;
  std::atomic<int> asked_{0};
  std::chrono::milliseconds work_{0};
  std::string retry_after_ = "1";
  std::unique_ptr<Client> client_ = std::make_unique<Client>();
};

TEST_F(CourtesyTest, NoMoreThanTheBoundIsSent) {
  Courtesy courtesy({.max_requests = 3});
  SetCourtesy(&courtesy);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Ask().status, 200);
  EXPECT_FALSE(NothingMoreIsSent());
  const Exchange fourth = Ask();
  EXPECT_EQ(fourth.failure, kNotSent);
  EXPECT_EQ(fourth.error, "the bound of 3 requests is reached");
  EXPECT_TRUE(NothingMoreIsSent());
  EXPECT_EQ(asked_, 3);
  EXPECT_EQ(courtesy.requests(), 3);
}

TEST_F(CourtesyTest, PausesAndSharesAreKept) {
  work_ = 40ms;
  Courtesy quarter({.share = 0.25});
  SetCourtesy(&quarter);
  const auto start = steady_clock::now();
  for (int i = 0; i < 3; ++i) Ask();
  EXPECT_GE(steady_clock::now() - start, 3 * 40ms + 2 * 120ms);
  EXPECT_NEAR(quarter.PauseAfter(2), 6, 1e-9);
  Courtesy paused({.pause = 0.1s});
  SetCourtesy(&paused);
  const auto again = steady_clock::now();
  for (int i = 0; i < 3; ++i) Ask();
  EXPECT_GE(steady_clock::now() - again, 2 * 100ms);
}

TEST_F(CourtesyTest, RetryAfterIsObeyedAndCounted) {
  busy_ = 1;
  Courtesy courtesy({});
  SetCourtesy(&courtesy);
  const auto start = steady_clock::now();
  EXPECT_EQ(Ask().status, 429);
  EXPECT_EQ(Ask().status, 200);
  EXPECT_GE(steady_clock::now() - start, 1s);
  EXPECT_EQ(courtesy.told_to_wait(), 1);
}

TEST_F(CourtesyTest, AServerThatAsksForTooLongIsLeftAlone) {
  busy_ = 1;
  retry_after_ = "3600";
  Courtesy courtesy({});
  SetCourtesy(&courtesy);
  EXPECT_EQ(Ask().status, 429);
  EXPECT_EQ(Ask().failure, kNotSent);
  EXPECT_NE(courtesy.ended().find("come again in 3600 s"), std::string::npos) << courtesy.ended();
  EXPECT_EQ(asked_, 1);
}

TEST_F(CourtesyTest, TheEndCutsAnAnswerShort) {
  work_ = 2000ms;
  Courtesy courtesy({.until = steady_clock::now() + 200ms});
  SetCourtesy(&courtesy);
  const auto start = steady_clock::now();
  EXPECT_EQ(Ask().failure, "timed out");
  EXPECT_EQ(Ask().failure, kNotSent);
  EXPECT_LT(steady_clock::now() - start, 1500ms);
}

TEST_F(CourtesyTest, APauseEndsWhenStopped) {
  std::atomic<bool> stop{false};
  Courtesy courtesy({.pause = 60s, .stop = &stop});
  SetCourtesy(&courtesy);
  Ask();
  std::thread later([&] {
    std::this_thread::sleep_for(100ms);
    stop = true;
  });
  EXPECT_EQ(Ask().failure, kNotSent);
  later.join();
}

TEST_F(CourtesyTest, WhatIsDueIsSentWhenItIsDue) {
  Courtesy courtesy({.max_requests = 1});
  SetCourtesy(&courtesy);
  Ask();
  EXPECT_EQ(
      client_->Get("http://127.0.0.1:" + std::to_string(port_) + "/", steady_clock::now()).status,
      200);
}

TEST(RetryAfterTest, SecondsOrADate) {
  EXPECT_EQ(ParseRetryAfter("120"), 120s);
  EXPECT_EQ(ParseRetryAfter("soon"), 0s);
  EXPECT_EQ(ParseRetryAfter("-5"), 0s);
  EXPECT_EQ(ParseRetryAfter(""), 0s);
  EXPECT_EQ(ParseRetryAfter("Wed, 21 Oct 2015 07:28:00 GMT"), 0s);
  EXPECT_GT(ParseRetryAfter("Fri, 31 Dec 2100 23:59:59 GMT"), 3600s);
}

}  // namespace
}  // namespace iiifbench
