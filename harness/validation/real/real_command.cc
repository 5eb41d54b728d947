#include "harness/validation/real/real_command.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>

#include "data/built_from.h"
#include "harness/report/machine.h"
#include "harness/validation/real/real_report.h"
#include "harness/validation/real/real_run.h"

namespace iiifbench {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

struct Options {
  std::vector<std::string> only, recipes;
  std::string pages = "24Mpx", json_file;
  double minutes = 15;
  uint64_t seed = 101;
  bool resume = false, verbose = false;
};

struct Task {
  const Server* server = nullptr;
  const CorpusEntry* entry = nullptr;
};

int Complain(const std::string& message) {
  fmt::print(stderr, "attribution_proof real: {}\n", message);
  return 1;
}

// Servers that are installed, with the formats that each takes; what is left out is said.
std::vector<Task> Tasks(const Options& options, const Corpus& corpus) {
  std::vector<Task> tasks;
  for (const Server* server : Servers()) {
    const bool named = std::ranges::count(options.only, server->name) > 0;
    const bool foreign =
        server->name != "reference" && server->name != "url" && !server->precomputed;
    if (options.only.empty() ? !foreign : !named) continue;
    auto found = server->find();
    if (!found) {
      fmt::print(stderr, "{}: {}\n", server->title, found.error().message);
      continue;
    }
    for (const CorpusEntry& entry : corpus.entries) {
      const std::string refusal = server->refuses(*FindRecipe(entry.recipe));
      if (refusal.empty()) tasks.push_back({server, &entry});
      if (!refusal.empty())
        fmt::print(stderr, "{}: {}: {}\n", server->title, entry.recipe, refusal);
    }
  }
  return tasks;
}

Result<json> Before(const Options& options) {
  json run = {{"schema", 1}, {"seed", options.seed}, {"pages", options.pages}};
  if (options.resume && fs::exists(options.json_file)) {
    std::ifstream in(options.json_file);
    json before = json::parse(in, nullptr, false);
    if (!before.is_object() || !before.contains("runs") ||
        before.value("seed", json()) != run["seed"] ||
        before.value("pages", json()) != run["pages"])
      return Fail(ErrorKind::kBadInput, "--resume {}: made by another command or seed",
                  options.json_file);
    return before;
  }
  run["commit"] = BuiltFrom(), run["machine"] = DescribeMachine(), run["runs"] = json::array();
  return run;
}

int Run(const Options& options, const std::atomic<bool>& interrupted) {
  for (const auto& name : options.only) {
    if (FindServer(name) == nullptr) return Complain("--only " + name + ": no such server");
  }
  auto corpus = EnsureCorpus(
      {.small = options.pages == "small", .recipes = options.recipes, .pages = {"map"}});
  if (!corpus) return Complain(corpus.error().message);
  const auto tasks = Tasks(options, *corpus);
  if (tasks.empty()) return Complain("no server was found; see the lines above");
  auto run = Before(options);
  if (!run) return Complain(run.error().message);
  // About a third of the time goes into starting, and into kernels that a budget cannot leave out.
  const double seconds = 60 * options.minutes / static_cast<double>(tasks.size());
  RealOptions real{.probing = std::chrono::duration<double>(0.45 * seconds),
                   .logging = std::chrono::duration<double>(0.06 * seconds),
                   .profiling = std::chrono::duration<double>(0.16 * seconds),
                   .seed = options.seed,
                   .folder = {},
                   .stop = &interrupted,
                   .progress = {}};
  if (options.verbose)
    real.progress = [](const std::string& line) { fmt::print(stderr, "  {}\n", line); };
  if (!options.json_file.empty()) real.folder = fs::absolute(options.json_file).parent_path();
  const auto is_done = [&](const Task& task) {
    return std::ranges::any_of((*run)["runs"], [&](const json& row) {
      return row["server"] == task.server->name && row["recipe"] == task.entry->recipe &&
             !row.contains("failed");
    });
  };
  const auto left = static_cast<size_t>(
      std::ranges::count_if(tasks, [&](const Task& task) { return !is_done(task); }));
  // A row that failed is tried again, and stands once.
  auto& rows = (*run)["runs"];
  rows.erase(std::remove_if(rows.begin(), rows.end(),
                            [](const json& row) { return row.contains("failed"); }),
             rows.end());
  fmt::print(stderr, "{} servers x formats, {} of them to do, about {:.0f} s each: {:.0f} min\n",
             tasks.size(), left, seconds, static_cast<double>(left) * seconds / 60);
  const auto begun = std::chrono::steady_clock::now();
  size_t number = 0, finished = 0;
  for (const Task& task : tasks) {
    ++number;
    const std::string server(task.server->name), recipe = task.entry->recipe;
    if (is_done(task) || interrupted) continue;
    // By what those before took, once there are any.
    const double gone =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    const double each = finished > 0 ? gone / static_cast<double>(finished) : seconds;
    fmt::print(stderr, "{} of {}: {} {} ({:.0f} s gone, about {:.0f} min left)\n", number,
               tasks.size(), server, recipe, gone,
               each * static_cast<double>(left - finished) / 60);
    ++finished;
    auto row = RunReal(*task.server, *task.entry, real);
    if (interrupted) break;  // half a run is none
    (*run)["runs"].push_back(
        row ? *row : json{{"server", server}, {"recipe", recipe}, {"failed", row.error().message}});
    const std::string table = RealTable(json::array({(*run)["runs"].back()}));
    fmt::print("{}", number == 1 ? table : table.substr(table.find("---|\n") + 5));
    std::fflush(stdout);
    if (options.json_file.empty()) continue;
    const std::string text = run->dump(1) + "\n";
    auto saved = WriteFile(options.json_file, text);
    if (!saved) return Complain(saved.error().message);
  }
  fmt::print("\n{}", RealSummary((*run)["runs"]));
  return interrupted ? 130 : 0;
}

}  // namespace

std::function<int()> AddReal(CLI::App& app, const std::atomic<bool>& interrupted) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "real",
      "Real servers that are installed: attributed from outside, then held against their "
      "own log and a profile of their processes");
  command->add_option("--only", options->only, "These servers (default: all found)")
      ->delimiter(',');
  command->add_option("--recipes", options->recipes, "Formats (default: the founding four)")
      ->delimiter(',');
  command->add_option("--pages", options->pages, "Size of the source: 24Mpx (default) or small")
      ->check(CLI::IsMember({"small", "24Mpx"}));
  command->add_option("--minutes", options->minutes, "For all servers together (default 15)")
      ->check(CLI::Range(0.2, 10000.0));
  command->add_option("--seed", options->seed, "Of the held-out requests (default 101)");
  command->add_option(
      "--json", options->json_file,
      "File for the result, written after every server and format; folded stacks go beside it");
  command->add_flag("--resume", options->resume, "Keep what --json holds already");
  command->add_flag("--verbose", options->verbose, "Progress inside a run");
  return [options, &interrupted, command] {
    return command->parsed() ? Run(*options, interrupted) : -1;
  };
}

}  // namespace iiifbench
