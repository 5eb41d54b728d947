// cantaloupe_start: Cantaloupe with one JPEG processor or the other; shared by the two rows.
#pragma once

#include "harness/servers/launch/spawned_server.h"

namespace iiifbench {

Result<Installation> FindCantaloupe(bool turbojpeg);
// `processor`: "Java2dProcessor" or "TurboJpegProcessor".
Result<std::unique_ptr<RunningServer>> StartCantaloupe(const ServerSettings& settings,
                                                       bool turbojpeg);

}  // namespace iiifbench
