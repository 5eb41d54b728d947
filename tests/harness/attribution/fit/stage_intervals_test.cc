// Do 95 % of the intervals hold the truth? On servers made of numbers, where it is known.
#include "harness/attribution/fit/stage_intervals.h"

#include <gmock/gmock.h>

#include <cmath>
#include <iostream>
#include <numeric>
#include <random>

#include "harness/stats/bootstrap.h"
#include "harness/stats/compare.h"
#include "harness/stats/quantile.h"
#include "harness/stats/uniform.h"

namespace iiifbench {
namespace {

constexpr int kInfos = 3, kProbes = 36;

struct Kind {
  const char* name;
  double decode_ms;     // of a kernel in the middle of the design
  double kernel_error;  // by which each stage of each request is off its multiple
  double start_ms;      // that each stage costs before its first pixel
};

// A server drawn from `seed`: probes for a fit, and one request that it does not see.
class DrawnServer {
 public:
  DrawnServer(const Kind& kind, uint64_t seed) : random_(seed) {
    Eigen::VectorXd beta = Eigen::VectorXd::Zero(kColumns);
    beta[kInfo] = 0.3, beta[kImage] = 0.4 + 2 * Uniform(random_);
    for (int column : {kDecode, kResize, kEncode})
      beta[column] = 0.8 * std::exp(1.4 * Uniform(random_));
    const int rows = kInfos + kProbes + 1;
    matrix_ = Eigen::MatrixXd::Zero(rows, kColumns);
    std::vector<Observation> observations;
    for (int i = 0; i < rows; ++i) {
      auto row = matrix_.row(i);
      row[i < kInfos ? kInfo : kImage] = 1;
      if (i >= kInfos) {
        row[kDecode] = kind.decode_ms * std::exp(0.8 * Normal());
        row[kResize] = Uniform(random_) < 0.35 ? 0 : 1.5 * std::exp(0.7 * Normal());
        row[kEncode] = 0.5 * std::exp(0.8 * Normal());
      }
      double total =
          std::max(0.0, beta[kInfo] * row[kInfo] + beta[kImage] * row[kImage] + 0.1 * Normal());
      truth_ = {{Stage::kOverhead, total}};
      for (const auto& [stage, column] :
           {std::pair{Stage::kDecode, kDecode}, std::pair{Stage::kResize, kResize},
            std::pair{Stage::kEncode, kEncode}}) {
        const double start = row[column] > 0 ? kind.start_ms : 0;
        const double ms = std::max(
            0.0, beta[column] * (start + row[column]) * (1 + kind.kernel_error * Normal()));
        truth_[stage] = ms;
        total += ms;
      }
      std::vector<double> samples(kind.decode_ms > 20 ? 3 : 9);
      for (double& sample : samples) sample = total * (1 + 0.02 * std::abs(Normal()));
      if (i + 1 == rows)
        request_.samples_ms = samples;
      else
        observations.push_back({.samples_ms = samples, .scored = i >= kInfos});
    }
    fit_.emplace(std::move(observations), std::pair<int, int>{kDecode, kEncode + 1});
    contest_.rows.resize(static_cast<size_t>(rows - 1));
    std::iota(contest_.rows.begin(), contest_.rows.end(), 0);
    contest_.seed = seed;
    contest_.matrix = [this](const Hypothesis& hypothesis) {
      Eigen::MatrixXd x = matrix_;
      for (int column : {kDecode, kResize, kEncode})
        x.col(column) =
            (x.col(column).array() > 0).select(x.col(column).array() + hypothesis.start_ms, 0);
      return x;
    };
    candidates_ = Compete(*fit_, {Hypothesis{}}, contest_);
  }
  StageSplit Split() const {
    const StageIntervals intervals(*fit_, candidates_, contest_, false);
    return intervals.Of(request_, matrix_.rows() - 1);
  }
  // The request alone takes `times` as long: a neighbour of the machine, or work that no probe has.
  void Slow(double times) {
    for (double& sample : request_.samples_ms) sample *= times;
  }
  bool fitted() const { return !candidates_.empty(); }
  const StageMap<double>& truth() const { return truth_; }
  double took() const { return Median(request_.samples_ms); }

 private:
  double Normal() { return NormalQuantile(Uniform(random_) + 0x1p-54); }
  std::mt19937_64 random_;
  Eigen::MatrixXd matrix_;
  StageMap<double> truth_;
  Case request_;
  std::optional<Fit> fit_;
  Contest contest_;
  std::vector<Candidate> candidates_;
};

struct Counted {
  int held = 0, halved = 0, all = 0;
  std::vector<double> half_widths;
};

StageMap<Counted> CountOver(const Kind& kind, int servers) {
  StageMap<Counted> out;
  for (int seed = 1; seed <= servers; ++seed) {
    const DrawnServer server(kind, static_cast<uint64_t>(seed));
    if (!server.fitted()) continue;
    for (const auto& [stage, said] : server.Split().stages) {
      if (stage == Stage::kNetwork) continue;
      const double truth = server.truth().at(stage);
      if (truth == 0 && said.high == 0) continue;
      Counted& count = out[stage];
      ++count.all;
      count.held += said.low <= truth && truth <= said.high;
      count.halved += (said.ms + said.low) / 2 <= truth && truth <= (said.ms + said.high) / 2;
      count.half_widths.push_back(50 * (said.high - said.low) / server.took());
    }
  }
  return out;
}

constexpr Kind kKinds[] = {{"kernels like the server's", 3, 0.02, 0},
                           {"kernels off by what is assumed", 3, 0.1, 0},
                           {"kernels of another shape", 3, 0.25, 0},
                           {"a decode that hides the rest", 60, 0.05, 0},
                           {"stages that start slowly", 6, 0.1, 0.5}};

// Under the address sanitizer ten times as slow: one of each kind then, for the memory alone.
#ifdef __SANITIZE_ADDRESS__
constexpr int kServers = 1;
#else
constexpr int kServers = 10;
#endif

TEST(StageIntervalsTest, HoldTheTruthAsOftenAsTheyClaim) {
  Counted all;
  for (const Kind& kind : kKinds) {
    for (const auto& [stage, count] : CountOver(kind, kServers)) {
      const double share = static_cast<double>(count.held) / count.all;
      const std::string what =
          fmt::format("{}, {}: {} of {} ({:.1f} %), half width {:.1f} points, halved {:.1f} %",
                      kind.name, StageName(stage), count.held, count.all, 100 * share,
                      Median(count.half_widths), 100.0 * count.halved / count.all);
      std::cout << what << std::endl;
      // One interval a server and stage: independent, so the count is binomial.
      EXPECT_GE(BinomialInterval(count.held, count.all, 0.999).high, 0.95) << what;
      all.held += count.held, all.halved += count.halved, all.all += count.all;
    }
  }
  if (kServers < 10) return;
  const auto share = [&](int held) { return static_cast<double>(held) / all.all; };
  EXPECT_GE(share(all.held), 0.93);
  EXPECT_LE(share(all.held), 0.995) << "wider than it need be";
  EXPECT_LE(share(all.halved), 0.88) << "half as wide, they must be seen to fail";
}

// That a request takes longer than anything foretells says nothing about which stage is which:
// where nearly all of it is decoding, the decode is told apart all the same.
TEST(StageIntervalsTest, AnUnexplainedRestTellsNoStageFromAnother) {
  for (const double times : {1.0, 1.4}) {
    DrawnServer server({"a decode that hides the rest", 60, 0.02, 0}, 2);
    ASSERT_TRUE(server.fitted());
    server.Slow(times);
    const StageSplit split = server.Split();
    const auto& decode = split.separable.at(Stage::kDecode);
    EXPECT_LT(Quantile(decode, 0.975) - Quantile(decode, 0.025), 0.1 * server.took()) << times;
    EXPECT_GT(Median(decode), 0.8 * server.took()) << times;
  }
}

}  // namespace
}  // namespace iiifbench
