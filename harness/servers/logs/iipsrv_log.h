// iipsrv_log: the log of IIPSrv at VERBOSITY 5 as stages per request.
//
// Units: microseconds in the log. What it says: decode = tile access (less JPEG compression of
// single tiles, read included); resize; convert = greyscale and rotation; encode only for single
// tiles, which are answered whole; total. The rest of the total is encode and sending by strips for
// other requests, and the log does not part them.
#pragma once

#include <string_view>
#include <vector>

#include "harness/servers/server.h"

namespace iiifbench {

std::vector<LoggedRequest> ParseIipsrvLog(std::string_view text);

}  // namespace iiifbench
