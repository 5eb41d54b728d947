#include "harness/attribution/fit/simpler_models.h"

#include <algorithm>
#include <optional>

#include "harness/attribution/fit/case_fit.h"
#include "harness/stats/nnls.h"
#include "harness/stats/quantile.h"

namespace iiifbench {
namespace {

Eigen::MatrixXd Geometry(const std::vector<Case>& cases, const Hypothesis& hypothesis) {
  Eigen::MatrixXd x = Eigen::MatrixXd::Zero(static_cast<Eigen::Index>(cases.size()), 5);
  for (size_t i = 0; i < cases.size(); ++i) {
    auto row = x.row(static_cast<Eigen::Index>(i));
    row[0] = 1;
    if (cases[i].probe.info) continue;
    auto plan = PlanOf(cases[i], hypothesis);
    if (!plan) continue;
    row[1] = 1;
    row[2] = static_cast<double>(plan->level_region.size().pixels()) / 1e6;
    row[3] = plan->resize ? static_cast<double>(plan->crop.size().pixels()) / 1e6 : 0;
    row[4] = static_cast<double>(plan->output.pixels()) / 1e6;
  }
  return x;
}

SimplerModel Geometric(Observed& o, const std::vector<int>& rows, const Fit& fit, uint64_t seed) {
  SimplerModel out{.name = "geometric"};
  std::optional<Eigen::MatrixXd> best;
  std::vector<Eigen::MatrixXd> tried;
  for (const auto& hypothesis : o.hypotheses) {
    Eigen::MatrixXd x = Geometry(o.cases, hypothesis);
    // Filters and variants have no geometry of their own: what is equal is fitted once.
    if (std::ranges::count(tried, x) > 0) continue;
    tried.push_back(x);
    const double error = fit.CrossValidatedError(RowsOf(x, rows), seed);
    if (best && error >= *out.error) continue;
    out.error = error;
    best = std::move(x);
  }
  if (!best) return out;
  const Eigen::VectorXd beta = fit.Betas(RowsOf(*best, rows));
  for (size_t i = 0; i < o.cases.size(); ++i) {
    const auto x = best->row(static_cast<Eigen::Index>(i));
    out.stages.push_back({{Stage::kNetwork, o.cases[i].fixed_ms},
                          {Stage::kOverhead, x[0] * beta[0] + x[1] * beta[1]},
                          {Stage::kDecode, x[2] * beta[2]},
                          {Stage::kResize, x[3] * beta[3]},
                          {Stage::kEncode, x[4] * beta[4]}});
  }
  return out;
}

SimplerModel Naive(Observed& o, const std::vector<int>& rows, const Fit& fit, uint64_t seed) {
  SimplerModel out{.name = "naive"};
  std::vector<int> used;
  for (int row : rows) {
    const auto& probe = o.cases[static_cast<size_t>(row)].probe;
    if (!probe.info && probe.image == 0) used.push_back(row);
  }
  Eigen::VectorXd latency(static_cast<Eigen::Index>(used.size()));
  for (size_t i = 0; i < used.size(); ++i)
    latency[static_cast<Eigen::Index>(i)] =
        Median(o.cases[static_cast<size_t>(used[i])].samples_ms);
  std::optional<Eigen::MatrixXd> best;
  Eigen::VectorXd beta;
  double least = 0;
  for (const auto& hypothesis : o.hypotheses) {
    const Eigen::MatrixXd full = MatrixOf(o.cases, hypothesis, *o.costs, false);
    Eigen::MatrixXd x = Eigen::MatrixXd::Ones(full.rows(), 5);
    for (Eigen::Index i = 0; i < x.rows(); ++i) {
      const Case& c = o.cases[static_cast<size_t>(i)];
      const auto bytes = static_cast<double>(c.answer.entropy_bytes + c.answer.other_bytes);
      x.row(i) << 1, full(i, kDecode), full(i, kResize), full(i, kEncode), bytes / 1e6;
    }
    const Eigen::MatrixXd some = RowsOf(x, used);
    const Eigen::VectorXd solved = NonNegativeLeastSquares(some, latency);
    const double error = (some * solved - latency).norm();
    if (best && error >= least) continue;
    least = error;
    beta = solved;
    best = std::move(x);
  }
  if (!best) return out;
  out.error = fit.CrossValidatedError(RowsOf(*best, rows), seed);
  for (Eigen::Index i = 0; i < best->rows(); ++i) {
    const auto x = best->row(i);
    out.stages.push_back({{Stage::kOverhead, beta[0]},
                          {Stage::kDecode, x[1] * beta[1]},
                          {Stage::kResize, x[2] * beta[2]},
                          {Stage::kEncode, x[3] * beta[3]},
                          {Stage::kNetwork, x[4] * beta[4]}});
  }
  return out;
}

}  // namespace

std::vector<SimplerModel> SimplerModels(Observed& observed, const std::vector<int>& rows,
                                        const Fit& fit, uint64_t seed) {
  return {Geometric(observed, rows, fit, seed), Naive(observed, rows, fit, seed)};
}

}  // namespace iiifbench
