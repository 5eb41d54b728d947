#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <random>

#include "harness/stats/bootstrap.h"
#include "harness/stats/milliseconds.h"
#include "harness/stats/nnls.h"
#include "harness/stats/quantile.h"
#include "harness/stats/rank_test.h"

namespace iiifbench {
namespace {

TEST(QuantileTest, TypeSevenOfHyndmanAndFan) {
  // R: quantile(c(15, 20, 35, 40, 50), c(.05, .3, .4, .5, 1)) = 16, 23, 29, 35, 50.
  const double samples[] = {35, 15, 50, 40, 20};
  EXPECT_DOUBLE_EQ(Quantile(samples, 0.05), 16);
  EXPECT_DOUBLE_EQ(Quantile(samples, 0.3), 23);
  EXPECT_DOUBLE_EQ(Quantile(samples, 0.4), 29);
  EXPECT_DOUBLE_EQ(Median(samples), 35);
  EXPECT_DOUBLE_EQ(Quantile(samples, 1), 50);
}

TEST(QuantileTest, MedianIntervalUsesBinomialRanks) {
  // n = 20: ranks 6 and 15 cover 95.86 % (Conover, table A3).
  std::vector<double> samples;
  for (int i = 1; i <= 20; ++i) samples.push_back(i);
  const auto interval = QuantileInterval(samples, 0.5);
  ASSERT_TRUE(interval);
  EXPECT_EQ(interval->low, 6);
  EXPECT_EQ(interval->high, 15);
  EXPECT_FALSE(QuantileInterval(std::span(samples).first(5), 0.5))
      << "5 values cover a median with 93.75 % only";
  EXPECT_TRUE(QuantileInterval(std::span(samples).first(6), 0.5));
  EXPECT_FALSE(QuantileInterval(samples, 0.999)) << "20 samples know nothing of p99.9";
}

TEST(QuantileTest, IntervalsCoverAsOftenAsTheyClaim) {
  std::mt19937_64 random(5);
  int covered = 0;
  constexpr int kTrials = 2000;
  for (int t = 0; t < kTrials; ++t) {
    std::vector<double> samples(15);
    for (double& s : samples) s = static_cast<double>(random() >> 11);
    const auto interval = QuantileInterval(samples, 0.5);
    covered += interval->low <= 0x1p52 && 0x1p52 <= interval->high ? 1 : 0;
  }
  EXPECT_GE(covered, kTrials * 0.94);
}

TEST(BootstrapTest, NormalQuantiles) {
  EXPECT_NEAR(NormalQuantile(0.975), 1.959963985, 1e-8);
  EXPECT_NEAR(NormalCdf(1), 0.841344746, 1e-9);
}

TEST(BootstrapTest, CoversTheMeanOfASkewedDistribution) {
  std::mt19937_64 random(7);
  int covered = 0;
  constexpr int kTrials = 300;
  for (int t = 0; t < kTrials; ++t) {
    std::vector<double> samples(30);
    for (double& s : samples)
      s = -std::log((static_cast<double>(random() >> 11) + 0.5) * 0x1p-53);  // exponential, mean 1
    const auto interval = BootstrapInterval(
        samples,
        [](std::span<const double> v) {
          return std::accumulate(v.begin(), v.end(), 0.0) / static_cast<double>(v.size());
        },
        0.95, 500, static_cast<uint64_t>(t));
    covered += interval.low <= 1 && 1 <= interval.high ? 1 : 0;
  }
  // Known to be somewhat below nominal at n = 30 for this distribution (about 93 %).
  EXPECT_GE(covered, kTrials * 0.89);
  EXPECT_LE(covered, kTrials * 0.98);
}

TEST(BootstrapTest, RatioOfEqualSamplesIsOne) {
  std::vector<double> a;
  for (int i = 0; i < 50; ++i) a.push_back(100 + i % 7);
  const auto interval = RatioOfMediansInterval(a, a);
  EXPECT_LE(interval.low, 1);
  EXPECT_GE(interval.high, 1);
  EXPECT_LT(interval.high - interval.low, 0.1);
}

TEST(RankTest, ExactAgreesWithEnumeration) {
  // Enumerated over all arrangements by an independent script.
  const double a1[] = {1.1, 2.2, 3.3, 4.4}, b1[] = {5.5, 6.6, 7.7, 0.5, 8.8};
  const auto first = MannWhitney(a1, b1);
  EXPECT_TRUE(first.exact);
  EXPECT_DOUBLE_EQ(first.u, 4);
  EXPECT_NEAR(first.p, 24.0 / 126, 1e-12);
  // Hollander and Wolfe, Nonparametric Statistical Methods, example 4.1: U = 35, two-sided p =
  // 0.2544.
  const double a2[] = {0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46},
               b2[] = {1.15, 0.88, 0.90, 0.74, 1.21};
  const auto second = MannWhitney(a2, b2);
  EXPECT_DOUBLE_EQ(second.u, 35);
  EXPECT_NEAR(second.p, 0.2544, 5e-5);
}

TEST(RankTest, AlwaysUniformEnoughUnderNoChange) {
  std::mt19937_64 random(17);
  int alarms = 0;
  for (int t = 0; t < 1000; ++t) {
    std::vector<double> a(12), b(12);
    for (double& v : a) v = static_cast<double>(random() % 100000);
    for (double& v : b) v = static_cast<double>(random() % 100000);
    alarms += MannWhitney(a, b).p < 0.05 ? 1 : 0;
  }
  EXPECT_LE(alarms, 65);
  EXPECT_GE(alarms, 25);
}

TEST(NnlsTest, RandomProblemsMeetTheConditionsOfKuhnAndTucker) {
  std::mt19937_64 random(23);
  auto draw = [&] { return static_cast<double>(random() >> 11) * 0x1p-53; };
  for (int t = 0; t < 300; ++t) {
    const auto rows = static_cast<Eigen::Index>(4 + random() % 30),
               columns = static_cast<Eigen::Index>(1 + random() % 8);
    Eigen::MatrixXd a(rows, columns);
    Eigen::VectorXd b(rows);
    for (Eigen::Index i = 0; i < rows; ++i) {
      for (Eigen::Index j = 0; j < columns; ++j) a(i, j) = draw() * (j % 3 == 0 ? 100 : 1);
      b[i] = draw() * 10 - 3;
    }
    const Eigen::VectorXd x = NonNegativeLeastSquares(a, b);
    const Eigen::VectorXd gradient = a.transpose() * (b - a * x);
    const double slack = 1e-6 * a.norm() * b.norm();
    for (Eigen::Index j = 0; j < columns; ++j) {
      EXPECT_GE(x[j], 0);
      EXPECT_LE(gradient[j], slack);
      if (x[j] > 1e-9) {
        EXPECT_GE(gradient[j], -slack);
      }
    }
  }
}

TEST(NnlsTest, RobustFitIgnoresAnOutlier) {
  Eigen::MatrixXd a(20, 2);
  Eigen::VectorXd b(20);
  for (Eigen::Index i = 0; i < 20; ++i) {
    a(i, 0) = 1;
    a(i, 1) = static_cast<double>(i);
    b[i] = 5 + 2 * static_cast<double>(i);
  }
  b[10] *= 8;
  const Eigen::VectorXd x = RobustNonNegativeLeastSquares(a, b);
  EXPECT_NEAR(x[0], 5, 0.1);
  EXPECT_NEAR(x[1], 2, 0.05);
}

// Tables of Student's t (Fisher and Yates).
TEST(StudentTest, QuantilesAreThoseOfTheTables) {
  EXPECT_NEAR(StudentQuantile(0.975, 10), 2.228, 0.007);
  EXPECT_NEAR(StudentQuantile(0.975, 30), 2.042, 0.001);
  EXPECT_NEAR(StudentQuantile(0.95, 20), 1.725, 0.001);
  EXPECT_NEAR(StudentQuantile(0.5, 10), 0, 1e-9);
  // Wider where the fit took much of few observations.
  EXPECT_NEAR(ExpandedTail(0.025, 1e9, 1e9), 0.025, 1e-4);
  EXPECT_LT(ExpandedTail(0.025, 20, 12), 0.01);
}

TEST(MillisecondsTest, ThreeDigitsCount) {
  EXPECT_EQ(MsText(0.04), "0.04");
  EXPECT_EQ(MsText(3.814), "3.81");
  EXPECT_EQ(MsText(9.996), "10.0");
  EXPECT_EQ(MsText(38.14), "38.1");
  EXPECT_EQ(MsText(411.7), "412");
  EXPECT_EQ(MsText(3.814, 0.6), "3.8") << "the interval supports no more";
  EXPECT_EQ(MsText(38.14, 5), "38");
  EXPECT_EQ(MsOf(std::chrono::microseconds(1500)), 1.5);
}

}  // namespace
}  // namespace iiifbench
