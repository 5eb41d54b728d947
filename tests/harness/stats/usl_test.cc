#include "harness/stats/usl.h"

#include <gtest/gtest.h>

#include <random>

namespace iiifbench {
namespace {

std::vector<UslPoint> Law(double lambda, double sigma, double kappa, double noise) {
  std::mt19937_64 random(5);
  std::vector<UslPoint> points;
  for (double n : {1.0, 2.0, 4.0, 8.0, 16.0, 32.0}) {
    UslPoint point{.clients = n};
    const double x = lambda * n / (1 + sigma * (n - 1) + kappa * n * (n - 1));
    for (int i = 0; i < 20; ++i)
      point.slices.push_back(x * (1 + noise * (static_cast<double>(random() % 2001) / 1000 - 1)));
    points.push_back(point);
  }
  return points;
}

TEST(Usl, FindsTheParametersThatMadeTheData) {
  const auto fit = FitUsl(Law(1000, 0.03, 0.0004, 0));
  ASSERT_TRUE(fit) << fit.error().message;
  EXPECT_NEAR(fit->lambda, 1000, 0.01);
  EXPECT_NEAR(fit->sigma, 0.03, 1e-6);
  EXPECT_NEAR(fit->kappa, 0.0004, 1e-8);
  EXPECT_NEAR(*fit->peak_clients, std::sqrt(0.97 / 0.0004), 0.01);  // 49.24
  EXPECT_NEAR(*fit->knee, fit->Throughput(49.244) / 1000, 1e-3);
  EXPECT_LT(fit->worst_residual, 1e-6);
}

TEST(Usl, IntervalsHoldTheTruthUnderNoise) {
  const auto fit = FitUsl(Law(1000, 0.05, 0.001, 0.1));
  ASSERT_TRUE(fit);
  EXPECT_LT(fit->lambda_interval.low, 1000);
  EXPECT_GT(fit->lambda_interval.high, 1000);
  EXPECT_LT(fit->sigma_interval.low, 0.05);
  EXPECT_GT(fit->sigma_interval.high, 0.05);
  EXPECT_LT(fit->kappa_interval.low, 0.001);
  EXPECT_GT(fit->kappa_interval.high, 0.001);
  ASSERT_TRUE(fit->knee_interval);
  EXPECT_LT(fit->knee_interval->low, *fit->knee);
  EXPECT_GT(fit->knee_interval->high, *fit->knee);
}

// One worker: throughput does not grow at all, and the knee is at one client.
TEST(Usl, OneWorkerBendsAtOneClient) {
  const auto fit = FitUsl(Law(100, 1, 0, 0));
  ASSERT_TRUE(fit);
  EXPECT_NEAR(fit->sigma, 1, 1e-9);
  EXPECT_NEAR(*fit->knee, 1, 1e-6);
}

TEST(Usl, ALineHasNoKnee) {
  const auto fit = FitUsl(Law(100, 0, 0, 0));
  ASSERT_TRUE(fit);
  EXPECT_FALSE(fit->knee);
  EXPECT_FALSE(fit->knee_interval);
}

TEST(Usl, TooFewLoadsAreRefused) {
  const auto all = Law(100, 0.1, 0, 0);
  const auto fit = FitUsl(std::span(all).first(2));
  ASSERT_FALSE(fit);
  EXPECT_NE(fit.error().message.find("three are needed"), std::string::npos);
}

}  // namespace
}  // namespace iiifbench
