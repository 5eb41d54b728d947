#include <algorithm>
#include <cmath>

#include "harness/load/study/study.h"
#include "harness/stats/bootstrap.h"

namespace iiifbench {
namespace {

constexpr size_t kLeastSamples = 6;       // for an interval of a median at 95 %
constexpr double kLargestDrift = 0.05;    // of the second half of the rounds against the first
constexpr double kLargestLag = 0.05;      // of a median
constexpr double kLargestIdleCpu = 0.05;  // of a core

using Reasons = std::vector<std::string>;

std::string NameOf(const StudyCell& cell) {
  return fmt::format("{} {} {}{}", cell.server, cell.recipe, cell.request_class,
                     cell.link == kLoopback ? "" : " over " + cell.link);
}

// At most `most` of many, so that a bad run does not bury its other reasons.
void AddSome(const std::string& what, const Reasons& cells, Reasons& reasons, size_t most = 4) {
  if (cells.empty()) return;
  std::string text = fmt::format(
      "{}: {}", what,
      fmt::join(cells.begin(), cells.begin() + static_cast<ptrdiff_t>(std::min(most, cells.size())), "; "));
  if (cells.size() > most) text += fmt::format("; and {} more", cells.size() - most);
  reasons.push_back(std::move(text));
}

// A server as a whole: its cells, each divided by its median. A cell: where the interval of its ratio lies
// beyond 5 %, so that few samples do not raise an alarm by themselves.
void JudgeDrift(const Study& study, Reasons& reasons) {
  std::map<std::string, std::pair<std::vector<double>, std::vector<double>>> halves;
  Reasons cells;
  for (const StudyCell& cell : study.cells) {
    const size_t half = cell.total_ms.size() / 2;
    if (half < 3) continue;
    const double middle = Median(cell.total_ms);
    for (size_t i = 0; i < cell.total_ms.size(); ++i) {
      auto& pair = halves[cell.link == kLoopback ? cell.server : cell.server + " over " + cell.link];
      (i < half ? pair.first : pair.second).push_back(cell.total_ms[i] / middle);
    }
    const double drift = CellDrift(cell);
    if (drift != 0) cells.push_back(fmt::format("{} {:+.1f} %", NameOf(cell), 100 * drift));
  }
  for (const auto& [server, pair] : halves) {
    const double drift = Median(pair.second) / Median(pair.first) - 1;
    if (std::abs(drift) > kLargestDrift) {
      reasons.push_back(fmt::format("{}: latencies drift by {:+.1f} % from the first half to the second",
                                    server, 100 * drift));
    }
  }
  AddSome(fmt::format("{} cells drift from the first half to the second", cells.size()), cells, reasons);
}

void JudgeLag(const Study& study, Reasons& reasons) {
  Reasons cells;
  for (const StudyCell& cell : study.cells) {
    if (cell.lag_ms.empty()) continue;
    const double lag = Median(cell.lag_ms), median = Median(cell.total_ms);
    if (lag > kLargestLag * median)
      cells.push_back(fmt::format("{} {:.3f} of {:.3f} ms", NameOf(cell), lag, median));
  }
  AddSome(
      fmt::format("our own lag is above {:.0f} % of the median in {} cells", 100 * kLargestLag, cells.size()),
      cells, reasons);
}

void JudgeServers(const Study& study, Reasons& reasons) {
  for (const StudyServer& server : study.servers) {
    const bool ran = std::ranges::any_of(study.cells, [&](const StudyCell& cell) {
      return cell.server == server.name && !cell.total_ms.empty();
    });
    if (!ran) continue;
    if (server.version.empty() || server.version == "unknown")
      reasons.push_back(fmt::format("{}: its version is unknown", server.name));
    for (const auto& difference : server.differences)
      reasons.push_back(fmt::format("{}: {}", server.name, difference));
    if (server.idle_cpu.value_or(0) > kLargestIdleCpu)
      reasons.push_back(fmt::format("{}: it used {:.0f} % of a core while it was not asked", server.name,
                                    100 * *server.idle_cpu));
  }
}

}  // namespace

double CellDrift(const StudyCell& cell) {
  const size_t half = cell.total_ms.size() / 2;
  if (half < 3) return 0;
  const std::span<const double> all(cell.total_ms);
  const Interval ratio = RatioOfMediansInterval(all.subspan(half), all.first(half));
  if (ratio.low <= 1 + kLargestDrift && ratio.high >= 1 - kLargestDrift) return 0;
  return Median(all.subspan(half)) / Median(all.first(half)) - 1;
}

std::vector<std::string> BrokenRules(const Study& study) {
  Reasons reasons;
  JudgeDrift(study, reasons);
  JudgeLag(study, reasons);
  int wrong = 0, few = 0, measured = 0, failed = 0;
  std::map<std::string, int> failures;
  for (const StudyCell& cell : study.cells) {
    wrong += cell.wrong;
    for (const auto& [kind, count] : cell.failures) failures[kind] += count, failed += count;
    measured += cell.total_ms.empty() ? 0 : 1;
    few += !cell.total_ms.empty() && cell.total_ms.size() < kLeastSamples ? 1 : 0;
  }
  for (const std::string& died : study.died)
    reasons.push_back(fmt::format("ended during the run: {}", died.substr(0, died.find("; its last lines"))));
  if (wrong > 0) reasons.push_back(fmt::format("{} answers were wrong after a right warm-up", wrong));
  if (failed > 0) {
    std::string kinds;
    for (const auto& [kind, count] : failures)
      kinds += fmt::format("{}{} x {}", kinds.empty() ? "" : ", ", count, kind);
    reasons.push_back(fmt::format("{} requests failed after a right warm-up: {}", failed, kinds));
  }
  if (few > 0) {
    reasons.push_back(fmt::format("{} of {} cells have fewer than {} samples: no interval of 95 %", few,
                                  measured, kLeastSamples));
  }
  JudgeServers(study, reasons);
  if (!study.complete) reasons.push_back(study.failure.empty() ? "stopped before the end" : study.failure);
  return reasons;
}

}  // namespace iiifbench
