#include "harness/stats/compare.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "harness/stats/bootstrap.h"

namespace iiifbench {
namespace {

// Timings as machines make them: log-normal, autocorrelated, with rare large outliers.
class Timings {
 public:
  explicit Timings(uint64_t seed, double spread, double correlation)
      : random_(seed), spread_(spread), correlation_(correlation) {}
  double Next() {
    level_ = correlation_ * level_ + std::sqrt(1 - correlation_ * correlation_) * Normal();
    const double spike = random_() % 20 == 0 ? 1 + 4 * Uniform() : 1;
    return 10 * std::exp(spread_ * level_) * spike;
  }

 private:
  double Uniform() { return (static_cast<double>(random_() >> 11) + 0.5) * 0x1p-53; }
  double Normal() { return NormalQuantile(Uniform()); }
  std::mt19937_64 random_;
  double spread_, correlation_, level_ = 0;
};

// Share of comparisons with `slow_down` between the sides in which any of the cases got a verdict.
double ShareOfVerdicts(int comparisons, int cases, int n, double spread, double correlation,
                       double slow_down, bool paired) {
  int verdicts = 0;
  for (int t = 0; t < comparisons; ++t) {
    CompareOptions options{.paired = paired, .resamples = 300};
    std::vector<Comparison> family;
    for (int c = 0; c < cases; ++c) {
      Timings timings(static_cast<uint64_t>(t * 100 + c + 1), spread, correlation);
      std::vector<double> a, b;
      for (int i = 0; i < n; ++i) {
        a.push_back(timings.Next());
        if (paired) b.push_back(timings.Next() * slow_down);
      }
      for (int i = 0; i < n && !paired; ++i) b.push_back(timings.Next() * slow_down);
      family.push_back(CompareSamples(a, b, options));
    }
    JudgeFamily(family, options);
    bool any = false;
    for (const Comparison& c : family) any = any || c.change != Change::kNone;
    verdicts += any ? 1 : 0;
  }
  return static_cast<double>(verdicts) / comparisons;
}

TEST(CompareTest, AAgainstAIsCalledDifferentInAtMostFivePercent) {
  for (const bool paired : {false, true}) {
    for (const double correlation : {0.0, 0.5, 0.8}) {
      EXPECT_LE(ShareOfVerdicts(300, 1, 20, 0.1, correlation, 1, paired), 0.05)
          << "correlation " << correlation << (paired ? " paired" : "");
    }
  }
}

TEST(CompareTest, FamiliesOfCasesRaiseNoMoreFalseAlarms) {
  EXPECT_LE(ShareOfVerdicts(200, 8, 15, 0.1, 0.5, 1, false), 0.05);
  EXPECT_LE(ShareOfVerdicts(200, 8, 15, 0.1, 0.5, 1, true), 0.05);
}

TEST(CompareTest, FindsASlowDownOfTenPercent) {
  EXPECT_GE(ShareOfVerdicts(100, 1, 20, 0.03, 0.0, 1.1, false), 0.9);
  EXPECT_GE(ShareOfVerdicts(100, 1, 20, 0.03, 0.3, 1.1, false), 0.8);
  EXPECT_GE(ShareOfVerdicts(100, 1, 20, 0.03, 0.3, 1.1, true), 0.9);
  EXPECT_GE(ShareOfVerdicts(100, 1, 10, 0.05, 0.0, 1.3, true), 0.8) << "ten rounds, 30 %";
}

TEST(CompareTest, DriftThatBothSidesShareIsNoDifferenceWhenPaired) {
  std::mt19937_64 random(3);
  std::vector<double> a, b;
  for (int i = 0; i < 30; ++i) {
    const double drift = 10 + 0.3 * i;
    a.push_back(drift * (1 + 0.001 * static_cast<double>(random() % 10)));
    b.push_back(drift * (1.08 + 0.001 * static_cast<double>(random() % 10)));
  }
  CompareOptions options{.paired = true};
  std::vector<Comparison> found = {CompareSamples(a, b, options), CompareSamples(a, a, options)};
  JudgeFamily(found, options);
  EXPECT_EQ(found[0].change, Change::kSlower) << found[0].ratio;
  EXPECT_NEAR(found[0].ratio, 1.08, 0.01);
  EXPECT_EQ(found[1].change, Change::kNone);
}

TEST(CompareTest, EffectsBelowTheLeastOrTheNoiseAreNoDifference) {
  std::vector<double> a, b, half, other;
  for (int i = 0; i < 30; ++i) {
    const double wobble = 0.001 * (i * 7 % 10);
    a.push_back(10 + wobble);
    b.push_back(10.2 + wobble);
    half.push_back((i < 15 ? 10 : 12) + wobble);
    other.push_back(13 + wobble);
  }
  CompareOptions options;
  std::vector<Comparison> found = {CompareSamples(a, b, options),
                                   CompareSamples(half, other, options)};
  options.control = 1.1;
  found.push_back(CompareSamples(a, b, options));
  JudgeFamily(found, options);
  EXPECT_EQ(found[0].change, Change::kNone) << "2 % is below the least effect";
  EXPECT_LT(found[0].family_p, 0.001);
  EXPECT_NEAR(found[1].noise, 0.2, 0.01) << "A's own halves differ by 20 %";
  EXPECT_EQ(found[1].change, Change::kNone);
  EXPECT_NEAR(found[2].noise, 0.1, 0.001) << "the control moved by 10 %";
  options.least_effect = 0.01;
  JudgeFamily(found, options);
  EXPECT_EQ(found[0].change, Change::kSlower);
  EXPECT_EQ(found[2].change, Change::kNone);
}

TEST(CompareTest, HolmCorrectsAndSaysWhenSamplesAreTooFew) {
  CompareOptions options;
  std::vector<Comparison> family(3);
  family[0].p = 0.01, family[1].p = 0.04, family[2].p = 0.03;
  for (Comparison& c : family) c.n_a = c.n_b = 10;
  JudgeFamily(family, options);
  EXPECT_DOUBLE_EQ(family[0].family_p, 0.03);
  EXPECT_DOUBLE_EQ(family[1].family_p, 0.06);
  EXPECT_DOUBLE_EQ(family[2].family_p, 0.06);
  EXPECT_FALSE(family[0].too_few);
  for (Comparison& c : family) c.n_a = c.n_b = 3;
  JudgeFamily(family, options);
  EXPECT_TRUE(family[0].too_few) << "3 against 3 reach p = 0.1 at best";
}

TEST(CompareTest, BinomialIntervalOfClopperAndPearson) {
  // R: binom.test(5, 200)$conf.int = 0.008169, 0.057376; of 0 in 200: 0, 0.018275.
  const Interval five = BinomialInterval(5, 200), none = BinomialInterval(0, 200);
  EXPECT_NEAR(five.low, 0.0081689, 1e-5);
  EXPECT_NEAR(five.high, 0.0573755, 1e-4);
  EXPECT_EQ(none.low, 0);
  EXPECT_NEAR(none.high, 0.0182753, 1e-5);
}

}  // namespace
}  // namespace iiifbench
