#include "harness/report/page/page.h"

#include <span>

#include "data/corpus.h"
#include "harness/report/page/markup.h"
#include "harness/report/page/sections/sections.h"

namespace iiifbench {
namespace {

// Stages in Okabe and Ito's colours; in-<stage> is the text upon them.
constexpr char kStyle[] = R"(
:root{color-scheme:light dark;--ink:#1b1b1b;--soft:#5c5c5c;--paper:#fff;--card:#f6f6f4;--line:#d8d8d4;--bad:#b00020;--ok:#116329;--link:#0550ae}
@media(prefers-color-scheme:dark){:root{--ink:#ececea;--soft:#a8a8a4;--paper:#16171a;--card:#202226;--line:#3a3d42;--bad:#ff8a80;--ok:#7ee2a0;--link:#79b8ff}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1180px;padding:1rem 1.25rem 3rem;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
h1{font-size:1.5rem;margin:.4rem 0}h2{font-size:1.2rem;margin:0 0 .5rem}h3{font-size:1rem;margin:.8rem 0 .3rem}h4{font-size:.95rem;margin:1rem 0 .2rem;font-weight:600}
summary h3{display:inline;margin:0}small{color:var(--soft);font-size:.82em;font-weight:400}a{color:var(--link)}
section{margin:1.6rem 0 0;padding-top:1rem;border-top:1px solid var(--line)}
nav{display:flex;flex-wrap:wrap;gap:.2rem .9rem;font-size:.9rem}
.badge{display:inline-block;padding:.25rem .7rem;border-radius:.4rem;font-weight:600;border:2px solid;margin:.3rem 0}
.good,.ok{color:var(--ok)}.wrong,.bad{color:var(--bad)}small.bad,span.bad{font-weight:600;color:var(--bad)}
.answer{background:var(--card);border-left:4px solid #0072b2;padding:.3rem .8rem;border-radius:.2rem}
.lead{font-size:1.08rem;padding:.6rem .9rem}.lead p{margin:.2rem 0}
.answer ul{margin:.2rem 0;padding-left:1.1rem}.answer li{margin:.55rem 0}:target{scroll-margin-top:1rem}
.missing{background:var(--card);border:1px dashed var(--line);padding:.6rem .8rem;border-radius:.3rem;color:var(--soft)}
.note{color:var(--soft);font-size:.9rem}code,pre{font-family:ui-monospace,monospace;font-size:.87em;overflow-wrap:anywhere}
pre{background:var(--card);padding:.7rem .9rem;border-radius:.3rem;white-space:pre-wrap}
details{margin:.5rem 0}summary{cursor:pointer;padding:.2rem 0}
.wide{overflow-x:auto}table{border-collapse:collapse;font-size:.87rem;margin:.3rem 0}
th,td{padding:.22rem .6rem;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}th{font-weight:600;vertical-align:bottom}
.member{padding-left:1.4em;color:var(--soft)}.empty h2{font-size:.95rem;margin:0}.empty{margin:.5rem 0 0;padding:.3rem 0 0;border:0}
td:not(.n){min-width:6.5rem}td small{overflow-wrap:anywhere}small small{font-size:1em}
.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.legend{display:flex;flex-wrap:wrap;gap:.15rem .9rem;font-size:.85rem;margin:.4rem 0}.legend span{white-space:nowrap}.legend span:last-child{white-space:normal}
.swatch{width:.8em;height:.8em;margin-right:.35em;vertical-align:-.05em}
.panels{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,30rem),1fr));gap:.8rem 1.6rem;align-items:start}
figure{margin:.2rem 0;min-width:0}figcaption{font-weight:600;font-size:.92rem;border-bottom:1px solid var(--line);margin-bottom:.3rem}
.row{display:grid;grid-template-columns:9.6rem minmax(0,1fr) 6.4rem;gap:.6rem;align-items:center;margin:.15rem 0}
.who{font-size:.85rem;line-height:1.2}.who small{display:block}.val{font-size:.85rem;line-height:1.2;text-align:right;font-variant-numeric:tabular-nums}
svg{display:block;overflow:visible}.swatch{display:inline-block}.legend .swatch{display:inline-block}
svg text{font:11px system-ui,sans-serif;fill:var(--ink);text-anchor:middle;pointer-events:none}
svg text.first,svg text.left{text-anchor:start}.axis line{stroke:var(--soft)}.axis text{fill:var(--soft)}
.bar rect,.flame rect{stroke:var(--paper);stroke-width:.6}.flame svg{overflow:hidden}
.whisker{stroke:var(--ink);stroke-width:1.6}.halo{stroke:var(--paper);stroke-width:4}
.plot{margin:.4rem 0}.grid{stroke:var(--line)}line.curve{stroke:#0072b2;stroke-width:2.2}circle.curve{fill:#0072b2}
line.service{stroke:#d55e00;stroke-width:2;stroke-dasharray:5 4}line.knee{stroke:var(--bad);stroke-dasharray:2 3}
.s-network{fill:#56b4e9}.s-wait{fill:#f0e442}.s-read{fill:#009e73}.s-decode{fill:#0072b2}.s-resize{fill:#e69f00}
.s-convert{fill:#cc79a7}.s-encode{fill:#d55e00}.s-overhead{fill:#7f7f7f}
.s-unexplained{fill:var(--paper);stroke:var(--soft)!important;stroke-width:1;stroke-dasharray:3 2}.s-unsplit{fill:var(--line)}
svg text.in-bands{fill:var(--ink);stroke:var(--paper);stroke-width:3;paint-order:stroke;font-weight:600}
svg text.in-decode,svg text.in-overhead,svg text.in-encode,svg text.in-read{fill:#fff}
svg text.in-network,svg text.in-wait,svg text.in-resize,svg text.in-convert{fill:#111}
@media(max-width:640px){body{padding:.7rem .8rem 2rem}.row{grid-template-columns:minmax(0,1fr) auto;gap:.1rem .6rem;margin:.45rem 0}
.row .bar,.row .axis{grid-column:1/3;grid-row:2}.who small{display:inline;margin-left:.4em}.val{white-space:nowrap}}
)";

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
  std::string html = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'unsafe-inline'\">\n<meta name=\"viewport\" content=\"width=device-width, "
      "initial-scale=1\">\n"
      "<title>iiifbench: {}</title>\n<style>{}</style></head><body>\n<header><h1>Where the time "
      "goes</h1>\n"
      "<p>{} on {} ({} cores), commit {}. Latencies are milliseconds; <i>floor</i> is what the "
      "same pixels "
      "cost in our kernels on the same machine.</p>\n{}<nav>",
      Escaped(TextIn(first, "time")), kStyle, Escaped(Readable(TextIn(first, "time"))),
      Escaped(TextIn(machine, "cpu")), NumberIn(machine, "cores").value_or(0),
      Escaped(TextIn(first, "commit")), ValidityBadge(run));
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
