// Cantaloupe with TurboJpegProcessor for JPEG: the libjpeg-turbo case of the founding study.
#include "harness/servers/launch/cantaloupe_start.h"

namespace iiifbench {
namespace {

Result<Installation> Find() { return FindCantaloupe(true); }
// The other types take the same way as in the Java2d row.
std::string Refuses(const Recipe& recipe) {
  return recipe.extension == "jpg" ? "" : "as in the row of Cantaloupe with Java2d";
}
Result<std::unique_ptr<RunningServer>> Start(const ServerSettings& settings) {
  return StartCantaloupe(settings, true);
}

}  // namespace

extern const Server turbocantaloupe_server;
const Server turbocantaloupe_server = {.name = "cantaloupe_turbojpeg",
                                       .title = "Cantaloupe (TurboJPEG)",
                                       .version = ApiVersion::k2,
                                       .full_size = "full",
                                       .find = Find,
                                       .refuses = Refuses,
                                       .start = Start};

}  // namespace iiifbench
