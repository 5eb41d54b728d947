// rounds: the jobs of one task, checked, then timed in rounds of random order.
//
// Every round runs every job once, in an order drawn anew, so that the machine's moods fall on all alike; a
// ratio is taken within a round. A job shorter than 2 ms is repeated within its turn. A job that has had
// three turns and its share of the time sits out the rest. Ours runs twice, as if it were two libraries: the
// control shows what a ratio is worth. Interval: the second smallest and second largest ratio of the rounds,
// which holds the median with probability 0.96 at 9 rounds; smallest and largest below 8 (0.94 at 5, 0.75 at
// 3).
#pragma once

#include <span>
#include <string>
#include <vector>

#include "benchmarks/peers/check.h"

namespace iiifbench::peers {

struct RoundOptions {
  int rounds = 9;
  double job_seconds = 2;    // after which a job with three turns sits out
  double case_seconds = 60;  // after which no further round begins, once there were three
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
  bool ours = false;
  Difference error;
  std::vector<double> milliseconds;  // by round; shorter where it sat out
};

struct CaseResult {
  Task task;
  std::vector<Row> rows;  // rows[0]: ours without an index
};

double MedianOf(std::vector<double> values);
// Of theirs / ours in the same rounds; CHECKs that both have one.
Ratio RatioOf(const Row& theirs, const Row& ours);

CaseResult RunCase(const Task& task, std::span<const Peer* const> peers, const RoundOptions& options);

}  // namespace iiifbench::peers
