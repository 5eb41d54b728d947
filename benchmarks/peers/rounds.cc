#include "benchmarks/peers/rounds.h"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <random>

namespace iiifbench::peers {
namespace {

constexpr double kShortestTurn = 2;  // ms
constexpr int kLeastTurns = 3;

Result<double> Turn(const Job& job, int repetitions) {
  Answer answer;
  double inside = 0;
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < repetitions; ++i) {
    answer.milliseconds = -1;
    auto done = job.run(answer);
    if (!done) return done.error();
    inside += answer.milliseconds;
  }
  const std::chrono::duration<double, std::milli> outside = std::chrono::steady_clock::now() - start;
  return (answer.milliseconds >= 0 ? inside : outside.count()) / repetitions;
}

// Runs the job once for its pixels; the row of one that is right or at least comparable has no `failed`.
Row Check(const Job& job, bool ours, const Reference& reference) {
  Row row{.label = job.label, .apart = job.differs, .ours = ours};
  Answer answer{.keep = true};
  auto done = job.run(answer);
  auto error = done ? ErrorOf(answer, reference.pixels) : Result<Difference>(done.error());
  if (!error) {
    row.failed = error.error().message;
    return row;
  }
  row.error = *error;
  if (ours) {
    if (error->mean > reference.ours_mean || error->maximum > reference.ours_maximum)
      row.failed = fmt::format("mean error {:.3f}, maximum {}", error->mean, error->maximum);
  } else if (row.apart.empty() && error->mean > reference.agree_mean) {
    row.apart = fmt::format("other pixels: mean error beyond {:.2f}", reference.agree_mean);
  }
  return row;
}

}  // namespace

double MedianOf(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

Ratio RatioOf(const Row& theirs, const Row& ours) {
  const size_t rounds = std::min(theirs.milliseconds.size(), ours.milliseconds.size());
  IIIFBENCH_CHECK(rounds > 0, "no round with both {} and {}", theirs.label, ours.label);
  std::vector<double> ratios(rounds);
  for (size_t i = 0; i < rounds; ++i) ratios[i] = theirs.milliseconds[i] / ours.milliseconds[i];
  std::sort(ratios.begin(), ratios.end());
  const size_t left_out = rounds >= 8 ? 1 : 0;
  return {MedianOf(ratios), ratios[left_out], ratios[rounds - 1 - left_out]};
}

CaseResult RunCase(const Task& task, std::span<const Peer* const> peers, const RoundOptions& options) {
  CaseResult result{.task = task};
  const auto start = std::chrono::steady_clock::now();
  auto reference = ReferenceOf(task);
  if (!reference) {
    result.rows = {{.label = "reference", .failed = reference.error().message, .ours = true}};
    return result;
  }
  std::vector<Job> jobs;
  for (const Peer* peer : peers) {
    const bool ours = peer == peers.front();
    if (task.by_threads && !ours) continue;
    std::vector<Job> theirs = peer->prepare(task);
    if (ours) {
      // The control: the same work again, in its own buffers.
      Job again = peer->prepare(task).front();
      again.label = "ours again (control)";
      theirs.push_back(std::move(again));
    }
    for (Job& job : theirs) {
      result.rows.push_back(Check(job, ours, *reference));
      jobs.push_back(std::move(job));
    }
  }
  std::vector<int> repetitions(jobs.size(), 1);
  std::vector<double> spent(jobs.size());
  for (size_t j = 0; j < jobs.size(); ++j) {
    if (!result.rows[j].failed.empty()) continue;
    auto once = Turn(jobs[j], 1);
    if (once) repetitions[j] = std::max(1, static_cast<int>(kShortestTurn / std::max(*once, 1e-3)));
  }
  std::mt19937_64 random(options.seed);
  std::vector<size_t> order(jobs.size());
  std::iota(order.begin(), order.end(), size_t{0});
  for (int round = 0; round < options.rounds; ++round) {
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    if (round >= kLeastTurns && elapsed.count() > options.case_seconds) break;
    for (size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random() % i]);
    for (size_t j : order) {
      Row& row = result.rows[j];
      if (!row.failed.empty() || (round >= kLeastTurns && spent[j] > options.job_seconds * 1e3)) continue;
      auto time = Turn(jobs[j], repetitions[j]);
      if (!time) {
        row.failed = time.error().message;
        continue;
      }
      row.milliseconds.push_back(*time);
      spent[j] += *time * repetitions[j];
    }
  }
  return result;
}

}  // namespace iiifbench::peers
