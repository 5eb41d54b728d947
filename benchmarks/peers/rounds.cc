#include "benchmarks/peers/rounds.h"

#include <time.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>
#include <random>

namespace iiifbench::peers {
namespace {

constexpr double kShortestTurn = 2;  // ms

struct Time {
  double milliseconds = 0, processor_milliseconds = 0;
};

double ProcessorMilliseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

Result<Time> Turn(const Job& job, int repetitions) {
  Answer answer;
  double inside = 0, inside_processor = 0;
  const double processor = ProcessorMilliseconds();
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < repetitions; ++i) {
    answer.milliseconds = answer.processor_milliseconds = -1;
    auto done = job.run(answer);
    if (!done) return done.error();
    inside += answer.milliseconds;
    inside_processor += answer.processor_milliseconds;
  }
  const std::chrono::duration<double, std::milli> outside =
      std::chrono::steady_clock::now() - start;
  const double spent =
      answer.processor_milliseconds >= 0 ? inside_processor : ProcessorMilliseconds() - processor;
  return Time{(answer.milliseconds >= 0 ? inside : outside.count()) / repetitions,
              spent / repetitions};
}

// Runs the job once for its pixels; the row of one that is right or at least comparable has no
// `failed`.
Row Check(const Job& job, bool ours, const Reference& reference) {
  Row row{.label = job.label, .apart = job.differs, .ours = ours && !job.part};
  Answer answer{.keep = true};
  auto done = job.run(answer);
  if (job.part) {
    if (!done) row.failed = done.error().message;
    return row;
  }
  row.bytes = static_cast<int64_t>(answer.bytes.size());
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

// Whether a list of words holds this one.
bool Names(std::string_view words, std::string_view word) {
  return fmt::format(" {} ", words).find(fmt::format(" {} ", word)) != std::string::npos;
}

// How many ratios to leave out on each side: the most for which the median is within with 0.95. It
// is below the k-th smallest when fewer than k of n fall below it: a sum of the binomial
// distribution of n coins.
size_t LeftOut(size_t rounds) {
  size_t left_out = 0;
  double term = std::ldexp(1.0, -static_cast<int>(rounds)), below = term;  // P(0), P(<= 0)
  for (size_t k = 1; 2 * k < rounds; ++k) {
    term *= static_cast<double>(rounds - k + 1) / static_cast<double>(k);
    below += term;
    if (2 * below > 0.05) break;
    left_out = k;
  }
  return left_out;
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
  const size_t left_out = LeftOut(rounds);
  return {MedianOf(ratios), ratios[left_out], ratios[rounds - 1 - left_out]};
}

double BusyOf(const Row& row) {
  std::vector<double> busy;
  for (size_t i = 0; i < row.milliseconds.size(); ++i)
    busy.push_back(row.processor_milliseconds[i] / row.milliseconds[i]);
  return MedianOf(std::move(busy));
}

std::vector<Row> RunBlock(const Task& task, std::span<const Peer* const> peers,
                          const RoundOptions& options, const Wanted& wanted) {
  const auto start = std::chrono::steady_clock::now();
  auto reference = ReferenceOf(task);
  if (!reference)
    return {{.label = "reference", .failed = reference.error().message, .ours = true}};
  std::vector<Row> rows;
  std::vector<Job> jobs;
  for (const Peer* peer : peers) {
    const bool ours = peer == peers.front();
    if (task.by_threads && !ours) continue;
    std::vector<Job> theirs = peer->prepare(task);
    if (ours) {
      // The control: the same work again, in its own buffers.
      Job again = peer->prepare(task).front();
      again.label = kControl;
      theirs.push_back(std::move(again));
    }
    for (Job& job : theirs) {
      if (wanted && !wanted(job.label)) continue;
      rows.push_back(Check(job, ours, *reference));
      const std::string_view library = OurLibrary(task);
      if (!ours && !library.empty() && Names(peer->calls, library)) rows.back().shared = library;
      jobs.push_back(std::move(job));
    }
  }
  std::vector<int> repetitions(jobs.size(), 1);
  std::vector<double> spent(jobs.size());
  for (size_t j = 0; j < jobs.size(); ++j) {
    if (!rows[j].failed.empty()) continue;
    auto once = Turn(jobs[j], 1);
    if (once)
      repetitions[j] =
          std::max(1, static_cast<int>(kShortestTurn / std::max(once->milliseconds, 1e-3)));
  }
  std::mt19937_64 random(options.seed);
  std::vector<size_t> order(jobs.size());
  std::iota(order.begin(), order.end(), size_t{0});
  for (int round = 0; round < options.rounds; ++round) {
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    if (round >= options.least_turns && elapsed.count() > options.case_seconds) break;
    for (size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random() % i]);
    for (size_t j : order) {
      Row& row = rows[j];
      if (!row.failed.empty() ||
          (round >= options.least_turns && spent[j] > options.job_seconds * 1e3))
        continue;
      auto time = Turn(jobs[j], repetitions[j]);
      if (!time) {
        row.failed = time.error().message;
        continue;
      }
      row.milliseconds.push_back(time->milliseconds);
      row.processor_milliseconds.push_back(time->processor_milliseconds);
      spent[j] += time->milliseconds * repetitions[j];
    }
  }
  return rows;
}

}  // namespace iiifbench::peers
