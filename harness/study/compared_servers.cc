#include "harness/study/compared_servers.h"

#include <algorithm>
#include <map>
#include <set>

#include "harness/study/standing.h"

namespace iiifbench {
namespace {

constexpr std::string_view kTag = "#again";

std::map<int, double> ByRound(const StudyCell& cell) {
  std::map<int, double> out;
  for (size_t i = 0; i < cell.rounds.size() && i < cell.total_ms.size(); ++i)
    out[cell.rounds[i]] = cell.total_ms[i];
  return out;
}

std::string NameOf(const StudyCell& cell) {
  std::string name = fmt::format("{}/page:{}/{}", cell.recipe, cell.page, cell.request_class);
  if (cell.link != kLoopback) name += "/link:" + cell.link;
  return name;
}

// The same request of another server.
const StudyCell* Other(const Study& study, StudyCell cell, const std::string& server) {
  cell.server = server;
  const auto found =
      std::ranges::find_if(study.cells, [&](const StudyCell& c) { return SameCell(c, cell); });
  return found == study.cells.end() ? nullptr : &*found;
}

Result<void> Measured(const Study& study, const std::string& label) {
  std::string why = "it takes none of these files";
  for (const StudyCell& cell : study.cells) {
    if (cell.server != label) continue;
    if (!cell.total_ms.empty()) return {};
    why = Words(cell.state);
  }
  for (const StudyServer& server : study.servers) {
    if (server.name == label && server.status != "measured") why = server.status;
  }
  return Fail(ErrorKind::kIo, "{}: nothing was measured: {}", label, why);
}

void Warn(const Study& study, const std::string& label, TimedRun& run) {
  std::set<std::string> lines;
  for (const StudyCell& cell : study.cells) {
    if (cell.server != label) continue;
    if (!cell.state.measured())
      lines.insert(fmt::format("{}: {}", NameOf(cell), Words(cell.state)));
    for (const Finding& fault : FaultsOf(cell))
      lines.insert(fmt::format("{}: {}", NameOf(cell), fault.text));
    for (const Finding& trap : cell.traps)
      lines.insert(fmt::format("{}: other work: {}", NameOf(cell), trap.text));
  }
  run.warnings.insert(run.warnings.end(), lines.begin(), lines.end());
}

}  // namespace

std::string AgainLabel(const std::string& label) {
  const size_t end = std::min(label.find_first_of("#:"), label.size());
  if (label.substr(0, end) == "url") return {};
  const size_t settings = std::min(label.find(':', end), label.size());
  return label.substr(0, end) + std::string(kTag) + label.substr(settings);
}

Result<TimedPair> PairsOf(const Study& study, const std::string& a, const std::string& b,
                          const std::string& again) {
  for (const auto& label : {a, b}) {
    auto measured = Measured(study, label);
    if (!measured) return measured.error();
  }
  TimedPair pair{.a = {.title = a, .cases = {}, .warnings = {}},
                 .b = {.title = b, .cases = {}, .warnings = {}},
                 .complete = study.complete};
  for (const StudyCell& cell : study.cells) {
    if (cell.server != a) continue;
    const StudyCell* other = Other(study, cell, b);
    const StudyCell* second = again.empty() ? nullptr : Other(study, cell, again);
    if (other == nullptr) continue;
    const auto of_a = ByRound(cell), of_b = ByRound(*other);
    const auto of_again = second == nullptr ? std::map<int, double>() : ByRound(*second);
    TimedCase one{.name = NameOf(cell)}, two{.name = NameOf(cell)};
    for (const auto& [round, ms] : of_a) {
      if (!of_b.contains(round) || (!of_again.empty() && !of_again.contains(round))) continue;
      one.ms.push_back(ms);
      two.ms.push_back(of_b.at(round));
      if (!of_again.empty()) one.again_ms.push_back(of_again.at(round));
    }
    if (one.ms.empty()) continue;
    pair.a.cases.push_back(std::move(one));
    pair.b.cases.push_back(std::move(two));
  }
  Warn(study, a, pair.a);
  Warn(study, b, pair.b);
  for (const auto& reason : study.not_reportable)
    pair.b.warnings.push_back("NOT REPORTABLE: " + reason.text);
  return pair;
}

Result<TimedPair> MeasureServers(StudyOptions options) {
  IIIFBENCH_CHECK(options.servers.size() == 2, "{} servers", options.servers.size());
  const std::string a = options.servers[0], b = options.servers[1], again = AgainLabel(a);
  const bool again_too = !again.empty() && again != b && again != a;
  if (again_too) options.servers.push_back(again);
  auto study = RunStudy(options);
  if (!study) return study.error();
  return PairsOf(*study, a, b, again_too ? again : "");
}

}  // namespace iiifbench
