// access_log: a web server's log as timed requests: common and combined format.
//
//   host ident user [10/Oct/2000:13:55:36 -0700] "GET /iiif/2/page.tif/full/600,/0/default.jpg
//   HTTP/1.1" 200 2326 ...
//
// Taken: GET with a status below 400 and a path that begins with `prefix`, which is cut off. The
// log knows whole seconds: the requests of one second are spread evenly over it, in their order.
// Times may step back by a little (a log is written when answers end): such a line is due with the
// one before. Errors: kBadInput with the first line that is no log line, or that nothing matches.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/load/workload/workload.h"

namespace iiifbench {

struct AccessLog {
  std::vector<LoggedArrival> arrivals;
  int other_paths = 0, failed = 0, other_methods = 0;  // lines left out
};
Result<AccessLog> ParseAccessLog(std::string_view text, std::string_view prefix);

// By the last parts of an Image API path: "info", "full", "full, resized", "tile" (an answer at
// most 1024 px wide), "region"; else "other".
std::string ClassOfPath(std::string_view path);

}  // namespace iiifbench
