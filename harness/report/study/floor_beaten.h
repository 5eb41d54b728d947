// floor_beaten: is a server's cell below our floor?
#pragma once

#include <nlohmann/json.hpp>

namespace iiifbench {

// Whether a cell of study.json is below our floor: its ratio's interval is, and the answer was the
// same work: not info.json, not a file that was ready before (the static server, a source that was
// streamed). Any JSON will do.
bool FloorBeaten(const nlohmann::json& cell);

}  // namespace iiifbench
