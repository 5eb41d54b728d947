// Our own reference server: this very program as `iiifbench serve`, so that its latency crosses a
// socket like any other's.
#include <filesystem>

#include "harness/servers/launch/spawned_server.h"

namespace iiifbench {
namespace {

Result<Installation> Find() { return Installation{"iiifbench serve", IIIFBENCH_VERSION}; }

std::string Refuses(const Recipe&) { return {}; }

// The command itself, or IIIFBENCH where another program (a test) runs the harness.
std::string Self() {
  const std::string given = EnvironmentOr("IIIFBENCH", "");
  return given.empty() ? std::filesystem::read_symlink("/proc/self/exe").string() : given;
}

Result<std::unique_ptr<RunningServer>> Start(const ServerSettings& settings) {
  auto port = FreePort();
  if (!port) return port.error();
  const std::string folder = std::filesystem::absolute(settings.run_folder);
  const std::string root = fmt::format("http://127.0.0.1:{}/", *port);
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  std::vector<std::string> argv = {Self(),
                                   "serve",
                                   settings.image_folder,
                                   "--port",
                                   fmt::format("{}", *port),
                                   "--quality",
                                   fmt::format("{}", settings.jpeg_quality),
                                   "--workers",
                                   fmt::format("{}", settings.workers),
                                   "--threads",
                                   fmt::format("{}", settings.threads)};
  for (const auto& [name, value] : settings.options) {
    argv.push_back("--" + name);
    if (!value.empty()) argv.push_back(value);
  }
  return Spawn({.title = "the reference server",
                .argv = argv,
                .image_url = root + "iiif/2/",
                .ready_url = root + "iiif/2/absent/info.json",
                .output = folder + "/reference.out",
                .log = folder + "/reference.out",
                .patience = std::chrono::seconds(10),
                .installation = {"iiifbench serve", IIIFBENCH_VERSION},
                .intended = {{"workers", fmt::format("{}", settings.workers)},
                             {"threads", fmt::format("{}", settings.threads)},
                             {"jpeg_quality", fmt::format("{}", settings.jpeg_quality)},
                             {"cache", "off"}}});
}

}  // namespace

extern const Server reference_server;
const Server reference_server = {.name = "reference",
                                 .title = "reference server",
                                 .version = ApiVersion::k2,
                                 .full_size = "full",
                                 .find = Find,
                                 .refuses = Refuses,
                                 .start = Start};

}  // namespace iiifbench
