// at_url: `iiifbench attribute URL`: a server that runs already, and may be somebody's.
//
// Asks leave where the URL is not on this machine or a private network, says before the first
// request what will be sent, and keeps to it. Errors: printed; the statuses are those of the
// program.
#pragma once

#include <nlohmann/json.hpp>

#include "harness/cli/attribute_options.h"

namespace iiifbench {

// Appends the image's JSON to `all`. With --dry-run it prints what it would ask, and sends no
// probe.
int AttributeUrl(AttributeOptions& options, nlohmann::json& all);

}  // namespace iiifbench
