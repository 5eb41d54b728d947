#include "harness/cli/planned.h"

#include <fmt/chrono.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>

namespace iiifbench {

void AddPlanFlags(CLI::App& command, PlanFlags& flags) {
  auto* write = command.add_option(
      "--write-plan", flags.write,
      "Measure nothing: fix all this in FILE, so that many computers can each do a part of it");
  auto* plan =
      command.add_option("--plan", flags.plan, "A plan of --write-plan, instead of all that")
          ->excludes(write);
  command
      .add_option(
          "--shard", flags.shard,
          "With --plan: i/n, or auto: of Slurm, Kubernetes, MPI or GNU parallel; auto makes "
          "a folder below --out")
      ->needs(plan);
}

std::string HostName() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unknown";
}

std::string UtcNow() {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
}

Result<void> RefuseBesidePlan(const CLI::App& command, std::set<std::string> taken) {
  taken.insert({"--plan", "--shard", "--out", "--quiet", "--verbose"});
  for (const CLI::Option* option : command.get_options()) {
    if (option->count() > 0 && !taken.contains(option->get_name()))
      return Fail(ErrorKind::kBadRequest, "{}: the plan says that; make another",
                  option->get_name());
  }
  return {};
}

Result<void> ParseWords(const std::vector<std::string>& words,
                        const std::function<void(CLI::App&)>& add) {
  CLI::App again;
  add(again);
  std::vector<std::string> reversed(words.rbegin(), words.rend());  // as CLI11 takes them
  try {
    again.parse(reversed);
  } catch (const CLI::ParseError& error) {
    return Fail(ErrorKind::kBadInput, "plan: arguments: {}", error.what());
  }
  return {};
}

Result<std::string> ShardFolder(const std::string& out, const std::string& shard_text,
                                const Shard& shard, bool go_on) {
  namespace fs = std::filesystem;
  if (out.empty())
    return Fail(ErrorKind::kBadRequest, "--plan needs --out DIR, for the shard's samples");
  // Shards that an engine starts share a command line.
  const std::string folder =
      shard_text == "auto" ? fmt::format("{}/shard-{}-of-{}", out, shard.index, shard.count) : out;
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return Fail(ErrorKind::kIo, "{}: {}", folder, error.message());
  if (!go_on && fs::exists(folder + "/run.json", error))
    return Fail(ErrorKind::kBadRequest, "{}: holds a shard already; choose another --out", folder);
  return folder;
}

}  // namespace iiifbench
