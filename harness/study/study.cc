#include "harness/study/study.h"

#include <algorithm>

#include "harness/study/running/run_servers.h"

namespace iiifbench {

Result<Study> RunStudy(const StudyOptions& options) {
  std::vector<ServerChoice> choices;
  for (const auto& name : options.servers) {
    auto choice = ParseChoice(name);
    if (!choice) return choice.error();
    const bool twice = std::ranges::any_of(
        choices, [&](const ServerChoice& other) { return other.label == choice->label; });
    if (twice)
      return Fail(ErrorKind::kBadInput, "server '{}' is named twice; tell them apart: {},{}#2",
                  name, name, name);
    choices.push_back(std::move(*choice));
  }
  if (options.servers.empty()) {
    for (const Server* server : Servers()) {
      if (!server->precomputed)
        choices.push_back({.label = std::string(server->name), .server = server, .settings = {}});
    }
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
  StudyState state{.options = options,
                   .corpus = *corpus,
                   .earlier = std::move(earlier),
                   .log = std::move(*log),
                   .study = study,
                   .links = LinksOf(options),
                   .blocks = BlocksOf(options, *corpus),
                   .units = {},
                   .rounds = {},
                   // Not the seed of the units: the order of blocks would be tied to that in them.
                   .random = std::mt19937_64(~options.seed)};
  state.units = UnitsOf(state.blocks, options.rounds, options.seed);
  state.rounds = RoundsOf(state.blocks, state.units, options.part);
  if (state.rounds.empty())
    return Fail(ErrorKind::kBadRequest, "shard {}/{}: the plan has {} units, none for this shard",
                options.part.index, options.part.count, state.units.size());
  RunServers(state, choices);
  study.complete = study.failure.empty() && (options.stop == nullptr || !options.stop->load());
  for (auto& reason : BrokenRules(study)) study.not_reportable.push_back(std::move(reason));
  return study;
}

}  // namespace iiifbench
