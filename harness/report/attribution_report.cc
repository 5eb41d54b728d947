#include "harness/report/attribution_report.h"

#include <algorithm>
#include <ctime>

#include "data/built_from.h"
#include "harness/attribution/evidence/reconcile.h"
#include "harness/attribution/model/priors.h"
#include "harness/attribution/observe/match_resize.h"
#include "harness/report/change_first.h"
#include "harness/report/machine.h"
#include "harness/report/rounded.h"
#include "harness/report/what_if_table.h"

namespace iiifbench {
namespace {

using nlohmann::json;

json EstimateToJson(const StageEstimate& e) {
  return {{"ms", Rounded(e.ms)}, {"low", Rounded(e.low)}, {"high", Rounded(e.high)}};
}

// null: not measured.
json Measured(std::optional<double> value) { return value ? json(*value) : json(); }

json LoadedToJson(const Loaded& l) {
  json out = {
      {"clients", l.clients},
      {"latency_ms", Rounded(l.latency_ms)},
      {"stages",
       {{"wait",
         {{"ms", Rounded(l.waiting_ms)}, {"low", Rounded(l.low)}, {"high", Rounded(l.high)}}},
        {"service", {{"ms", Rounded(l.service_ms)}}}}},
      {"rate_per_second", Rounded(l.rate_per_second)},
      {"in_flight_per_client", Rounded(l.little)},
      {"run_queue_ms", Rounded(l.run_queue_ms)},
      {"busy_factor", Rounded(l.busy_factor)},
      {"answers", l.answers},
      {"failures", l.failures},
      {"served_at_a_time", Rounded(l.at_a_time)},
      {"refusal", l.refusal ? l.refusal->text : std::string()}};
  PutFindings(l.findings, "findings", "finding_ids", out);
  if (l.refusal) out["refusal_id"] = l.refusal->id;
  return out;
}

// Milliseconds, counts and megabytes, in the names that they have had from the first.
json UsageToJson(const ProcessUsage& usage) {
  return {{"cpu", Rounded(usage.on_cpu_ms)},
          {"run-queue", Rounded(usage.run_queue_ms)},
          {"faults", Rounded(usage.faults)},
          {"major-faults", Rounded(usage.major_faults)},
          {"child-faults", Rounded(usage.child_faults)},
          {"file-mb", Rounded(usage.file_mb)},
          {"peak-rss-mb", Rounded(usage.peak_rss_mb)}};
}

json RequestToJson(const RequestAttribution& r) {
  json stages = json::object(), methods = json::object();
  for (const auto& [stage, estimate] : r.stages)
    stages[std::string(StageName(stage))] = EstimateToJson(estimate);
  for (const auto& [method, parts] : r.methods) {
    for (const auto& [part, ms] : parts) methods[method][std::string(PartName(part))] = Rounded(ms);
  }
  if (r.process) methods["cpu"] = UsageToJson(*r.process);
  if (r.store) {
    methods["store"]["requests"] = Rounded(r.store->requests);
    methods["store"]["mb"] = Rounded(r.store->mb);
  }
  json out = {
      {"path", r.path},
      {"n", r.samples},
      {"measured_ms", Rounded(r.measured_ms)},
      {"predicted_ms", Rounded(r.predicted_ms)},
      {"first_byte_ms", Rounded(r.first_byte_ms)},
      {"stages", stages},
      {"merged", MergedNames(r.merged)},
      {"unexplained_ms", Rounded(r.unexplained_ms)},
      {"methods", methods},
      {"pixels",
       {{"decoded", r.pixels_decoded}, {"needed", r.pixels_needed}, {"out", r.pixels_out}}}};
  if (r.loaded) out["loaded"] = LoadedToJson(*r.loaded);
  return out;
}

// The rows of the methods beside one another.
json RowsToJson(const Reconciled& reconciled) {
  json out = json::array();
  for (const auto& row : reconciled.rows) {
    out.push_back({{"stage", row.stage}, {"ms", json::object()}});
    for (const auto& [method, ms] : row.ms) out.back()["ms"][method] = Rounded(ms);
  }
  return out;
}

// What the pixels of answers say of the resize.
json PixelsToJson(const ResizePixels& pixels) {
  const auto match = [](const PixelMatch& m) {
    return json{{"filter", FilterName(m.filter)},
                {"levels", LevelUseName(m.levels)},
                {"rms", Rounded(m.rms)}};
  };
  json out = match(pixels.matches.front());
  out["alike"] = pixels.alike;
  out["identified"] = pixels.filter_identified;
  out["level_identified"] = pixels.level_identified;
  out["runner_up"] = match(pixels.other_filter());
  out["sentence"] = Describe(pixels);
  return out;
}

// What is said of a file that was not at hand.
json StoredToJson(const StoredVerdict& v) {
  json out = {{"fetched", v.fetched},
              {"stored", json::array()},
              {"stand_ins", json::array()},
              {"cannot_say", v.cannot_say},
              {"next", v.next}};
  for (const StoredField& f : v.fields)
    out["stored"].push_back({{"what", f.what},
                             {"value", f.value},
                             {"identified", f.identified},
                             {"candidates", f.candidates},
                             {"by", f.by}});
  for (const StandInVerdict& s : v.candidates)
    out["stand_ins"].push_back(
        {{"name", s.name}, {"error", Measured(s.error)}, {"rejected", s.rejected}});
  return out;
}

// What the estimator takes for given.
json PriorsToJson() {
  json out = json::array();
  for (const PriorValue& prior : Priors())
    out.push_back({{"name", prior.name},
                   {"value", prior.value},
                   {"unit", prior.unit},
                   {"chosen", prior.chosen},
                   {"breaks", prior.breaks}});
  return out;
}

std::string Time() {
  const std::time_t now = std::time(nullptr);
  char text[32];
  std::strftime(text, sizeof text, "%FT%TZ", std::gmtime(&now));
  return text;
}

}  // namespace

json AttributionToJson(const Attribution& a, const Observed& o, const std::string& command) {
  json out = {{"schema", 1},
              {"time", Time()},
              {"commit", BuiltFrom()},
              {"command", command},
              {"machine", DescribeMachine()},
              {"url", a.url},
              {"source", a.source},
              {"codec", a.codec},
              {"seconds", Rounded(o.seconds)},
              {"rounds", o.rounds},
              {"sentence", a.sentence},
              {"about", a.requests.empty() ? "" : a.requests[a.about].path},
              {"condition", a.condition}};
  PutFindings(a.findings, "findings", "finding_ids", out);
  PutFindings(a.refusals, "refusals", "refusal_ids", out);
  out["requests"] = json::array();
  std::vector<Finding> disagreements;
  std::map<std::string, bool> methods;
  for (const auto& request : a.requests) {
    out["requests"].push_back(RequestToJson(request));
    const Reconciled reconciled = Reconcile(request);
    out["requests"].back()["reconciled"] = RowsToJson(reconciled);
    for (const Finding& line : reconciled.disagreements) disagreements.push_back(line);
    for (const auto& [method, parts] : request.methods) {
      if (!parts.empty()) methods[method] = true;
    }
    if (request.process) methods["cpu"] = true;
  }
  PutFindings(disagreements, "disagreements", "disagreement_ids", out);
  out["remedies"] = RemediesFor(out);
  out["methods"] = json::array();
  for (const auto& [method, there] : methods) out["methods"].push_back(method);
  out["strategy"] = json::object();
  for (const auto& s : a.strategy) {
    out["strategy"][s.stage] = {{"name", s.name},           {"aliases", s.aliases},
                                {"error", s.error},         {"identified", s.identified},
                                {"runner_up", s.runner_up}, {"runner_up_error", s.runner_up_error},
                                {"by_pixels", s.by_pixels}};
  }
  if (o.resize_pixels && out["strategy"].contains("resize"))
    out["strategy"]["resize"]["filter"] = PixelsToJson(*o.resize_pixels);
  if (a.stored) out["without_file"] = StoredToJson(*a.stored);
  out["multiples"] = json::object();
  for (const auto& [stage, estimate] : a.multiples)
    out["multiples"][std::string(StageName(stage))] = EstimateToJson(estimate);
  out["what_ifs"] = WhatIfsToJson(a);
  out["not_offered"] = NotOfferedToJson(a);
  out["signatures"] = {{"second_to_first", Measured(o.signatures.second_to_first)},
                       {"bottom_to_top", Measured(o.signatures.bottom_to_top)},
                       {"above_level", Measured(o.signatures.above_level)},
                       {"pixel_to_small", Measured(o.signatures.pixel_to_small)},
                       {"info_to_small", Measured(o.signatures.info_to_small)}};
  out["network"] = {{"round_trip_ms", Rounded(o.network.round_trip_ms)},
                    {"connect_ms", Rounded(o.network.connect_ms)},
                    {"tls_ms", Rounded(o.network.tls_ms)},
                    {"ms_per_mb", Rounded(o.network.ms_per_mb)}};
  out["errors"] = {{"model", a.fit_error},
                   {"geometric", Measured(a.geometric_error)},
                   {"naive", Measured(a.naive_error)}};
  out["probes"] = json::array();
  std::string encoder;
  for (size_t i = 0; i < o.cases.size(); ++i) {
    const Case& c = o.cases[i];
    json samples = json::array();
    for (double ms : c.samples_ms) samples.push_back(Rounded(ms));
    out["probes"].push_back({{"name", c.probe.name},
                             {"path", c.probe.path},
                             {"image", c.probe.image},
                             {"held_out", c.held_out},
                             {"samples_ms", samples},
                             {"fixed_ms", Rounded(c.fixed_ms)}});
    if (i < a.predicted_ms.size())
      out["probes"].back()["predicted_ms"] = Rounded(a.predicted_ms[i]);
    if (encoder.empty() && c.answer.size.width > 0) encoder = Describe(c.answer);
  }
  out["answer_encoder"] = encoder;
  out["priors"] = PriorsToJson();
  out["kernels"] = json::array();
  for (int i = 0; i < o.costs->count(); ++i) {
    if (o.costs->samples(i) > 0)
      out["kernels"].push_back({{"work", o.costs->key(i)},
                                {"ms", Rounded(o.costs->ms(i))},
                                {"samples", o.costs->samples(i)}});
  }
  return out;
}

namespace {

// The file behind the URL, as far as it is told.
std::string StoredToText(const json& w) {
  std::string out = fmt::format("without the file; fetched {}\n", w["fetched"].get<std::string>());
  for (const auto& field : w["stored"]) {
    const std::string by = field["by"];
    out += fmt::format(
        "  {}: {}{}\n", field["what"].get<std::string>(),
        field["identified"].get<bool>()
            ? field["value"].get<std::string>()
            : fmt::format("NOT IDENTIFIED: {}",
                          fmt::join(field["candidates"].get<std::vector<std::string>>(), " or ")),
        by.empty() ? "" : " (" + by + ")");
  }
  for (const auto& line : w["cannot_say"])
    out += fmt::format("  not said: {}\n", line.get<std::string>());
  const std::string next = w["next"];
  if (!next.empty()) out += fmt::format("  next: {}\n", next);
  return out;
}

// Methods that name something of this request; those that count no stages come in a line of their
// own.
std::string MethodTable(const json& r) {
  std::vector<std::string> methods;
  for (const char* method : {"probe", "server-timing", "log", "profile", "interpose", "store",
                             "floor", "geometric", "naive"}) {
    if (r["methods"].contains(method) && !r["methods"][method].empty()) methods.push_back(method);
  }
  std::string out = fmt::format("    {:<32}", "ms by");
  for (const auto& method : methods) out += fmt::format("{:>14}", method);
  out += "\n";
  auto line = [&](const std::string& name, auto value) {
    std::string cells;
    bool any = false;
    for (const auto& method : methods) {
      const json ms = value(method);
      any |= ms.is_number() && ms.get<double>() >= 0.005;
      cells +=
          ms.is_number() ? fmt::format("{:>14.2f}", ms.get<double>()) : fmt::format("{:>14}", "-");
    }
    if (any) out += fmt::format("    {:<32}{}\n", name, cells);
  };
  for (const auto& row : r["reconciled"])
    line(row["stage"], [&](const std::string& method) { return row["ms"].value(method, json()); });
  for (OtherPart part :
       {OtherPart::kEitherJpeg, OtherPart::kBetweenCalls, OtherPart::kUnknown,
        OtherPart::kBackground, OtherPart::kRunQueue, OtherPart::kOffCpu, OtherPart::kTotal}) {
    const std::string name(PartName(part));
    line(name, [&](const std::string& method) { return r["methods"][method].value(name, json()); });
  }
  if (r["methods"].contains("fresh")) {
    const json& fresh = r["methods"]["fresh"];
    out += fmt::format(
        "    fresh connection: {:.2f} ms: connect {:.2f}, TLS {:.2f}, first byte after {:.2f}, "
        "body "
        "{:.2f}\n",
        fresh.value("total", 0.0), fresh.value("connect", 0.0), fresh.value("tls", 0.0),
        fresh.value("first-byte", 0.0), fresh.value("body", 0.0));
  }
  if (r["methods"].contains("cpu") && r["methods"]["cpu"].contains("cpu")) {
    const json& cpu = r["methods"]["cpu"];
    out += fmt::format("    /proc: {:.2f} ms on a processor, {:.2f} ms ready but waiting for one",
                       cpu.value("cpu", 0.0), cpu.value("run-queue", 0.0));
    if (cpu.contains("faults"))
      out += fmt::format(", {:.0f} page faults ({:.0f} from disk), {:.0f} MB at most",
                         cpu.value("faults", 0.0), cpu.value("major-faults", 0.0),
                         cpu.value("peak-rss-mb", 0.0));
    out += "\n";
  }
  return out;
}

}  // namespace

std::string AttributionToText(const json& a) {
  std::string out;
  for (const auto& refusal : a["refusals"])
    out += fmt::format("REFUSED: {}\n", refusal.get<std::string>());
  // What was found holds the reason more often than not.
  if (a["requests"].empty()) {
    for (const auto& finding : a["findings"])
      out += fmt::format("finding: {}\n", finding.get<std::string>());
    return out;
  }
  out += a["sentence"].get<std::string>() + "\n" + ChangeFirst(a) + "\n\n";
  if (a["network"]["tls_ms"].get<double>() > 0)
    out += fmt::format(
        "A fresh connection pays {:.2f} ms to connect and {:.2f} ms for TLS before its request; a "
        "kept one "
        "pays neither, and neither is in the stages.\n\n",
        a["network"]["connect_ms"].get<double>(), a["network"]["tls_ms"].get<double>());
  out += fmt::format("{:<44} {:>9}  {}\n", "request", "measured", "stages in ms, 95 % interval");
  for (const auto& r : a["requests"]) {
    const double measured = r["measured_ms"];
    std::string stages;
    // The way first, then the program, then its work in its order.
    for (Stage stage : {Stage::kNetwork, Stage::kWait, Stage::kOverhead, Stage::kRead,
                        Stage::kDecode, Stage::kResize, Stage::kConvert, Stage::kEncode}) {
      const std::string name(StageName(stage));
      if (!r["stages"].contains(name)) continue;
      const auto& s = r["stages"][name];
      const double ms = s["ms"], low = s["low"], high = s["high"];
      if (ms < 0.005 && high < 0.01 * measured) continue;
      stages += fmt::format("{}{} {:.2f}", stages.empty() ? "" : ", ", name, ms);
      if (high - low > 0.01 * measured) stages += fmt::format(" ({:.2f}-{:.2f})", low, high);
    }
    stages += fmt::format(", unexplained {:.2f}", r["unexplained_ms"].get<double>());
    stages += fmt::format(", predicted by the fit alone {:.2f}", r.value("predicted_ms", 0.0));
    for (const auto& group : r["merged"])
      stages +=
          fmt::format("; not separable: {}", fmt::join(group.get<std::vector<std::string>>(), "+"));
    out += fmt::format("{:<44} {:>9.2f}  {}\n", r["path"].get<std::string>(), measured, stages);
    out += MethodTable(r);
  }
  out += "\n";
  if (a.contains("without_file")) out += StoredToText(a["without_file"]);
  for (const auto& [stage, s] : a["strategy"].items()) {
    const std::string runner_up = s["runner_up"];
    out += fmt::format("{}: {} {} (error {:.1f} %, {})\n", stage, s["name"].get<std::string>(),
                       s["identified"].get<bool>() ? "identified" : "NOT IDENTIFIED",
                       100 * s["error"].get<double>(),
                       s.value("by_pixels", false) ? "by its pixels"
                       : runner_up.empty()         ? "nothing else explains the probes"
                                                   : fmt::format("next {} {:.1f} %", runner_up,
                                                                 100 * s["runner_up_error"].get<double>()));
  }
  if (a["strategy"].contains("resize")) {
    const json filter = a["strategy"]["resize"].value("filter", json());
    if (filter.is_object()) out += filter["sentence"].get<std::string>() + "\n";
  }
  for (const auto& [stage, m] : a["multiples"].items())
    out += fmt::format("{} runs at {:.2f} ({:.2f}-{:.2f}) times our kernel\n", stage,
                       m["ms"].get<double>(), m["low"].get<double>(), m["high"].get<double>());
  const auto error = [&](const char* model) {
    const json& value = a["errors"][model];
    return value.is_number() ? fmt::format("{:.1f} %", 100 * value.get<double>())
                             : std::string("not defined here");
  };
  out += fmt::format("answers: {}; error of simpler models: geometric {}, naive {}\n",
                     a["answer_encoder"].get<std::string>(), error("geometric"), error("naive"));
  for (const auto& finding : a["findings"])
    out += fmt::format("finding: {}\n", finding.get<std::string>());
  for (const auto& line : a["disagreements"])
    out += fmt::format("methods disagree: {}\n", line.get<std::string>());
  return out + WhatIfTable(a["what_ifs"], a.value("not_offered", json::array()));
}

}  // namespace iiifbench
