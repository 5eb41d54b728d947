// one_image: one attribution on the command line: asked, saved, answered.
//
// Errors: printed; the statuses are those of the program: 0, 1 for an error, 3 for a result that
// holds refusals or nothing.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "harness/attribution/attribute.h"
#include "harness/cli/attribute_options.h"

namespace iiifbench {

// Writes what --json names, where it names something.
int SaveAttributions(const AttributeOptions& options, const nlohmann::json& all);

// Whether nothing is left to do for an image that ended with this status.
bool IsOver(int status);

// Appends the image's JSON to `all` and saves it before its text goes to the terminal.
// `experiments` null: no change is tried. `store` gets what a tap before the server's files saw.
int AttributeOne(const AttributeOptions& options, AttributionOptions steps,
                 ExperimentOptions* experiments, nlohmann::json& all,
                 std::vector<std::vector<StoreSample>>* store = nullptr);

}  // namespace iiifbench
