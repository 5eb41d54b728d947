#include "harness/report/what_if_table.h"

#include <fmt/format.h>

#include <cmath>

#include "harness/report/rounded.h"

namespace iiifbench {
namespace {

using nlohmann::json;

constexpr double kNear = 0.2;  // a prediction this close is a good one

struct Tried {
  int claims = 0, latency = 0, saving = 0, inside = 0, none = 0;
  void Add(const json& w);
  std::string Words() const;
};

// Less than the trial can tell from nothing.
bool Unmeasurable(const json& w) {
  return std::abs(w["tried_saves_ms"].get<double>()) < w.value("noise_ms", 0.0);
}

void Tried::Add(const json& w) {
  const double saves = w["saves_ms"], low = w["low"], high = w["high"],
               measured = w["tried_saves_ms"], before = w["tried_before_ms"],
               after = w["tried_after_ms"];
  ++claims;
  latency += std::abs(before - saves - after) <= kNear * after;
  if (Unmeasurable(w)) {
    ++none;
    inside += low <= w["noise_ms"].get<double>();
    return;
  }
  saving += std::abs(saves - measured) <= kNear * std::abs(measured);
  inside += measured >= low && measured <= high;
}

std::string Tried::Words() const {
  std::string out = fmt::format(
      "{} claims tried: the latency after the change within {:.0f} % of the prediction {} times, "
      "the saving "
      "{} times; the saving inside its interval {} times",
      claims, 100 * kNear, latency, saving, inside);
  if (none > 0) out += fmt::format("; no difference that we can measure {} times", none);
  return out + "\n";
}

// Records made before this was told have neither member: what they claim was shown as sure.
bool IsSure(const json& w) { return w.value("sure", true); }

std::string Line(const json& w) {
  const double saves = w["saves_ms"];
  std::string line =
      fmt::format("  {:<40} saves {:.1f} ms ({:.1f} to {:.1f})", w["path"].get<std::string>(),
                  saves, w["low"].get<double>(), w["high"].get<double>());
  if (w.contains("tried_saves_ms")) {
    const double before = w["tried_before_ms"];
    line += fmt::format(", tried: {} ({:.1f} -> {:.1f}, predicted {:.1f})",
                        Unmeasurable(w)
                            ? fmt::format("no difference that we can measure (below {:.2f} ms)",
                                          w["noise_ms"].get<double>())
                            : fmt::format("{:.1f} ms", w["tried_saves_ms"].get<double>()),
                        before, w["tried_after_ms"].get<double>(), before - saves);
  }
  line += ": " + w["change"].get<std::string>();
  if (w.contains("unknown")) line += "; " + w["unknown"].get<std::string>();
  return line + "\n";
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
                   {"high", Rounded(w.high)},
                   {"sure", w.sure()}});
    if (!w.unknown.empty()) out.back()["unknown"] = w.unknown;
    if (!w.tried_saves_ms) continue;
    out.back()["tried_saves_ms"] = Rounded(*w.tried_saves_ms);
    out.back()["tried_before_ms"] = Rounded(*w.tried_before_ms);
    out.back()["tried_after_ms"] = Rounded(*w.tried_after_ms);
    out.back()["noise_ms"] = Rounded(w.noise_ms);
  }
  return out;
}

json NotOfferedToJson(const Attribution& a) {
  json out = json::array();
  for (const auto& line : a.not_offered)
    out.push_back({{"kind", line.kind}, {"reason", line.reason}});
  return out;
}

std::string WhatIfTable(const json& what_ifs, const json& not_offered) {
  std::string sure, unsure, others;
  Tried all, of_sure, unclaimed;
  double most_unclaimed = 0;
  for (const auto& w : what_ifs) {
    const bool tried = w.contains("tried_saves_ms"), claimed = w["low"].get<double>() > 0;
    (!claimed ? others : IsSure(w) ? sure : unsure) += Line(w);
    if (!tried) continue;
    if (claimed) {
      all.Add(w);
      if (IsSure(w)) of_sure.Add(w);
    } else {
      unclaimed.Add(w);
      most_unclaimed = std::max(most_unclaimed, w["tried_saves_ms"].get<double>());
    }
  }
  std::string out;
  if (!sure.empty()) out += "\nWhat would save most:\n" + sure;
  if (!unsure.empty())
    out += "\nWould save something, but how much is less sure than the saving is large:\n" + unsure;
  if (all.claims > 0) out += all.Words();
  if (of_sure.claims > 0 && of_sure.claims < all.claims) out += "Of these sure: " + of_sure.Words();
  if (!others.empty())
    out += "\nNothing is claimed, because the saving cannot be told from none:\n" + others;
  if (unclaimed.claims > 0)
    out += fmt::format(
        "{} of these tried: the most that one saved is {:.1f} ms; the latency after the change "
        "within {:.0f} "
        "% "
        "of the prediction {} times, the saving inside its interval {} times\n",
        unclaimed.claims, most_unclaimed, 100 * kNear, unclaimed.latency, unclaimed.inside);
  std::string reasons;
  for (const auto& line : not_offered)
    reasons += fmt::format("  {:<17} {}\n", line["kind"].get<std::string>(),
                           line["reason"].get<std::string>());
  if (!reasons.empty()) out += "\nNot offered:\n" + reasons;
  return out;
}

}  // namespace iiifbench
