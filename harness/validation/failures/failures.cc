// failures: what iiifbench prints and keeps when a server, a disk or a person ends a run: every
// case is made to happen to `load`, `study` and `attribute`, on the small corpus, and judged.
//
// Prints Markdown: a row a case with what was printed, the exit status, what is kept and whether
// that can be read again. Exit status 1 when a case does not keep its promise. About a minute.
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "data/corpus.h"
#include "harness/servers/reference/reference_server.h"
#include "harness/validation/failures/all_cases.h"
#include "harness/validation/failures/kills.h"
#include "harness/validation/failures/made_to_happen.h"

namespace iiifbench {
namespace {

namespace fs = std::filesystem;

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

// Three at a time, since most of them wait; rows come in order. How many broke their promise.
int RunAll(const std::vector<CaseMaker>& cases, const Asked& asked) {
  constexpr int kAtOnce = 3;
  std::mutex mutex;
  std::map<size_t, std::function<void()>> rows;  // that wait for those before them
  size_t begun = 0, printed = 0;
  int broken = 0;
  const auto done = [&](size_t number, std::function<void()> row) {
    rows[number] = std::move(row);
    for (; rows.contains(printed); ++printed) rows[printed]();
  };
  const auto work = [&] {
    for (;;) {
      std::unique_lock lock(mutex);
      if (begun == cases.size()) return;
      const size_t number = begun++;
      lock.unlock();
      auto made = cases[number]();
      if (!made) {
        lock.lock();
        ++broken;
        done(number,
             [error = made.error()] { fmt::print(stderr, "failures: {}\n", error.message); });
        continue;
      }
      const FailureCase& c = made->what;
      if (!asked.only.empty() && c.name.find(asked.only) == std::string::npos) {
        lock.lock();
        done(number, [] {});
        continue;
      }
      FailureOutcome outcome = Happen(c, fmt::format("{}/{}", asked.folder, number), asked.program);
      lock.lock();
      broken += outcome.broken.empty() ? 0 : 1;
      done(number, [&asked, c, outcome = std::move(outcome)] { PrintRow(c, outcome, asked); });
    }
  };
  {
    std::vector<std::jthread> workers;
    for (int i = 0; i < kAtOnce; ++i) workers.emplace_back(work);
  }
  return broken;
}

int Run(const Asked& asked) {
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
                                      .kills = asked.kills,
                                      .only = asked.only});
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
  const int broken = RunAll(AllCases(targets), asked);
  fmt::print("\n{}\n", broken == 0 ? "Every case kept its promise."
                                   : fmt::format("{} cases broke their promise.", broken));
  return broken == 0 ? 0 : 1;
}

}  // namespace
}  // namespace iiifbench

// failures [--only TEXT] [--kills N]
int main(int argc, char** argv) {
  using namespace iiifbench;
  ::signal(SIGPIPE, SIG_IGN);
  Asked asked{.program = IIIFBENCH_PROGRAM};
  for (int i = 1; i < argc; i += 2) {
    const std::string_view first = argv[i];
    if (i + 1 < argc && first == "--only") {
      asked.only = argv[i + 1];
      continue;
    }
    if (i + 1 < argc && first == "--kills" && std::atoi(argv[i + 1]) > 0) {
      asked.kills = std::atoi(argv[i + 1]);
      continue;
    }
    const bool help = first == "--help" || first == "-h";
    if (!help) fmt::print(stderr, "failures: '{}' is unknown here, or lacks its value\n", first);
    fmt::print(
        help ? stdout : stderr,
        "Makes servers die, hang and lie to load, study and attribute, interrupts them, fills the "
        "disk: what is printed and kept.\n"
        "Usage: failures [OPTIONS]\n\nOptions:\n"
        "  --only TEXT                 Only cases, or commands with --kills, whose name holds "
        "this\n"
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
