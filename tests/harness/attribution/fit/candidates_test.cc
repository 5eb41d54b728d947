// Which hypothesis wins and when a strategy is known, on rows written down here.
#include "harness/attribution/fit/candidates.h"

#include <gmock/gmock.h>

#include <numeric>
#include <random>

#include "harness/stats/quantile.h"

namespace iiifbench {
namespace {

constexpr int kRows = 40;

// A server whose resize is "point" takes one shape, "antialiased" another; what it reads is a
// third.
Eigen::MatrixXd Matrix(const Hypothesis& h) {
  Eigen::MatrixXd x = Eigen::MatrixXd::Zero(kRows, kColumns);
  for (int i = 0; i < kRows; ++i) {
    x(i, kImage) = 1;
    x(i, kDecode) = h.habit.access == Access::kFull ? 40 : 20 + i % 7 * 10;
    x(i, kResize) = h.filter == Filter::kBilinear ? 1 + i % 5 : 1 + i % 3 * 2;
    x(i, kEncode) = 1 + i % 11;
    if (h.additional == Additional::kRead) x(i, kAdditional) = i % 13;
  }
  return x;
}

struct KnownServer {
  std::vector<Hypothesis> hypotheses;
  Contest contest;
  KnownServer() {
    for (Access access : {Access::kRegion, Access::kFull}) {
      for (Filter filter : {Filter::kBicubic, Filter::kBilinear})
        hypotheses.push_back({.habit = {access, LevelUse::kFitting}, .filter = filter});
    }
    contest.rows.resize(kRows);
    std::iota(contest.rows.begin(), contest.rows.end(), 0);
    contest.matrix = [](const Hypothesis& h) { return Matrix(h); };
  }
  // Latencies of hypothesis `truth` with a resize of `resize` times the kernel, off by up to
  // `noise` of each.
  Fit Measure(Hypothesis truth, double resize, double read, double noise) const {
    truth.additional = Additional::kRead;
    const Eigen::MatrixXd x = Matrix(truth);
    Eigen::VectorXd beta = Eigen::VectorXd::Zero(kColumns);
    beta[kImage] = 2, beta[kAdditional] = read, beta[kDecode] = 1, beta[kResize] = resize,
    beta[kEncode] = 1;
    std::vector<Observation> observations;
    for (int i = 0; i < kRows; ++i) {
      const double off = 1 + noise * (i * 7 % 9 - 4) / 4;
      observations.push_back({.samples_ms = std::vector<double>(3, x.row(i).dot(beta) * off)});
    }
    return Fit(std::move(observations), {kDecode, kEncode + 1});
  }
};

TEST(CandidatesTest, AStageThatIsSeenIsIdentified) {
  const KnownServer server;
  const Fit fit = server.Measure(server.hypotheses[0], 3, 0, 0.002);
  const auto candidates = Compete(fit, server.hypotheses, server.contest);
  const auto resize = VerdictOn(fit, candidates, {}, "resize");
  EXPECT_EQ(resize.name, "antialiased");
  EXPECT_TRUE(resize.identified);
  const auto decode = VerdictOn(fit, candidates, {}, "decode");
  EXPECT_EQ(decode.name, "region/fitting");
  EXPECT_TRUE(decode.identified);
}

// Resize is a hundredth of a latency that is off by two: whoever wins, it was not by the resize.
TEST(CandidatesTest, AStageBelowTheNoiseOfItsRowsIsNotIdentified) {
  const KnownServer server;
  const Fit fit = server.Measure(server.hypotheses[0], 0.1, 0, 0.03);
  auto candidates = Compete(fit, server.hypotheses, server.contest);
  for (auto& candidate : candidates) {
    if (candidate.hypothesis.resize_name() != candidates[0].hypothesis.resize_name())
      candidate.error *= 9;
  }
  EXPECT_FALSE(VerdictOn(fit, candidates, {}, "resize").identified);
  EXPECT_TRUE(VerdictOn(fit, candidates, {}, "decode").identified);
}

// Many probes cost a resize nothing (sizes are equal): a few of one sample each are no evidence.
TEST(CandidatesTest, TooFewSamplesIdentifyNothing) {
  KnownServer server;
  server.contest.matrix = [](const Hypothesis& h) {
    Eigen::MatrixXd x = Matrix(h);
    x.col(kResize).tail(kRows - 6).setZero();
    return x;
  };
  std::vector<Observation> observations;
  Eigen::VectorXd beta = Eigen::VectorXd::Zero(kColumns);
  beta[kImage] = 2, beta[kDecode] = 1, beta[kResize] = 20, beta[kEncode] = 1;
  const Eigen::VectorXd latency = server.contest.matrix(server.hypotheses[0]) * beta;
  for (size_t samples : {size_t{1}, size_t{4}}) {
    observations.clear();
    for (double ms : latency)
      observations.push_back({.samples_ms = std::vector<double>(samples, ms)});
    const Fit fit(observations, {kDecode, kEncode + 1});
    const auto verdict =
        VerdictOn(fit, Compete(fit, server.hypotheses, server.contest), {}, "resize");
    EXPECT_EQ(verdict.identified, samples > 1) << samples;
  }
}

// Slow reading: whoever has the column fits far better, so all have it and the filters are compared
// fairly.
TEST(CandidatesTest, TheReadColumnIsGivenToAllOrToNone) {
  const KnownServer server;
  for (double read : {0.0, 8.0}) {
    const Fit fit = server.Measure(server.hypotheses[1], 3, read, 0.002);
    const auto candidates = Compete(fit, server.hypotheses, server.contest);
    ASSERT_EQ(candidates.size(), server.hypotheses.size());
    const auto wanted = read > 0 ? Additional::kRead : Additional::kNone;
    for (const auto& candidate : candidates) EXPECT_EQ(candidate.hypothesis.additional, wanted);
    EXPECT_EQ(candidates.front().hypothesis.resize_name(), "point");
  }
}

// Latencies that go with the file's bytes alone: no decoder is that fast, so the decoder is slow by
// the byte.
TEST(CandidatesTest, ReadingIsNoExplanationForADecodeThatCostsNothing) {
  KnownServer server;
  server.hypotheses.resize(2);  // of regions: whole pictures are a constant here
  Hypothesis truth = server.hypotheses[0];
  truth.additional = Additional::kRead;
  const Eigen::MatrixXd x = Matrix(truth);
  Eigen::VectorXd beta = Eigen::VectorXd::Zero(kColumns);
  beta[kImage] = 30, beta[kAdditional] = 40, beta[kResize] = 1, beta[kEncode] = 1;
  std::vector<Observation> observations;
  for (int i = 0; i < kRows; ++i)
    observations.push_back({.samples_ms = std::vector<double>(3, x.row(i).dot(beta))});
  const Fit fit(std::move(observations), {kDecode, kEncode + 1});
  const auto candidates = Compete(fit, server.hypotheses, server.contest);
  EXPECT_FALSE(candidates.empty());
  for (const auto& candidate : candidates)
    EXPECT_EQ(candidate.hypothesis.additional, Additional::kNone);
}

// A library that starts a pipeline for every stage: half a millisecond before each first pixel.
// Decode and encode start in every request, so only the resizes tell; without them nothing is
// claimed.
TEST(CandidatesTest, WhatStartsAResizeStartsTheOtherStages) {
  for (const double start_ms : {0.0, 0.5}) {
    KnownServer server;
    server.hypotheses.resize(2);
    server.contest.matrix = [](const Hypothesis& h) {
      Eigen::MatrixXd x = Eigen::MatrixXd::Zero(kRows, kColumns);
      for (int i = 0; i < kRows; ++i) {
        x(i, kImage) = 1;
        x(i, kDecode) = h.start_ms + 0.5 + i % 7 * 0.2;
        const double size = h.filter == Filter::kBilinear ? i % 5 : i % 4;
        if (i % 3 > 0) x(i, kResize) = h.start_ms + 0.02 + 0.05 * size;
        x(i, kEncode) = h.start_ms + 0.02 * (i % 11);
      }
      return x;
    };
    Hypothesis truth = server.hypotheses[0];
    truth.start_ms = start_ms;
    Eigen::VectorXd beta = Eigen::VectorXd::Zero(kColumns);
    beta[kImage] = 1, beta[kDecode] = 2, beta[kResize] = 4, beta[kEncode] = 1;
    const Eigen::VectorXd latency = server.contest.matrix(truth) * beta;
    std::vector<Observation> observations;
    for (int i = 0; i < kRows; ++i)
      observations.push_back(
          {.samples_ms = std::vector<double>(3, latency[i] * (1 + 0.01 * (i * 7 % 9 - 4) / 4))});
    const Fit fit(std::move(observations), {kDecode, kEncode + 1});
    const auto candidates = Compete(fit, server.hypotheses, server.contest);
    ASSERT_FALSE(candidates.empty());
    EXPECT_EQ(candidates.front().hypothesis.start_ms, start_ms);
    EXPECT_NEAR(fit.Betas(candidates.front().fitted)[kDecode], 2, 0.1);
  }
}

// A decoder that hands its rows over one by one: `handed` ms for each megapixel that it gives,
// beside a resize of five times our kernel. Rows without a resize hand over too where
// `equal_sizes`.
struct RowCopyServer {
  KnownServer known;
  explicit RowCopyServer(bool equal_sizes) {
    known.hypotheses.resize(1);
    known.contest.matrix = [equal_sizes](const Hypothesis& h) {
      Eigen::MatrixXd x = Eigen::MatrixXd::Zero(kRows, kColumns);
      for (int i = 0; i < kRows; ++i) {
        const double megapixels = i % 7 == 0 ? 24 : 0.3 * (i % 7);
        const bool resized = !equal_sizes || i % 7 == 0 || i % 3 == 0;
        x(i, kImage) = 1;
        x(i, kDecode) = 5 + i % 11 * 4 + h.row_copy_ms_per_megapixel * megapixels;
        if (resized) x(i, kResize) = 0.005 * (i % 5) + 1.2 * megapixels;
        x(i, kEncode) = 0.2 * (i % 9);
      }
      return x;
    };
  }
  Fit Measure(double row_copy_ms_per_megapixel) const {
    Hypothesis truth = known.hypotheses[0];
    truth.row_copy_ms_per_megapixel = row_copy_ms_per_megapixel;
    Eigen::VectorXd beta = Eigen::VectorXd::Zero(kColumns);
    beta[kImage] = 5, beta[kDecode] = 1, beta[kResize] = 5, beta[kEncode] = 1;
    const Eigen::VectorXd latency = known.contest.matrix(truth) * beta;
    std::vector<Observation> observations;
    for (int i = 0; i < kRows; ++i)
      observations.push_back(
          {.samples_ms = std::vector<double>(3, latency[i] * (1 + 0.01 * (i * 7 % 9 - 4) / 4))});
    return Fit(std::move(observations), {kDecode, kEncode + 1});
  }
};

TEST(CandidatesTest, RowsHandedOverAreNoResizeWhereSizesAreEqual) {
  const RowCopyServer server(true);
  for (const double row_copy_ms_per_megapixel : {0.0, 3.0}) {
    const Fit fit = server.Measure(row_copy_ms_per_megapixel);
    const auto candidates = Compete(fit, server.known.hypotheses, server.known.contest);
    const Candidate& best = candidates.front();
    EXPECT_EQ(best.hypothesis.row_copy_ms_per_megapixel, row_copy_ms_per_megapixel);
    EXPECT_NEAR(fit.Betas(best.fitted)[kResize], 5, 0.25);
    if (row_copy_ms_per_megapixel >
        0) {  // without the column the resize is said to cost half as much again
      const auto without = std::ranges::find_if(candidates, [](const Candidate& c) {
        return c.hypothesis.row_copy_ms_per_megapixel == 0;
      });
      ASSERT_TRUE(without != candidates.end());
      EXPECT_GT(fit.Betas(without->fitted)[kResize], 6);
    }
  }
}

// Where every request is resized, nothing tells: all that explain alike are kept for the
// replicates, and the truth lies among what they say of the resize.
TEST(CandidatesTest, RowsHandedOverWithEveryResizeLeaveTheResizeUnsure) {
  const RowCopyServer server(false);
  const Fit fit = server.Measure(3);
  const auto candidates = Compete(fit, server.known.hypotheses, server.known.contest);
  EXPECT_EQ(candidates.size(), 1 + std::size(kRowCopyMs));
  std::vector<double> resize;
  for (const auto& candidate : candidates) resize.push_back(fit.Betas(candidate.fitted)[kResize]);
  EXPECT_LT(std::ranges::min(resize), 5);
  EXPECT_GT(std::ranges::max(resize), 6.5);
}

// A native resize: no program that copies row by row is in question.
TEST(CandidatesTest, RowsHandedOverAreNoQuestionBesideANativeResize) {
  const KnownServer server;
  const Fit fit = server.Measure(server.hypotheses[0], 1, 0, 0.002);
  for (const auto& candidate : Compete(fit, server.hypotheses, server.contest))
    EXPECT_EQ(candidate.hypothesis.row_copy_ms_per_megapixel, 0);
}

}  // namespace
}  // namespace iiifbench
