#include <algorithm>
#include <cmath>

#include "harness/study/drift.h"
#include "harness/study/standing.h"
#include "harness/study/study.h"

namespace iiifbench {
namespace {

constexpr double kLargestIdleCpu = 0.05;  // of a core

using Reasons = std::vector<Finding>;

void JudgeLag(const Study& study, Reasons& reasons) {
  std::vector<std::string> cells;
  for (const StudyCell& cell : study.cells) {
    if (cell.lag_ms.empty()) continue;
    const double lag = Median(cell.lag_ms), median = Median(cell.total_ms);
    if (lag > kLargestLag * median)
      cells.push_back(fmt::format("{} {:.3f} of {:.3f} ms", RowName(cell), lag, median));
  }
  AddSome("own-lag",
          fmt::format("our own lag is above {:.0f} % of the median in {} cells", 100 * kLargestLag,
                      cells.size()),
          cells, reasons);
}

// What would mark single cells, where no cell stands.
void JudgeFallen(const Study& study, const StudyDrift& drift, Reasons& reasons) {
  size_t measured = 0, few = 0;
  for (size_t i = 0; i < study.cells.size(); ++i) {
    const StudyCell& cell = study.cells[i];
    if (Stands(cell, drift.rows[i])) return;
    measured += cell.total_ms.empty() ? 0 : 1;
    few += !cell.total_ms.empty() && cell.total_ms.size() < kLeastSamples ? 1 : 0;
  }
  if (measured == 0) return;
  JudgeLag(study, reasons);
  if (few > 0)
    reasons.push_back({"too-few-samples",
                       fmt::format("{} of {} cells have fewer than {} samples: no interval of 95 %",
                                   few, measured, kLeastSamples)});
}

void JudgeServers(const Study& study, Reasons& reasons) {
  for (const StudyServer& server : study.servers) {
    const bool ran = std::ranges::any_of(study.cells, [&](const StudyCell& cell) {
      return cell.server == server.name && !cell.total_ms.empty();
    });
    if (!ran) continue;
    // "<undefined>" is a program's word for having none.
    if (server.version.empty() || server.version == "unknown" || server.version.starts_with('<'))
      reasons.push_back(
          {"version-unknown", fmt::format("{}: its version is unknown", server.name)});
    for (const auto& difference : server.differences)
      reasons.push_back(At(server.name, difference));
    if (server.idle_cpu.value_or(0) > kLargestIdleCpu)
      reasons.push_back({"server-works-while-idle",
                         fmt::format("{}: it used {:.0f} % of a core while it was not asked",
                                     server.name, 100 * *server.idle_cpu)});
  }
}

}  // namespace

std::string RowName(const StudyCell& cell) {
  return fmt::format("{} {} {}{}", cell.server, cell.recipe, cell.request_class,
                     cell.link == kLoopback ? "" : " over " + cell.link);
}

void AddSome(FindingName name, const std::string& what, const std::vector<std::string>& cells,
             std::vector<Finding>& reasons, size_t most) {
  if (cells.empty()) return;
  std::string text = fmt::format(
      "{}: {}", what,
      fmt::join(cells.begin(), cells.begin() + static_cast<ptrdiff_t>(std::min(most, cells.size())),
                "; "));
  if (cells.size() > most) text += fmt::format("; and {} more", cells.size() - most);
  reasons.push_back({name, std::move(text)});
}

std::vector<Finding> BrokenRules(const Study& study) {
  Reasons reasons;
  if (const std::string why = NothingMeasured(study); !why.empty())
    reasons.push_back({"nothing-measured", "nothing was measured: " + why});
  const StudyDrift drift = DriftOf(study.cells);
  for (auto& reason : DriftReasons(study.cells, drift)) reasons.push_back(std::move(reason));
  JudgeFallen(study, drift, reasons);
  int wrong = 0, failed = 0;
  std::map<std::string, int> failures;
  for (const StudyCell& cell : study.cells) {
    wrong += cell.wrong;
    for (const auto& [kind, count] : cell.failures) failures[kind] += count, failed += count;
  }
  for (const std::string& died : study.died)
    reasons.push_back({"server-ended", fmt::format("ended during the run: {}",
                                                   died.substr(0, died.find("; its last lines")))});
  if (wrong > 0)
    reasons.push_back(
        {"wrong-answers", fmt::format("{} answers were wrong after a right warm-up", wrong)});
  if (failed > 0) {
    std::string kinds;
    for (const auto& [kind, count] : failures)
      kinds += fmt::format("{}{} x {}", kinds.empty() ? "" : ", ", count, kind);
    reasons.push_back({"requests-failed",
                       fmt::format("{} requests failed after a right warm-up: {}", failed, kinds)});
  }
  JudgeServers(study, reasons);
  if (!study.complete)
    reasons.push_back(study.failure.empty() ? Finding("stopped-early", "stopped before the end")
                                            : Finding("samples-not-written", study.failure));
  return reasons;
}

}  // namespace iiifbench
