#include "harness/load/study/study.h"

#include <algorithm>
#include <cmath>

#include "harness/load/study/study_runner.h"

namespace iiifbench {
namespace {

// Latencies of the first half of the rounds against the second: a run that drifts is not reportable.
void JudgeDrift(Study& study) {
  std::map<std::string, std::pair<std::vector<double>, std::vector<double>>> halves;
  for (const StudyCell& cell : study.cells) {
    const size_t half = cell.total_ms.size() / 2;
    if (half < 3) continue;
    const double middle = Median(cell.total_ms);
    for (size_t i = 0; i < cell.total_ms.size(); ++i) {
      auto& pair = halves[cell.link == kLoopback ? cell.server : cell.server + " over " + cell.link];
      (i < half ? pair.first : pair.second).push_back(cell.total_ms[i] / middle);
    }
  }
  for (const auto& [server, pair] : halves) {
    const double drift = Median(pair.second) / Median(pair.first) - 1;
    if (std::abs(drift) > 0.05) {
      study.not_reportable.push_back(fmt::format(
          "{}: latencies drift by {:+.1f} % from the first half to the second", server, 100 * drift));
    }
  }
}

}  // namespace

Result<Study> RunStudy(const StudyOptions& options) {
  for (const auto& name : options.servers) {
    if (FindServer(name) == nullptr) return Fail(ErrorKind::kNotFound, "server '{}': no such server", name);
  }
  auto corpus = EnsureCorpus(options.corpus);
  if (!corpus) return corpus.error();
  EarlierSamples earlier;
  if (options.resume) {
    auto read = ReadSamples(options.samples_file, options.command);
    if (!read) return read.error();
    earlier = std::move(*read);
  }
  auto log = SampleLog::Open(options.samples_file, options.command, options.resume);
  if (!log) return log.error();
  Study study;
  study.sittings = 1 + earlier.sittings;
  StudyRunner runner(options, *corpus, std::move(earlier), std::move(*log), study);
  const auto stopped = [&] {
    return !study.failure.empty() || (options.stop != nullptr && options.stop->load());
  };
  for (const Server* server : Servers()) {
    const bool wanted = options.servers.empty()
                            ? !server->precomputed
                            : std::ranges::find(options.servers, server->name) != options.servers.end();
    if (wanted && !stopped()) runner.RunServer(*server);
  }
  study.complete = !stopped();
  JudgeDrift(study);
  int wrong = 0;
  for (const StudyCell& cell : study.cells) wrong += cell.wrong;
  if (wrong > 0)
    study.not_reportable.push_back(fmt::format("{} answers were wrong after a right warm-up", wrong));
  if (!study.complete)
    study.not_reportable.push_back(study.failure.empty() ? "stopped before the end" : study.failure);
  return study;
}

}  // namespace iiifbench
