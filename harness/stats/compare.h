// compare: is B slower than A, and by how much, when timings are autocorrelated, heavy-tailed and
// drift?
//
// Samples in the order of time. Ratio: median(b) / median(a). Interval: bootstrap of that ratio by
// circular blocks (Politis and Romano 1992), so that neighbours stay together; paired rounds are
// resampled together. Test: Mann-Whitney U, its z divided by sqrt((1 + r) / (1 - r)) with r the
// lag-1 autocorrelation of the ranks, bias corrected (Kendall 1954): n dependent samples say less
// than n. Paired rounds are first divided by the median of the five rounds around them, which
// removes drift that both sides share. A/A noise floor: how far halves of the same side differ (for
// pairs: how far the ratio differs between halves of the rounds): a difference no larger than that
// is not believed. Verdict: the test after Holm's correction over all cases (1979), the interval
// without 1, and a ratio beyond both the least effect and the noise floor; all must agree.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "harness/stats/quantile.h"

namespace iiifbench {

struct CompareOptions {
  // Of the whole family of cases; with it simulated A/A stays below 5 % (tests).
  double alpha = 0.01;
  double least_effect = 0.03;  // 3 % and less is not worth a verdict
  bool paired = false;         // a[i] and b[i] are of one round, in random order
  double control = 1;          // what a control changed by between the two: part of the noise floor
  int resamples = 1000;
  uint64_t seed = 1;
};

enum class Change { kNone, kFaster, kSlower };
std::string_view ChangeName(Change change);  // "no difference", "faster", "slower": of B

struct Comparison {
  size_t n_a = 0, n_b = 0;
  double median_a = 0, median_b = 0;
  double ratio = 1;
  Interval interval{1, 1};  // 95 %
  double noise = 0;         // A/A: 0.02 is 2 %
  double p = 1, family_p = 1;
  double inflation = 1;  // of the variance, by autocorrelation
  bool too_few = false;  // so few samples that no difference could pass the test
  Change change = Change::kNone;
};

// CHECKs that both have samples, all > 0, as many of each when paired.
Comparison CompareSamples(std::span<const double> a, std::span<const double> b,
                          const CompareOptions& options);
// family_p, too_few and change of all cases of one comparison.
void JudgeFamily(std::span<Comparison> cases, const CompareOptions& options);

// (1 + r) / (1 - r) of the ranks' lag-1 autocorrelation, from 1 to 19; 1 for under 8 samples.
double VarianceInflation(std::span<const double> samples);
// Exact binomial interval of k of n (Clopper and Pearson 1934).
Interval BinomialInterval(int k, int n, double level = 0.95);

}  // namespace iiifbench
