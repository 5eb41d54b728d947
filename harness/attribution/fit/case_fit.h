// case_fit: the fit of cases: which of them, what is fixed, which are differenced.
#pragma once

#include <vector>

#include "harness/attribution/fit/fit.h"
#include "harness/attribution/model/hypothesis.h"

namespace iiifbench {

struct CaseFit {
  std::vector<int> rows;  // cases in the fit: answered, and not held out
  Fit fit;
};
// `foreign_encoder`: encode is no multiple of a kernel then.
CaseFit FitOf(const std::vector<Case>& cases, bool foreign_encoder);
// The same observations for models whose columns are not our kernels.
Fit PlainFitOf(const std::vector<Case>& cases);
Eigen::MatrixXd RowsOf(const Eigen::MatrixXd& all, const std::vector<int>& rows);

}  // namespace iiifbench
