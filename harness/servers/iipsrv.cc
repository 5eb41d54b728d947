// IIPSrv (Debian package iipimage-server) behind lighttpd, which spawns its FastCGI workers in the
// foreground.
//
// Fair settings: all caches off (the metadata cache of 1.1 cannot be), all quality layers, MAX_CVT
// above the largest page, one OpenMP thread per worker as asked. It takes tiled pyramidal TIFF and
// JP2 and answers JPEG.
#include <filesystem>

#include "harness/servers/launch/spawned_server.h"
#include "harness/servers/logs/iipsrv_log.h"

namespace iiifbench {
namespace {

Result<Installation> Find() {
  const std::string program =
      FindProgram(EnvironmentOr("IIPSRV", "/usr/lib/iipimage-server/iipsrv.fcgi"));
  if (program.empty())
    return Fail(ErrorKind::kNotFound,
                "IIPSrv is not installed: apt-get install iipimage-server (or set IIPSRV)");
  if (FindProgram("lighttpd").empty())
    return Fail(ErrorKind::kNotFound, "IIPSrv needs a front end: apt-get install lighttpd");
  std::string version = OutputOf({"dpkg-query", "-W", "-f", "${Version}", "iipimage-server"});
  if (version.empty() || version.size() > 40) version = "unknown";
  return Installation{program, version};
}

std::string Refuses(const Recipe& recipe) {
  if (recipe.extension == "jpg") return "refuses JPEG sources (400)";
  if (recipe.name == "tiff_stripped") return "refuses stripped TIFF (404)";
  return {};
}

Result<std::unique_ptr<RunningServer>> Start(const ServerSettings& settings) {
  auto found = Find();
  if (!found) return found.error();
  auto port = FreePort();
  if (!port) return port.error();
  const std::string folder = std::filesystem::absolute(settings.run_folder);
  const std::string images = std::filesystem::absolute(settings.image_folder);
  const std::string log = folder + "/iipsrv.log";
  const std::string base = fmt::format("http://127.0.0.1:{}/iiif/", *port);
  // A socket's path is limited to 107 bytes: it stands in /tmp.
  const std::string configuration = fmt::format(
      R"(server.modules = ("mod_fastcgi")
server.bind = "127.0.0.1"
server.port = {port}
server.document-root = "{folder}"
server.errorlog = "{folder}/lighttpd.log"
server.stream-response-body = 1
server.max-keep-alive-requests = 1000000
server.max-keep-alive-idle = 600
fastcgi.server = ( "/iiif" => (( "bin-path" => "{program}",
  "socket" => "/tmp/iiifbench-iipsrv-{port}.socket", "check-local" => "disable",
  "min-procs" => {workers}, "max-procs" => {workers},
  "bin-environment" => ( "FILESYSTEM_PREFIX" => "{images}/", "URI_MAP" => "iiif=>IIIF", "IIIF_VERSION" => "2",
    "VERBOSITY" => "{verbosity}", "LOGFILE" => "{log}", "MEMCACHED_SERVERS" => "", "MAX_IMAGE_CACHE_SIZE" => "0",
    "JPEG_QUALITY" => "{quality}", "MAX_LAYERS" => "-1", "MAX_CVT" => "100000", "OMP_NUM_THREADS" => "{threads}" ))))
)",
      fmt::arg("port", *port), fmt::arg("folder", folder), fmt::arg("program", found->program),
      fmt::arg("workers", settings.workers), fmt::arg("images", images),
      fmt::arg("verbosity", settings.log_verbosity), fmt::arg("log", log),
      fmt::arg("quality", settings.jpeg_quality), fmt::arg("threads", settings.threads));
  auto written = WriteFileAndFolder(folder + "/lighttpd.conf", configuration);
  if (!written) return written.error();
  return Spawn(
      {.title = "IIPSrv",
       .argv = {"lighttpd", "-D", "-f", folder + "/lighttpd.conf"},
       .image_url = base,
       .ready_url = base + "absent/info.json",
       .output = folder + "/lighttpd.out",
       .log = log,
       .parse_log = ParseIipsrvLog,
       .installation = *found,
       .intended = {{"workers", fmt::format("{}", settings.workers)},
                    {"jpeg_quality", fmt::format("{}", settings.jpeg_quality)},
                    {"OMP_NUM_THREADS", fmt::format("{}", settings.threads)},
                    {"cache", "off (that of metadata is on: it cannot be turned off in 1.1)"}}});
}

// The image starts one process of it behind lighttpd.
std::map<std::string, std::string> Environment(const ServerSettings& settings) {
  return {{"VERBOSITY", fmt::format("{}", settings.log_verbosity)},
          {"LOGFILE", "/dev/stdout"},
          {"MEMCACHED_SERVERS", ""},
          {"MAX_IMAGE_CACHE_SIZE", "0"},
          {"JPEG_QUALITY", fmt::format("{}", settings.jpeg_quality)},
          {"MAX_LAYERS", "-1"},
          {"MAX_CVT", "100000"},
          {"IIIF_VERSION", "2"},
          {"OMP_NUM_THREADS", fmt::format("{}", settings.threads)}};
}
std::map<std::string, std::string> Intended(const ServerSettings& settings) {
  return {{"workers", "1 (as in the image)"},
          {"jpeg_quality", fmt::format("{}", settings.jpeg_quality)},
          {"OMP_NUM_THREADS", fmt::format("{}", settings.threads)},
          {"cache", "off (that of metadata as in the image)"}};
}
constexpr ContainerImage kImage = {.name = "iipsrv/iipsrv",
                                   .port = 80,
                                   .path = "/iiif/",
                                   .images = "/images",
                                   .environment = Environment,
                                   .intended = Intended,
                                   .parse_log = ParseIipsrvLog};

}  // namespace

extern const Server iipsrv_server;
const Server iipsrv_server = {.name = "iipsrv",
                              .title = "IIPSrv",
                              .version = ApiVersion::k2,
                              .full_size = "full",
                              .find = Find,
                              .refuses = Refuses,
                              .start = Start,
                              .published = &kImage};

}  // namespace iiifbench
