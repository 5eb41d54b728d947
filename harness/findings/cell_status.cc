#include "harness/findings/cell_status.h"

namespace iiifbench {

std::string_view IdOf(CellStatus status) {
  switch (status) {
    case CellStatus::kNotMeasured:
      return "not-measured";
    case CellStatus::kMeasured:
      return "measured";
    case CellStatus::kNotTaken:
      return "not-taken";
    case CellStatus::kLeftOut:
      return "left-out";
    case CellStatus::kWrongAnswer:
      return "wrong-answer";
    case CellStatus::kRequestFailed:
      return "request-failed";
    case CellStatus::kServerGone:
      return "server-gone";
    case CellStatus::kNoLink:
      return "no-link";
    case CellStatus::kNoKernel:
      return "no-kernel";
    case CellStatus::kStopped:
      return "stopped";
    case CellStatus::kOverloaded:
      return "overloaded";
    case CellStatus::kTooFewAnswers:
      return "too-few-answers";
  }
  return "";
}

std::string Words(const CellState& state) {
  if (state.measured()) return "measured";
  if (state.open() && state.reason.empty()) return "not measured";
  return state.status == CellStatus::kWrongAnswer ? std::string(kWrongAnswer) + state.reason
                                                  : state.reason;
}

}  // namespace iiifbench
