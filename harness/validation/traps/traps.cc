#include "harness/validation/traps/traps.h"

#include <algorithm>

#include "harness/validation/traps/scenes.h"

namespace iiifbench {
namespace {

std::vector<Trap> Traps() {
  std::vector<Trap> out;
  AddStageTraps(out);
  AddAnswerTraps(out);
  AddProcessTraps(out);
  AddLoadTraps(out);
  AddStoreTrap(out);
  AddGatewayTraps(out);
  std::ranges::sort(out, {}, &Trap::letter);
  return out;
}

std::string_view Word(TrapVerdict verdict) {
  switch (verdict) {
    case TrapVerdict::kCaught:
      return "caught";
    case TrapVerdict::kRefused:
      return "refused";
    default:
      return "missed";
  }
}

}  // namespace

std::vector<TrapOutcome> RunTraps(const TrapOptions& options) {
  std::vector<TrapOutcome> out;
  Scenes scenes(options.work_folder);
  for (const Trap& trap : Traps()) {
    if (!options.letters.empty() && options.letters.find(trap.letter) == std::string::npos)
      continue;
    if (options.stop != nullptr && options.stop->load()) break;
    const auto start = std::chrono::steady_clock::now();
    auto said = trap.run(scenes);
    TrapOutcome outcome{.letter = trap.letter, .trap = trap.trap, .scenario = trap.scenario};
    outcome.said = said ? *said : Said{.says = "error: " + said.error().message};
    outcome.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (options.progress)
      options.progress(fmt::format("{} {}: {} ({:.1f} s)", trap.letter, trap.trap,
                                   Word(outcome.said.verdict), outcome.seconds));
    out.push_back(std::move(outcome));
  }
  return out;
}

Result<std::vector<std::string>> RunTrapControl(const std::string& work_folder) {
  Scenes scenes(work_folder);
  return AccuseHealthyServer(scenes);
}

std::string TrapTable(const std::vector<TrapOutcome>& outcomes) {
  std::string out =
      "| | trap | scenario | naive reading | the attribution says | verdict "
      "|\n|---|---|---|---|---|---|\n";
  for (const auto& o : outcomes)
    out += fmt::format("| {} | {} | {} | {} | {} | {} |\n", o.letter, o.trap, o.scenario,
                       o.said.naive, o.said.says, Word(o.said.verdict));
  const auto missed = std::ranges::count_if(
      outcomes, [](const auto& o) { return o.said.verdict == TrapVerdict::kMissed; });
  return out + fmt::format("\n{} of {} named or refused.\n",
                           outcomes.size() - static_cast<size_t>(missed), outcomes.size());
}

nlohmann::json TrapsToJson(const std::vector<TrapOutcome>& outcomes) {
  nlohmann::json traps = nlohmann::json::array();
  for (const auto& o : outcomes)
    traps.push_back({{"letter", std::string(1, o.letter)},
                     {"trap", o.trap},
                     {"scenario", o.scenario},
                     {"naive", o.said.naive},
                     {"says", o.said.says},
                     {"verdict", Word(o.said.verdict)},
                     {"seconds", o.seconds}});
  return {{"schema", 1}, {"traps", traps}};
}

}  // namespace iiifbench
