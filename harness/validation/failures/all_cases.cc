#include "harness/validation/failures/all_cases.h"

#include <signal.h>

#include <filesystem>

#include "harness/servers/launch/process.h"
#include "harness/servers/server.h"

namespace iiifbench {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

// All that the program has started, killed where it stands.
void KillServers(int id) {
  for (int child : ProcessTree(id)) {
    if (child != id) ::kill(child, SIGKILL);
  }
}

}  // namespace

std::vector<CaseMaker> AllCases(const FaultTargets& targets) {
  std::vector<CaseMaker> cases;
  const auto happen = [&](const FailureCase& what) {
    cases.push_back([what]() -> Result<FaultCase> {
      FaultCase made;
      made.what = what;
      return made;
    });
  };
  const std::string disk = NamespacesAllowed() ? "No space left on device" : "File too large";
  for (const ServerFault& fault : ServerFaults()) {
    for (const std::string command : {"load", "study", "attribute"}) {
      cases.push_back([&fault, command, targets] { return CaseOf(fault, command, targets); });
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
      AttributeWords(fmt::format("http://127.0.0.1:{}/iiif/2/{}", targets.server_port,
                                 fs::path(targets.image).filename().string()),
                     targets.image);
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
  return cases;
}

}  // namespace iiifbench
