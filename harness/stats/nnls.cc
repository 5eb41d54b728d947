#include "harness/stats/nnls.h"

#include <cmath>
#include <limits>
#include <vector>

#include "harness/stats/quantile.h"

namespace iiifbench {
namespace {

// Least squares over the columns in `active`; zero elsewhere.
Eigen::VectorXd SolveActive(const Eigen::MatrixXd& a, const Eigen::VectorXd& b,
                            const std::vector<bool>& active) {
  std::vector<Eigen::Index> columns;
  for (size_t i = 0; i < active.size(); ++i) {
    if (active[i]) columns.push_back(static_cast<Eigen::Index>(i));
  }
  Eigen::MatrixXd part(a.rows(), static_cast<Eigen::Index>(columns.size()));
  for (size_t i = 0; i < columns.size(); ++i)
    part.col(static_cast<Eigen::Index>(i)) = a.col(columns[i]);
  const Eigen::VectorXd solved = part.colPivHouseholderQr().solve(b);
  Eigen::VectorXd x = Eigen::VectorXd::Zero(a.cols());
  for (size_t i = 0; i < columns.size(); ++i) x[columns[i]] = solved[static_cast<Eigen::Index>(i)];
  return x;
}

}  // namespace

Eigen::VectorXd NonNegativeLeastSquares(const Eigen::MatrixXd& a, const Eigen::VectorXd& b) {
  const Eigen::Index n = a.cols();
  Eigen::VectorXd x = Eigen::VectorXd::Zero(n);
  std::vector<bool> active(static_cast<size_t>(n), false);
  const double tolerance = 1e-10 * std::max(1.0, a.cwiseAbs().maxCoeff()) *
                           std::max(1.0, b.cwiseAbs().maxCoeff()) * static_cast<double>(a.rows());
  for (Eigen::Index round = 0; round < 10 * n; ++round) {
    const Eigen::VectorXd gradient = a.transpose() * (b - a * x);
    Eigen::Index best = -1;
    for (Eigen::Index i = 0; i < n; ++i) {
      if (!active[static_cast<size_t>(i)] && gradient[i] > tolerance &&
          (best < 0 || gradient[i] > gradient[best]))
        best = i;
    }
    if (best < 0) break;
    active[static_cast<size_t>(best)] = true;
    for (Eigen::Index inner = 0; inner <= n; ++inner) {
      const Eigen::VectorXd z = SolveActive(a, b, active);
      // As far towards z as no coefficient turns negative.
      double step = 1;
      for (Eigen::Index i = 0; i < n; ++i) {
        if (active[static_cast<size_t>(i)] && z[i] <= 0)
          step = std::min(step, x[i] / (x[i] - z[i] + std::numeric_limits<double>::min()));
      }
      x += step * (z - x);
      if (step == 1) break;
      for (Eigen::Index i = 0; i < n; ++i) {
        if (active[static_cast<size_t>(i)] && x[i] <= 1e-14) {
          active[static_cast<size_t>(i)] = false;
          x[i] = 0;
        }
      }
    }
  }
  return x.cwiseMax(0);
}

Eigen::VectorXd RobustNonNegativeLeastSquares(const Eigen::MatrixXd& a, const Eigen::VectorXd& b,
                                              double floor) {
  std::vector<double> sizes(static_cast<size_t>(b.size()));
  for (Eigen::Index i = 0; i < b.size(); ++i) sizes[static_cast<size_t>(i)] = std::abs(b[i]);
  const double least = floor * Median(sizes);
  Eigen::VectorXd scale(b.size());
  for (Eigen::Index i = 0; i < b.size(); ++i)
    scale[i] = 1 / std::max(std::abs(b[i]), std::max(least, 1e-12));
  return RobustNonNegativeLeastSquares(a, b, scale);
}

Eigen::VectorXd RobustNonNegativeLeastSquares(const Eigen::MatrixXd& a, const Eigen::VectorXd& b,
                                              const Eigen::VectorXd& scale) {
  std::vector<double> sizes(static_cast<size_t>(b.size()));
  const Eigen::MatrixXd scaled = scale.asDiagonal() * a;
  const Eigen::VectorXd target = scale.cwiseProduct(b);
  Eigen::VectorXd weights = Eigen::VectorXd::Ones(b.size()), x;
  for (int round = 0; round < 20; ++round) {
    const Eigen::VectorXd root = weights.cwiseSqrt();
    const Eigen::VectorXd next =
        NonNegativeLeastSquares(root.asDiagonal() * scaled, root.cwiseProduct(target));
    const bool settled = round > 0 && (next - x).norm() <= 1e-9 * (1 + x.norm());
    x = next;
    if (settled) break;
    const Eigen::VectorXd residual = scaled * x - target;
    for (Eigen::Index i = 0; i < b.size(); ++i)
      sizes[static_cast<size_t>(i)] = std::abs(residual[i]);
    const double deviation = 1.4826 * Median(sizes), threshold = 1.345 * std::max(deviation, 1e-9);
    for (Eigen::Index i = 0; i < b.size(); ++i)
      weights[i] = std::abs(residual[i]) <= threshold ? 1 : threshold / std::abs(residual[i]);
  }
  return x;
}

}  // namespace iiifbench
