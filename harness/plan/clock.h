// clock: how far this computer's clock is from another's, by the Date of HTTP answers; and starting
// together.
//
// Standard: RFC 9110 6.6.1 and 5.6.7. A Date D of whole seconds, in the answer to a request sent at
// s and done at d by our clock, says that theirs was in [D, D + 1) at an instant of [s, d]: their
// clock minus ours lies in (D - d, D + 1 - s). Formula: the intersection over requests spread over
// a second; it is as wide as the gap between two requests and a round trip. Refused: no Date; Dates
// that contradict each other by over 0.1 s, as those of a cache do. Time: start at a UTC instant,
// ISO 8601 with Z: "2026-12-01T08:00:00Z". Units: seconds, nanoseconds since 1970. Errors: kIo,
// kBadInput, kBadRequest. Threads: none.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <span>
#include <string>

#include "kernels/image/result.h"

namespace iiifbench {

using WallTime = std::chrono::time_point<std::chrono::system_clock, std::chrono::nanoseconds>;

struct DateReply {
  WallTime sent, done;  // by our clock
  int64_t date_s = 0;   // theirs
};

// Their clock minus ours.
struct ClockOffset {
  double low_s = 0, high_s = 0;
  int replies = 0;

  double middle_s() const { return (low_s + high_s) / 2; }
  // Certainly further off than `bound_s`.
  bool Beyond(double bound_s) const { return low_s > bound_s || high_s < -bound_s; }
};

Result<ClockOffset> OffsetOf(std::span<const DateReply> replies);

struct Clock {  // injected, so that tests do not sleep
  std::function<WallTime()> now;
  std::function<void(std::chrono::nanoseconds)> sleep;
};
Clock SystemClock();
using AskDate = std::function<Result<DateReply>()>;
// By libcurl, GET over one connection: not every image server takes HEAD.
AskDate DateOf(const std::string& url, const std::string& ca_file);
// Twenty requests over a second.
Result<ClockOffset> MeasureOffset(const AskDate& ask, const Clock& clock);

Result<WallTime> ParseUtc(std::string_view text);
// Refuses an instant that is over a second ago, or over a day ahead.
Result<void> WaitUntil(WallTime start, const Clock& clock, const std::atomic<bool>* stop);

}  // namespace iiifbench
