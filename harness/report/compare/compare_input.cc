#include "harness/report/compare/compare_input.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace iiifbench {
namespace {

using nlohmann::json;

TimedCase& CaseNamed(TimedRun& run, const std::string& name) {
  const auto found = std::ranges::find(run.cases, name, &TimedCase::name);
  if (found != run.cases.end()) return *found;
  run.cases.push_back({.name = name});
  return run.cases.back();
}

double PerMillisecond(const std::string& unit) {
  return unit == "ns" ? 1e6 : unit == "us" ? 1e3 : unit == "s" ? 1e-3 : 1;
}

Result<TimedRun> FromBenchmarks(const json& file, TimedRun run, TimeOf time) {
  for (const json& one : file["benchmarks"]) {
    if (!one.is_object()) continue;
    const std::string name = one.value("run_name", one.value("name", std::string()));
    if (one.value("error_occurred", false)) {
      run.warnings.push_back(name + ": " + one.value("error_message", std::string("an error")));
      continue;
    }
    if (one.value("run_type", std::string("iteration")) != "iteration") continue;
    const double value = one.value(time == TimeOf::kReal ? "real_time" : "cpu_time", 0.0);
    if (value > 0)
      CaseNamed(run, name).ms.push_back(value /
                                        PerMillisecond(one.value("time_unit", std::string("ns"))));
  }
  if (run.cases.empty()) {
    return Fail(
        ErrorKind::kBadInput,
        "{}: no single repetitions in it; measure with --benchmark_repetitions=20 and without "
        "--benchmark_report_aggregates_only",
        run.title);
  }
  if (file.contains("context") && file["context"].value("cpu_scaling_enabled", false))
    run.warnings.push_back("frequency scaling is on");
  return run;
}

Result<TimedRun> FromStudy(const json& file, TimedRun run) {
  for (const json& cell : file["cells"]) {
    if (!cell.is_object() || !cell.contains("raw")) continue;
    std::string name =
        fmt::format("{}/{}/page:{}/{}", cell.value("server", std::string()),
                    cell.value("recipe", std::string()), cell.value("page", std::string()),
                    cell.value("class", std::string()));
    const std::string link = cell.value("link", std::string());
    if (!link.empty()) name += "/link:" + link;
    TimedCase& one = CaseNamed(run, name);
    for (const json& ms : cell["raw"].value("total_ms", json::array())) {
      if (ms.is_number() && ms.get<double>() > 0) one.ms.push_back(ms);
    }
    for (const json& ms : cell["raw"].value("floor_ms", json::array())) {
      if (ms.is_number() && ms.get<double>() > 0) one.control_ms.push_back(ms);
    }
  }
  std::erase_if(run.cases, [](const TimedCase& one) { return one.ms.empty(); });
  if (run.cases.empty())
    return Fail(ErrorKind::kBadInput, "{}: a study in which nothing was measured", run.title);
  for (const json& reason : file.value("not_reportable", json::array()))
    run.warnings.push_back("NOT REPORTABLE: " + reason.get<std::string>());
  return run;
}

Result<TimedRun> ReadOne(const std::string& given, TimeOf time) {
  std::string path = given;
  if (std::filesystem::is_directory(path)) path += "/study.json";
  std::ifstream in(path, std::ios::binary);
  if (!in)
    return Fail(ErrorKind::kNotFound,
                "{}: cannot be read; give a benchmark's JSON, a study.json or its folder", path);
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  const json file = json::parse(text, nullptr, false);
  if (file.is_discarded())
    return Fail(ErrorKind::kBadInput,
                "{}: no JSON, or cut off ({} bytes): was the run interrupted?", path, text.size());
  return TimedRunOf(file, given, time);
}

}  // namespace

Result<TimedRun> TimedRunOf(const json& file, const std::string& title, TimeOf time) {
  if (file.is_object() && file.contains("benchmarks") && file["benchmarks"].is_array())
    return FromBenchmarks(file, {.title = title}, time);
  if (file.is_object() && file.contains("cells") && file["cells"].is_array())
    return FromStudy(file, {.title = title});
  return Fail(ErrorKind::kBadInput, "{}: neither a Google Benchmark result nor a study.json",
              title);
}

void Append(TimedRun& run, const TimedRun& more) {
  for (const TimedCase& one : more.cases) {
    TimedCase& to = CaseNamed(run, one.name);
    to.ms.insert(to.ms.end(), one.ms.begin(), one.ms.end());
    to.control_ms.insert(to.control_ms.end(), one.control_ms.begin(), one.control_ms.end());
  }
  run.warnings.insert(run.warnings.end(), more.warnings.begin(), more.warnings.end());
}

Result<TimedRun> ReadTimedRun(const std::string& paths, TimeOf time) {
  TimedRun all{.title = paths};
  for (size_t start = 0; start <= paths.size();) {
    const size_t end = std::min(paths.find(',', start), paths.size());
    auto one = ReadOne(paths.substr(start, end - start), time);
    if (!one) return one.error();
    Append(all, *one);
    start = end + 1;
  }
  return all;
}

}  // namespace iiifbench
