#include "harness/stats/usl.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <set>

#include "harness/stats/nnls.h"

namespace iiifbench {
namespace {

double Mean(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

UslFit FitOnce(std::span<const UslPoint> points, std::span<const double> throughput) {
  Eigen::MatrixXd a(points.size(), 3);
  const Eigen::VectorXd ones = Eigen::VectorXd::Ones(static_cast<Eigen::Index>(points.size()));
  for (size_t i = 0; i < points.size(); ++i) {
    const double n = points[i].clients, scale = throughput[i] / n;
    a.row(static_cast<Eigen::Index>(i)) << scale, scale * (n - 1), scale * n * (n - 1);
  }
  const Eigen::VectorXd x = NonNegativeLeastSquares(a, ones);
  UslFit fit;
  if (x[0] <= 0) return fit;  // no line through the origin: lambda 0 says so
  fit.lambda = 1 / x[0];
  fit.sigma = x[1] / x[0];
  fit.kappa = x[2] / x[0];
  // Roundoff of an exact fit is no contention.
  if (fit.sigma < 1e-9) fit.sigma = 0;
  if (fit.kappa < 1e-12) fit.kappa = 0;
  if (fit.kappa > 0) {
    fit.peak_clients = std::max(1.0, std::sqrt(std::max(0.0, 1 - fit.sigma) / fit.kappa));
    fit.knee = fit.Throughput(*fit.peak_clients) / fit.lambda;
  } else if (fit.sigma > 0) {
    fit.knee = 1 / fit.sigma;
  }
  return fit;
}

Interval Middle95(std::vector<double>& values) {
  return {Quantile(values, 0.025), Quantile(values, 0.975)};
}

}  // namespace

Result<UslFit> FitUsl(std::span<const UslPoint> points, uint64_t seed, int resamples) {
  std::set<double> loads;
  std::vector<double> throughput;
  for (const UslPoint& point : points) {
    loads.insert(point.clients);
    throughput.push_back(point.slices.empty() ? 0 : Mean(point.slices));
    if (point.clients < 1 || throughput.back() <= 0)
      return Fail(ErrorKind::kBadInput, "scalability: nothing was answered at {} clients",
                  point.clients);
  }
  if (loads.size() < 3)
    return Fail(ErrorKind::kBadInput, "scalability: {} different loads; three are needed",
                loads.size());
  UslFit fit = FitOnce(points, throughput);
  if (fit.lambda <= 0)
    return Fail(ErrorKind::kBadInput, "scalability: the law does not fit these loads");
  for (size_t i = 0; i < points.size(); ++i) {
    fit.worst_residual = std::max(fit.worst_residual,
                                  std::abs(fit.Throughput(points[i].clients) / throughput[i] - 1));
  }
  std::mt19937_64 random(seed);
  std::vector<double> lambdas, sigmas, kappas, knees;
  for (int r = 0; r < resamples; ++r) {
    for (size_t i = 0; i < points.size(); ++i) {
      const auto& slices = points[i].slices;
      double sum = 0;
      for (size_t k = 0; k < slices.size(); ++k) sum += slices[random() % slices.size()];
      throughput[i] = std::max(1e-9, sum / static_cast<double>(slices.size()));
    }
    const UslFit one = FitOnce(points, throughput);
    if (one.lambda <= 0) continue;
    lambdas.push_back(one.lambda);
    sigmas.push_back(one.sigma);
    kappas.push_back(one.kappa);
    if (one.knee) knees.push_back(*one.knee);
  }
  if (lambdas.empty())
    return Fail(ErrorKind::kBadInput, "scalability: no resample of the loads fits the law");
  fit.lambda_interval = Middle95(lambdas);
  fit.sigma_interval = Middle95(sigmas);
  fit.kappa_interval = Middle95(kappas);
  if (knees.size() * 10 >= static_cast<size_t>(resamples) * 9) fit.knee_interval = Middle95(knees);
  return fit;
}

}  // namespace iiifbench
