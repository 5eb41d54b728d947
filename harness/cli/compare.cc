// iiifbench compare: is B slower than A? Of two files, or of two commands in interleaved rounds.
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <random>
#include <thread>

#include "data/command_line.h"
#include "data/corpus.h"
#include "harness/cli/commands.h"
#include "harness/cli/exchange.h"
#include "harness/cli/interrupt.h"
#include "harness/cli/output.h"
#include "harness/report/compare/compare_report.h"
#include "harness/report/compare/false_alarms.h"
#include "harness/report/terminal/compare_answer.h"
#include "harness/stats/milliseconds.h"
#include "harness/study/compared_servers.h"

namespace iiifbench {
namespace {

// One run of a command: the benchmarks that it prints as JSON, else its wall time.
Result<TimedRun> RunOnce(const std::string& command) {
  const auto start = std::chrono::steady_clock::now();
  FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return Fail(ErrorKind::kIo, "'{}': cannot be started", command);
  std::string output;
  char buffer[1 << 16];
  for (size_t n = 0; (n = ::fread(buffer, 1, sizeof buffer, pipe)) > 0;) output.append(buffer, n);
  const int status = ::pclose(pipe);
  const Milliseconds wall = std::chrono::steady_clock::now() - start;
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    return Fail(ErrorKind::kIo, "'{}' failed ({} {}); it printed{}", command,
                WIFEXITED(status) ? "exit status" : "signal",
                WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status),
                output.empty()
                    ? " nothing to stdout"
                    : ": " + output.substr(output.size() - std::min<size_t>(output.size(), 300)));
  }
  const size_t brace = output.find('{');
  const auto json =
      nlohmann::json::parse(brace == std::string::npos ? "" : output.substr(brace), nullptr, false);
  if (json.is_object() && json.contains("benchmarks")) {
    auto run = TimedRunOf(json, command);
    if (!run) return run;
    // One value a round, so that rounds of both sides are pairs however often a case was repeated.
    for (TimedCase& one : run->cases) one.ms = {Median(one.ms)};
    return run;
  }
  return TimedRun{.title = command, .cases = {{.name = "wall time", .ms = {wall.count()}}}};
}

struct Rounds {
  TimedRun a, b;
};

// A failure keeps the whole rounds before it: `error` says what ended them.
Rounds RunInterleaved(const std::vector<std::string>& commands, int rounds, uint64_t seed,
                      bool quiet, std::string& error) {
  Rounds result{.a = {.title = commands[0]}, .b = {.title = commands[1]}};
  std::mt19937_64 random(seed);
  const auto start = std::chrono::steady_clock::now();
  // Round 0 warms both up and does not count.
  for (int round = 0; round <= rounds && !interrupted; ++round) {
    const size_t first = random() % 2;
    std::optional<TimedRun> ran[2];
    for (const size_t turn : {first, 1 - first}) {
      auto one = RunOnce(commands[turn]);
      if (!one) {
        error = one.error().message;
        return result;
      }
      ran[turn] = std::move(*one);
    }
    if (round == 0) continue;
    Append(result.a, *ran[0]);
    Append(result.b, *ran[1]);
    const double elapsed =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (!quiet) {
      ShowProgress(fmt::format("round {}/{}, {:.0f} s left", round, rounds,
                               elapsed / (round + 1) * (rounds - round)));
    }
  }
  if (interrupted) error = "stopped";
  return result;
}

Result<TimedPair> RunServers(StudyOptions study, bool quiet) {
  study.corpus.threads = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  study.run_folder =
      std::filesystem::temp_directory_path() / fmt::format("iiifbench-{}", ::getpid());
  study.progress = ProgressUnless(quiet);
  study.corpus.progress = study.progress;
  auto pair = MeasureServers(study);
  std::error_code ignored;
  std::filesystem::remove_all(study.run_folder, ignored);
  return pair;
}

}  // namespace

std::function<int()> AddCompare(CLI::App& app, CLI::App*& command) {
  struct Options {
    std::vector<std::string> files, run, servers, recipes, pages;
    int rounds = 20, false_alarms = 0;
    double effect = 3;
    uint64_t seed = 1;
    std::string json, engine;
    std::vector<double> links_ms;
    double minutes = 0;
    bool small = false, cpu = false, quiet = false, verbose = false, fail = false;
    ExchangeOptions exchange;
  };
  auto options = std::make_shared<Options>();
  command =
      app.add_subcommand("compare", "Is B slower than A? Two results, or two commands interleaved");
  command
      ->add_option("files", options->files,
                   "A and B: Google Benchmark JSON with repetitions, study.json or its folder; "
                   "more files of "
                   "one side joined by commas")
      ->expected(0, 2);
  command
      ->add_option(
          "--run", options->run,
          "Two shell commands, run in turns: the benchmarks they print as JSON are compared, else "
          "their wall times")
      ->expected(2);
  command
      ->add_option("--servers", options->servers,
                   "Two servers, measured in turns as a study does, with settings of their own: "
                   "reference,reference:workers=2; a,a#2 is A/A")
      ->delimiter(',')
      ->expected(1, 2);
  command->add_option("--recipes", options->recipes, "With --servers: formats of the corpus")
      ->delimiter(',');
  command
      ->add_option("--pages", options->pages, "With --servers: pages of the corpus (default map)")
      ->delimiter(',');
  command->add_flag("--small", options->small, "With --servers: small pages, for trying");
  command
      ->add_option("--link", options->links_ms,
                   "With --servers: also over links with these round trips, milliseconds")
      ->delimiter(',')
      ->check(CLI::Range(0.0, 10000.0));
  command
      ->add_option("--minutes", options->minutes,
                   "With --servers: time for all of it; what does not fit is said and left out")
      ->check(CLI::Range(0.05, 10000.0));
  AddEngine(*command, options->engine);
  command
      ->add_option("--rounds", options->rounds,
                   "Rounds of --run and --servers, after one that does not count (default 20)")
      ->check(CLI::Range(2, 10000));
  command
      ->add_option("--false-alarms", options->false_alarms,
                   "Measure the verdicts on N comparisons of equal code (200: a minute)")
      ->check(CLI::Range(1, 100000));
  command
      ->add_option("--least-effect", options->effect,
                   "Percent below which nothing is called a change (3)")
      ->check(CLI::Range(0.0, 1000.0));
  command->add_flag("--cpu-time", options->cpu,
                    "Compare cpu_time of benchmarks instead of real_time");
  command->add_option("--seed", options->seed, "Order of the rounds, resampling");
  command->add_option("--json", options->json, "Write the comparison to this file");
  command->add_flag("--fail-if-slower", options->fail, "Exit status 3 when any case is slower");
  command->add_flag("--quiet", options->quiet, "No progress");
  command->add_flag("--verbose", options->verbose, "Print every case and how it is judged");
  AddExchange(*command, options->exchange);
  return [options] {
    if (options->servers.empty() && (options->minutes > 0 || !options->links_ms.empty())) {
      Complain("iiifbench compare: --link and --minutes go with --servers\n");
      return 2;
    }
    if (options->false_alarms == 0 && options->run.empty() && options->servers.size() != 2 &&
        options->files.size() != 2) {
      Complain(
          "iiifbench compare: give two results, --run 'CMD A' 'CMD B', --servers A,B, or "
          "--false-alarms N\n");
      return 2;
    }
    if (auto writable = CheckWritable(options->json); !writable) {
      Complain("iiifbench compare: {}\n", writable.error().message);
      return 1;
    }
    if (auto sound = CheckExchange(options->exchange); !sound) {
      Complain("iiifbench compare: {}\n", sound.error().message);
      return 2;
    }
    CompareOptions compare{.least_effect = options->effect / 100, .seed = options->seed};
    StopWhenInterrupted();
    if (options->false_alarms > 0) {
      FalseAlarmOptions measure{.comparisons = options->false_alarms,
                                .seed = options->seed,
                                .compare = compare,
                                .stop = &interrupted};
      measure.progress = ProgressUnless(options->quiet);
      auto measured = MeasureFalseAlarms(measure);
      if (!measured || measured->comparisons == 0) {
        Complain("iiifbench compare: {}\n", measured ? "stopped" : measured.error().message);
        return 1;
      }
      for (const auto& line : Wrapped(FalseAlarmsToText(*measured), StyleOfOutput().columns, 2))
        Print("{}\n", line);
      return interrupted ? 130 : 0;
    }
    Rounds runs;
    std::string error;
    if (!options->run.empty()) {
      runs = RunInterleaved(options->run, options->rounds, options->seed, options->quiet, error);
      compare.paired = true;
    } else if (options->servers.size() == 2) {
      auto pair =
          RunServers({.corpus = {.small = options->small,
                                 .recipes = options->recipes,
                                 .pages = options->pages.empty() ? std::vector<std::string>{"map"}
                                                                 : options->pages},
                      .servers = options->servers,
                      .rounds = options->rounds,
                      .seed = options->seed,
                      .engine = options->engine,
                      .links_ms = options->links_ms,
                      .budget = std::chrono::duration<double>(60 * options->minutes),
                      .stop = &interrupted},
                     options->quiet);
      if (pair) {
        if (!pair->complete) error = "stopped";
        runs = {std::move(pair->a), std::move(pair->b)};
      } else {
        error = pair.error().message;
      }
      compare.paired = true;
    } else {
      const TimeOf time = options->cpu ? TimeOf::kCpu : TimeOf::kReal;
      auto a = ReadTimedRun(options->files[0], time), b = ReadTimedRun(options->files[1], time);
      for (const auto* side : {&a, &b}) {
        if (!*side) error = side->error().message;
      }
      if (a && b) runs = {std::move(*a), std::move(*b)};
    }
    if (!error.empty()) Complain("iiifbench compare: {}\n", error);
    if (runs.a.cases.empty()) return 1;
    const auto result = CompareRuns(runs.a, runs.b, compare);
    // Saved before anything is printed, whose reader may be gone.
    if (!options->json.empty()) {
      const std::string text = JsonText(result);
      auto saved = WriteFile(options->json, text);
      if (!saved) {
        Complain("iiifbench compare: {}\n", saved.error().message);
        return 1;
      }
    }
    const std::string rest =
        options->json.empty()
            ? "Every case and how it is judged: run it with --verbose, or --json FILE."
            : fmt::format("Every case and how it is judged: {}", options->json);
    Print("{}", options->verbose ? ComparisonToText(result)
                                 : CompareAnswer(result, rest, StyleOfOutput()));
    if (result["cases"].empty()) {
      Complain("iiifbench compare: no case is in both\n");
      return 1;
    }
    const int bounds = WriteExchange(options->exchange, "compare",
                                     fmt::format("{} against {}", result["b"].get<std::string>(),
                                                 result["a"].get<std::string>()),
                                     FiguresOfComparison(result));
    if (!error.empty()) return interrupted ? 130 : 1;
    if (bounds != 0) return bounds;
    for (const auto& one : result["cases"]) {
      if (options->fail && one["change"] == "slower") return 3;
    }
    return 0;
  };
}

}  // namespace iiifbench
