// rounds: the jobs of one task, checked, then timed in rounds of random order.
//
// Every round runs every job once, in an order drawn anew, so that the machine's moods fall on all
// alike; a ratio is taken within a round. A job shorter than 2 ms is repeated within its turn. A
// job that has had three turns and its share of the time sits out the rest. Ours runs twice, as if
// it were two libraries: the control shows what a ratio is worth. Interval: the k-th smallest and
// k-th largest ratio of the rounds, with the largest k whose interval holds the median with
// probability >= 0.95, by the signs of n rounds: the second ones of 9 rounds (0.96), the sixth ones
// of 21 (0.97); the smallest and largest below 9 (0.94 at 5, 0.75 at 3).
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "benchmarks/peers/check.h"

namespace iiifbench::peers {

struct RoundOptions {
  int rounds = 9;
  int least_turns = 3;     // of a job before it may sit out, and of a case before its time ends it
  double job_seconds = 2;  // after which a job with these turns sits out
  double case_seconds = 60;  // after which no further round begins, once there were as many
  uint64_t seed = 1;
};

struct Ratio {
  double median = 0, low = 0, high = 0;
};

// One job with what came of it.
struct Row {
  std::string label;
  std::string apart;   // why it cannot be compared; empty when it can
  std::string failed;  // it could not run, or ours was wrong
  std::string
      shared;  // the library that codes the format here and in ours: a tie is the best there is
  bool ours = false;
  Difference error;
  int64_t bytes = 0;                           // of an encoded answer
  std::vector<double> milliseconds;            // by round; shorter where it sat out
  std::vector<double> processor_milliseconds;  // of all threads, by round
};

struct CaseResult {
  Task task;
  std::vector<Row> rows;   // rows[0]: ours without an index
  std::vector<Row> again;  // the second block of a case whose floor looked broken, see floor.h
};

inline constexpr std::string_view kControl = "ours again (control)";

double MedianOf(std::vector<double> values);
// Of theirs / ours in the same rounds; CHECKs that both have one.
Ratio RatioOf(const Row& theirs, const Row& ours);
// Processors that a job kept busy: its processor time / its time, median of the rounds.
double BusyOf(const Row& row);

// The jobs that `wanted` names by their label; null: all.
using Wanted = std::function<bool(const std::string& label)>;
std::vector<Row> RunBlock(const Task& task, std::span<const Peer* const> peers,
                          const RoundOptions& options, const Wanted& wanted = nullptr);

}  // namespace iiifbench::peers
