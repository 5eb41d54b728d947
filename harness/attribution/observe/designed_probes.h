// designed_probes: the paths that observe would ask for, without asking for them.
//
// Reads the source's header and info.json, as observe does. The size series is not placed. Errors:
// those of observe before its first probe.
#pragma once

#include <string>
#include <vector>

#include "harness/attribution/observe/observe.h"

namespace iiifbench {

Result<std::vector<std::string>> DesignedProbes(const ObserveOptions& options);

}  // namespace iiifbench
