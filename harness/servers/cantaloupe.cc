// Cantaloupe with Java2d (ImageIO) for JPEG and TIFF and opj_decompress for JPEG 2000.
#include "harness/servers/cantaloupe_start.h"

namespace iiifbench {
namespace {

Result<Installation> Find() { return FindCantaloupe(false); }
std::string Refuses(const Recipe& recipe) {
  return recipe.options.high_throughput ? "opj_decompress 2.5.0 answers grey for regions of HTJ2K" : "";
}
Result<std::unique_ptr<RunningServer>> Start(const ServerSettings& settings) {
  return StartCantaloupe(settings, false);
}

}  // namespace

extern const Server cantaloupe_server;
const Server cantaloupe_server = {.name = "cantaloupe",
                                  .title = "Cantaloupe (Java2d)",
                                  .version = ApiVersion::k2,
                                  .full_size = "full",
                                  .find = Find,
                                  .refuses = Refuses,
                                  .start = Start};

}  // namespace iiifbench
