#include "harness/validation/failures/kills.h"

#include <signal.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>
#include <set>
#include <span>
#include <sstream>
#include <thread>

#include "harness/servers/launch/process.h"
#include "harness/validation/failures/fault_front.h"
#include "harness/validation/failures/server_faults.h"

namespace iiifbench {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using namespace std::chrono_literals;
using Words = std::vector<std::string>;
using std::chrono::steady_clock;

constexpr double kMostLost = 1;  // seconds
constexpr int kStudyRounds = 40;

double Seconds(steady_clock::duration t) { return std::chrono::duration<double>(t).count(); }

std::string TextIn(const std::string& path) {
  std::ifstream in(path);
  std::stringstream all;
  all << in.rdbuf();
  return all.str();
}

struct Command {
  std::string name;
  Words words;
  std::map<std::string, std::string> environment;
  std::string lines;   // the file of what was answered
  double longest = 3;  // seconds before a kill
};

struct Row {
  int kills = 0, finished = 0, resumed = 0;
  int kept = 0, lost = 0;  // answers: of the ends, and at kills
  double worst = 0;        // seconds before a kill of the first answer that was lost
  int apart = 0;           // kills in steps whose answers are asked again
  std::vector<std::string> broken;
};

// One start of a command until it ends or is killed.
struct Sitting {
  std::string ended;  // empty: killed
  steady_clock::time_point killed;
  std::optional<int> outside;  // answers before the first that was kept; none: none was kept
  int first = 0;               // number of this sitting's first answer
};

// Answers that a study keeps once and only once.
std::string TwiceIn(const std::string& path) {
  std::map<std::string, std::set<int>> rounds;
  std::ifstream in(path);
  for (std::string text; std::getline(in, text);) {
    const json line = json::parse(text, nullptr, false);
    if (!line.is_object() || !line.contains("sample")) continue;
    const json& s = line["sample"];
    const std::string cell = s.value("server", "") + s.value("class", "") + s.value("page", "");
    if (!rounds[cell].insert(s.value("round", -1)).second)
      return fmt::format("{}: round {} twice", cell, s.value("round", -1));
  }
  for (const auto& [cell, taken] : rounds) {
    if (taken.size() != kStudyRounds)
      return fmt::format("{}: {} of {} rounds", cell, taken.size(), kStudyRounds);
  }
  return rounds.empty() ? "no samples" : "";
}

class Killer {
 public:
  Killer(const KillOptions& options, FaultFront& front)
      : options_(options), front_(front), random_(options.seed) {}
  Row Of(const Command& command);

 private:
  Sitting Sit(const Command& command, const std::string& folder, int kept_before, bool kill);
  // A run from its start to its end.
  void Chain(const Command& command, const std::string& folder, Row& row);
  void Compare(const Sitting& sitting, const std::string& output, int kept, Row& row) const;

  const KillOptions& options_;
  FaultFront& front_;
  std::mt19937_64 random_;
};

Sitting Killer::Sit(const Command& command, const std::string& folder, int kept_before, bool kill) {
  Words argv = {options_.program};
  argv.insert(argv.end(), command.words.begin(), command.words.end());
  const bool resume = fs::exists(folder + "/" + command.lines) && kept_before >= 0;
  if (command.name == "attribute") {
    argv.insert(argv.end(), {"--json", folder + "/attribution-run.json"});
    if (resume) argv.emplace_back("--resume");
  } else {
    argv.insert(argv.end(), {resume ? "--resume" : "--out", folder});
  }
  Sitting sitting{.first = static_cast<int>(front_.AnswerTimes().size())};
  const double after = 0.1 + command.longest * static_cast<double>(random_() % 10'000) / 10'000;
  const auto start = steady_clock::now();
  fs::remove(folder + "/output");
  auto process = Process::Start(argv, command.environment, folder + "/output");
  if (!process) {
    sitting.ended = process.error().message;
    return sitting;
  }
  for (;;) {
    sitting.ended = (*process)->Ended();
    if (!sitting.ended.empty()) return sitting;
    const double now = Seconds(steady_clock::now() - start);
    if (kill && now > after) {
      ::kill((*process)->id(), SIGKILL);
      sitting.killed = steady_clock::now();
      while ((*process)->Ended().empty()) std::this_thread::sleep_for(1ms);
      return sitting;
    }
    if (now > 120) {
      sitting.ended = "does not end";
      return sitting;
    }
    if (!sitting.outside) {
      const int given = static_cast<int>(front_.AnswerTimes().size());
      const int kept = ReadKept(folder).answers;
      // A sweep is written twice a second, and asks once before its first point.
      if (command.name == "load") sitting.outside = 1;
      if (kept > kept_before) sitting.outside = given - sitting.first - (kept - kept_before);
    }
    std::this_thread::sleep_for(3ms);
  }
}

void Killer::Compare(const Sitting& sitting, const std::string& output, int kept, Row& row) const {
  if (!sitting.outside) return;  // nothing was measured yet
  // What follows the probes of an attribution is done again as a whole.
  if (output.find("probes done") != std::string::npos) {
    ++row.apart;
    return;
  }
  const auto times = front_.AnswerTimes();
  const size_t accounted =
      static_cast<size_t>(sitting.first + std::max(0, *sitting.outside) + kept);
  if (accounted >= times.size() || times[accounted] > sitting.killed) return;
  const double ago = Seconds(sitting.killed - times[accounted]);
  row.lost += static_cast<int>(
      std::ranges::count_if(std::span(times).subspan(accounted),
                            [&](const auto& time) { return time <= sitting.killed; }));
  row.worst = std::max(row.worst, ago);
  if (ago > kMostLost) row.broken.push_back(fmt::format("{:.2f} s were lost", ago));
}

void Killer::Chain(const Command& command, const std::string& folder, Row& row) {
  fs::create_directories(folder);
  int kept = 0;
  for (int sittings = 0; sittings < 200; ++sittings) {
    row.resumed += fs::exists(folder + "/" + command.lines) ? 1 : 0;
    const Sitting sitting = Sit(command, folder, kept, row.kills < options_.kills);
    const KeptRecord record = ReadKept(folder);
    for (const auto& what : record.unreadable) row.broken.push_back(what);
    if (sitting.ended.empty()) {
      ++row.kills;
      if (record.answers < kept)
        row.broken.push_back(fmt::format("{} answers of {} are left", record.answers, kept));
      Compare(sitting, TextIn(folder + "/output"), record.answers - kept, row);
      kept = record.answers;
      continue;
    }
    if (sitting.ended != "exit status 0" && sitting.ended != "exit status 3")
      row.broken.push_back(sitting.ended + ": " + TextIn(folder + "/output").substr(0, 300));
    if (!record.whole || record.answers < kept)
      row.broken.push_back(fmt::format("its end has {} answers of {}", record.answers, kept));
    if (command.name == "study") {
      if (auto twice = TwiceIn(folder + "/samples.jsonl"); !twice.empty())
        row.broken.push_back(twice);
    }
    row.kept += record.answers;
    ++row.finished;
    return;
  }
  row.broken.emplace_back("it does not come to its end");
}

Row Killer::Of(const Command& command) {
  Row row;
  for (int run = 0; row.kills < options_.kills && row.broken.empty(); ++run) {
    const std::string folder = fmt::format("{}/{}-{}", options_.folder, command.name, run);
    Chain(command, folder, row);
    std::error_code ignored;
    if (row.broken.empty()) fs::remove_all(folder, ignored);
  }
  return row;
}

}  // namespace

Result<int> KillAtRandom(const KillOptions& options) {
  auto front = FaultFront::Start(options.server_port, Fault::kCut, std::numeric_limits<int>::max());
  if (!front) return front.error();
  const std::string root = fmt::format("http://127.0.0.1:{}/iiif/2/", (*front)->port());
  const std::string url = root + fs::path(options.image).filename().string();
  const Command commands[] = {
      {.name = "load",
       .words = {"load", "--url", url, "--source", options.image, "--workload", "viewer",
                 "--clients", "1,2", "--seconds", "3", "--warm-up", "0", "--check-seconds", "0.2",
                 "--quiet"},
       .lines = "load-url-viewer.samples.jsonl"},
      {.name = "study",
       .words = StudyWords("url", "jpeg_q90", kStudyRounds),
       .environment = {{"IIIFBENCH_URL", root}},
       .lines = "samples.jsonl",
       .longest = 5},
      // Verbose, because Compare looks for a line of its progress.
      {.name = "attribute",
       .words = {"attribute", url, "--source", options.image, "--budget", "6", "--verbose"},
       .lines = "attribution-run.answers.jsonl",
       .longest = 9},
  };
  fmt::print(
      "| command | kills | resumed | runs ended | answers kept | lost at kills | worst | in steps "
      "done again | verdict |\n|---|---|---|---|---|---|---|---|---|\n");
  int broken = 0;
  Killer killer(options, **front);
  for (const Command& command : commands) {
    if (command.name.find(options.only) == std::string::npos) continue;
    const Row row = killer.Of(command);
    fmt::print("| {} | {} | {} | {} | {} | {} | {:.2f} s | {} | {} |\n", command.name, row.kills,
               row.resumed, row.finished, row.kept, row.lost, row.worst, row.apart,
               row.broken.empty() ? "kept its promise"
                                  : fmt::format("**BROKEN: {}**", fmt::join(row.broken, "; ")));
    std::fflush(stdout);
    broken += row.broken.empty() ? 0 : 1;
  }
  return broken;
}

}  // namespace iiifbench
