// Whether the run may be reported, where it was made and with what, the kernels, and how to make it
// again.
#include <algorithm>

#include "harness/report/page/markup.h"
#include "harness/report/page/sections/sections.h"
#include "harness/report/study/floor_beaten.h"

namespace iiifbench {
namespace {

using nlohmann::json;

constexpr size_t kShownReasons = 6;  // reasons that are not folded away

std::string Facts(const json& object) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& [name, value] : object.items()) {
    if (!value.is_primitive()) continue;
    const std::string text = value.is_string()         ? value.get<std::string>()
                             : value.is_number_float() ? fmt::format("{:.3g}", value.get<double>())
                                                       : value.dump();
    rows.push_back({Escaped(name), Escaped(text)});
  }
  return rows.empty() ? "" : Table({"", ""}, rows);
}

std::string Servers(const RunFiles& run) {
  std::vector<std::vector<std::string>> rows;
  for (const json& server : ListIn(run.study, "servers")) {
    std::string settings;
    for (const auto& [name, value] : ObjectIn(server, "effective").items()) {
      if (value.is_string())
        settings += fmt::format("{}{}: {}", settings.empty() ? "" : "; ", Escaped(name),
                                Escaped(value.get<std::string>()));
    }
    rows.push_back({ServerTitle(run, TextIn(server, "name")), Escaped(TextIn(server, "version")),
                    Escaped(TextIn(server, "status")), settings});
  }
  return rows.empty() ? ""
                      : "<h3>Servers and their settings, as read back</h3>" +
                            Table({"server", "version", "status", "settings"}, rows);
}

std::string Corpus(const RunFiles& run) {
  std::map<std::string, bool> recipes, pages;
  for (const json& cell : ListIn(run.study, "cells")) {
    recipes[TextIn(cell, "recipe")] = true;
    pages[TextIn(cell, "page")] = true;
  }
  auto joined = [](const std::map<std::string, bool>& names) {
    std::string out;
    for (const auto& [name, there] : names) {
      if (!name.empty()) out += (out.empty() ? "" : ", ") + Escaped(name);
    }
    return out;
  };
  std::vector<std::vector<std::string>> rows;
  if (!pages.empty()) rows.push_back({"study", joined(pages), joined(recipes)});
  for (const AttributionFile& file : run.attributions)
    rows.push_back(
        {Escaped(file.file), Escaped(TextIn(file.body, "source")), Escaped(file.recipe)});
  return rows.empty() ? "" : "<h3>Corpus</h3>" + Table({"from", "pages", "recipes"}, rows);
}

// The first as they are, the others folded: a wall of reasons is read by nobody.
std::string ShortList(const std::vector<std::string>& lines) {
  if (lines.size() <= kShownReasons + 1) return Bullets(lines);
  const auto cut = lines.begin() + static_cast<ptrdiff_t>(kShownReasons);
  return Bullets({lines.begin(), cut}) +
         Folded(fmt::format("{} more", lines.size() - kShownReasons), Bullets({cut, lines.end()}));
}

struct VariantTime {
  std::string name;
  double ms = 0;
};

double InMs(const json& benchmark) {
  const double time = NumberIn(benchmark, "real_time").value_or(0);
  const std::string unit = TextIn(benchmark, "time_unit");
  return unit == "ns" ? time / 1e6 : unit == "us" ? time / 1e3 : unit == "s" ? time * 1e3 : time;
}

// "33 of 35 measured cells stand"; empty: not recorded.
std::string StandingCells(const RunFiles& run) {
  const auto standing = NumberIn(run.study, "standing_cells"),
             measured = NumberIn(run.study, "measured_cells");
  if (!standing || !measured) return {};
  return fmt::format("{:g} of {:g} measured cells stand", *standing, *measured);
}

// One line for each cell that breaks a rule by itself.
std::vector<std::string> FallenCells(const RunFiles& run) {
  std::vector<std::string> lines;
  for (const json& cell : ListIn(run.study, "cells")) {
    auto faults = MarkedIn(cell, "faults", "fault_ids");
    if (cell.is_object() && cell.contains("drift_confirmed") && cell["drift_confirmed"] == true)
      faults.push_back(Marked({"rows-drift", "its drift is confirmed"}));
    if (faults.empty()) continue;
    const std::string link = TextIn(cell, "link");
    lines.push_back(
        Escaped(fmt::format("{} {} {}{}: ", TextIn(cell, "server"), TextIn(cell, "recipe"),
                            TextIn(cell, "class"),
                            link.empty() || link == "loopback" ? "" : " over " + link)) +
        fmt::format("{}", fmt::join(faults, "; ")));
  }
  return lines;
}

// A profile alone is no comparison that could be reported or not.
bool OnlyProfile(const RunFiles& run) {
  return run.study.is_null() && run.attributions.empty() && run.loads.empty();
}

}  // namespace

std::vector<std::string> NotReportable(const RunFiles& run) {
  std::vector<std::string> reasons;
  if (run.study.is_null() && run.attributions.empty()) {
    for (const NamedJson& load : run.loads) {
      for (const auto& reason : MarkedIn(load.body, "not_reportable", "not_reportable_ids"))
        reasons.push_back(Escaped(load.file) + ": " + reason);
    }
  } else if (run.study.is_null()) {
    reasons.push_back(Marked(
        {"no-study", "there is no study.json: no answer was compared with the floor in a study"}));
  } else {
    const auto found = run.study.find("reportable");
    reasons = MarkedIn(run.study, "not_reportable", "not_reportable_ids");
    if (reasons.empty() && (found == run.study.end() || *found != true))
      reasons.push_back(
          Marked({"not-said-reportable", "study.json does not say that it is reportable"}));
  }
  for (const auto& reason : MarkedIn(run.shards, "not_reportable", "not_reportable_ids"))
    reasons.push_back(reason);
  for (const json& cell : ListIn(run.study, "cells")) {
    if (FloorBeaten(cell))
      reasons.push_back(fmt::format("the floor was beaten: {} {} {} (that is our bug)",
                                    ServerTitle(run, TextIn(cell, "server")),
                                    Escaped(TextIn(cell, "recipe")),
                                    Escaped(TextIn(cell, "class"))) +
                        MarkOf(FindingName("floor-beaten").entry().id));
  }
  // A floor binds to one machine and one build.
  for (const AttributionFile& file : run.attributions) {
    if (run.study.is_null()) break;
    const std::string here = TextIn(ObjectIn(run.study, "machine"), "cpu"),
                      there = TextIn(ObjectIn(file.body, "machine"), "cpu");
    if (here != there)
      reasons.push_back(Marked(
          {"other-machine", fmt::format("{} was made on another machine ({}) than the study ({})",
                                        file.file, there, here)}));
    if (TextIn(run.study, "commit") != TextIn(file.body, "commit"))
      reasons.push_back(Marked(
          {"other-commit", fmt::format("{} was made by commit {}, the study by {}", file.file,
                                       TextIn(file.body, "commit"), TextIn(run.study, "commit"))}));
  }
  return reasons;
}

std::string ValidityBadge(const RunFiles& run) {
  if (OnlyProfile(run)) return {};
  const auto reasons = NotReportable(run);
  if (reasons.empty())
    return fmt::format("<p class=\"badge good\">REPORTABLE{}</p>\n",
                       FallenCells(run).empty() ? "" : ": " + StandingCells(run));
  return fmt::format("<p class=\"badge wrong\">NOT REPORTABLE: {}{}</p>\n", reasons.front(),
                     reasons.size() > 1
                         ? fmt::format("; <a href=\"#validity\">{} more</a>", reasons.size() - 1)
                         : "");
}

std::string ValiditySection(const RunFiles& run) {
  const auto reasons = NotReportable(run);
  std::string html =
      OnlyProfile(run) ? "<p>Costs are those of our kernels on one machine, one request at a "
                         "time, without a network.</p>"
      : reasons.empty()
          ? "<p><b class=\"ok\">REPORTABLE</b>: no rule of the study was broken.</p>"
          : "<p><b class=\"bad\">NOT REPORTABLE</b>, because:</p>" + ShortList(reasons);
  if (const auto fallen = FallenCells(run); !fallen.empty())
    html += fmt::format("<h3>{}</h3><p>The others break a rule by themselves:</p>",
                        StandingCells(run).empty() ? "Marked cells" : StandingCells(run)) +
            ShortList(fallen);
  std::vector<std::string> refusals;
  for (const AttributionFile& file : run.attributions) {
    for (const auto& refusal : MarkedIn(file.body, "refusals", "refusal_ids"))
      refusals.push_back(
          fmt::format("{} {}: {}", ServerTitle(run, file.server), Escaped(file.recipe), refusal));
  }
  if (!refusals.empty())
    html += "<h3>What the attributions refused to say</h3>" + ShortList(refusals);
  const json& first = FirstOf(run);
  html += fmt::format("<h3>Machine and versions</h3><p>{}, commit {}</p><div class=\"panels\">",
                      Escaped(TextIn(first, "time")), Escaped(TextIn(first, "commit")));
  html += Facts(ObjectIn(first, "machine")) + Facts(ObjectIn(run.study, "libraries")) + "</div>";
  return Section("validity", "Validity", html + Servers(run) + Corpus(run));
}

std::string ReproduceSection(const RunFiles& run) {
  std::string html = "<pre>";
  if (!TextIn(run.study, "command").empty()) html += Escaped(TextIn(run.study, "command")) + "\n";
  for (const AttributionFile& file : run.attributions) {
    const std::string command = TextIn(file.body, "command");
    if (!command.empty()) html += Escaped(command) + "\n";
  }
  html += "iiifbench page " + Escaped(run.folder) + "</pre>\n";
  return Section("reproduce", "Make it again", html);
}

std::string KernelSection(const RunFiles& run) {
  std::string html;
  for (const NamedJson& file : run.kernels) {
    // "a/b/variant:naive/real_time" -> the case "a/b" and its variant.
    std::vector<std::pair<std::string, std::vector<VariantTime>>> cases;
    std::vector<std::string> variants;
    for (const json& benchmark : ListIn(file.body, "benchmarks")) {
      std::string name = TextIn(benchmark, "name"), variant = "time";
      if (name.empty() || !NumberIn(benchmark, "real_time") ||
          TextIn(benchmark, "run_type") == "aggregate")
        continue;
      if (const size_t at = name.find("/variant:"); at != std::string::npos) {
        variant = name.substr(at + 9, name.find('/', at + 1) - at - 9);
        name.resize(at);
      }
      if (std::ranges::find(variants, variant) == variants.end()) variants.push_back(variant);
      if (cases.empty() || cases.back().first != name) cases.push_back({name, {}});
      cases.back().second.push_back({variant, InMs(benchmark)});
    }
    if (cases.empty()) continue;
    std::vector<std::string> columns = {"case"};
    for (const auto& variant : variants) columns.push_back(">" + Escaped(variant) + " ms");
    std::vector<std::vector<std::string>> rows;
    for (const auto& [name, times] : cases) {
      std::vector<std::string> row = {Escaped(name)};
      for (const auto& variant : variants) {
        const auto found = std::ranges::find(times, variant, &VariantTime::name);
        row.push_back(found == times.end() ? "" : MsText(found->ms));
      }
      rows.push_back(std::move(row));
    }
    html += Folded(fmt::format("{} <small>{} cases</small>", Escaped(file.file), cases.size()),
                   Table(columns, rows));
  }
  if (html.empty())
    html = Missing("No kernel measurements are in this folder.",
                   "region_decode --benchmark_out=" + run.folder +
                       "/region_decode.json --benchmark_out_format=json");
  return Section("kernels", "Kernels", html);
}

}  // namespace iiifbench
