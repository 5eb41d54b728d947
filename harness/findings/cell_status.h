// cell_status: how the measuring of one cell of a study, or of one point of a load, ended, and why.
//
// The JSON field "status" keeps its words: "measured", or the reason; "status_id" is the name.
#pragma once

#include <string>
#include <string_view>

namespace iiifbench {

enum class CellStatus {
  kNotMeasured,    // not yet
  kMeasured,       // it has samples, and nothing went wrong
  kNotTaken,       // the server does not take this kind of source
  kLeftOut,        // no time was left for it
  kWrongAnswer,    // what came whole, with status 200, is not the picture
  kRequestFailed,  // no answer came, or an error
  kServerGone,     // the server could not be started, or has ended
  kNoLink,         // the link with delay could not be put before it
  kNoKernel,       // our own kernels failed on the source
  kStopped,        // the run ended before
  kOverloaded,     // more was asked than could be served: no latency is reported
  kTooFewAnswers,  // no median with an interval
};

// "measured", "wrong-answer": as JSON has it.
std::string_view IdOf(CellStatus status);

struct CellState {
  CellStatus status = CellStatus::kNotMeasured;
  std::string reason = {};  // why there is no sample, or none that counts

  bool measured() const { return status == CellStatus::kMeasured; }
  bool open() const { return status == CellStatus::kNotMeasured; }
  bool operator==(const CellState&) const = default;
};

// Begins the words of a wrong answer; records of before have no name for it.
inline constexpr std::string_view kWrongAnswer = "wrong answer: ";

// "measured", "not measured", "wrong answer: one colour came", or the reason.
std::string Words(const CellState& state);

}  // namespace iiifbench
