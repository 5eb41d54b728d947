#include "harness/report/page/page.h"

#include <span>

#include "data/corpus.h"
#include "harness/report/page/markup.h"
#include "harness/report/page/page_css.h"
#include "harness/report/page/sections/sections.h"

namespace iiifbench {
namespace {

struct PagePart {
  const char *id, *title;
  std::string (*section)(const RunFiles&);
};
constexpr PagePart kParts[] = {{"answer", "Answer", AnswerSection},
                               {"what-if", "What would help", WhatIfSection},
                               {"latency", "Latency", LatencySection},
                               {"stages", "Stages", StageSection},
                               {"waste", "Waste", WasteSection},
                               {"load", "Waiting and network", LoadSection},
                               {"shards", "Shards", ShardSection},
                               {"archive", "Archive", ArchiveSection},
                               {"methods", "Methods", MethodSection},
                               {"flame", "Flame graph", FlameSection},
                               {"kernels", "Kernels", KernelSection},
                               {"peers", "Peers", PeerSection},
                               {"findings", "Findings", FindingSection},
                               {"validity", "Validity", ValiditySection},
                               {"reproduce", "Make it again", ReproduceSection}};

// "2026-11-26 00:14 UTC" from "2026-11-26T00:14:13Z"; anything else as it is.
std::string Readable(const std::string& time) {
  if (time.size() != 20 || time[10] != 'T' || time.back() != 'Z') return time;
  return time.substr(0, 10) + " " + time.substr(11, 5) + " UTC";
}

}  // namespace

std::string PageToHtml(const RunFiles& run) {
  const nlohmann::json& first = FirstOf(run);
  const nlohmann::json& machine = ObjectIn(first, "machine");
  std::string where =
      fmt::format("{} on {} ({} cores), commit {}.", Escaped(Readable(TextIn(first, "time"))),
                  Escaped(TextIn(machine, "cpu")), NumberIn(machine, "cores").value_or(0),
                  Escaped(TextIn(first, "commit")));
  if (TextIn(machine, "cpu").empty())
    where =
        fmt::format("{}{}On {}, version {}.", Escaped(TextIn(run.about, "started")),
                    TextIn(run.about, "started").empty() ? "" : ". ",
                    Escaped(TextIn(run.about, "machine")), Escaped(TextIn(run.about, "version")));
  if (const size_t shards = ListIn(run.shards, "shards").size(); shards > 0)
    where += fmt::format(" Joined from {} <a href=\"#shards\">shards</a>.", shards);
  std::string html = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'unsafe-inline'\">\n<meta name=\"viewport\" content=\"width=device-width, "
      "initial-scale=1\">\n"
      "<title>iiifbench: {}</title>\n<style>{}</style></head><body>\n<header><h1>Where the time "
      "goes</h1>\n"
      "<p>{} Latencies are milliseconds; <i>floor</i> is what the "
      "same pixels "
      "cost in our kernels on the same machine.</p>\n{}<nav>",
      Escaped(TextIn(first, "time")), kStyle, where, ValidityBadge(run));
  // What the folder does not hold stands last, each with the command that makes it.
  std::string links, missing, sections;
  for (const PagePart& part : kParts) {
    const std::string section = part.section(run);
    const bool empty = section.find(kEmpty) != std::string::npos;
    (empty ? missing : sections) += section;
    if (!empty) links += fmt::format("<a href=\"#{}\">{}</a> ", part.id, part.title);
  }
  html += links;
  if (!missing.empty()) {
    html += "<a class=\"note\" href=\"#missing\">Not in this folder</a>";
    missing = "<section id=\"missing\"><h2>Not in this folder</h2></section>\n" + missing;
  }
  html += "</nav></header>\n" + sections + missing;
  return html + "</body></html>\n";
}

Result<void> WritePage(const std::string& folder, const std::string& file) {
  auto run = ReadRunFiles(folder);
  if (!run) return run.error();
  const std::string html = PageToHtml(*run);
  return WriteFile(file, html);
}

}  // namespace iiifbench
