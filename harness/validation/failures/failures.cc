// failures: what iiifbench prints and keeps when a server, a disk or a person ends a run: every
// case is made to happen to `load`, `study` and `attribute`, on the small corpus, and judged.
//
// Prints Markdown: a row a case with what was printed, the exit status, what is kept and whether
// that can be read again. Exit status 1 when a case does not keep its promise. Three minutes; needs
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
#include "harness/validation/failures/kills.h"
#include "harness/validation/failures/made_to_happen.h"
#include "harness/validation/failures/server_faults.h"

namespace iiifbench {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

// All that the program has started, killed where it stands.
void KillServers(int id) {
  for (int child : ProcessTree(id)) {
    if (child != id) ::kill(child, SIGKILL);
  }
}

using Words = std::vector<std::string>;

struct Asked {
  std::string program, folder, only;
  int kills = 0;              // instead of the cases: of each command, at random moments
  std::string image, images;  // of the small corpus
};

void PrintRow(const FailureCase& c, const FailureOutcome& outcome, const Asked& asked) {
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
  auto happen = [&](const FailureCase& c) {
    if (!asked.only.empty() && c.name.find(asked.only) == std::string::npos) return;
    const FailureOutcome outcome =
        Happen(c, fmt::format("{}/{}", asked.folder, ++number), asked.program);
    PrintRow(c, outcome, asked);
    broken += outcome.broken.empty() ? 0 : 1;
  };
  const std::string disk = NamespacesAllowed() ? "No space left on device" : "File too large";
  auto server = ReferenceServer::Start({.folder = asked.images});
  if (!server) {
    fmt::print(stderr, "failures: {}\n", server.error().message);
    return 1;
  }
  if (asked.kills > 0) {
    auto broken_kills = KillAtRandom({.program = asked.program,
                                      .folder = asked.folder,
                                      .image = asked.image,
                                      .server_port = (*server)->port(),
                                      .kills = asked.kills});
    if (!broken_kills) fmt::print(stderr, "failures: {}\n", broken_kills.error().message);
    return broken_kills && *broken_kills == 0 ? 0 : 1;
  }
  fmt::print("# What is printed and kept when a run goes wrong\n\nThe full disk is {}.\n\n",
             NamespacesAllowed()
                 ? "a file system in a user namespace of its own (no root)"
                 : "a limit on the size of files: user namespaces are not allowed here");
  fmt::print(
      "| case | iiifbench | printed (shortened) | ended | kept | read again | verdict |\n"
      "|---|---|---|---|---|---|---|\n");
  const FaultTargets targets{
      .server_port = (*server)->port(), .image = asked.image, .folder = asked.folder};
  for (const ServerFault& fault : ServerFaults()) {
    for (const std::string command : {"load", "study", "attribute"}) {
      // Its faults begin before enough was measured to say what was kept: asked for by name only.
      if (command == "attribute" && asked.only.empty()) continue;
      auto made = CaseOf(fault, command, targets);
      if (!made) {
        fmt::print(stderr, "failures: {}\n", made.error().message);
        return 1;
      }
      happen(made->what);
    }
  }
  Words servers = {"reference"};
  if (FindServer("iipsrv")->find()) servers.push_back("iipsrv");
  for (const auto& name : servers) {
    auto kill = [](int id, const KeptRecord& kept) {
      if (kept.answers < 1) return false;
      KillServers(id);
      return true;
    };
    happen({.name = fmt::format("kill -9 of {} in mid-run (load)", name),
            .words = LoadWords({"--server", name, "--small", "--recipes", "tiff_deflate"}),
            .promised = {"NOT REPORTABLE", "signal 9 (Killed)", "points measured so far are kept"},
            .ends = {"exit status 3"},
            .meddle = kill});
    happen({.name = fmt::format("kill -9 of {} in mid-run (study)", name),
            .words = StudyWords(name, "tiff_deflate", 200),
            .promised = {"NOT REPORTABLE", "signal 9 (Killed)", "--resume"},
            .ends = {"exit status 1"},
            .meddle = kill});
  }
  auto interrupt = [](int id, const KeptRecord& kept) {
    if (kept.answers < 1) return false;
    ::kill(id, SIGINT);
    return true;
  };
  happen({.name = "Ctrl-C (load)",
          .words = LoadWords({"--server", "reference", "--small", "--recipes", "tiff_deflate"}),
          .promised = {"NOT REPORTABLE", "interrupted before the end", "go on with: "},
          .ends = {"exit status 130"},
          .meddle = interrupt,
          .resume = true});
  happen({.name = "Ctrl-C (study)",
          .words = StudyWords("reference", "tiff_deflate", 60),
          .promised = {"stopped before the end", "go on with: "},
          .ends = {"exit status 130"},
          .meddle = interrupt,
          .resume = true});
  happen({.name = "a full disk (load)",
          .words = LoadWords({"--server", "reference", "--small", "--recipes", "tiff_deflate"}),
          .promised = {disk, "--resume"},
          .ends = {"exit status 1"},
          .least_kept = 0,  // full before the first point ends: its samples are what --resume reads
          .disk_kb = 16,
          .resume = true});
  happen({.name = "a full disk (study)",
          .words = StudyWords("reference", "tiff_deflate", 60),
          .promised = {disk, "--resume"},
          .ends = {"exit status 1"},
          .disk_kb = 64,
          .resume = true});
  const Words attribute =
      AttributeWords(fmt::format("http://127.0.0.1:{}/iiif/2/{}", (*server)->port(),
                                 fs::path(asked.image).filename().string()),
                     asked.image);
  happen({.name = "Ctrl-C (attribute)",
          .words = attribute,
          .promised = {"What was answered stands in", "--resume"},
          .ends = {"exit status 130"},
          .meddle = interrupt,
          .resume = true});
  happen({.name = "a full disk (attribute)",
          .words = attribute,
          .promised = {disk, "--resume"},
          .ends = {"exit status 1"},
          .disk_kb = 16,
          .resume = true});
  happen({.name = "a wrong URL (load)",
          .words = LoadWords({"--url", "http://127.0.0.1:1/iiif/2/page.jpg"}),
          .promised = {"info.json", "connect to server"},
          .ends = {"exit status 1"},
          .least_kept = 0});
  happen({.name = "a wrong URL (study)",
          .words = StudyWords("url", "jpeg_q90", 6),
          .environment = {{"IIIFBENCH_URL", "http://127.0.0.1:1/iiif/2/"}},
          .promised = {"nothing was measured", "connect to server"},
          .ends = {"exit status 1"},
          .least_kept = 0});
  fmt::print("\n{}\n", broken == 0 ? "Every case kept its promise."
                                   : fmt::format("{} cases broke their promise.", broken));
  return broken == 0 ? 0 : 1;
}

}  // namespace
}  // namespace iiifbench

// failures [--only TEXT | --kills N]
int main(int argc, char** argv) {
  using namespace iiifbench;
  ::signal(SIGPIPE, SIG_IGN);
  Asked asked{.program = IIIFBENCH_PROGRAM};
  if (argc == 3 && std::string_view(argv[1]) == "--only") {
    asked.only = argv[2];
  } else if (argc == 3 && std::string_view(argv[1]) == "--kills" && std::atoi(argv[2]) > 0) {
    asked.kills = std::atoi(argv[2]);
  } else if (argc != 1) {
    const std::string_view first = argv[1];
    const bool help = first == "--help" || first == "-h";
    if (!help) fmt::print(stderr, "failures: '{}' is unknown here, or lacks its value\n", first);
    fmt::print(
        help ? stdout : stderr,
        "Makes servers die, hang and lie to load, study and attribute, interrupts them, fills the "
        "disk: what is printed and kept.\n"
        "Usage: failures [OPTIONS]\n\nOptions:\n"
        "  --only TEXT                 Only cases whose name holds this\n"
        "  --kills INT                 Kill each command so many times at random moments instead, "
        "and resume it\n");
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
