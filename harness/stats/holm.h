// holm: p values of a family of tests, raised so that one false alarm in the whole family has the
// stated chance.
//
// Formula: step down, p(i) times the number of hypotheses not yet rejected, never below the one
// before (Holm, A simple sequentially rejective multiple test procedure, 1979). Holds for any
// dependence between the tests.
#pragma once

#include <span>
#include <vector>

namespace iiifbench {

std::vector<double> HolmAdjusted(std::span<const double> p);

}  // namespace iiifbench
