#include "harness/attribution/observing/extension.h"

#include <algorithm>

namespace iiifbench {
namespace {

double Variance(const Eigen::RowVectorXd& row) {
  const double tolerance = 0.1 + 0.02 * row.sum();
  return tolerance * tolerance;
}

}  // namespace

std::vector<int> ByGain(const Eigen::MatrixXd& asked, const Eigen::MatrixXd& open,
                        const Eigen::MatrixXd& wanted, int most) {
  const Eigen::Index columns = asked.cols();
  Eigen::MatrixXd precision = Eigen::MatrixXd::Identity(columns, columns);
  for (const auto& row : asked.rowwise()) precision += row.transpose() * row / Variance(row);
  Eigen::MatrixXd covariance = precision.inverse();
  Eigen::VectorXd counts = Eigen::VectorXd::Zero(columns);
  for (const auto& row : wanted.rowwise()) {
    if (row.sum() > 0) counts += (row / row.sum()).array().square().matrix().transpose();
  }
  std::vector<int> out;
  while (static_cast<int>(out.size()) < std::min<int>(most, static_cast<int>(open.rows()))) {
    int best = -1;
    double largest = -1;
    for (int i = 0; i < open.rows(); ++i) {
      if (std::ranges::count(out, i) > 0) continue;
      const Eigen::VectorXd moved = covariance * open.row(i).transpose();
      const double gain = moved.array().square().matrix().dot(counts) /
                          (Variance(open.row(i)) + open.row(i).dot(moved)) / (1 + 2 * open.row(i).sum());
      if (gain > largest) largest = gain, best = i;
    }
    const Eigen::VectorXd moved = covariance * open.row(best).transpose();
    covariance -= moved * moved.transpose() / (Variance(open.row(best)) + open.row(best).dot(moved));
    out.push_back(best);
  }
  return out;
}

}  // namespace iiifbench
