// faulty_server: our server, or the one of libvips, with a plan of delays and habits, as a process
// of its own: `attribution_proof serve-faulty` (blind_run.h).
//
// Processes: ends with what it returns. Errors: of the port, of the plan's file, of the start.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "harness/servers/server.h"

namespace iiifbench {

// A process that serves `images`, with the plan, from a free port; truth goes to `truth_file`.
Result<std::unique_ptr<RunningServer>> StartFaulty(const std::string& server,
                                                   const nlohmann::json& faults, int workers,
                                                   const std::string& images,
                                                   const std::string& folder,
                                                   const std::string& truth_file);

}  // namespace iiifbench
