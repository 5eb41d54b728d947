// load_point: a load run in figures: percentiles with intervals, histograms, parts, Little's law,
// and whether it may be reported.
//
// Percentiles: of good answers only, order-statistic intervals at 95 %; refused (empty) where the
// samples cannot support the interval: p99.9 needs about 3,700. Histograms: HDR, microseconds;
// failures have their own. Little's law: mean in flight L against rate times mean latency, |L -
// lambda W| / L at most 5 %; L is counted by events, so a lost or unaccounted request shows. Where
// the run ended with requests in flight, what they had waited by then stands on both sides: within
// a window the law then holds exactly. Lag: its 90th percentile may be 5 % of the median latency.
// Drift: of latencies relative to what their class costs, at most 10 % from the first half to the
// second, or not to be told from chance. Overloaded: at a rate above what the server can do the
// queue grows as long as the run lasts, so a latency would tell how long that was. Such a point has
// counts and a histogram and no percentiles to report; drift there is the finding and no reason
// against the sweep, which needs a rate beyond the knee to find it. Units: milliseconds.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/findings/cell_status.h"
#include "harness/findings/finding.h"
#include "harness/load/generator/generate.h"
#include "harness/stats/hdr_histogram.h"
#include "harness/stats/quantile.h"

namespace iiifbench {

struct Percentile {
  double p = 0.5, ms = 0;
  Interval interval;
};

struct ClassFigures {
  int64_t answers = 0;
  double median_ms = 0;
  std::optional<Interval> median_interval;
  double mean_bytes = 0;
};

struct LoadPoint {
  int64_t answers = 0, failed = 0, warm_up = 0, not_answered = 0;
  double seconds = 0;
  double throughput = 0;       // good answers per second
  std::vector<double> slices;  // the same in equal slices of time
  double bytes_per_second = 0;
  std::vector<Percentile> percentiles;  // 0.5, 0.9, 0.99, 0.999 as far as supported
  std::vector<Finding> refused;         // "p99.9: 3,700 answers are needed, there are 812"
  std::map<std::string, double>
      parts_ms;  // medians: slot, dns, connect, tls, first_byte, body; dns to tls of fresh ones
  double lag_p50_ms = 0, lag_p90_ms = 0, lag_max_ms = 0;
  double in_flight = 0, little_ms = 0, little_error = 0;  // L; W; |L - lambda W| / L
  double reused = 0;                                      // share of requests on an open connection
  std::string http_version;
  std::map<std::string, ClassFigures> classes;
  std::map<std::string, HdrHistogram> failures;  // by name
  HdrHistogram histogram = HdrHistogram();
  CellState state;  // measured, or why it has no latency to report
  std::vector<Finding> not_reportable;

  bool overloaded() const { return state.status == CellStatus::kOverloaded; }
  double median_ms() const { return percentiles.empty() ? 0 : percentiles.front().ms; }
};

// `rate_per_second`: of an open loop; 0: another.
LoadPoint Summarise(const LoadRun& run, ConnectionPolicy policy, double rate_per_second = 0);
// Fewer were done than 95 % of the rate less two standard deviations of a Poisson count.
bool FallsBehind(double rate_per_second, double done_per_second, double seconds);

}  // namespace iiifbench
