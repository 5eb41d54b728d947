#include "harness/attribution/evidence/store_reads.h"

#include <algorithm>
#include <map>

#include "harness/stats/quantile.h"

namespace iiifbench {

StoreSample SampleOf(const std::string& path, std::span<const StoreRead> reads,
                     std::chrono::steady_clock::time_point begin,
                     std::chrono::steady_clock::time_point end) {
  StoreSample sample{.path = path, .stall = StallOf(reads, begin, end)};
  sample.stalled_ms = sample.stall.stalled_ms;
  for (const auto& read : reads) {
    if (read.end >= begin && read.start <= end) sample.ids.push_back(read.id);
  }
  return sample;
}

void TakeStore(const StoreSample& sample, StageSamples& samples) {
  samples[Stage::kRead].push_back(sample.stalled_ms);
  samples[OtherPart::kWork].push_back(sample.stall.work_ms);
}

std::vector<StoreRow> CompareWithLog(std::span<const StoreSample> samples,
                                     std::span<const StoreLogLine> log) {
  std::map<int64_t, double> logged;
  for (const auto& line : log) {
    if (line.id >= 0) logged[line.id] = line.ms;
  }
  struct Values {
    std::vector<double> tap, log, requests;
  };
  std::map<std::string, Values> by_path;
  for (const auto& sample : samples) {
    double sum = 0;
    const bool known =
        std::ranges::all_of(sample.ids, [&](int64_t id) { return logged.count(id) > 0; });
    if (!known || sample.ids.empty()) continue;
    for (int64_t id : sample.ids) sum += logged[id];
    auto& values = by_path[sample.path];
    values.tap.push_back(sample.stalled_ms);
    values.log.push_back(sum);
    values.requests.push_back(sample.stall.requests);
  }
  std::vector<StoreRow> rows;
  for (const auto& [path, values] : by_path)
    rows.push_back({.path = path,
                    .answers = static_cast<int>(values.tap.size()),
                    .requests = Median(values.requests),
                    .tap_ms = Median(values.tap),
                    .log_ms = Median(values.log)});
  return rows;
}

std::string StoreTable(std::span<const StoreRow> rows) {
  std::string out =
      "| request | answers | range requests | read by the tap, ms | by the store's log, ms | apart "
      "|\n"
      "|---|---|---|---|---|---|\n";
  for (const auto& row : rows)
    out += fmt::format("| {} | {} | {:.0f} | {:.2f} | {:.2f} | {:+.1f} % |\n", row.path,
                       row.answers, row.requests, row.tap_ms, row.log_ms,
                       row.log_ms > 0 ? 100 * (row.tap_ms / row.log_ms - 1) : 0);
  return out;
}

}  // namespace iiifbench
