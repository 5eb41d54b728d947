// peers: our kernels and the libraries that people would use instead, on the same named cases in
// one run.
//
// Exit status: 0; 1 when pixels of ours are wrong or the run could not be made or written; 2 for
// wrong usage.
#include <malloc.h>

#include <CLI/CLI.hpp>

#include <chrono>
#include <fstream>

#include "benchmarks/peers/cases.h"
#include "benchmarks/peers/python/wheels.h"
#include "benchmarks/peers/resize_errors.h"
#include "benchmarks/peers/verdict/floor.h"
#include "benchmarks/peers/verdict/table.h"
#include "data/command_line.h"

namespace iiifbench::peers {
namespace {

struct Options {
  bool smoke = false, list = false, list_targets = false;
  std::string only, json, environment;
  RoundOptions rounds;
  double minutes = 4;
};

// Peers that can be used here, with their versions as loaded; the others are named with the reason.
std::vector<const Peer*> Usable(bool wheels, nlohmann::json& versions) {
  std::vector<const Peer*> all(Peers().begin(), Peers().end()), usable;
  if (wheels) {
    for (const Peer& peer : WheelPeers()) all.push_back(&peer);
  }
  for (const Peer* peer : all) {
    auto version = peer->version();
    fmt::print("- {}: {}\n", peer->name,
               version ? *version : "not here: " + version.error().message);
    versions[std::string(peer->name)] = version ? *version : "";
    if (version) usable.push_back(peer);
  }
  return usable;
}

Result<void> Write(const std::string& path, const nlohmann::json& run) {
  if (path.empty()) return {};
  std::ofstream out(path + ".part");
  out << run.dump(1) << "\n";
  out.close();
  if (!out || std::rename((path + ".part").c_str(), path.c_str()) != 0)
    return Fail(ErrorKind::kIo, "cannot write {}: is the disk full or the folder missing?", path);
  return {};
}

int Run(Options options) {
  nlohmann::json run = {{"versions", nlohmann::json::object()}, {"cases", nlohmann::json::array()}};
  fmt::print(
      "## Kernels against peers\n\nOne thread each (threads/*: one and two), up to {} rounds in "
      "random "
      "order.\n\n",
      options.rounds.rounds);
  const std::vector<const Peer*> peers = Usable(!options.environment.empty(), run["versions"]);
  auto cases = MakeCases(options.smoke, options.only);
  if (!cases) {
    fmt::print(stderr, "peers: {}\n", cases.error().message);
    return 1;
  }
  if (cases->tasks.empty()) {
    fmt::print(stderr, "peers: no case has \"{}\" in its name; see --list\n", options.only);
    return 2;
  }
  const auto start = std::chrono::steady_clock::now();
  std::vector<CaseResult> results;
  bool wrong = false;
  for (const Task& task : cases->tasks) {
    fmt::print(stderr, "[{}/{}] {}\n", results.size() + 1, cases->tasks.size(), task.name);
    // Twice an even share of what is left: most cases need far less.
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    options.rounds.case_seconds = 2 * std::max(0.0, options.minutes * 60 - elapsed.count()) /
                                  static_cast<double>(cases->tasks.size() - results.size());
    results.push_back({.task = task, .rows = RunBlock(task, peers, options.rounds)});
    for (const Row& row : results.back().rows) wrong = wrong || (row.ours && !row.failed.empty());
    fmt::print("{}", CaseAsMarkdown(results.back()));
    std::fflush(stdout);
    // After every case, so that an interrupted run keeps what it measured.
    run["cases"].push_back(AsJson(results.back()));
    auto written = Write(options.json, run);
    if (!written) {
      fmt::print(stderr, "peers: {}\n", written.error().message);
      return 1;
    }
  }
  // The second look at what seems to break a floor: far from the first one in time.
  for (size_t i = 0; i < results.size(); ++i) {
    if (!HasSuspects(results[i])) continue;
    fmt::print(stderr, "again: {}\n", results[i].task.name);
    options.rounds.case_seconds = std::max(20.0, options.minutes * 60 / 10);
    MeasureAgain(results[i], peers, options.rounds);
    fmt::print("{}", AgainAsMarkdown(results[i]));
    std::fflush(stdout);
    run["cases"][i] = AsJson(results[i]);
    auto again = Write(options.json, run);
    if (!again) {
      fmt::print(stderr, "peers: {}\n", again.error().message);
      return 1;
    }
  }
  const std::vector<ResizeError> errors = ResizeErrors(cases->page.view());
  for (const ResizeError& error : errors) wrong = wrong || !error.within();
  run["resize_errors"] = AsJson(errors);
  auto written = Write(options.json, run);
  if (!written) {
    fmt::print(stderr, "peers: {}\n", written.error().message);
    return 1;
  }
  fmt::print("{}{}", SummaryAsMarkdown(results), AsMarkdown(errors));
  if (wrong) fmt::print(stderr, "peers: pixels of ours are wrong; see WRONG above\n");
  return wrong ? 1 : 0;
}

}  // namespace
}  // namespace iiifbench::peers

int main(int argc, char** argv) {
  using namespace iiifbench::peers;  // NOLINT(google-build-using-namespace): main only
  // Freed memory stays with the process, for us and for them: page faults would drown the small
  // cases.
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  Options options;
  CLI::App app{
      "Kernels against the libraries that people would use instead, same cases, same run; about 4 "
      "minutes."};
  app.add_flag("--smoke", options.smoke, "small pages, one round: shows that everything runs");
  app.add_flag("--list", options.list, "names of the cases");
  app.add_flag("--list-targets", options.list_targets, "ratios that the kernels should reach");
  app.add_option("--only", options.only, "cases whose name holds this text");
  app.add_option("--json", options.json, "writes every round to this file as well");
  app.add_option("--venv", options.environment,
                 "a Python virtual environment: newer releases from pyvips, opencv-python, "
                 "imagecodecs and Pillow in it");
  app.add_option("--rounds", options.rounds.rounds, "rounds")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--job-seconds", options.rounds.job_seconds,
                 "a job with three turns and this time sits out")
      ->capture_default_str();
  app.add_option("--minutes", options.minutes,
                 "as these run out, cases get fewer rounds, at least three")
      ->capture_default_str();
  app.add_option("--seed", options.rounds.seed, "of the order within rounds")
      ->capture_default_str();
  if (const auto status = iiifbench::ParseCommandLine(app, argc, argv, "peers")) return *status;
  if (options.list_targets) {
    fmt::print("{}", TargetsAsMarkdown());
    return 0;
  }
  if (options.list) {
    auto cases = MakeCases(options.smoke, options.only);
    if (!cases) {
      fmt::print(stderr, "peers: {}\n", cases.error().message);
      return 1;
    }
    for (const Task& task : cases->tasks) fmt::print("{}\n", task.name);
    return 0;
  }
  if (const auto writable = iiifbench::CheckWritable(options.json); !writable) {
    fmt::print(stderr, "peers: {}\n", writable.error().message);
    return 1;
  }
  if (!options.environment.empty()) {
    if (const auto used = UseEnvironment(options.environment); !used) {
      fmt::print(stderr, "peers: --venv: {}\n", used.error().message);
      return 2;
    }
  }
  if (options.smoke) options.rounds.rounds = 1;
  return Run(options);
}
