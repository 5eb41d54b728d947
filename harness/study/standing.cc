#include "harness/study/standing.h"

#include <algorithm>

namespace iiifbench {
std::vector<Finding> FaultsOf(const StudyCell& cell) {
  std::vector<Finding> faults;
  if (cell.total_ms.empty()) return faults;
  const double median = Median(cell.total_ms);
  const double lag = cell.lag_ms.empty() ? 0 : Median(cell.lag_ms);
  if (lag > kLargestLag * median)
    faults.push_back({"own-lag", fmt::format("our own lag is {:.3f} of {:.3f} ms, above {:.0f} %",
                                             lag, median, 100 * kLargestLag)});
  if (cell.total_ms.size() < kLeastSamples)
    faults.push_back({"too-few-samples",
                      fmt::format("{} samples are too few for an interval of 95 %: it needs {}",
                                  cell.total_ms.size(), kLeastSamples)});
  if (cell.wrong > 0)
    faults.push_back(
        {"wrong-answers", fmt::format("{} answers were wrong after a right warm-up", cell.wrong)});
  for (const auto& [kind, count] : cell.failures)
    faults.push_back({"requests-failed",
                      fmt::format("{} requests failed after a right warm-up: {}", count, kind)});
  return faults;
}

bool Stands(const StudyCell& cell, const RowDrift& drift) {
  return !cell.total_ms.empty() && !drift.confirmed && FaultsOf(cell).empty();
}

std::string NothingMeasured(const Study& study) {
  if (study.cells.empty()) return "there is no request";
  const bool any = std::ranges::any_of(
      study.cells, [](const StudyCell& cell) { return !cell.total_ms.empty(); });
  if (any) return {};
  return fmt::format("{}: {}", study.cells.front().server, Words(study.cells.front().state));
}

}  // namespace iiifbench
