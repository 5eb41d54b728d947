// failures: what iiifbench prints and keeps when a server, a disk or a person ends a run: every
// case is made to happen to `load` and to `study`, on the small corpus, and judged.
//
// Prints Markdown: a row a case with what was printed, the exit status, what is kept and whether
// that can be read again. Exit status 1 when a case does not keep its promise. Half a minute; needs
// nothing but our own server, and takes IIPSrv as well where it is installed. The full disk is a
// file system of 16 to 64 kB in a user namespace of its own (unshare, no root); where that is not
// allowed, a limit on the size of files, which fails in the same call with other words: the table
// says which.
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <thread>

#include "data/corpus.h"
#include "harness/servers/launch/process.h"
#include "harness/servers/reference/reference_server.h"
#include "harness/servers/server.h"
#include "harness/validation/failures/fault_front.h"
#include "harness/validation/failures/kept_record.h"

namespace iiifbench {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

struct Case {
  std::string name;
  std::vector<std::string> words;  // after "iiifbench", without --out
  std::map<std::string, std::string> environment = {};
  std::vector<std::string> promised = {};  // to be printed, all of them
  std::string ends;                        // "exit status 3"
  int least_kept = 1;                      // points or samples
  // Called again and again while it runs, with the process and what is kept so far; true: it has
  // done its part.
  std::function<bool(int id, const KeptRecord& kept)> meddle = {};
  int disk_kb = 0;      // 0: no full disk
  bool resume = false;  // a study that shall be brought to its end afterwards
};

struct Outcome {
  std::string printed, ended, kept, again;
  std::vector<std::string> broken;  // promises
};

std::string TextOf(const std::string& path) {
  std::ifstream in(path);
  std::stringstream all;
  all << in.rdbuf();
  return all.str();
}

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  for (size_t at = 0; !from.empty() && (at = text.find(from, at)) != std::string::npos;
       at += to.size())
    text.replace(at, from.size(), to);
  return text;
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

bool NamespacesAllowed() {
  static const bool allowed = !FindProgram("unshare").empty() &&
                              OutputOf({"unshare", "--user", "--map-root-user", "--mount", "sh",
                                        "-c", "mount -t tmpfs -o size=16k tmpfs /mnt && echo yes"})
                                      .find("yes") != std::string::npos;
  return allowed;
}

// The same command where the disk has no more room, and its folder copied to `folder` afterwards.
// `small` is where the file system is mounted: seen by nobody else.
std::vector<std::string> OnAFullDisk(const std::vector<std::string>& argv, int kilobytes,
                                     const std::string& small, const std::string& folder) {
  std::string script;
  if (NamespacesAllowed()) {
    script = fmt::format(
        "mount -t tmpfs -o size={}k tmpfs '{}' || exit 99; \"$@\"; rc=$?; cp -r '{}/run/.' '{}'; "
        "exit $rc",
        kilobytes, small, small, folder);
  } else {  // half as much, because the limit is that of one file: in units of 512 bytes
    script =
        fmt::format("trap '' XFSZ; ulimit -f {}; \"$@\"; rc=$?; cp -r '{}/run/.' '{}'; exit $rc",
                    kilobytes, small, folder);
  }
  std::vector<std::string> out;
  if (NamespacesAllowed()) out = {"unshare", "--user", "--map-root-user", "--mount"};
  for (const char* word : {"sh", "-c"}) out.emplace_back(word);
  out.push_back(script);
  out.emplace_back("sh");
  out.insert(out.end(), argv.begin(), argv.end());
  return out;
}

Outcome Happen(const Case& c, const std::string& folder, const std::string& program) {
  Outcome outcome;
  fs::create_directories(folder + "/small");
  const std::string run = folder + "/kept", output = folder + "/output";
  fs::create_directories(run);
  std::vector<std::string> argv = {program};
  argv.insert(argv.end(), c.words.begin(), c.words.end());
  std::vector<std::string> first = argv;
  first.insert(first.end(), {"--out", c.disk_kb > 0 ? folder + "/small/run" : run});
  if (c.disk_kb > 0) first = OnAFullDisk(first, c.disk_kb, folder + "/small", run);
  bool meddled = !c.meddle;
  outcome.ended = RunTo(first, c.environment, output, [&](int id) {
    if (!meddled) meddled = c.meddle(id, ReadKept(run));
  });
  const std::string printed = TextOf(output);
  outcome.printed = Replaced(Replaced(Essence(printed), folder + "/small/run", "DIR"), run, "DIR");
  if (!meddled) outcome.broken.push_back("it ended before the fault was made");
  if (outcome.ended != c.ends) outcome.broken.push_back("it was to end with " + c.ends);
  for (const auto& promise : c.promised) {
    if (printed.find(promise) == std::string::npos)
      outcome.broken.push_back(fmt::format("it was to say \"{}\"", promise));
  }
  const KeptRecord kept = ReadKept(run);
  outcome.kept = kept.Words();
  for (const auto& what : kept.unreadable)
    outcome.broken.push_back("kept but not readable: " + what);
  if (kept.points + kept.samples < c.least_kept)
    outcome.broken.push_back(fmt::format("at least {} was to be kept", c.least_kept));
  if (c.resume) {
    argv.insert(argv.end(), {"--resume", run});
    const std::string resumed = RunTo(argv, c.environment, folder + "/resumed");
    const KeptRecord whole = ReadKept(run);
    outcome.again = fmt::format("--resume: {}, {} samples", resumed, whole.samples);
    if (resumed != "exit status 0" || whole.samples <= kept.samples || !whole.study_json)
      outcome.broken.push_back("it was to go on by --resume");
  }
  if (c.least_kept > 0 && !kept.files.empty()) {
    const std::string page = RunTo({program, "page", run}, {}, folder + "/page");
    outcome.again += fmt::format("{}page: {}", outcome.again.empty() ? "" : "; ", page);
    if (page != "exit status 0") outcome.broken.push_back("its page was to be drawn");
  }
  return outcome;
}

// All that the program has started, killed where it stands.
void KillServers(int id) {
  for (int child : ProcessTree(id)) {
    if (child != id) ::kill(child, SIGKILL);
  }
}

using Words = std::vector<std::string>;

Words LoadWords(const Words& target) {
  Words words = {"load"};
  words.insert(words.end(), target.begin(), target.end());
  words.insert(words.end(),
               {"--workload", "viewer", "--clients", "1,2,3", "--seconds", "0.6", "--warm-up", "0",
                "--timeout", "0.3", "--check-seconds", "0.5", "--quiet"});
  return words;
}

Words StudyWords(const std::string& server, const std::string& recipe, int rounds) {
  return {"study",     "--servers", server,     "--small",
          "--recipes", recipe,      "--rounds", fmt::format("{}", rounds),
          "--timeout", "0.3",       "--quiet"};
}

struct Asked {
  std::string program, folder, only;
  std::string image, images;  // of the small corpus
};

void PrintRow(const Case& c, const Outcome& outcome, const Asked& asked) {
  std::string command = fmt::format("{}", fmt::join(c.words, " "));
  command = Replaced(Replaced(command, asked.images, "IMAGES"), asked.folder, "DIR");
  const std::string verdict = outcome.broken.empty()
                                  ? "kept its promise"
                                  : fmt::format("**BROKEN: {}**", fmt::join(outcome.broken, "; "));
  auto cell = [](const std::string& text) { return Replaced(text, "|", "\\|"); };
  fmt::print("| {} | `{}` | {} | {} | {} | {} | {} |\n", c.name, cell(command),
             cell(outcome.printed), outcome.ended, cell(outcome.kept),
             outcome.again.empty() ? "-" : outcome.again, cell(verdict));
  std::fflush(stdout);
}

// Every case; how many broke their promise.
int Run(const Asked& asked) {
  int broken = 0, number = 0;
  auto happen = [&](const Case& c) {
    if (!asked.only.empty() && c.name.find(asked.only) == std::string::npos) return;
    const Outcome outcome = Happen(c, fmt::format("{}/{}", asked.folder, ++number), asked.program);
    PrintRow(c, outcome, asked);
    broken += outcome.broken.empty() ? 0 : 1;
  };
  const std::string disk = NamespacesAllowed() ? "No space left on device" : "File too large";
  fmt::print("# What is printed and kept when a run goes wrong\n\nThe full disk is {}.\n\n",
             NamespacesAllowed()
                 ? "a file system in a user namespace of its own (no root)"
                 : "a limit on the size of files: user namespaces are not allowed here");
  fmt::print(
      "| case | iiifbench | printed (shortened) | ended | kept | read again | verdict |\n"
      "|---|---|---|---|---|---|---|\n");
  auto server = ReferenceServer::Start({.folder = asked.images});
  if (!server) {
    fmt::print(stderr, "failures: {}\n", server.error().message);
    return 1;
  }
  struct Broken {
    Fault fault;
    const char *name, *kind;
  };
  for (const Broken& b :
       {Broken{Fault::kCut, "connection closed in mid-answer", "cut off"},
        Broken{Fault::kTruncated, "half a picture, whole by HTTP", "a picture without its end"},
        Broken{Fault::kHang, "a server that hangs", "timed out"},
        Broken{Fault::kHtml, "status 200 with HTML", "text/html that is no picture"}}) {
    const std::string file = fs::path(asked.image).filename();
    {
      auto front = FaultFront::Start((*server)->port(), b.fault, 60);
      if (!front) return 1;
      happen({.name = std::string(b.name) + " (load)",
              .words = LoadWords(
                  {"--url", fmt::format("http://127.0.0.1:{}/iiif/2/{}", (*front)->port(), file),
                   "--source", asked.image}),
              .promised = {"NOT REPORTABLE", b.kind},
              .ends = "exit status 3"});
    }
    auto front = FaultFront::Start((*server)->port(), b.fault, 300);
    if (!front) return 1;
    happen({.name = std::string(b.name) + " (study)",
            .words = StudyWords("url", "jpeg_q90", 200),
            .environment = {{"IIIFBENCH_URL",
                             fmt::format("http://127.0.0.1:{}/iiif/2/", (*front)->port())}},
            .promised = {"NOT REPORTABLE", b.kind, "requests failed after a right warm-up"},
            .ends = "exit status 3"});
  }
  Words servers = {"reference"};
  if (FindServer("iipsrv")->find()) servers.push_back("iipsrv");
  for (const auto& name : servers) {
    auto kill = [](int id, const KeptRecord& kept) {
      if (kept.points + kept.samples < 1) return false;
      KillServers(id);
      return true;
    };
    happen({.name = fmt::format("kill -9 of {} in mid-run (load)", name),
            .words = LoadWords({"--server", name, "--small", "--recipes", "tiff_deflate"}),
            .promised = {"NOT REPORTABLE", "signal 9 (Killed)", "points measured so far are kept"},
            .ends = "exit status 3",
            .meddle = kill});
    happen({.name = fmt::format("kill -9 of {} in mid-run (study)", name),
            .words = StudyWords(name, "tiff_deflate", 200),
            .promised = {"NOT REPORTABLE", "signal 9 (Killed)", "--resume"},
            .ends = "exit status 1",
            .meddle = kill});
  }
  auto interrupt = [](int id, const KeptRecord& kept) {
    if (kept.points + kept.samples < 1) return false;
    ::kill(id, SIGINT);
    return true;
  };
  happen({.name = "Ctrl-C (load)",
          .words = LoadWords({"--server", "reference", "--small", "--recipes", "tiff_deflate"}),
          .promised = {"NOT REPORTABLE", "interrupted before the end"},
          .ends = "exit status 130",
          .meddle = interrupt});
  happen({.name = "Ctrl-C (study)",
          .words = StudyWords("reference", "tiff_deflate", 60),
          .promised = {"stopped before the end", "go on with: "},
          .ends = "exit status 130",
          .meddle = interrupt,
          .resume = true});
  happen({.name = "a full disk (load)",
          .words = LoadWords({"--server", "reference", "--small", "--recipes", "tiff_deflate"}),
          .promised = {disk, "of the points before"},
          .ends = "exit status 1",
          .disk_kb = 16});
  happen({.name = "a full disk (study)",
          .words = StudyWords("reference", "tiff_deflate", 60),
          .promised = {disk, "--resume"},
          .ends = "exit status 1",
          .disk_kb = 64,
          .resume = true});
  happen({.name = "a wrong URL (load)",
          .words = LoadWords({"--url", "http://127.0.0.1:1/iiif/2/page.jpg"}),
          .promised = {"info.json", "connect to server"},
          .ends = "exit status 1",
          .least_kept = 0});
  happen({.name = "a wrong URL (study)",
          .words = StudyWords("url", "jpeg_q90", 6),
          .environment = {{"IIIFBENCH_URL", "http://127.0.0.1:1/iiif/2/"}},
          .promised = {"nothing was measured", "connect to server"},
          .ends = "exit status 1",
          .least_kept = 0});
  fmt::print("\n{}\n", broken == 0 ? "Every case kept its promise."
                                   : fmt::format("{} cases broke their promise.", broken));
  return broken == 0 ? 0 : 1;
}

}  // namespace
}  // namespace iiifbench

// failures [--only TEXT]
int main(int argc, char** argv) {
  using namespace iiifbench;
  ::signal(SIGPIPE, SIG_IGN);
  Asked asked{.program = IIIFBENCH_PROGRAM};
  if (argc == 3 && std::string_view(argv[1]) == "--only") {
    asked.only = argv[2];
  } else if (argc != 1) {
    const std::string_view first = argv[1];
    const bool help = first == "--help" || first == "-h";
    if (!help) fmt::print(stderr, "failures: '{}' is unknown here, or lacks its value\n", first);
    fmt::print(help ? stdout : stderr,
               "usage: failures [--only TEXT of a case's name]\nMakes servers die, hang and lie to "
               "load and study, "
               "interrupts them, fills the disk: what is printed and kept.\n");
    return help ? 0 : 2;
  }
  const auto corpus =
      EnsureCorpus({.small = true, .recipes = {"jpeg_q90", "tiff_deflate"}, .pages = {"map"}});
  if (!corpus) {
    fmt::print(stderr, "failures: {}\n", corpus.error().message);
    return 1;
  }
  asked.images = corpus->image_folder;
  for (const auto& entry : corpus->entries) {
    if (entry.recipe == "jpeg_q90") asked.image = entry.path;
  }
  asked.folder = fs::temp_directory_path() / fmt::format("iiifbench-failures-{}", ::getpid());
  const int status = Run(asked);
  std::error_code ignored;
  fs::remove_all(asked.folder, ignored);
  return status;
}
