#include "harness/http/courtesy.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <ctime>
#include <thread>

#include "harness/http/client.h"

namespace iiifbench {
namespace {

std::atomic<Courtesy*> courtesy_of_all{nullptr};

constexpr std::chrono::milliseconds kStep{50};  // a pause looks at `stop` so often

}  // namespace

void SetCourtesy(Courtesy* courtesy) { courtesy_of_all = courtesy; }
Courtesy* CourtesyOfAll() { return courtesy_of_all; }
bool NothingMoreIsSent() {
  const Courtesy* courtesy = courtesy_of_all;
  return courtesy != nullptr && !courtesy->ended().empty();
}

std::chrono::seconds ParseRetryAfter(const std::string& value) {
  long seconds = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
  if (error == std::errc() && end == value.data() + value.size() && seconds >= 0)
    return std::chrono::seconds(seconds);
  const time_t date = curl_getdate(value.c_str(), nullptr);
  if (date < 0) return std::chrono::seconds(0);
  return std::chrono::seconds(std::max<time_t>(0, date - std::time(nullptr)));
}

std::string Courtesy::Wait() {
  for (;;) {
    Clock::time_point wake;
    {
      const std::lock_guard lock(mutex_);
      const auto now = Clock::now();
      if (ended_.empty() && options_.max_requests > 0 && requests_ >= options_.max_requests)
        ended_ = fmt::format("the bound of {} requests is reached", options_.max_requests);
      if (ended_.empty() && std::max(now, not_before_) >= options_.until)
        ended_ = "the time is over";
      if (!ended_.empty()) return ended_;
      if (options_.stop != nullptr && options_.stop->load()) return "stopped";
      if (now >= not_before_) {
        ++requests_;
        return {};
      }
      wake = std::min(not_before_, now + kStep);
    }
    std::this_thread::sleep_until(wake);
  }
}

void Courtesy::Answered(const Exchange& exchange) {
  const std::lock_guard lock(mutex_);
  const auto now = Clock::now();
  const std::chrono::nanoseconds took = exchange.done - exchange.sent;
  busy_ += took;
  const auto rest = std::chrono::duration_cast<std::chrono::nanoseconds>(
      std::chrono::duration<double>(PauseAfter(std::chrono::duration<double>(took).count())));
  not_before_ = std::max(not_before_, now + rest);
  if ((exchange.status != 429 && exchange.status != 503) || exchange.retry_after.empty()) return;
  ++told_;
  const auto wait = ParseRetryAfter(exchange.retry_after);
  if (wait > kLongestRetryAfter || now + wait >= options_.until) {
    if (ended_.empty())
      ended_ =
          fmt::format("the server says {} and asks us to come again in {} s: later than we wait",
                      exchange.status, wait.count());
    return;
  }
  not_before_ = std::max(not_before_, now + wait);
}

double Courtesy::PauseAfter(double seconds) const {
  return std::max(options_.pause.count(), seconds * (1 / options_.share - 1));
}

int64_t Courtesy::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

double Courtesy::used() const {
  if (options_.max_requests == 0) return 0;
  return static_cast<double>(requests()) / static_cast<double>(options_.max_requests);
}

int64_t Courtesy::left() const {
  if (options_.max_requests == 0) return INT64_MAX;
  return std::max<int64_t>(0, options_.max_requests - requests());
}

int64_t Courtesy::told_to_wait() const {
  const std::lock_guard lock(mutex_);
  return told_;
}

double Courtesy::server_seconds() const {
  const std::lock_guard lock(mutex_);
  return std::chrono::duration<double>(busy_).count();
}

std::string Courtesy::ended() const {
  const std::lock_guard lock(mutex_);
  return ended_;
}

}  // namespace iiifbench
