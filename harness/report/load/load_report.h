// load_report: a sweep of loads as JSON and as the table on the terminal.
//
// load-<what>.json, schema 1: {schema, time, commit, command, machine, workload{name, about},
// server{name, version, effective}, link, connections, checking, reportable, not_reportable[],
// alone_ms, points[{clients | rate_per_second, latency_ms, low_ms, high_ms, service_ms, answers,
// failed, failures{name: {count, hdr}}, seconds, throughput, bytes_per_second, percentiles{p50:
// {ms, low_ms, high_ms}}, refused[], parts_ms{}, lag_ms{}, in_flight, little{latency_ms, error},
// cpu_ms_per_request, run_queue_ms_per_request, peak_memory_mb, overloaded (then without latency_ms
// and percentiles), client_cpu, reused, http_version, check{}, classes{}, hdr, not_reportable[]}],
// scalability{}, knee{clients | rate_per_second, low, high, how, or refused} (knee.h), waiting[]}.
// latency_ms is the median; service_ms the median of one client alone, so that the rest is waiting;
// waiting says for what; hdr is V2 compressed base64 of microseconds. Errors: of writing, with the
// path.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "harness/load/sweep/load_step.h"

namespace iiifbench {

struct LoadSweep {
  std::string command, workload, about, server, server_version, link, connections;
  std::map<std::string, std::string> effective;
  bool by_rate = false;
  std::optional<LoadStep> alone;  // one client, beside a sweep of rates
  std::vector<LoadStep> steps;
  std::vector<Finding> not_reportable;  // of the whole run
};

nlohmann::json LoadToJson(const LoadSweep& sweep);
std::string LoadToText(const nlohmann::json& load);
// Of its answers: sizes rounded otherwise, changed pictures, those that are not judged; each once.
std::vector<std::string> AnswerFindings(const nlohmann::json& load);

}  // namespace iiifbench
