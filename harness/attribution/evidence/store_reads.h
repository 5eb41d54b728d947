// store_reads: what a server that keeps its sources in an object store waits for, by the tap
// between the two.
//
// Stalled: the time of a request in which at least one range request was under way; exact, so the
// fit sees latencies without it and "read" is the median of it. Method "store": read, work (their
// sum). The store's own log is laid beside by the request's id. Units: milliseconds,
// MB of 10^6 bytes. Threads: none.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "harness/attribution/model/observed.h"
#include "harness/http/store_tap.h"
#include "harness/servers/store/range_store.h"

namespace iiifbench {

StoreSample SampleOf(const std::string& path, std::span<const StoreRead> reads,
                     std::chrono::steady_clock::time_point begin,
                     std::chrono::steady_clock::time_point end);
void TakeStore(const StoreSample& sample, StageSamples& samples);

// The tap beside the store's log: medians over the answers of a request.
struct StoreRow {
  std::string path;
  int answers = 0;
  double requests = 0, tap_ms = 0, log_ms = 0;
};
// Answers with a read that the log does not know are left out.
std::vector<StoreRow> CompareWithLog(std::span<const StoreSample> samples,
                                     std::span<const StoreLogLine> log);
std::string StoreTable(std::span<const StoreRow> rows);

}  // namespace iiifbench
