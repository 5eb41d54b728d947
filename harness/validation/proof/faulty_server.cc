#include "harness/validation/proof/faulty_server.h"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "harness/servers/launch/process.h"
#include "harness/servers/launch/spawned_server.h"

namespace iiifbench {

namespace fs = std::filesystem;

Result<std::unique_ptr<RunningServer>> StartFaulty(const std::string& server,
                                                   const nlohmann::json& faults, int workers,
                                                   const std::string& images,
                                                   const std::string& folder,
                                                   const std::string& truth_file) {
  auto port = FreePort();
  if (!port) return port.error();
  const std::string plan_file = folder + "/plan.json";
  auto written = WriteFile(plan_file, faults.dump() + "\n");
  if (!written) return written.error();
  const std::string root = fmt::format("http://127.0.0.1:{}/iiif/2/", *port);
  return Spawn({.title = "the faulty " + server + " server",
                .argv = {fs::read_symlink("/proc/self/exe"), "serve-faulty", server, plan_file,
                         images, truth_file, fmt::format("{}", *port), fmt::format("{}", workers)},
                .image_url = root,
                .ready_url = root + "absent/info.json",
                .output = folder + "/server.out",
                .log = folder + "/server.out",
                .patience = std::chrono::seconds(10)});
}

}  // namespace iiifbench
