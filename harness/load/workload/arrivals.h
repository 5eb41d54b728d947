// arrivals: when requests are due in an open loop. Constant: i / rate. Poisson: exponential gaps,
// mean 1 / rate, from the raw output of std::mt19937_64. Instants count from the start of the run.
// Threads: none.
#pragma once

#include <chrono>
#include <cmath>
#include <cstdint>
#include <random>

#include "harness/stats/uniform.h"

namespace iiifbench {

class Arrivals {
 public:
  Arrivals(double rate_per_second, bool poisson, uint64_t seed)
      : rate_(rate_per_second), poisson_(poisson), random_(seed) {}
  std::chrono::nanoseconds Next() {
    const double at = poisson_ ? at_ : static_cast<double>(count_++) / rate_;
    at_ -= std::log1p(-Uniform(random_)) / rate_;
    return std::chrono::nanoseconds(static_cast<int64_t>(at * 1e9));
  }

 private:
  double rate_;
  bool poisson_;
  std::mt19937_64 random_;
  double at_ = 0;
  int64_t count_ = 0;
};

}  // namespace iiifbench
