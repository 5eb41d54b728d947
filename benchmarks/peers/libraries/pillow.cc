// Pillow: a Python process that runs one task a line (pillow_peer.py) and takes the time inside
// itself.
#include <cstdlib>

#include "benchmarks/peers/python/process.h"

namespace iiifbench::peers {
namespace {

Python& ThePython() {
  static Python python("Pillow");
  return python;
}

// The version of Pillow, from the first interpreter that has it.
Result<std::string> Version() {
  static const Result<std::string> version = []() -> Result<std::string> {
    const char* chosen = std::getenv("IIIFBENCH_PYTHON");
    for (const char* program : {chosen != nullptr ? chosen : "python3", "/usr/bin/python3"}) {
      auto found = ThePython().Start(program, {IIIFBENCH_PEER_SCRIPTS "/pillow_peer.py"});
      if (found) return "Pillow " + *found;
    }
    return Fail(ErrorKind::kNotFound,
                "no python3 with Pillow (python3-pil); IIIFBENCH_PYTHON names another");
  }();
  return version;
}

std::vector<Job> Prepare(const Task& task) {
  // It writes no tiles.
  if (task.format == "tiff" && (task.kind == Kind::kRequest || task.kind == Kind::kEncode))
    return {};
  const bool from_memory = task.kind == Kind::kResize || task.kind == Kind::kEncode;
  const bool decodes_whole = !from_memory && task.region.size() != task.whole;
  return {{.label = decodes_whole ? "Pillow, whole decode" : "Pillow",
           .run = [task, line = LineOf(task)](Answer& answer) {
             return ThePython().Turn(task, line, answer);
           }}};
}

}  // namespace

extern const Peer pillow_peer;
const Peer pillow_peer = {.name = "Pillow",
                          .version = Version,
                          .prepare = Prepare,
                          .calls = "OpenJPEG libtiff libjpeg-turbo libwebp"};

}  // namespace iiifbench::peers
