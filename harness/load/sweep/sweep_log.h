// sweep_log: the samples of a sweep as JSON lines, written while it runs: what a killed run leaves,
// and what a resumed one goes on from.
//
// Each sitting begins with {"load": {"schema", "command"}} and each of its points with {"point":
// {"number", "load"}}. Then come samples, an array each: due, latency, slot, lag, dns, connect,
// tls, first_byte, body (nanoseconds, as generate.h), bytes, reused (0 or 1), class, failure
// (empty: an answer that looks right). Twice a second {"until": {"measured", "in_flight_seconds",
// "waited", "taken", "warm_up"}} says how far the point is; samples behind the last such line do
// not count, because their time does not. {"end": ...} closes a point that was measured as long as
// was asked. Memory: the samples of half a second, and on reading all. Errors: kIo with what to do
// (full disk), kNotFound and kBadInput (another command, no such file) of an earlier sitting.
// Threads: a thread of its own formats and writes, so that the one that sends does not.
#pragma once

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "harness/load/generator/generate.h"

namespace iiifbench {

// A point over all its sittings so far.
struct PointSoFar {
  LoadRun run;  // dues as if it had been one run; nothing kept of bodies
  double in_flight_seconds = 0;
  int64_t taken = 0;     // requests of its stream, with those of warm-ups
  int sittings = 0;      // that measured something
  nlohmann::json facts;  // of a point that is over, as EndPoint took them; else null
};

// Adds a sitting to those before it.
void JoinSitting(PointSoFar& point, const LoadRun& run, const RunSoFar& so_far, int64_t taken);

class SweepLog {
 public:
  // Goes on with a file of the same command, or begins a new one.
  static Result<std::unique_ptr<SweepLog>> Open(const std::string& path, const std::string& command,
                                                bool resume);
  ~SweepLog();

  // The sweep's next point, and what earlier sittings know of it.
  PointSoFar BeginPoint(const std::string& load);
  // What came since the last call, to be written soon.
  void Add(const LoadRun& run, const RunSoFar& so_far, int64_t taken);
  void EndPoint(const nlohmann::json& facts);
  // Why something could not be written; from any thread.
  Result<void> Check() const;
  // All is elsewhere now: closes and removes the file.
  void Remove();

 private:
  struct State;
  explicit SweepLog(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace iiifbench
