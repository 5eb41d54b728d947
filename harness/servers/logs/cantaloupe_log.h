// cantaloupe_log: the log of Cantaloupe at trace level as stages per request.
//
// Units: milliseconds in the log, with the time of day of every line. What it says, per thread of
// Jetty, all lines of a request being its own thread's: the duration of the resize ("scale():
// scaled ... in"), of the whole processing ("processed in") and of the answer ("Responded to").
// Encode is the time between the lines of resize and of processing; decode is the rest of the
// processing; overhead is the answer less the processing, metadata parsing ("readInfo()") being its
// largest part. Without a resize the log does not part decode from encode: then neither is given.
// Colours of the console are skipped. Errors: lines of other kinds are passed over.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "harness/servers/server.h"

namespace iiifbench {

std::vector<LoggedRequest> ParseCantaloupeLog(std::string_view text);

// "processor for jpg" -> the processor that really worked on sources of this type
// ("Java2dProcessor"), by its lines "X processed in"; several joined by ", ". What could not be
// initialised is named with its reason.
std::map<std::string, std::string> ParseCantaloupeBehaviour(std::string_view text);

}  // namespace iiifbench
