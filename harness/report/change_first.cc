#include "harness/report/change_first.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/stats/milliseconds.h"

namespace iiifbench {
namespace {

using nlohmann::json;

// Never more than there is: errors of the parts can add up to more.
std::string Saving(const json& what_if, double measured) {
  const double low = what_if["low"], high = what_if["high"], half = (high - low) / 2;
  const double before = what_if.value("tried_before_ms", measured);
  const auto text = [&](double ms) { return MsText(std::min(ms, before), half); };
  return fmt::format("{} of {} ms ({} to {})", text(what_if["saves_ms"]), text(before), text(low),
                     text(high));
}

bool Sure(const json& what_if) {
  return what_if["low"].get<double>() > 0 && what_if.value("sure", true);
}

}  // namespace

std::string ChangeFirst(const json& a) {
  const json& about = *std::ranges::find_if(
      a["requests"], [&](const json& request) { return request["path"] == a["about"]; });
  const std::string path = about["path"];
  const double measured = about["measured_ms"];
  const json network =
      about["stages"].contains("network") ? about["stages"]["network"] : json::object();
  if (network.value("ms", 0.0) > 0.5 * measured)
    return fmt::format(
        "Change first: the way, not the server: {} of {} ms are the link. A copy or a cache nearer "
        "to the client saves them, and connections that stay open save what a fresh one costs.",
        MsText(network.value("ms", 0.0)), MsText(measured));
  for (const auto& w : a["what_ifs"]) {  // ranked
    if (w["path"] != path || !Sure(w)) continue;
    return fmt::format("Change first: {}; that saves {} {}.", w["change"].get<std::string>(),
                       w.contains("unknown") ? "at least" : "about", Saving(w, measured));
  }
  for (const auto& w : a["what_ifs"]) {
    if (w["path"] != path || w["high"].get<double>() <= 0) continue;
    const double high = w["high"], half = (high - w["low"].get<double>()) / 2;
    const double before = w.value("tried_before_ms", measured);
    return fmt::format("Nothing surely saves 5 % of it; perhaps: {}; that saves 0 to {} of {} ms.",
                       w["change"].get<std::string>(), MsText(std::min(high, before), half),
                       MsText(before, half));
  }
  if (!a["what_ifs"].empty() && Sure(a["what_ifs"][0])) {
    const auto& w = a["what_ifs"][0];
    const double half = (w["high"].get<double>() - w["low"].get<double>()) / 2;
    return fmt::format(
        "Nothing that we know would save 5 % of it; for {}: {}, that saves about {} ms.",
        w["path"].get<std::string>(), w["change"].get<std::string>(), MsText(w["saves_ms"], half));
  }
  return "Nothing that we know would save 5 % of it.";
}

}  // namespace iiifbench
