// started_server: `iiifbench attribute --server`: a server that the harness starts, one attribution
// for each of its files.
//
// Errors: printed; the statuses are those of the program.
#pragma once

#include <nlohmann/json.hpp>

#include "harness/cli/attribute_options.h"

namespace iiifbench {

// Appends each image's JSON to `all`, which is saved after every image.
int AttributeServer(const AttributeOptions& options, nlohmann::json& all);

}  // namespace iiifbench
