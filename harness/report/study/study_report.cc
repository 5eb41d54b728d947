#include "harness/report/study/study_report.h"

#include <algorithm>
#include <ctime>
#include <set>

#include "data/built_from.h"
#include "harness/answers/response_check.h"
#include "harness/report/machine.h"
#include "harness/report/rounded.h"
#include "harness/report/study/floor_beaten.h"
#include "harness/report/study/founding_verdicts.h"
#include "harness/stats/bootstrap.h"
#include "harness/study/drift.h"
#include "harness/study/standing.h"

namespace iiifbench {
namespace {

using nlohmann::json;

json RoundedAll(const std::vector<double>& values) {
  json out = json::array();
  for (double v : values) out.push_back(Rounded(v));
  return out;
}

json MediansOf(const StageMap<std::vector<double>>& stages) {
  json out = json::object();
  for (const auto& [stage, values] : stages) {
    if (!values.empty()) out[std::string(StageName(stage))] = Rounded(Median(values));
  }
  return out;
}

// A server's last words have several lines; a list or table has one for each.
std::string OneLine(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  for (size_t at = 0; (at = text.find('\n', at)) != std::string::npos;) text.replace(at, 1, " / ");
  return text;
}

// "drift" where it is noted, so that a row that changed by chance as others do carries no mark.
void PutDrift(const RowDrift& drift, json& cell) {
  for (const char* field : {"drift", "drift_family_p", "drift_confirmed"}) cell.erase(field);
  if (!drift.noted && !drift.confirmed) return;
  cell["drift"] = std::round(drift.change * 1000) / 1000;
  cell["drift_family_p"] = Rounded(drift.family_p);
  cell["drift_confirmed"] = drift.confirmed;
}

json CellToJson(const StudyCell& cell, const RowDrift& drift) {
  json out = {{"server", cell.server},       {"recipe", cell.recipe},
              {"class", cell.request_class}, {"page", cell.page},
              {"path", cell.path},           {"link", cell.link},
              {"status", Words(cell.state)}, {"status_id", IdOf(cell.state.status)}};
  if (cell.total_ms.empty() || cell.floor_ms.empty()) return out;
  const double median = Median(cell.total_ms), floor = Median(cell.floor_ms);
  out["n"] = cell.total_ms.size();
  out["median_ms"] = Rounded(median);
  out["floor_ms"] = Rounded(floor);
  if (const auto i = QuantileInterval(cell.total_ms, 0.5))
    out["median_low_ms"] = Rounded(i->low), out["median_high_ms"] = Rounded(i->high);
  if (const auto i = QuantileInterval(cell.floor_ms, 0.5))
    out["floor_low_ms"] = Rounded(i->low), out["floor_high_ms"] = Rounded(i->high);
  const Interval ratio = RatioOfMediansInterval(cell.total_ms, cell.floor_ms);
  out["ratio"] = median / floor;
  out["ratio_low"] = ratio.low;
  out["ratio_high"] = ratio.high;
  out["first_byte_ms"] = Rounded(Median(cell.first_byte_ms));
  out["bytes"] = cell.bytes;
  out["wrong_answers"] = cell.wrong;
  if (!cell.failures.empty()) out["failures"] = cell.failures;
  if (!cell.rounding.empty()) out["rounding"] = cell.rounding;
  if (!cell.change.empty()) out["changed"] = cell.change;
  if (!cell.doubt.empty()) out["not_judged"] = cell.doubt;
  if (cell.psnr > 0)
    out["psnr_db"] = std::isfinite(cell.psnr) ? std::round(cell.psnr * 10) / 10 : 99;
  out["answer"] = cell.detail;
  PutFindings(cell.traps, "traps", "trap_ids", out);
  out["floor_stages"] = MediansOf(cell.floor_stages_ms);
  out["stages"] = MediansOf(cell.stages_ms);
  out["stage_source"] = cell.stage_source;
  if (!cell.stages_ms.empty()) {
    double sum = 0;
    for (const auto& [stage, values] : cell.stages_ms) sum += Median(values);
    out["unexplained_ms"] = Rounded(median - sum);
  }
  if (!cell.lag_ms.empty()) out["lag_ms"] = Rounded(Median(cell.lag_ms));
  PutDrift(drift, out);
  if (const auto faults = FaultsOf(cell); !faults.empty())
    PutFindings(faults, "faults", "fault_ids", out);
  out["raw"] = {{"round", cell.rounds},
                {"total_ms", RoundedAll(cell.total_ms)},
                {"floor_ms", RoundedAll(cell.floor_ms)},
                {"first_byte_ms", RoundedAll(cell.first_byte_ms)}};
  return out;
}

std::string Number(const json& cell, const char* field, const char* format = "{:.2f}") {
  return cell.contains(field) && cell[field].is_number()
             ? fmt::format(fmt::runtime(format), cell[field].get<double>())
             : "-";
}

std::string MarksOf(const json& cell) {
  std::string text;
  if (cell.contains("drift")) {
    const bool confirmed = cell.value("drift_confirmed", false);
    text += fmt::format(
        "; {}drifts by {:+.1f} %, {}", confirmed ? "**" : "", 100 * cell["drift"].get<double>(),
        confirmed ? "confirmed: decides no verdict**" : "not confirmed among all rows");
  }
  if (cell.contains("changed"))
    text += "; the right picture, but changed: " + cell["changed"].get<std::string>();
  if (cell.contains("not_judged"))
    text += "; **neither right nor wrong: " + cell["not_judged"].get<std::string>() + "**";
  const json faults = cell.value("faults", json::array());
  for (const json& fault : faults) text += "; **" + fault.get<std::string>() + "**";
  const json traps = cell.value("traps", json::array());
  for (const json& trap : traps) text += "; **" + trap.get<std::string>() + "**";
  return text;
}

// Classes by why they have no rank.
using NotRanked = std::map<std::string, std::vector<std::string>>;
std::string NotRankedText(const char* title, const NotRanked& cells) {
  if (cells.empty()) return {};
  std::string text = fmt::format("\n{}:\n\n", title);
  for (const auto& [reason, classes] : cells)
    text += fmt::format("- {} ({})\n", reason, fmt::join(classes, ", "));
  return text;
}

// What the server was told beside what its answers show.
std::string SettingsText(const json& server) {
  const json intended = server.value("intended", json::object()),
             effective = server.value("effective", json::object());
  std::set<std::string> names;
  for (const json* side : {&intended, &effective})
    for (const auto& [name, value] : side->items()) names.insert(name);
  // Runs of before settings were read back recorded what was asked for and what answers told as
  // one.
  const char* read = server.contains("intended") ? "read back: " : "recorded: ";
  std::string text;
  for (const auto& name : names) {
    text += fmt::format("  - {}: ", name);
    if (intended.contains(name)) text += "intended " + intended[name].get<std::string>();
    if (intended.contains(name) && effective.contains(name)) text += "; ";
    if (effective.contains(name)) text += read + effective[name].get<std::string>();
    text += "\n";
  }
  if (server.contains("idle_cpu") && server["idle_cpu"].is_number())
    text += fmt::format("  - while others were asked: {:.1f} % of a core\n",
                        100 * server["idle_cpu"].get<double>());
  const json differences = server.value("differences", json::array());
  for (const json& line : differences) text += fmt::format("  - **{}**\n", line.get<std::string>());
  return text;
}

// Runs of before servers took turns recorded no rounds.
bool InTurns(const json& study) {
  return std::ranges::all_of(study["cells"], [](const json& cell) {
    return !cell.contains("raw") || cell["raw"].contains("round");
  });
}

// What today's rule says of a run of then.
std::string DriftToday(const json& study) {
  const json reasons = study.value("drift_reasons_today", json());
  if (!reasons.is_array()) return {};
  if (reasons.empty()) return "; by today's rule of drift there is no reason in it";
  std::string text = "; by today's rule of drift: ";
  for (const json& reason : reasons)
    text += (&reason == &reasons[0] ? "" : "; ") + reason.get<std::string>();
  return text;
}

std::string StagesText(const json& stages) {
  std::string text;
  for (Stage stage : kStages) {
    const std::string name(StageName(stage));
    if (stages.contains(name) && stages[name].get<double>() >= 0.005)
      text +=
          fmt::format("{}{} {:.2f}", text.empty() ? "" : ", ", name, stages[name].get<double>());
  }
  return text.empty() ? "-" : text;
}

}  // namespace

json StudyToJson(const Study& study, const std::string& command) {
  char time[32];
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  std::strftime(time, sizeof time, "%Y-%m-%dT%H:%M:%SZ", &utc);
  json libraries, servers = json::array(), cells = json::array();
  for (const Codec* codec : Codecs()) libraries[std::string(codec->name)] = codec->version();
  for (const StudyServer& s : study.servers) {
    servers.push_back(
        {{"name", s.name},
         {"title", s.title},
         {"version", s.version},
         {"status", s.status},
         {"intended", s.intended},
         {"effective", s.effective},
         {"idle_cpu", s.idle_cpu ? json(std::round(*s.idle_cpu * 1000) / 1000) : json()}});
    PutFindings(s.differences, "differences", "difference_ids", servers.back());
  }
  const StudyDrift drift = DriftOf(study.cells);
  size_t measured = 0, standing = 0;
  for (size_t i = 0; i < study.cells.size(); ++i) {
    cells.push_back(CellToJson(study.cells[i], drift.rows[i]));
    measured += study.cells[i].total_ms.empty() ? 0 : 1;
    standing += Stands(study.cells[i], drift.rows[i]) ? 1 : 0;
  }
  json out = {{"schema", kStudySchema},
              {"time", time},
              {"commit", BuiltFrom()},
              {"command", command},
              {"machine", DescribeMachine()},
              {"libraries", libraries},
              {"sittings", study.sittings},
              {"complete", study.complete},
              {"reportable", study.not_reportable.empty()},
              {"measured_cells", measured},
              {"standing_cells", standing},
              {"drift", DriftNote(drift)},
              {"servers", servers},
              {"cells", cells}};
  PutFindings(study.not_reportable, "not_reportable", "not_reportable_ids", out);
  out["remedies"] = RemediesFor(out);
  return out;
}

std::string StandingText(const json& study) {
  if (!study.contains("standing_cells")) return {};  // recorded before cells were judged
  const auto standing = study["standing_cells"].get<size_t>(),
             measured = study["measured_cells"].get<size_t>(), all = study["cells"].size();
  std::string text = fmt::format("{} of {} measured cells stand", standing, measured);
  if (standing < measured) text += "; the others say in the table what they break";
  if (measured < all) text += fmt::format("; not measured: {}", all - measured);
  return text + ".\n\n";
}

std::string StudyToMarkdown(const json& study) {
  std::string text = "# Study\n\n" + StandingText(study);
  const json& machine = study["machine"];
  text += fmt::format("{} on {} ({} cores), commit {}. ", study["time"].get<std::string>(),
                      machine["cpu"].get<std::string>(), machine["cores"].get<int>(),
                      study["commit"].get<std::string>());
  text += study["reportable"].get<bool>() ? "REPORTABLE.\n\n" : "**NOT REPORTABLE:**\n\n";
  for (const json& reason : study["not_reportable"])
    text += fmt::format("- {}\n", reason.get<std::string>());
  text += fmt::format("\nCommand: `{}`\n\n", study["command"].get<std::string>());
  if (study.contains("rendered"))
    text +=
        "Measured then; this page was made anew from study.json by `iiifbench study --render`. The "
        "reasons "
        "above are those of then" +
        DriftToday(study) + ".\n\n";
  if (const std::string drift = study.value("drift", ""); !drift.empty()) text += drift + "\n\n";
  text +=
      "Milliseconds, medians with the 95 % interval; floor: the same request by our kernels in "
      "process, ";
  text += InTurns(study) ? "measured in turns with the servers, in random order within every "
                           "request of every round; "
                         : "measured between the server's requests; ";
  text += "ratio: server / floor. Stages are the server's own word (Server-Timing or log).\n\n";
  for (const json& server : study["servers"]) {
    text += fmt::format("- **{}** {}: {}", server["title"].get<std::string>(),
                        server["version"].get<std::string>(),
                        OneLine(server["status"].get<std::string>()));
    text += "\n" + SettingsText(server);
  }
  text +=
      "\n| server | link | recipe | page | class | median | interval | first byte | floor | ratio "
      "| stages | "
      "unexplained | kB |\n";
  text += "|---|---|---|---|---|--:|---|--:|--:|--:|---|--:|--:|\n";
  int beaten = 0, rows = 0;
  NotRanked refused, wrong;
  for (const json& cell : study["cells"]) {
    const std::string server = cell["server"].get<std::string>(),
                      recipe = cell["recipe"].get<std::string>(),
                      status = OneLine(cell["status"].get<std::string>());
    if (status.starts_with(kWrongAnswer))
      wrong[server + " " + recipe + ": " + status.substr(kWrongAnswer.size())].push_back(
          cell["class"].get<std::string>());
    if (!cell.contains("median_ms")) {
      if (!status.starts_with(kWrongAnswer))
        refused[server + " " + recipe + ": " + status].push_back(cell["class"].get<std::string>());
      continue;
    }
    const std::string link = cell.value("link", std::string(kLoopback));
    const bool below = FloorBeaten(cell);
    ++rows;
    beaten += below ? 1 : 0;
    text += fmt::format(
        "| {} | {} | {} | {} | {} | {} | {}-{} | {} | {} | {}{} | {} | {} | {:.0f}{} |\n", server,
        link, recipe, cell["page"].get<std::string>(), cell["class"].get<std::string>(),
        Number(cell, "median_ms"), Number(cell, "median_low_ms"), Number(cell, "median_high_ms"),
        Number(cell, "first_byte_ms"), Number(cell, "floor_ms"), Number(cell, "ratio"),
        below ? " **FLOOR BEATEN**" : "", StagesText(cell["stages"]),
        Number(cell, "unexplained_ms"), cell["bytes"].get<double>() / 1000,
        MarksOf(cell) + (status == "measured" ? "" : "; **" + status + "**"));
  }
  text += rows == 0 ? "\nNothing was measured, so nothing is said of the floor.\n"
          : beaten == 0
              ? "\nThe floor holds: no server was below our kernels for any request.\n"
              : fmt::format("\n**The floor was beaten in {} cells: that is our bug.**\n", beaten);
  const auto any = [&](const char* field) {
    return std::ranges::any_of(study["cells"],
                               [&](const json& cell) { return cell.contains(field); });
  };
  if (any("changed")) text += fmt::format("\nOf changed pictures: {}\n", kChangedAdvice);
  if (any("not_judged"))
    text += fmt::format("\nOf pictures that are not judged: {}\n", kDoubtAdvice);
  text += NotRankedText("Wrong answers with status 200, whose time counts for nothing", wrong);
  text += NotRankedText("Not measured", refused);
  if (study.contains("verdicts")) text += "\n" + FoundingVerdictsToMarkdown(study["verdicts"]);
  return text;
}

void JudgeDriftAnew(json& study) {
  std::vector<StudyCell> cells;
  for (const json& cell : study["cells"]) {
    StudyCell& out = cells.emplace_back();
    out.server = cell.at("server"), out.recipe = cell.at("recipe"),
    out.request_class = cell.at("class");
    out.link = cell.value("link", std::string(kLoopback));
    const json raw = cell.value("raw", json::object());
    out.rounds = raw.value("round", std::vector<int>());
    out.total_ms = raw.value("total_ms", std::vector<double>());
  }
  const StudyDrift drift = DriftOf(cells);
  for (size_t i = 0; i < cells.size(); ++i) PutDrift(drift.rows[i], study["cells"][i]);
  study["drift"] = DriftNote(drift);
  PutFindings(DriftReasons(cells, drift), "drift_reasons_today", "drift_reasons_today_ids", study);
}

Result<void> SaveStudy(const json& study, const std::string& folder) {
  auto saved = WriteFile(folder + "/study.json", JsonText(study));
  if (!saved) return saved;
  return WriteFile(folder + "/study.md", StudyToMarkdown(study));
}

}  // namespace iiifbench
