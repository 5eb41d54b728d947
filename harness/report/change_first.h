// change_first: what to change first for the request that an attribution's sentence is about, in
// one sentence.
//
// Where the link takes more than half, the link; else the best saving that is sure; else one that
// is not sure, said as such; else that nothing known saves a twentieth. Milliseconds are rounded to
// what their interval supports.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace iiifbench {

// From the JSON of AttributionToJson, which holds a request.
std::string ChangeFirst(const nlohmann::json& attribution);

}  // namespace iiifbench
