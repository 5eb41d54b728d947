#include "harness/load/study/study.h"

#include <algorithm>
#include <cmath>

#include "harness/load/study/study_runner.h"

namespace iiifbench {
namespace {

// Latencies of the first half of the rounds against the second: a run that drifts is not reportable.
void JudgeDrift(const Study& study, std::vector<std::string>& reasons) {
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
      reasons.push_back(fmt::format("{}: latencies drift by {:+.1f} % from the first half to the second",
                                    server, 100 * drift));
    }
  }
}

constexpr size_t kLeastSamples = 6;  // for an interval of a median at 95 %

}  // namespace

std::vector<std::string> BrokenRules(const Study& study) {
  std::vector<std::string> reasons;
  JudgeDrift(study, reasons);
  int wrong = 0, few = 0, measured = 0;
  for (const StudyCell& cell : study.cells) {
    wrong += cell.wrong;
    measured += cell.total_ms.empty() ? 0 : 1;
    few += !cell.total_ms.empty() && cell.total_ms.size() < kLeastSamples ? 1 : 0;
  }
  if (wrong > 0) reasons.push_back(fmt::format("{} answers were wrong after a right warm-up", wrong));
  if (few > 0) {
    reasons.push_back(fmt::format("{} of {} cells have fewer than {} samples: no interval of 95 %", few,
                                  measured, kLeastSamples));
  }
  for (const StudyServer& server : study.servers) {
    const bool ran = std::ranges::any_of(study.cells, [&](const StudyCell& cell) {
      return cell.server == server.name && !cell.total_ms.empty();
    });
    if (ran && (server.version.empty() || server.version == "unknown"))
      reasons.push_back(fmt::format("{}: its version is unknown", server.name));
  }
  if (!study.complete) reasons.push_back(study.failure.empty() ? "stopped before the end" : study.failure);
  return reasons;
}

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
  std::vector<const Server*> wanted;
  int there = 0;
  for (const Server* server : Servers()) {
    const bool named = std::ranges::find(options.servers, server->name) != options.servers.end();
    if (options.servers.empty() ? server->precomputed : !named) continue;
    wanted.push_back(server);
    there += server->find().ok() ? 1 : 0;
  }
  for (const Server* server : wanted) {
    if (stopped()) break;
    runner.ShareBudget(std::max(1, there));
    there -= server->find().ok() ? 1 : 0;
    runner.RunServer(*server);
  }
  study.complete = !stopped();
  for (auto& reason : BrokenRules(study)) study.not_reportable.push_back(std::move(reason));
  return study;
}

}  // namespace iiifbench
