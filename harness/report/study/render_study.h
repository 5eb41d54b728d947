// render_study: a recorded study printed anew, by today's rules.
//
// What was measured stays: study.json is read and not written. Made anew are the table with its
// marks of beaten floors, and the verdicts of a founding study from the recorded cells; the reasons
// of NOT REPORTABLE stand as recorded, since they need more than a record holds. Errors: kNotFound,
// kBadInput with what to do.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "kernels/image/result.h"

namespace iiifbench {

// The attributions of a run folder.
std::vector<nlohmann::json> AttributionsIn(const std::string& folder);
// Writes <folder>/study.md.
Result<void> RenderStudy(const std::string& folder);

}  // namespace iiifbench
