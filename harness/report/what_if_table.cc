#include "harness/report/what_if_table.h"

#include <fmt/format.h>

#include <cmath>

#include "harness/report/rounded.h"

namespace iiifbench {
namespace {

using nlohmann::json;

constexpr double kNear = 0.2;  // a prediction this close is a good one

struct Tried {
  int claims = 0, latency = 0, saving = 0, inside = 0;
  int unclaimed = 0;
  double most_unclaimed = 0;
};

void Count(const json& w, bool claimed, Tried& count) {
  const double saves = w["saves_ms"], measured = w["tried_saves_ms"], before = w["tried_before_ms"],
               after = w["tried_after_ms"];
  if (!claimed) {
    ++count.unclaimed;
    count.most_unclaimed = std::max(count.most_unclaimed, measured);
    return;
  }
  ++count.claims;
  count.latency += std::abs(before - saves - after) <= kNear * after;
  count.saving += std::abs(saves - measured) <= kNear * std::abs(measured);
  count.inside += measured >= w["low"].get<double>() && measured <= w["high"].get<double>();
}

}  // namespace

json WhatIfsToJson(const Attribution& a) {
  json out = json::array();
  for (const auto& w : a.what_ifs) {
    out.push_back({{"path", w.path},
                   {"change", w.change},
                   {"kind", w.kind},
                   {"saves_ms", Rounded(w.saves_ms)},
                   {"low", Rounded(w.low)},
                   {"high", Rounded(w.high)}});
    if (!w.tried_saves_ms) continue;
    out.back()["tried_saves_ms"] = Rounded(*w.tried_saves_ms);
    out.back()["tried_before_ms"] = Rounded(*w.tried_before_ms);
    out.back()["tried_after_ms"] = Rounded(*w.tried_after_ms);
  }
  return out;
}

json NotOfferedToJson(const Attribution& a) {
  json out = json::array();
  for (const auto& line : a.not_offered) out.push_back({{"kind", line.kind}, {"reason", line.reason}});
  return out;
}

std::string WhatIfTable(const json& what_ifs, const json& not_offered) {
  std::string claims, others;
  Tried count;
  for (const auto& w : what_ifs) {
    const double saves = w["saves_ms"], low = w["low"], high = w["high"];
    const bool tried = w.contains("tried_saves_ms"), claimed = low > 0;
    std::string line = fmt::format("  {:<40} saves {:.1f} ms ({:.1f} to {:.1f})",
                                   w["path"].get<std::string>(), saves, low, high);
    if (tried) {
      const double before = w["tried_before_ms"];
      line += fmt::format(", tried: {:.1f} ms ({:.1f} -> {:.1f}, predicted {:.1f})",
                          w["tried_saves_ms"].get<double>(), before, w["tried_after_ms"].get<double>(),
                          before - saves);
      Count(w, claimed, count);
    }
    line += ": " + w["change"].get<std::string>() + "\n";
    (claimed ? claims : others) += line;
  }
  std::string out;
  if (!claims.empty()) out += "\nWhat would save most:\n" + claims;
  if (count.claims > 0)
    out += fmt::format(
        "{} claims tried: the latency after the change within {:.0f} % of the prediction {} times, the "
        "saving "
        "{} times; the saving inside its interval {} times\n",
        count.claims, 100 * kNear, count.latency, count.saving, count.inside);
  if (!others.empty()) out += "\nNothing is claimed, because the saving cannot be told from none:\n" + others;
  if (count.unclaimed > 0)
    out += fmt::format("{} of these tried: the most that one saved is {:.1f} ms\n", count.unclaimed,
                       count.most_unclaimed);
  std::string reasons;
  for (const auto& line : not_offered)
    reasons +=
        fmt::format("  {:<17} {}\n", line["kind"].get<std::string>(), line["reason"].get<std::string>());
  if (!reasons.empty()) out += "\nNot offered:\n" + reasons;
  return out;
}

}  // namespace iiifbench
