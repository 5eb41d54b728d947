#include "harness/servers/launch/cantaloupe_start.h"

#include <filesystem>

#include "harness/servers/logs/cantaloupe_log.h"

namespace iiifbench {

Result<Installation> FindCantaloupe(bool turbojpeg) {
  constexpr std::string_view kAdvice =
      "get the release of cantaloupe-project/cantaloupe, set CANTALOUPE_JAR and install a JDK 11 "
      "or later";
  const std::string jar = EnvironmentOr("CANTALOUPE_JAR", "");
  if (jar.empty() || !std::filesystem::exists(jar))
    return Fail(ErrorKind::kNotFound, "Cantaloupe is not installed: {}", kAdvice);
  if (FindProgram("java").empty())
    return Fail(ErrorKind::kNotFound, "Cantaloupe needs Java: {}", kAdvice);
  if (turbojpeg &&
      !std::filesystem::exists(EnvironmentOr("CANTALOUPE_TURBOJPEG_DIR", "/opt/libjpeg-turbo/lib") +
                               "/libturbojpeg.so")) {
    return Fail(ErrorKind::kNotFound,
                "TurboJpegProcessor finds no libturbojpeg.so: install libturbojpeg0, link it as "
                "libturbojpeg.so into a folder and set CANTALOUPE_TURBOJPEG_DIR");
  }
  // cantaloupe-6.0-SNAPSHOT.jar
  std::string version = std::filesystem::path(jar).stem();
  if (version.starts_with("cantaloupe-")) version = version.substr(11);
  return Installation{jar, version};
}

Result<std::unique_ptr<RunningServer>> StartCantaloupe(const ServerSettings& settings,
                                                       bool turbojpeg) {
  auto found = FindCantaloupe(turbojpeg);
  if (!found) return found.error();
  auto port = FreePort();
  if (!port) return port.error();
  const std::string folder = std::filesystem::absolute(settings.run_folder);
  std::error_code error;
  for (const char* part : {"/tmp", "/cache"})
    std::filesystem::create_directories(folder + part, error);
  const std::string processor = turbojpeg ? "TurboJpegProcessor" : "Java2dProcessor";
  const auto source_url = settings.options.find("source-url");
  const bool http = source_url != settings.options.end();
  const std::string configuration = fmt::format(
      R"(temp_pathname = {folder}/tmp
http.enabled = true
http.host = 127.0.0.1
http.port = {port}
http.min_threads = 8
http.max_threads = 64
max_pixels = 0
max_scale = 0
print_stack_trace_on_error_pages = false
endpoint.iiif.1.enabled = false
endpoint.iiif.2.enabled = true
endpoint.iiif.3.enabled = true
endpoint.iiif.min_size = 64
endpoint.iiif.min_tile_size = 256
endpoint.admin.enabled = false
endpoint.api.enabled = false
meta_identifier.transformer = StandardMetaIdentifierTransformer
source.static = {source}
HttpSource.lookup_strategy = BasicLookupStrategy
HttpSource.BasicLookupStrategy.url_prefix = {source_url}
HttpSource.BasicLookupStrategy.url_suffix =
HttpSource.chunking.enabled = true
HttpSource.chunking.buffer_size = 512K
HttpSource.chunking.cache.enabled = false
HttpSource.request_timeout = 60
source.delegate = false
FilesystemSource.lookup_strategy = BasicLookupStrategy
FilesystemSource.BasicLookupStrategy.path_prefix = {images}/
FilesystemSource.BasicLookupStrategy.path_suffix =
processor.selection_strategy = ManualSelectionStrategy
processor.ManualSelectionStrategy.jpg = {processor}
processor.ManualSelectionStrategy.jp2 = OpenJpegProcessor
processor.ManualSelectionStrategy.tif = Java2dProcessor
processor.ManualSelectionStrategy.fallback = Java2dProcessor
processor.stream_retrieval_strategy = StreamStrategy
processor.fallback_retrieval_strategy = DownloadStrategy
processor.dpi = 150
processor.background_color = white
processor.downscale_filter = bicubic
processor.upscale_filter = bicubic
processor.downscale_linear = false
processor.sharpen = 0
processor.metadata.preserve = false
processor.jpg.progressive = false
processor.jpg.quality = {quality}
processor.tif.compression = LZW
OpenJpegProcessor.path_to_binaries = {binaries}
cache.client.enabled = false
cache.server.source = FilesystemCache
cache.server.derivative.enabled = false
cache.server.info.enabled = false
cache.server.worker.enabled = false
FilesystemCache.pathname = {folder}/cache
FilesystemCache.dir.depth = 3
FilesystemCache.dir.name_length = 2
delegate_script.enabled = false
log.application.level = {level}
log.application.ConsoleAppender.enabled = true
log.application.FileAppender.enabled = false
log.application.RollingFileAppender.enabled = false
log.application.SyslogAppender.enabled = false
log.error.FileAppender.enabled = false
log.error.RollingFileAppender.enabled = false
log.access.ConsoleAppender.enabled = false
log.access.FileAppender.enabled = false
)",
      fmt::arg("folder", folder), fmt::arg("port", *port),
      fmt::arg("source", http ? "HttpSource" : "FilesystemSource"),
      fmt::arg("source_url", http ? source_url->second : ""),
      fmt::arg("level", settings.log_verbosity >= 5 ? "trace" : "debug"),
      fmt::arg("images", std::string(std::filesystem::absolute(settings.image_folder))),
      fmt::arg("processor", processor), fmt::arg("quality", settings.jpeg_quality),
      fmt::arg("binaries",
               std::string(std::filesystem::path(FindProgram("opj_decompress")).parent_path())));
  auto written = WriteFileAndFolder(folder + "/cantaloupe.properties", configuration);
  if (!written) return written.error();
  std::vector<std::string> argv = {
      "java", "-Dcantaloupe.config=" + folder + "/cantaloupe.properties", "-Xmx4g"};
  // Without this folder the JPEG 2000 route encodes by ImageIO too, which is what "Java2d" means
  // here.
  if (turbojpeg)
    argv.push_back("-Djava.library.path=" +
                   EnvironmentOr("CANTALOUPE_TURBOJPEG_DIR", "/opt/libjpeg-turbo/lib"));
  // Stacks of compiled Java for a profile; costs a register, so only where evidence is asked for.
  if (settings.log_verbosity >= 5) argv.push_back("-XX:+PreserveFramePointer");
  argv.insert(argv.end(), {"-jar", found->program});
  const std::string base = fmt::format("http://127.0.0.1:{}/iiif/2/", *port),
                    out = folder + "/cantaloupe.out";
  return Spawn({.title = turbojpeg ? "Cantaloupe (TurboJPEG)" : "Cantaloupe (Java2d)",
                .argv = argv,
                .folder = folder,
                .image_url = base,
                .ready_url = base + "absent/info.json",
                .output = out,
                .log = out,
                .parse_log = ParseCantaloupeLog,
                .parse_behaviour = ParseCantaloupeBehaviour,
                .installation = *found,
                .intended = {{"jpeg_quality", fmt::format("{}", settings.jpeg_quality)},
                             {"processor for jpg", processor},
                             {"cache", "off"},
                             {"heap", "4 GB"}}});
}

}  // namespace iiifbench
