// courtesy: what a run may ask of somebody's server: how often, at what pace, until when.
//
// Once SetCourtesy was called, every Client::Get of this process waits its turn here first. Pauses:
// at least `pause` between an answer and the next request, and so long that answers take no more
// than `share` of the time (share 0.25: three times the last answer). 429 and 503 with Retry-After
// (RFC 9110, 10.2.3: seconds or a date) are obeyed up to kLongestRetryAfter and counted. After
// `max_requests`, after `until`, or where a server asks for longer than may be waited, nothing more
// is sent: Get then returns an Exchange whose failure is kNotSent. Threads: any; what is said of
// several clients holds for all of them together.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

namespace iiifbench {

struct Exchange;

inline constexpr char kNotSent[] = "not sent";
constexpr std::chrono::seconds kLongestRetryAfter{60};

struct CourtesyOptions {
  int64_t max_requests = 0;  // 0: no bound
  std::chrono::duration<double> pause{0};
  double share = 1;  // of the time, above 0
  std::chrono::steady_clock::time_point until = std::chrono::steady_clock::time_point::max();
  const std::atomic<bool>* stop = nullptr;  // ends a pause
};

class Courtesy {
 public:
  using Clock = std::chrono::steady_clock;
  explicit Courtesy(const CourtesyOptions& options) : options_(options) {}

  // Waits for the next turn. Why there is none; empty: send.
  std::string Wait();
  // What came of it. Retry-After counts from now.
  void Answered(const Exchange& exchange);

  // Seconds between an answer that took so long and the next request.
  double PauseAfter(double seconds) const;

  int64_t requests() const;
  // Share of the requests that may be sent that were; 0 where there is no bound.
  double used() const;
  int64_t left() const;           // to the bound; very many where there is none
  int64_t told_to_wait() const;   // answers with 429 or 503 that said for how long
  double server_seconds() const;  // the answers, one after another
  std::string ended() const;      // why nothing more is sent; empty: more may be
  Clock::time_point until() const { return options_.until; }

 private:
  const CourtesyOptions options_;
  mutable std::mutex mutex_;
  int64_t requests_ = 0, told_ = 0;
  std::chrono::nanoseconds busy_{};
  Clock::time_point not_before_{};
  std::string ended_;
};

// Of every Client from now on; null: none. It must outlive them.
void SetCourtesy(Courtesy* courtesy);
Courtesy* CourtesyOfAll();
// Whether nothing more is sent by any client.
bool NothingMoreIsSent();

// Of a Retry-After header, from now; 0 where it is neither seconds nor a date, or is past.
std::chrono::seconds ParseRetryAfter(const std::string& value);

}  // namespace iiifbench
