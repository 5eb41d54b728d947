// attribution_proof: is the attribution right where the truth is known? Draws fault plans,
// attributes blind, compares, prints a table; every finished plan is on disk before the next
// begins.
#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <fstream>

#include "data/command_line.h"
#include "data/corpus.h"
#include "harness/validation/proof/blind_run.h"
#include "harness/validation/proof/proof_report.h"
#include "harness/validation/real/real_command.h"
#include "harness/validation/traps/traps.h"
#ifdef IIIFBENCH_VIPS
#include "harness/validation/proof/vips_server.h"
#endif

namespace iiifbench {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::atomic<bool> interrupted{false};
void OnInterrupt(int) { interrupted = true; }

struct Options {
  int plans = 60, first = 0;
  uint64_t seed = 1;
  std::string pages = "small", server = "reference", json_file;
  std::vector<int> only;
  double budget = 0;  // 0: by the pages
  bool resume = false, verbose = false, traps = false, without_source = false;
  std::string letters, sizes = "folder";
  double max_median = 0, max_p90 = 0;  // 0: any
};

// A decode of JPEG 2000 costs tens of times what others do: fewer answers in the same time.
double BudgetOf(const Options& options, const std::string& recipe) {
  if (options.budget > 0) return options.budget;
  // Each way to store the picture has kernels of its own.
  return (options.without_source ? 2 : 1) * (options.pages == "small" ? 8 : 18) *
         (recipe.starts_with("jp2") ? 2 : 1);
}

// What a run's rows must share to stand in one table.
json KeyOf(const Options& o) {
  json key = {{"schema", 2},      {"drawing", kDrawing}, {"seed", o.seed},
              {"pages", o.pages}, {"server", o.server},  {"budget", o.budget}};
  if (o.without_source) key["without_source"] = true;
  if (o.sizes != "folder") key["sizes"] = o.sizes;
  return key;
}

Result<json> Start(const Options& options) {
  json run = KeyOf(options);
  run["plans"] = json::array();
  if (options.json_file.empty() || !options.resume || !fs::exists(options.json_file)) return run;
  std::ifstream in(options.json_file);
  json before = json::parse(in, nullptr, false);
  if (!before.is_object() || !before.contains("plans"))
    return Fail(ErrorKind::kBadInput, "--resume {}: not the result of a proof", options.json_file);
  const json key = KeyOf(options);
  for (const auto& [name, value] : key.items()) {
    if (before.value(name, json()) != value)
      return Fail(ErrorKind::kBadRequest, "--resume {}: made with {} {}, now it is {}",
                  options.json_file, name, before.value(name, json()).dump(), value.dump());
  }
  return before;
}

Result<void> Save(const Options& options, const json& run) {
  if (options.json_file.empty()) return {};
  const std::string text = run.dump(1) + "\n";
  return WriteFile(options.json_file, text);
}

struct Folder {
  std::string path = fs::temp_directory_path() / fmt::format("attribution-proof-{}", ::getpid());
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
};

int RunAllTraps(const Options& options) {
  const Folder folder;
  const auto outcomes =
      RunTraps({.letters = options.letters,
                .work_folder = folder.path,
                .progress = [](const std::string& line) { fmt::print(stderr, "{}\n", line); },
                .stop = &interrupted});
  fmt::print("{}", TrapTable(outcomes));
  json result = TrapsToJson(outcomes);
  if (options.letters.empty() && !interrupted) {
    auto accused = RunTrapControl(folder.path);
    result["control"] = accused ? json(*accused) : json(accused.error().message);
    fmt::print("Control, a server without faults (TIFF, JPEG, JPEG 2000): {}\n",
               !accused           ? accused.error().message
               : accused->empty() ? std::string("accused of none of these")
                                  : fmt::format("wrongly accused: {}", fmt::join(*accused, "; ")));
  }
  auto saved = Save(options, result);
  if (!saved) fmt::print(stderr, "attribution_proof: {}\n", saved.error().message);
  if (interrupted) return 130;
  const bool missed = std::ranges::any_of(
      outcomes, [](const auto& o) { return o.said.verdict == TrapVerdict::kMissed; });
  return missed || !saved ? 1 : 0;
}

Result<void> RunPlans(const Options& options, json& run) {
  auto corpus = EnsureCorpus({.small = options.pages == "small", .pages = {"map"}});
  if (!corpus) return corpus.error();
  const Folder folder;
  std::vector<int> numbers = options.only;
  for (int n = options.first; options.only.empty() && n < options.first + options.plans; ++n)
    numbers.push_back(n);
  for (int number : numbers) {
    if (interrupted) break;
    if (std::ranges::any_of(run["plans"], [&](const json& row) { return row["number"] == number; }))
      continue;
    DrawnPlan plan = DrawPlan(options.seed, number);
#ifdef IIIFBENCH_VIPS
    if (options.server == "vips") plan = AsVipsDoes(plan);
#endif
    const auto entry = std::ranges::find_if(corpus->entries,
                                            [&](const auto& e) { return e.recipe == plan.recipe; });
    if (entry == corpus->entries.end())
      return Fail(ErrorKind::kNotFound, "{}: not in the corpus", plan.recipe);
    BlindOptions blind{.server = options.server,
                       .source = entry->path,
                       .size = entry->size,
                       .work_folder = folder.path,
                       .budget = BudgetOf(options, plan.recipe),
                       .without_source = options.without_source,
                       .sizes = options.sizes,
                       .stop = &interrupted};
    if (options.verbose)
      blind.progress = [](const std::string& line) { fmt::print(stderr, "  {}\n", line); };
    auto row = RunBlind(plan, blind);
    if (interrupted) break;  // half a plan is none
    run["plans"].push_back(row ? *row
                               : json{{"number", number},
                                      {"recipe", plan.recipe},
                                      {"plan", plan.Describe()},
                                      {"cache", plan.cached()},
                                      {"failed", row.error().message}});
    auto saved = Save(options, run);
    if (!saved) return saved;
    const std::string table = ProofTable(json::array({run["plans"].back()}));
    fmt::print(stderr, "{}", table.substr(table.find("---|\n") + 5));
  }
  return {};
}

int Main(int argc, char** argv) {
  if (argc > 1 && std::string(argv[1]) == "serve-faulty")
    return ServeFaulty({argv + 2, argv + argc});
  Options options;
  CLI::App app{
      "Is the attribution right where the truth is known? Servers with drawn faults, attributed "
      "blind."};
  app.add_option("--plans", options.plans, "Plans to draw (default 60)")
      ->check(CLI::Range(1, 10000));
  app.add_option("--first", options.first, "Number of the first one");
  app.add_option("--only", options.only, "These numbers instead")->delimiter(',');
  app.add_option("--seed", options.seed, "Of the plans (default 1)");
  app.add_option("--pages", options.pages, "Size of the source: small (under 1 Mpx) or 24Mpx")
      ->check(CLI::IsMember({"small", "24Mpx"}));
  app.add_option("--server", options.server, "Which test server gets the plans")
      ->check(CLI::IsMember({"reference", "vips"}));
  app.add_option(
      "--budget", options.budget,
      "Seconds of probing per plan (default: 8 small, JPEG 2000 16; 18 and 36 at 24 Mpx)");
  app.add_option("--json", options.json_file, "File for the result, written after every plan");
  app.add_flag("--resume", options.resume, "Keep the plans that --json holds already");
  app.add_flag("--verbose", options.verbose, "Progress inside a plan");
  app.add_flag("--without-source", options.without_source,
               "The estimator gets URLs alone, neither the file nor a folder");
  app.add_option("--sizes", options.sizes,
                 "Pictures of other sizes: folder (for copies of the file), pictures (two others "
                 "of the server, a fifth and two fifths as wide), none (default: folder)")
      ->check(CLI::IsMember({"folder", "pictures", "none"}));
  app.add_flag("--traps", options.traps,
               "Instead: one scenario for each trap A-Z and a, and what the attribution says");
  app.add_option("--letters", options.letters,
                 "With --traps: only these, like ABE; status 1 where one is missed");
  app.add_option("--max-median", options.max_median, "Fail above this many points");
  app.add_option("--max-p90", options.max_p90, "Fail above this many points");
  const auto real = AddReal(app, interrupted);
  if (const auto status = ParseCommandLine(app, argc, argv, "attribution_proof")) return *status;
  const auto trap = [](char c) { return (c >= 'A' && c <= 'Z') || c == 'a'; };
  auto writable = CheckWritable(options.json_file);
  if (writable && (options.resume && options.json_file.empty()))
    writable =
        Fail(ErrorKind::kBadInput, "--resume needs the file of the earlier run: --json FILE");
  if (writable && !std::ranges::all_of(options.letters, trap))
    writable =
        Fail(ErrorKind::kBadInput, "--letters {}: the traps are A to Z, and a", options.letters);
  if (!writable) {
    fmt::print(stderr, "attribution_proof: {}\n", writable.error().message);
    return 2;
  }
  ::signal(SIGINT, OnInterrupt);
  ::signal(SIGTERM, OnInterrupt);
  if (const int status = real(); status >= 0) return status;
  if (options.traps) return RunAllTraps(options);
  auto run = Start(options);
  auto done = run ? RunPlans(options, *run) : Result<void>(run.error());
  if (!done) {
    fmt::print(stderr, "attribution_proof: {}\n", done.error().message);
    return 1;
  }
  const ProofFigures figures = Figures((*run)["plans"]);
  fmt::print("{}\n{}\n{}\n{}{}", ProofTable((*run)["plans"]), ByRecipe((*run)["plans"]),
             ByStage((*run)["plans"]),
             options.without_source ? ByField((*run)["plans"]) + "\n" : "", Describe(figures));
  if (interrupted) return 130;
  const bool bounded = options.max_median > 0 || options.max_p90 > 0;
  const bool held = figures.failed == 0 && figures.wrong == 0 && figures.stored_wrong == 0 &&
                    figures.requests > 0 &&
                    (options.max_median <= 0 || figures.median <= options.max_median) &&
                    (options.max_p90 <= 0 || figures.p90 <= options.max_p90);
  return bounded && !held ? 1 : 0;
}

}  // namespace
}  // namespace iiifbench

int main(int argc, char** argv) { return iiifbench::Main(argc, argv); }
