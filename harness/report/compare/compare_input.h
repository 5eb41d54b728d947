// compare_input: the timings of two runs, case by case: Google Benchmark JSON with repetitions, or
// studies.
//
// Files: JSON of --benchmark_out with --benchmark_repetitions=N and without aggregates only;
// study.json, or its folder; several files of one side are joined by commas, so that runs on other
// days count as samples. Cases: a benchmark's run_name; "server/recipe/page:p/class" of a study,
// with "/link:l" over a link. Controls: a study's floors, measured between the requests: what they
// changed by, the machine changed by. Units: milliseconds. Errors: kNotFound, kBadInput with the
// file and what to do.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/stats/compare.h"
#include "harness/stats/timed_run.h"
#include "kernels/image/result.h"

namespace iiifbench {

enum class TimeOf { kReal, kCpu };  // of benchmarks
Result<TimedRun> ReadTimedRun(const std::string& paths, TimeOf time = TimeOf::kReal);
Result<TimedRun> TimedRunOf(const nlohmann::json& file, const std::string& title,
                            TimeOf time = TimeOf::kReal);
// Cases of `more` appended to those of `run`.
void Append(TimedRun& run, const TimedRun& more);

}  // namespace iiifbench
