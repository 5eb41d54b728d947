// RAIS 4: a Go server over OpenJPEG; with its imagick-decoder plugin also JPEG and TIFF.
//
// Found by RAIS_SERVER or rais-server on PATH; the plugin by RAIS_IMAGICK_PLUGIN. Fair settings:
// both caches off, area limit above the largest page, loopback for both of its listeners. JPEG
// quality is fixed at 75, 4:2:0, by Go's own encoder. Its log says path and status of a request and
// no duration at any level, so there is no evidence to take from it.
#include <filesystem>

#include "harness/servers/launch/go_revision.h"
#include "harness/servers/launch/spawned_server.h"

namespace iiifbench {
namespace {

std::string Plugin() {
  const std::string path = EnvironmentOr("RAIS_IMAGICK_PLUGIN", "");
  return std::filesystem::exists(path) ? path : "";
}

Result<Installation> Find() {
  const std::string program = FindProgram(EnvironmentOr("RAIS_SERVER", "rais-server"));
  if (program.empty()) {
    return Fail(
        ErrorKind::kNotFound,
        "RAIS is not installed: build uoregon-libraries/rais-image-server 4.2 and set RAIS_SERVER");
  }
  return Installation{program, "unknown"};
}

std::string Refuses(const Recipe& recipe) {
  if (recipe.extension == "jp2" || !Plugin().empty()) return {};
  return "its core takes JPEG 2000 only; set RAIS_IMAGICK_PLUGIN for JPEG and TIFF";
}

std::map<std::string, std::string> Environment(const ServerSettings& settings) {
  return {{"RAIS_INFOCACHELEN", "0"},
          {"RAIS_TILECACHELEN", "0"},
          {"RAIS_IMAGEMAXAREA", "2000000000"},
          {"RAIS_IMAGEMAXWIDTH", "100000"},
          {"RAIS_IMAGEMAXHEIGHT", "100000"},
          {"RAIS_LOGLEVEL", "INFO"},
          {"RAIS_IIIFWEBPATH", "/iiif"},
          {"RAIS_PLUGINS", "-"},
          {"GOMAXPROCS", fmt::format("{}", settings.threads)}};
}

std::map<std::string, std::string> Intended(const ServerSettings& settings) {
  return {{"GOMAXPROCS", fmt::format("{}", settings.threads)},
          {"jpeg_quality", "75 (fixed)"},
          {"cache", "off"},
          {"plugins", Plugin().empty() ? "none" : "imagick-decoder"}};
}

std::map<std::string, std::string> IntendedInImage(const ServerSettings& settings) {
  auto intended = Intended(settings);
  intended["plugins"] = "none";
  return intended;
}

// Without plugins: its core only. All interfaces inside, of which loopback's port is published.
constexpr ContainerImage kImage = {.name = "ghcr.io/uoregon-libraries/rais",
                                   .port = 12415,
                                   .path = "/iiif/",
                                   .images = "/var/local/images",
                                   .environment = Environment,
                                   .intended = IntendedInImage};

Result<std::unique_ptr<RunningServer>> Start(const ServerSettings& settings) {
  auto found = Find();
  if (!found) return found.error();
  auto port = FreePort();
  if (!port) return port.error();
  auto admin = FreePort();
  if (!admin) return admin.error();
  const std::string folder = std::filesystem::absolute(settings.run_folder);
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  const std::string base = fmt::format("http://127.0.0.1:{}/iiif/", *port),
                    out = folder + "/rais.out";
  auto environment = Environment(settings);
  environment["RAIS_ADDRESS"] = fmt::format("127.0.0.1:{}", *port);
  environment["RAIS_ADMINADDRESS"] = fmt::format("127.0.0.1:{}", *admin);
  environment["RAIS_TILEPATH"] = std::filesystem::absolute(settings.image_folder);
  environment["RAIS_PLUGINS"] = Plugin().empty() ? "-" : Plugin();
  auto server = Spawn({.title = "RAIS",
                       .argv = {found->program},
                       .environment = environment,
                       .folder = folder,
                       .image_url = base,
                       .ready_url = base + "absent/info.json",
                       .output = out,
                       .log = out,
                       .installation = *found,
                       .intended = Intended(settings)});
  if (!server) return server;
  // It tells its version when it starts: "RAIS 4.2.4 starting...".
  const std::string log = LastLines(out, 50);
  const size_t at = log.find("RAIS "), end = log.find(" starting");
  if (at != std::string::npos && end != std::string::npos && end > at)
    (*server)->installation.version = log.substr(at + 5, end - at - 5);
  // A builder who gave the linker no version leaves "<undefined>" there.
  if ((*server)->installation.version.starts_with('<')) {
    const std::string revision = GoRevisionOf(found->program);
    (*server)->installation.version = revision.empty() ? "unknown" : revision;
  }
  return server;
}

}  // namespace

extern const Server rais_server;
const Server rais_server = {.name = "rais",
                            .title = "RAIS",
                            .version = ApiVersion::k2,
                            .full_size = "full",
                            .find = Find,
                            .refuses = Refuses,
                            .start = Start,
                            .published = &kImage};

}  // namespace iiifbench
