#include "harness/validation/failures/made_to_happen.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <thread>

#include "harness/servers/launch/process.h"

namespace iiifbench {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  for (size_t at = 0; !from.empty() && (at = text.find(from, at)) != std::string::npos;
       at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

bool NamespacesAllowed() {
  static const bool allowed = !FindProgram("unshare").empty() &&
                              OutputOf({"unshare", "--user", "--map-root-user", "--mount", "sh",
                                        "-c", "mount -t tmpfs -o size=16k tmpfs /mnt && echo yes"})
                                      .find("yes") != std::string::npos;
  return allowed;
}

namespace {

std::string TextOf(const std::string& path) {
  std::ifstream in(path);
  std::stringstream all;
  all << in.rdbuf();
  return all.str();
}

// What a person would look at: errors, what is saved, and why the run is not reportable.
std::string Essence(const std::string& printed) {
  std::vector<std::string> lines;
  std::istringstream in(printed);
  bool reasons = false;
  for (std::string line; std::getline(in, line);) {
    if (line.find("NOT REPORTABLE") != std::string::npos) {
      reasons = true;
      lines.push_back("NOT REPORTABLE");
      continue;
    }
    const bool reason = reasons && (line.starts_with("  ") || line.starts_with("- "));
    if (reasons && !line.empty() && !reason) reasons = false;
    const bool word = line.starts_with("iiifbench ") || line.starts_with("saved: ") ||
                      line.starts_with("go on with: ") || line.starts_with("What was ") ||
                      line.starts_with("What stands ") || line.starts_with("The table ") ||
                      line.starts_with("The points ");
    if (reason || word) lines.push_back(line.substr(reason ? 2 : 0));
  }
  return fmt::format("{}", fmt::join(lines, "<br>"));
}

// The program, ended by force after two minutes: a case that hangs is a broken promise.
std::string RunTo(const std::vector<std::string>& argv,
                  const std::map<std::string, std::string>& environment, const std::string& output,
                  const std::function<void(int id)>& while_it_runs = {}) {
  auto process = Process::Start(argv, environment, output);
  if (!process) return process.error().message;
  const auto start = std::chrono::steady_clock::now();
  while ((*process)->Ended().empty()) {
    if (std::chrono::steady_clock::now() - start > 120s) return "does not end";
    if (while_it_runs) while_it_runs((*process)->id());
    std::this_thread::sleep_for(5ms);
  }
  return (*process)->Ended();
}

// The same command where the disk has no more room, and its folder copied to `folder` afterwards.
// `small` is where the file system is mounted: seen by nobody else.
std::vector<std::string> OnAFullDisk(const std::vector<std::string>& argv, int kilobytes,
                                     const std::string& small, const std::string& folder) {
  std::string script;
  if (NamespacesAllowed()) {
    script = fmt::format(
        "mount -t tmpfs -o size={}k tmpfs '{}' || exit 99; mkdir '{}/run'; \"$@\"; rc=$?; cp -r "
        "'{}/run/.' '{}'; exit $rc",
        kilobytes, small, small, small, folder);
  } else {  // half as much, because the limit is that of one file: in units of 512 bytes
    script = fmt::format(
        "trap '' XFSZ; mkdir '{}/run'; ulimit -S -f {}; \"$@\"; rc=$?; ulimit -S -f unlimited; "
        "cp -r '{}/run/.' '{}'; exit $rc",
        small, kilobytes, small, folder);
  }
  std::vector<std::string> out;
  if (NamespacesAllowed()) out = {"unshare", "--user", "--map-root-user", "--mount"};
  for (const char* word : {"sh", "-c"}) out.emplace_back(word);
  out.push_back(script);
  out.emplace_back("sh");
  out.insert(out.end(), argv.begin(), argv.end());
  return out;
}

}  // namespace

FailureOutcome Happen(const FailureCase& c, const std::string& folder, const std::string& program) {
  FailureOutcome outcome;
  fs::create_directories(folder + "/small");
  const std::string run = folder + "/kept", output = folder + "/output";
  fs::create_directories(run);
  std::vector<std::string> argv = {program};
  argv.insert(argv.end(), c.words.begin(), c.words.end());
  const auto at = [&](const std::string& place) {
    return c.words.front() == "attribute"
               ? std::vector<std::string>{"--json", place + "/attribution-run.json"}
               : std::vector<std::string>{"--out", place};
  };
  std::vector<std::string> first = argv;
  const auto place = at(c.disk_kb > 0 ? folder + "/small/run" : run);
  first.insert(first.end(), place.begin(), place.end());
  if (c.disk_kb > 0) fs::create_directories(folder + "/small");
  if (c.disk_kb > 0) first = OnAFullDisk(first, c.disk_kb, folder + "/small", run);
  bool meddled = !c.meddle;
  outcome.ended = RunTo(first, c.environment, output, [&](int id) {
    if (!meddled) meddled = c.meddle(id, ReadKept(run));
  });
  const std::string printed = TextOf(output);
  outcome.printed = Replaced(Replaced(Essence(printed), folder + "/small/run", "DIR"), run, "DIR");
  if (!meddled) outcome.broken.push_back("it ended before the fault was made");
  if (std::ranges::find(c.ends, outcome.ended) == c.ends.end())
    outcome.broken.push_back(fmt::format("it was to end with {}", fmt::join(c.ends, " or ")));
  for (const auto& promise : c.promised) {
    if (printed.find(promise) == std::string::npos)
      outcome.broken.push_back(fmt::format("it was to say \"{}\"", promise));
  }
  const KeptRecord kept = ReadKept(run);
  outcome.kept = kept.Words();
  for (const auto& what : kept.unreadable)
    outcome.broken.push_back("kept but not readable: " + what);
  if (kept.answers < c.least_kept)
    outcome.broken.push_back(fmt::format("at least {} was to be kept", c.least_kept));
  if (c.resume) {
    if (c.words.front() == "attribute") {
      for (const auto& word : at(run)) argv.push_back(word);
      argv.emplace_back("--resume");
    } else {
      argv.insert(argv.end(), {"--resume", run});
    }
    const std::string resumed = RunTo(argv, c.environment, folder + "/resumed");
    const KeptRecord whole = ReadKept(run);
    outcome.again = fmt::format("--resume: {}, {} samples", resumed, whole.samples + whole.points);
    const bool more = whole.whole && whole.answers >= kept.answers;
    if ((resumed != "exit status 0" && resumed != "exit status 3") || !more)
      outcome.broken.push_back("it was to go on by --resume");
  }
  if (c.least_kept > 0 && !kept.files.empty()) {
    const std::string page = RunTo({program, "page", run}, {}, folder + "/page");
    outcome.again += fmt::format("{}page: {}", outcome.again.empty() ? "" : "; ", page);
    if (page != "exit status 0") outcome.broken.push_back("its page was to be drawn");
  }
  return outcome;
}

}  // namespace iiifbench
