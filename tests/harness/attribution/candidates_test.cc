// Which hypothesis wins and when a strategy is known, on rows written down here.
#include "harness/attribution/fitting/candidates.h"

#include <gmock/gmock.h>

#include <numeric>
#include <random>

#include "harness/attribution/fitting/request_total.h"
#include "harness/attribution/observing/answer_cache.h"
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
struct HandedServer {
  KnownServer known;
  explicit HandedServer(bool equal_sizes) {
    known.hypotheses.resize(1);
    known.contest.matrix = [equal_sizes](const Hypothesis& h) {
      Eigen::MatrixXd x = Eigen::MatrixXd::Zero(kRows, kColumns);
      for (int i = 0; i < kRows; ++i) {
        const double megapixels = i % 7 == 0 ? 24 : 0.3 * (i % 7);
        const bool resized = !equal_sizes || i % 7 == 0 || i % 3 == 0;
        x(i, kImage) = 1;
        x(i, kDecode) = 5 + i % 11 * 4 + h.handed_ms * megapixels;
        if (resized) x(i, kResize) = 0.005 * (i % 5) + 1.2 * megapixels;
        x(i, kEncode) = 0.2 * (i % 9);
      }
      return x;
    };
  }
  Fit Measure(double handed_ms) const {
    Hypothesis truth = known.hypotheses[0];
    truth.handed_ms = handed_ms;
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
  const HandedServer server(true);
  for (const double handed_ms : {0.0, 3.0}) {
    const Fit fit = server.Measure(handed_ms);
    const auto candidates = Compete(fit, server.known.hypotheses, server.known.contest);
    const Candidate& best = candidates.front();
    EXPECT_EQ(best.hypothesis.handed_ms, handed_ms);
    EXPECT_NEAR(fit.Betas(best.fitted)[kResize], 5, 0.25);
    if (handed_ms > 0) {  // without the column the resize is said to cost half as much again
      const auto without = std::ranges::find_if(
          candidates, [](const Candidate& c) { return c.hypothesis.handed_ms == 0; });
      ASSERT_TRUE(without != candidates.end());
      EXPECT_GT(fit.Betas(without->fitted)[kResize], 6);
    }
  }
}

// Where every request is resized, nothing tells: all that explain alike are kept for the
// replicates, and the truth lies among what they say of the resize.
TEST(CandidatesTest, RowsHandedOverWithEveryResizeLeaveTheResizeUnsure) {
  const HandedServer server(false);
  const Fit fit = server.Measure(3);
  const auto candidates = Compete(fit, server.known.hypotheses, server.known.contest);
  EXPECT_EQ(candidates.size(), 1 + std::size(kHandedMs));
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
    EXPECT_EQ(candidate.hypothesis.handed_ms, 0);
}

TEST(FitTest, OfTwoSamplesTheSmallerCounts) {
  EXPECT_EQ(Typical({80, 10}), 10);
  EXPECT_EQ(Typical({80, 10, 11}), 11);
  EXPECT_EQ(Typical({7}), 7);
}

TEST(RequestTotalTest, TheDifferenceGoesToTheStagesByTheirSize) {
  const auto stages = GivenTotal({{"decode", 90}, {"encode", 9}, {"network", 1}}, 110);
  EXPECT_EQ(stages.at("network"), 1);
  EXPECT_NEAR(stages.at("decode") - 90, 9.35, 0.05);
  EXPECT_NEAR((stages.at("decode") - 90) / (stages.at("encode") - 9), 100, 1e-6);
  // A twentieth of ten stays unexplained: the model may lack something.
  const double sum = stages.at("decode") + stages.at("encode") + 1;
  EXPECT_GT(110 - sum, 0.2);
  EXPECT_LT(110 - sum, 1);
}

// Given the total, a stage is as unsure as the others together: the sum is known, its parts are
// not.
TEST(RequestTotalTest, AStageIsAsUnsureAsTheOthersTogether) {
  std::mt19937_64 random(5);
  std::vector<double> decode, encode;
  for (int i = 0; i < 2000; ++i) {
    const auto stages = GivenTotal(
        Disturbed({{"decode", 80}, {"encode", 19}, {"overhead", 0}, {"network", 1}}, random), 100);
    EXPECT_EQ(stages.at("network"), 1);
    decode.push_back(stages.at("decode")), encode.push_back(stages.at("encode"));
  }
  const auto width = [](const std::vector<double>& v) {
    return Quantile(v, 0.975) - Quantile(v, 0.025);
  };
  EXPECT_NEAR(Median(decode), 80, 0.3);
  EXPECT_NEAR(width(encode), 2 * 1.96 * 1.9, 1);
  EXPECT_NEAR(width(decode), width(encode), 2);
}

TEST(RequestTotalTest, WhatNoStageCanBeOffByStaysUnexplained) {
  const auto stages = GivenTotal({{"decode", 100}, {"overhead", 1}}, 200);
  EXPECT_LT(stages.at("decode"), 126);
  EXPECT_LT(stages.at("overhead"), 2);
  for (const auto& [stage, ms] : GivenTotal({{"decode", 100}, {"overhead", 0.01}}, 10))
    EXPECT_GE(ms, 0) << stage;
  EXPECT_EQ(GivenTotal({{"network", 3}}, 9).at("network"), 3);
}

TEST(AnswerCacheTest, AKeptAnswerCostsWhatAnInfoCosts) {
  const std::vector<RepeatedRequest> kept = {{"pixel", 0.6, 0.2},
                                             {"equal:256", 5, 0.3},
                                             {"full:500", 9, 0.4},
                                             {"ladder:64", 0.7, 0.2},
                                             {"full:501", 9, 0.3}};
  EXPECT_TRUE(CacheAnswers(kept, 0.2));
  EXPECT_TRUE(CacheAnswers(kept, 15));  // only info.json is slow
}

// The first of each request read the file from a disk: faster the second time, and yet made anew.
TEST(AnswerCacheTest, FasterRepeatsThatCostAPictureAreNoCache) {
  const std::vector<RepeatedRequest> warm = {
      {"pixel", 155, 82}, {"equal:256", 160, 82}, {"full:500", 170, 90}, {"full:501", 150, 85}};
  EXPECT_FALSE(CacheAnswers(warm, 0.2));
  const std::vector<RepeatedRequest> one = {{"equal:256", 5, 0.3}};
  EXPECT_FALSE(CacheAnswers(one, 0.2));  // one is no rule
}

// A script that takes 30 ms for every request, kept answers and info.json too.
TEST(AnswerCacheTest, ADelayOfEveryRequestHidesNoCache) {
  const std::vector<RepeatedRequest> kept = {
      {"equal:256", 75, 30.3}, {"full:500", 90, 30.4}, {"full:501", 91, 30.2}, {"pixel", 31, 30.1}};
  EXPECT_TRUE(CacheAnswers(kept, 30.2));
}

}  // namespace
}  // namespace iiifbench
