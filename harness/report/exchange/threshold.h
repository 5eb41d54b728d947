// threshold: what a figure may not be: "p95 > 300 ms", "slower > 5 %", "throughput < 50 1/s".
//
// Grammar: METRIC OP NUMBER [UNIT], OP one of > >= < <=. Times may be in ms, s or us, whatever the
// figure's unit; a unit of another kind is an error, as is a metric that no figure has: a threshold
// that can never fail is none. Errors: kBadRequest with the text.
#pragma once

#include "harness/report/exchange/figure.h"
#include "kernels/image/result.h"

namespace iiifbench {

struct Threshold {
  std::string text, metric, op, unit;
  double value = 0;  // in `unit`, which is ms for every time
};
Result<Threshold> ParseThreshold(const std::string& text);

struct BoundVerdict {
  Figure figure;
  std::string threshold;  // its text; empty: none is set for this figure
  bool failed = false;
};
// Each figure with each threshold of its metric; figures without one stand there as such.
Result<std::vector<BoundVerdict>> JudgeFigures(const std::vector<Figure>& figures,
                                               const std::vector<Threshold>& thresholds);

}  // namespace iiifbench
