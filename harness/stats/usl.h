// usl: the Universal Scalability Law, fitted to throughput over load, with intervals and the knee.
//
// Formula: X(N) = lambda N / (1 + sigma (N - 1) + kappa N (N - 1)) (Gunther, Guerrilla Capacity
// Planning, 2007, 4.1), fitted as N / X = a + b (N - 1) + c N (N - 1) with a, b, c >= 0 by least
// squares of relative residuals; lambda = 1/a, sigma = b/a (waiting for one another), kappa = c/a
// (talking to one another). Peak: N = sqrt((1 - sigma) / kappa), the limit lambda / sigma where
// kappa is 0. Knee: the N at which the ideal line lambda N meets the greatest throughput.
// Intervals: 95 % percentile bootstrap over the slices of time of each load. Units: N clients, X
// per second. Randomness: std::mt19937_64 from a seed. Errors: kBadInput below three different
// loads or without throughput.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "harness/stats/quantile.h"
#include "kernels/image/result.h"

namespace iiifbench {

struct UslPoint {
  double clients = 0;
  std::vector<double> slices;  // throughput of equal slices of time; their mean is X
};

struct UslFit {
  double lambda = 0, sigma = 0, kappa = 0;
  Interval lambda_interval, sigma_interval, kappa_interval;
  std::optional<double> peak_clients;     // empty: it only levels off, or grows for ever
  std::optional<double> knee;             // clients; empty: no bend
  std::optional<Interval> knee_interval;  // empty where a tenth of the resamples has no knee
  double worst_residual = 0;              // relative, of the points

  double Throughput(double clients) const {
    return lambda * clients / (1 + sigma * (clients - 1) + kappa * clients * (clients - 1));
  }
};

Result<UslFit> FitUsl(std::span<const UslPoint> points, uint64_t seed = 1, int resamples = 1000);

}  // namespace iiifbench
