// What attributions say of waiting (with clients) and of the way between client and server.
#include "harness/report/page/markup.h"
#include "harness/report/page/parts.h"
#include "harness/report/page/sections/sections.h"

namespace iiifbench {
namespace {

using nlohmann::json;

std::string LoadedTable(const RunFiles& run) {
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> lines;
  for (const AttributionFile& file : run.attributions) {
    for (const json& request : ListIn(file.body, "requests")) {
      const json& loaded = ObjectIn(request, "loaded");
      if (!NumberIn(loaded, "latency_ms")) continue;
      const json& stages = ObjectIn(loaded, "stages");
      rows.push_back(
          {WhoOf(run, file), RequestTitle(run, file, TextIn(request, "path")),
           fmt::format("{:g}", NumberIn(loaded, "clients").value_or(0)),
           MsOrDash(NumberIn(request, "measured_ms")), MsOrDash(NumberIn(loaded, "latency_ms")),
           MsOrDash(NumberIn(ObjectIn(stages, "service"), "ms")),
           MsWithInterval(ObjectIn(stages, "wait")), MsOrDash(NumberIn(loaded, "run_queue_ms"))});
      for (const auto& finding : MarkedIn(loaded, "findings", "finding_ids"))
        lines.push_back(WhoOf(run, file) + ": " + finding);
      if (!TextIn(loaded, "refusal").empty())
        lines.push_back(fmt::format(
            "{}: <span class=\"bad\">refused</span>: {}", WhoOf(run, file),
            Marked(Finding::Recorded(TextIn(loaded, "refusal_id"), TextIn(loaded, "refusal")))));
    }
  }
  if (rows.empty()) return {};
  return "<h3>Service and waiting of the attributed requests</h3>" +
         Table({"server", "request", ">clients", ">alone ms", ">with them ms", ">service ms",
                ">waiting ms", ">ready, no core ms"},
               rows) +
         (lines.empty() ? "" : Bullets(lines));
}

std::string NetworkTable(const RunFiles& run) {
  std::vector<std::vector<std::string>> rows;
  for (const AttributionFile& file : run.attributions) {
    const json& network = ObjectIn(file.body, "network");
    if (!NumberIn(network, "round_trip_ms")) continue;
    const auto tls = NumberIn(network, "tls_ms");
    rows.push_back({WhoOf(run, file), MsOrDash(NumberIn(network, "round_trip_ms")),
                    MsOrDash(NumberIn(network, "connect_ms")),
                    tls && *tls > 0 ? MsText(*tls) : "none",
                    MsOrDash(NumberIn(network, "ms_per_mb"))});
  }
  if (rows.empty()) return {};
  return Folded(
      fmt::format("<h3>The network, measured apart from the server</h3> <small>{} paths</small>",
                  rows.size()),
      "<p class=\"note\">Connect and TLS are paid by a fresh connection only and are in no stage; "
      "the network stage of a "
      "request is a round trip and its bytes.</p>" +
          Table({"server", ">round trip ms", ">connect ms", ">TLS ms", ">ms per MB"}, rows),
      rows.size() <= 4);
}

}  // namespace

std::string AttributedWaiting(const RunFiles& run) { return LoadedTable(run) + NetworkTable(run); }

}  // namespace iiifbench
