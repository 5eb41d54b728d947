#include "harness/study/drift.h"

#include <algorithm>
#include <cmath>

#include "harness/stats/bootstrap.h"
#include "harness/stats/holm.h"
#include "harness/stats/permutation.h"
#include "harness/stats/rank_test.h"

namespace iiifbench {
namespace {

constexpr double kAlpha = 0.025;         // of each family
constexpr double kLeastDrift = 0.05;     // of the second half of the rounds against the first
constexpr double kMostConfirmed = 0.05;  // of the rows
constexpr size_t kLeastHalf = 3;
constexpr int kOrders = 5000;

bool Large(double change) { return std::abs(change) > kLeastDrift; }

// One for each file type: levels in the order of its rounds.
std::vector<Stratum> StrataOf(const std::vector<const StudyCell*>& rows) {
  std::map<std::string, std::map<int, std::vector<double>>> by_recipe;
  for (const StudyCell* row : rows) {
    const double middle = Median(row->total_ms);
    for (size_t i = 0; i < row->total_ms.size(); ++i) {
      const int round = i < row->rounds.size() ? row->rounds[i] : static_cast<int>(i);
      by_recipe[row->recipe][round].push_back(std::log(row->total_ms[i] / middle));
    }
  }
  std::vector<Stratum> strata;
  for (const auto& [recipe, rounds] : by_recipe) {
    Stratum stratum;
    for (const auto& [round, values] : rounds) stratum.levels.push_back(Median(values));
    if (stratum.half() >= 1) strata.push_back(std::move(stratum));
  }
  return strata;
}

double ChangeOf(const std::vector<Stratum>& strata) {
  std::vector<double> first, second;
  for (const Stratum& s : strata) {
    const auto middle = s.levels.begin() + static_cast<std::ptrdiff_t>(s.half());
    first.insert(first.end(), s.levels.begin(), middle);
    second.insert(second.end(), middle, s.levels.end());
  }
  if (first.size() < kLeastHalf) return 0;
  return std::expm1(Median(second) - Median(first));
}

void JudgeServers(const std::vector<StudyCell>& cells, StudyDrift& out) {
  std::map<std::string, std::vector<const StudyCell*>> units;
  for (const StudyCell& cell : cells) {
    if (cell.total_ms.size() / 2 >= kLeastHalf)
      units[cell.link == kLoopback ? cell.server : cell.server + " over " + cell.link].push_back(
          &cell);
  }
  std::vector<double> p;
  for (const auto& [name, rows] : units) {
    const auto strata = StrataOf(rows);
    ServerDrift server{.name = name, .rows = rows.size(), .change = ChangeOf(strata)};
    double arrangements = 1;
    for (const Stratum& s : strata) arrangements *= Arrangements(s.levels.size());
    server.too_few = 2 / arrangements * static_cast<double>(units.size()) > kAlpha;
    // What is too small counts as 1, which only makes the others' test stricter.
    p.push_back(Large(server.change) && !server.too_few ? PermutationP(strata, kOrders) : 1);
    out.servers.push_back(std::move(server));
  }
  const auto family_p = HolmAdjusted(p);
  const bool none = std::ranges::all_of(out.servers, &ServerDrift::too_few);
  for (size_t i = 0; i < p.size(); ++i) {
    out.servers[i].unknown = none && Large(out.servers[i].change);
    out.servers[i].family_p = family_p[i];
    out.servers[i].confirmed = Large(out.servers[i].change) && family_p[i] <= kAlpha;
  }
}

void JudgeRows(const std::vector<StudyCell>& cells, StudyDrift& out) {
  std::vector<double> p;
  std::vector<size_t> of;
  for (size_t i = 0; i < cells.size(); ++i) {
    const std::span<const double> all(cells[i].total_ms);
    const size_t half = all.size() / 2;
    if (half < kLeastHalf) continue;
    RowDrift& row = out.rows[i];
    const auto first = all.first(half), second = all.subspan(half);
    row.tested = true;
    row.change = Median(second) / Median(first) - 1;
    out.rounds = std::max(out.rounds, all.size());
    p.push_back(Large(row.change) ? MannWhitney(first, second).p : 1);
    of.push_back(i);
    if (!Large(row.change)) continue;
    const Interval ratio = RatioOfMediansInterval(second, first);
    row.noted = ratio.low > 1 + kLeastDrift || ratio.high < 1 - kLeastDrift;
  }
  out.tested = of.size();
  const auto family_p = HolmAdjusted(p);
  for (size_t k = 0; k < of.size(); ++k) {
    RowDrift& row = out.rows[of[k]];
    row.family_p = family_p[k];
    row.confirmed = Large(row.change) && family_p[k] <= kAlpha;
  }
  for (out.row_rounds = 2 * kLeastHalf;
       2 / Arrangements(out.row_rounds) * static_cast<double>(out.tested) > kAlpha;)
    ++out.row_rounds;
}

}  // namespace

StudyDrift DriftOf(const std::vector<StudyCell>& cells) {
  StudyDrift out;
  out.rows.resize(cells.size());
  JudgeServers(cells, out);
  JudgeRows(cells, out);
  return out;
}

std::vector<Finding> DriftReasons(const std::vector<StudyCell>& cells, const StudyDrift& drift) {
  std::vector<Finding> reasons;
  for (const ServerDrift& server : drift.servers) {
    if (!server.confirmed && !server.unknown) continue;
    reasons.push_back(
        {"latency-drift",
         fmt::format(
             "{}: latencies drift by {:+.1f} % from the first half of the rounds to the second, {} "
             "rows "
             "together{}",
             server.name, 100 * server.change, server.rows,
             server.confirmed
                 ? fmt::format(" (p = {:.2g} among {})", server.family_p, drift.servers.size())
                 : fmt::format("; {} rounds are too few to tell it from chance", drift.rounds))});
  }
  std::vector<std::string> rows;
  for (size_t i = 0; i < cells.size(); ++i) {
    if (drift.rows[i].confirmed)
      rows.push_back(fmt::format("{} {:+.1f} %", RowName(cells[i]), 100 * drift.rows[i].change));
  }
  if (static_cast<double>(rows.size()) > kMostConfirmed * static_cast<double>(drift.tested)) {
    AddSome("rows-drift",
            fmt::format(
                "{} of {} rows drift from the first half of the rounds to the second, after Holm's "
                "correction",
                rows.size(), drift.tested),
            rows, reasons);
  }
  return reasons;
}

std::string DriftNote(const StudyDrift& drift) {
  const auto noted = std::ranges::count(drift.rows, true, &RowDrift::noted),
             confirmed = std::ranges::count(drift.rows, true, &RowDrift::confirmed);
  std::vector<std::string> untested;
  for (const ServerDrift& server : drift.servers)
    if (server.too_few) untested.push_back(server.name);
  if (noted == 0 && confirmed == 0 && untested.empty()) return {};
  std::string text = fmt::format(
      "Drift: in {} of {} rows the second half of the rounds differs from the first by more than 5 "
      "% (95 % "
      "interval of the row alone); {} confirmed among so many (Holm, 2.5 %).",
      std::max(noted, confirmed), drift.tested,
      confirmed == 0   ? "none is"
      : confirmed == 1 ? "1 is"
                       : fmt::format("{} are", confirmed));
  if (drift.rounds < drift.row_rounds)
    text += fmt::format(" With {} rounds none can be: a row alone needs {}.", drift.rounds,
                        drift.row_rounds);
  if (!untested.empty())
    text += fmt::format(" Rounds too few to test as a whole: {}.", fmt::join(untested, ", "));
  return text;
}

}  // namespace iiifbench
