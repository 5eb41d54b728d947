// Cantaloupe with Java2d (ImageIO) for JPEG and TIFF and opj_decompress for JPEG 2000.
#include "harness/servers/launch/cantaloupe_start.h"
#include "harness/servers/logs/cantaloupe_log.h"

namespace iiifbench {
namespace {

Result<Installation> Find() { return FindCantaloupe(false); }
std::string Refuses(const Recipe&) { return {}; }
Result<std::unique_ptr<RunningServer>> Start(const ServerSettings& settings) {
  return StartCantaloupe(settings, false);
}

// The image takes every setting as CANTALOUPE_ and its name in capitals with "_" for ".".
std::map<std::string, std::string> Environment(const ServerSettings& settings) {
  const std::pair<const char*, std::string> set[] = {
      {"MAX_PIXELS", "0"},
      {"MAX_SCALE", "0"},
      {"ENDPOINT_IIIF_2_ENABLED", "true"},
      {"ENDPOINT_IIIF_MIN_SIZE", "64"},
      {"SOURCE_STATIC", "FilesystemSource"},
      {"FILESYSTEMSOURCE_BASICLOOKUPSTRATEGY_PATH_PREFIX", "/imageroot/"},
      {"PROCESSOR_SELECTION_STRATEGY", "ManualSelectionStrategy"},
      {"PROCESSOR_MANUALSELECTIONSTRATEGY_JPG", "Java2dProcessor"},
      {"PROCESSOR_MANUALSELECTIONSTRATEGY_TIF", "Java2dProcessor"},
      {"PROCESSOR_MANUALSELECTIONSTRATEGY_JP2", "OpenJpegProcessor"},
      {"PROCESSOR_JPG_PROGRESSIVE", "false"},
      {"PROCESSOR_JPG_QUALITY", fmt::format("{}", settings.jpeg_quality)},
      {"CACHE_CLIENT_ENABLED", "false"},
      {"CACHE_SERVER_DERIVATIVE_ENABLED", "false"},
      {"CACHE_SERVER_INFO_ENABLED", "false"},
      {"LOG_APPLICATION_LEVEL", settings.log_verbosity >= 5 ? "trace" : "debug"},
      {"LOG_APPLICATION_CONSOLEAPPENDER_ENABLED", "true"}};
  std::map<std::string, std::string> environment;
  for (const auto& [name, value] : set) environment[std::string("CANTALOUPE_") + name] = value;
  return environment;
}
std::map<std::string, std::string> Intended(const ServerSettings& settings) {
  return {{"jpeg_quality", fmt::format("{}", settings.jpeg_quality)},
          {"processor for jpg", "Java2dProcessor"},
          {"cache", "off"},
          {"heap", "as in the image"}};
}
constexpr ContainerImage kImage = {.name = "uclalibrary/cantaloupe",
                                   .port = 8182,
                                   .path = "/iiif/2/",
                                   .images = "/imageroot",
                                   .environment = Environment,
                                   .intended = Intended,
                                   .parse_log = ParseCantaloupeLog,
                                   .parse_behaviour = ParseCantaloupeBehaviour};

}  // namespace

extern const Server cantaloupe_server;
const Server cantaloupe_server = {.name = "cantaloupe",
                                  .title = "Cantaloupe (Java2d)",
                                  .version = ApiVersion::k2,
                                  .full_size = "full",
                                  .find = Find,
                                  .refuses = Refuses,
                                  .start = Start,
                                  .published = &kImage};

}  // namespace iiifbench
