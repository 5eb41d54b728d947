#include "harness/report/load/load_report.h"

#include <fmt/chrono.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <set>

#include "data/built_from.h"
#include "harness/answers/response_check.h"
#include "harness/load/generator/waiting.h"
#include "harness/load/sweep/knee.h"
#include "harness/report/machine.h"

namespace iiifbench {
namespace {

using nlohmann::json;

json FailuresToJson(const LoadPoint& point) {
  json out = json::object();
  for (const auto& [name, histogram] : point.failures)
    out[name] = {{"count", histogram.count()}, {"hdr", histogram.Encode()}};
  return out;
}

json ClassesToJson(const LoadPoint& point) {
  json out = json::object();
  for (const auto& [name, figures] : point.classes) {
    json& one = out[name] = {{"answers", figures.answers},
                             {"median_ms", figures.median_ms},
                             {"mean_bytes", figures.mean_bytes}};
    if (!figures.median_interval) continue;
    one["low_ms"] = figures.median_interval->low;
    one["high_ms"] = figures.median_interval->high;
  }
  return out;
}

json CheckToJson(const LoadStep& step) {
  const BodyCheck& check = step.check;
  return {{"checked", check.checked},
          {"kept", check.kept},
          {"kept_one_in", step.kept_one_in},
          {"wrong", check.wrong},
          {"how",
           check.compared ? "decoded and compared with our rendering" : "decoded, size compared"},
          {"examples", check.examples},
          {"rounded", check.rounded},
          {"roundings", check.roundings},
          {"changed_answers", check.changed},
          {"changed", check.changes},
          {"not_judged_answers", check.doubted},
          {"not_judged", check.doubts}};
}

json StepToJson(const LoadStep& step, const char* axis, double alone_ms) {
  const LoadPoint& point = step.point;
  json out = {
      {axis, step.load},
      {"answers", point.answers},
      {"failed", point.failed},
      {"failures", FailuresToJson(point)},
      {"seconds", point.seconds},
      {"throughput", point.throughput},
      {"bytes_per_second", point.bytes_per_second},
      {"parts_ms", point.parts_ms},
      {"lag_ms", {{"p50", point.lag_p50_ms}, {"p90", point.lag_p90_ms}, {"max", point.lag_max_ms}}},
      {"in_flight", point.in_flight},
      {"little", {{"latency_ms", point.little_ms}, {"error", point.little_error}}},
      {"client_cpu", step.client_cpu},
      {"reused", point.reused},
      {"http_version", point.http_version},
      {"check", CheckToJson(step)},
      {"classes", ClassesToJson(point)},
      {"hdr", point.histogram.Encode()},
      {"status_id", IdOf(point.state.status)}};
  PutFindings(point.refused, "refused", "refused_ids", out);
  PutFindings(point.not_reportable, "not_reportable", "not_reportable_ids", out);
  if (point.overloaded()) out["overloaded"] = Words(point.state);
  for (const Percentile& p : point.percentiles) {
    if (point.overloaded()) break;
    out["percentiles"][fmt::format("p{:g}", 100 * p.p)] = {
        {"ms", p.ms}, {"low_ms", p.interval.low}, {"high_ms", p.interval.high}};
  }
  if (!point.percentiles.empty() && !point.overloaded()) {
    out["latency_ms"] = point.median_ms();
    out["low_ms"] = point.percentiles.front().interval.low;
    out["high_ms"] = point.percentiles.front().interval.high;
  }
  if (step.sittings > 1) out["sittings"] = step.sittings;
  if (alone_ms > 0) out["service_ms"] = alone_ms;
  if (step.server) {
    out["cpu_ms_per_request"] = step.server->cpu_ms;
    out["run_queue_ms_per_request"] = step.server->run_queue_ms;
    if (step.server->peak_memory_mb) out["peak_memory_mb"] = *step.server->peak_memory_mb;
  }
  return out;
}

// What waits for what, at each number of clients.
std::vector<Finding> Waiting(const LoadSweep& sweep, double alone_mean_ms) {
  std::vector<Finding> out;
  if (sweep.by_rate) return out;
  for (const LoadStep& step : sweep.steps) {
    const LoadPoint& point = step.point;
    if (point.answers == 0) continue;
    const WaitingVerdict verdict =
        JudgeWaiting({.clients = static_cast<int>(step.load),
                      .service_ms = alone_mean_ms,
                      .latency_ms = point.little_ms,
                      .throughput = point.throughput,
                      .in_flight = point.in_flight,
                      .cpu_ms_per_request = step.server ? step.server->cpu_ms : 0,
                      .cores = static_cast<int>(::sysconf(_SC_NPROCESSORS_ONLN))});
    for (const auto* list : {&verdict.findings, &verdict.refusals}) {
      for (const Finding& finding : *list)
        out.push_back(At(fmt::format("{:g} clients", step.load), finding));
    }
  }
  return out;
}

json KneeToJson(const Knee& knee, const char* axis) {
  if (!knee.at) return {{"refused", knee.refused->text}, {"refused_id", knee.refused->id}};
  return {{axis, *knee.at},
          {"low", knee.interval.low},
          {"high", knee.interval.high},
          {"how", knee.how}};
}

void Scalability(const LoadSweep& sweep, json& out) {
  std::vector<UslPoint> points;
  for (const LoadStep& step : sweep.steps)
    points.push_back({.clients = step.load, .slices = step.point.slices});
  const auto fit = FitUsl(points);
  if (!fit) {
    out["scalability"] = {{"refused", fit.error().message},
                          {"refused_id", FindingName("no-scalability-law").entry().id}};
    return;
  }
  auto with = [](double value, const Interval& interval) {
    return json{{"value", value}, {"low", interval.low}, {"high", interval.high}};
  };
  out["scalability"] = {{"law", "X(N) = lambda N / (1 + sigma (N - 1) + kappa N (N - 1))"},
                        {"lambda_per_second", with(fit->lambda, fit->lambda_interval)},
                        {"sigma", with(fit->sigma, fit->sigma_interval)},
                        {"kappa", with(fit->kappa, fit->kappa_interval)},
                        {"worst_residual", fit->worst_residual}};
  if (fit->peak_clients) out["scalability"]["peak_clients"] = *fit->peak_clients;
  out["knee"] = KneeToJson(ClientsKnee(points, *fit), "clients");
}

}  // namespace

// What is said of right answers and of those that cannot be judged, each example once.
std::vector<std::string> AnswerFindings(const json& load) {
  struct Kind {
    const char *count, *examples, *words;
    std::string_view advice;
  };
  constexpr Kind kKinds[] = {
      {"rounded", "roundings", "allowed size, not rounded as ours", ""},
      {"changed_answers", "changed", "the right picture, but changed", kChangedAdvice},
      {"not_judged_answers", "not_judged", "neither right nor wrong, not among the checked",
       kDoubtAdvice}};
  std::vector<std::string> out;
  for (const auto& [count, examples, words, advice] : kKinds) {
    std::set<std::string> texts;
    int64_t answers = 0;
    for (const json& point : load["points"]) {
      answers += point["check"].value(count, int64_t{0});
      for (const auto& text : point["check"].value(examples, json::array()))
        texts.insert(text.get<std::string>());
    }
    for (const auto& text : texts) out.push_back(fmt::format("{}: {}", words, text));
    if (answers > std::ssize(texts))
      out.push_back(fmt::format("{}: {} answers in all", words, answers));
    if (answers > 0 && !advice.empty()) out.emplace_back(advice);
  }
  return out;
}

json LoadToJson(const LoadSweep& sweep) {
  const char* axis = sweep.by_rate ? "rate_per_second" : "clients";
  double alone_ms = sweep.alone ? sweep.alone->point.median_ms() : 0, alone_mean_ms = 0;
  for (const LoadStep& step : sweep.steps) {
    if (!sweep.by_rate && step.load == 1)
      alone_ms = step.point.median_ms(), alone_mean_ms = step.point.little_ms;
  }
  std::vector<Finding> reasons = sweep.not_reportable;
  auto add = [&](const std::string& where, const LoadStep& step) {
    for (const Finding& reason : step.point.not_reportable) reasons.push_back(At(where, reason));
  };
  if (sweep.alone) add("one client alone", *sweep.alone);
  for (const LoadStep& step : sweep.steps)
    add(fmt::format("{:g} {}", step.load, sweep.by_rate ? "requests per second" : "clients"), step);
  json out = {
      {"schema", 1},
      {"time", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)))},
      {"commit", BuiltFrom()},
      {"command", sweep.command},
      {"machine", DescribeMachine()},
      {"workload", {{"name", sweep.workload}, {"about", sweep.about}}},
      {"server",
       {{"name", sweep.server}, {"version", sweep.server_version}, {"effective", sweep.effective}}},
      {"link", sweep.link},
      {"connections", sweep.connections},
      {"reportable", reasons.empty()},
      {"points", json::array()}};
  PutFindings(reasons, "not_reportable", "not_reportable_ids", out);
  PutFindings(Waiting(sweep, alone_mean_ms), "waiting", "waiting_ids", out);
  if (alone_ms > 0) out["alone_ms"] = alone_ms;
  if (sweep.alone) out["alone"] = StepToJson(*sweep.alone, "clients", alone_ms);
  for (const LoadStep& step : sweep.steps)
    out["points"].push_back(StepToJson(step, axis, alone_ms));
  if (sweep.by_rate) {
    std::vector<RatePoint> rates;
    for (const LoadStep& step : sweep.steps) {
      if (step.point.percentiles.empty()) continue;
      rates.push_back({.rate = step.load,
                       .throughput = step.point.throughput,
                       .seconds = step.point.seconds,
                       .median = step.point.percentiles.front().interval});
    }
    out["knee"] = KneeToJson(RateKnee(rates, alone_ms), axis);
  } else {
    Scalability(sweep, out);
  }
  out["remedies"] = RemediesFor(out);
  return out;
}

std::string LoadToText(const json& load) {
  std::string text =
      fmt::format("{} {}, workload {}, connections {}, {}\n", load["server"].value("name", ""),
                  load["server"].value("version", ""), load["workload"].value("name", ""),
                  load.value("connections", ""), load.value("link", ""));
  const bool by_rate = !load["points"].empty() && load["points"][0].contains("rate_per_second");
  text += fmt::format("{:>9} {:>8} {:>7} {:>8} {:>19} {:>8} {:>8} {:>8} {:>8} {:>7} {:>8}\n",
                      by_rate ? "rate/s" : "clients", "answers", "failed", "per s", "p50 ms (95 %)",
                      "p90", "p99", "p99.9", "waiting", "cpu ms", "checked");
  auto row = [&](const json& point) {
    const json percentiles = point.value("percentiles", json::object());
    auto of = [&](const char* name) {
      return percentiles.contains(name)
                 ? fmt::format("{:.2f}", percentiles[name]["ms"].get<double>())
                 : "-";
    };
    std::string median = "-";
    if (percentiles.contains("p50")) {
      const json& p = percentiles["p50"];
      median = fmt::format("{:.2f} [{:.2f} {:.2f}]", p["ms"].get<double>(),
                           p["low_ms"].get<double>(), p["high_ms"].get<double>());
    }
    auto number = [&](const char* name, const char* missing) {
      return point.contains(name) ? fmt::format("{:.2f}", point[name].get<double>())
                                  : std::string(missing);
    };
    std::string waiting = "-";
    if (point.contains("service_ms") && point.contains("latency_ms"))
      waiting = fmt::format("{:.2f}",
                            point["latency_ms"].get<double>() - point["service_ms"].get<double>());
    return fmt::format("{:>9g} {:>8} {:>7} {:>8.1f} {:>19} {:>8} {:>8} {:>8} {:>8} {:>7} {:>8}\n",
                       point.contains("clients") ? point["clients"].get<double>()
                                                 : point["rate_per_second"].get<double>(),
                       point["answers"].get<int64_t>(), point["failed"].get<int64_t>(),
                       point["throughput"].get<double>(), median, of("p90"), of("p99"), of("p99.9"),
                       waiting, number("cpu_ms_per_request", "-"),
                       point["check"]["checked"].get<int64_t>());
  };
  if (load.contains("alone")) text += "one client alone:\n" + row(load["alone"]) + "the sweep:\n";
  for (const json& point : load["points"]) text += row(point);
  if (load.contains("scalability") && load["scalability"].contains("sigma")) {
    const json& fit = load["scalability"];
    auto value = [&](const char* name) {
      return fmt::format("{:.4g} [{:.4g} {:.4g}]", fit[name]["value"].get<double>(),
                         fit[name]["low"].get<double>(), fit[name]["high"].get<double>());
    };
    text += fmt::format(
        "scalability: lambda {} per s, sigma {}, kappa {}; {}\n", value("lambda_per_second"),
        value("sigma"), value("kappa"),
        load["points"].size() > 3
            ? fmt::format("points within {:.1f} %", 100 * fit["worst_residual"].get<double>())
            : std::string("three points fit three parameters: four or more would check the law"));
  } else if (load.contains("scalability")) {
    text += load["scalability"].value("refused", "") + "\n";
  }
  if (load.contains("knee")) {
    const json& knee = load["knee"];
    const char *axis = by_rate ? "rate_per_second" : "clients",
               *words = by_rate ? "requests per second" : "clients";
    text += knee.contains(axis)
                ? fmt::format("knee: {:.3g} [{:.3g} {:.3g}] {} ({})\n", knee[axis].get<double>(),
                              knee["low"].get<double>(), knee["high"].get<double>(), words,
                              knee.value("how", ""))
                : fmt::format("knee: {}\n", knee.value("refused", ""));
  }
  for (const auto& sentence : load.value("waiting", json::array()))
    text += sentence.get<std::string>() + "\n";
  for (const json& point : load["points"]) {
    if (point.contains("overloaded"))
      text += fmt::format("{:g} requests per second: {}\n", point["rate_per_second"].get<double>(),
                          point["overloaded"].get<std::string>());
    if (point.contains("sittings"))
      text += fmt::format(
          "{:g} {}: resumed, measured in {} sittings; the pictures of the last one were checked\n",
          point.contains("clients") ? point["clients"].get<double>()
                                    : point["rate_per_second"].get<double>(),
          point.contains("clients") ? "clients" : "requests per second",
          point["sittings"].get<int>());
    for (const auto& example : point["check"]["examples"])
      text += "  wrong: " + example.get<std::string>() + "\n";
  }
  for (const auto& finding : AnswerFindings(load)) text += "  " + finding + "\n";
  text += load["reportable"].get<bool>() ? "REPORTABLE\n" : "NOT REPORTABLE\n";
  for (const auto& reason : load["not_reportable"]) text += "  " + reason.get<std::string>() + "\n";
  return text;
}

}  // namespace iiifbench
