// calibrate: is our client to be believed? Against a server whose answer times are known, and
// against wrk.
//
// Targets: a static body behind lighttpd, and delay_server with several delays; closed loop, 1 and
// 8 clients; ours and wrk take turns, medians over the turns. An answer takes longer than it was
// held: the request and the body cross loopback, and both ends wake up. That base is measured in
// the same turns, over the same kind of connection, by requests which the server answers at once,
// each sent right after a held one; expected is what the server says it held (its own clock, late
// timers included) plus the base. Bounds, from kBoundedFrom (5 ms) on: our median within 2 % of
// what is expected, our rate and median within 2 % of wrk's; on the static target at most 0.1 ms
// more than wrk at one client. wrk counts whole answers within a turn, so its rate is known to one
// answer of each client only: that is added to the bound of the rate, which each row tells
// (`rate_bound`: with turns of 1 s 2.5 % at 5 ms, 4 % at 20 ms and 7 % at 50 ms, whatever the
// clients; turns of 10 s make it 2.5 % at 50 ms). Below 5 ms rows are shown without a bound: our
// cost per request, base included, is there what it is, and `least_ms_within_2_percent` says from
// which answer time on it is below 2 %. Units: milliseconds, per second.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "kernels/image/result.h"

namespace iiifbench {

constexpr double kCalibrationBound = 0.02;
constexpr double kBoundedFromMs = 5;
constexpr double kStaticBoundMs = 0.1;

struct WrkFigures {
  double rate = 0, p50_ms = 0, p99_ms = 0;
};
// From what `wrk --latency` prints; kBadInput when it is something else.
Result<WrkFigures> ParseWrk(const std::string& text);

struct CalibrationRow {
  std::string target;
  int clients = 1;
  double known_ms = 0;  // median of what the server held; 0: not known (static)
  double base_ms = 0;   // median of answers that were not held, between held ones
  double our_ms = 0, our_p99_ms = 0, our_rate = 0, our_lag_p90_ms = 0;
  double wrk_ms = 0, wrk_p99_ms = 0, wrk_rate = 0;  // 0: no wrk
  double wrk_seconds = 0;                           // of a turn
  double rate_bound = 0;  // of our rate against wrk's: 0.07 is 7 %; 0: none
  bool bounded = false;
  std::vector<std::string> out_of_bounds;
};
// Fills `bounded` and `out_of_bounds`.
void Judge(CalibrationRow& row);

struct CalibrationOptions {
  double seconds = 1;  // of each turn
  int turns = 3;
  std::vector<double> delays_ms = {1, 5, 20, 50};
  std::string folder;  // for lighttpd's configuration and body
  std::function<void(const std::string&)> progress;
  const std::atomic<bool>* stop = nullptr;
};

struct Calibration {
  std::string wrk;       // version, or why there is none
  std::string lighttpd;  // the same
  std::vector<CalibrationRow> rows;
  // Our median minus the held time, base included, at the smallest delay and one client.
  double overhead_ms = 0;
  double least_ms_within_2_percent = 0;
  bool within_bounds = false;
  bool complete = false;
};

Result<Calibration> Calibrate(const CalibrationOptions& options);
nlohmann::json CalibrationToJson(const Calibration& calibration);
std::string CalibrationToText(const Calibration& calibration);

}  // namespace iiifbench
