// observation_log: the answers and kernel runs of an attribution as JSON lines, written one by one
// while it runs: what a killed run leaves, and what a resumed one goes on from.
//
// Each sitting begins with {"attribute": {"schema", "command"}}, each of its images with {"image":
// name of the source}. Then {"answer": {"probe", "at" (seconds since the image was begun), "ms",
// "first_byte_ms", "transfer", "methods", "closes"}}, {"failure": {"probe", "at", "kind"}} and
// {"kernel": {"name", "ms", "read_ms", "bytes_read"}} as they come, and {"done": the result} where
// an image is over. A last line that was cut is dropped on reading. Bodies are not kept: a resumed
// run asks every request once more and checks that answer before earlier ones count. Units:
// milliseconds. Errors: kIo with what to do (full disk), kNotFound and kBadInput of an earlier
// sitting. Threads: one.
#pragma once

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "harness/attribution/model/observed.h"
#include "harness/http/client.h"

namespace iiifbench {

class ObservationLog {
 public:
  // Goes on with a file of the same command, or begins a new one.
  static Result<std::unique_ptr<ObservationLog>> Open(const std::string& path,
                                                      const std::string& command, bool resume);
  ~ObservationLog();

  // The image that follows, by the name of its source; the result where it is over.
  std::optional<nlohmann::json> BeginImage(const std::string& source);
  // Gives the image's earlier answers to its cases; returns the seconds that they took.
  double Restore(Observed& observed) const;

  void AddAnswer(const Case& c, double at, const Exchange& exchange,
                 const std::map<std::string, StageSamples>& methods);
  void AddFailure(const Case& c, double at, const std::string& kind);
  void AddKernel(const std::string& name, const KernelCosts& costs, int work);
  void AddDone(const nlohmann::json& result);
  // Something was answered, in this sitting or an earlier one.
  bool HasAnswers() const;
  // Why something could not be written.
  Result<void> Check() const;
  // All is elsewhere now.
  void Remove();

 private:
  struct State;
  explicit ObservationLog(std::unique_ptr<State> state);
  void Write(const nlohmann::json& line);
  std::unique_ptr<State> state_;
};

}  // namespace iiifbench
