// spawned_server: a RunningServer that is a child process with a log file: what all installed
// servers share.
#pragma once

#include <functional>

#include "data/write_file.h"
#include "harness/servers/launch/process.h"
#include "harness/servers/server.h"

namespace iiifbench {

struct SpawnPlan {
  std::string title;
  std::vector<std::string> argv;
  std::map<std::string, std::string> environment;
  std::string folder;     // working directory; empty: ours
  std::string image_url;  // prefix of identifiers: "http://127.0.0.1:8080/iiif/2/"
  std::string ready_url;  // any answer below 500 means ready
  std::string output;     // file that takes stdout and stderr
  std::string log;        // file that holds the server's log; may be `output`
  // Entries in a piece of the log.
  std::function<std::vector<LoggedRequest>(std::string_view text)> parse_log;
  // Settings in the whole log; may be empty.
  std::function<std::map<std::string, std::string>(std::string_view text)> parse_behaviour;
  std::chrono::seconds patience{60};
  Installation installation;
  std::map<std::string, std::string> intended;
};

// Starts, waits until `ready_url` answers, and hands over; on failure the error carries the last
// lines of the log.
Result<std::unique_ptr<RunningServer>> Spawn(SpawnPlan plan);

// An identifier as one URI segment, "/" encoded.
std::string IdentifierOf(std::string_view file_name);

}  // namespace iiifbench
