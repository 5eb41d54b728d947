// production: options of commands that ask somebody's server: at what pace, how often, by whose
// leave, with which headers.
//
// Headers come from IIIFBENCH_HEADERS, IIIFBENCH_HEADER_FILE, --header-file and --header, in this
// order; none of them stands in a result, a log or a page. A host that is neither this machine nor
// of a private network (http/address.h) is asked only after --yes, or after a yes on the terminal.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "harness/http/courtesy.h"
#include "kernels/image/result.h"

namespace iiifbench {

struct ProductionOptions {
  std::vector<std::string> headers;
  std::string header_file, user_agent;
  int64_t max_requests = 0;
  double pause_ms = 0, share_percent = 100;
  bool dry_run = false, yes = false;
};
void AddHeaders(CLI::App& command, ProductionOptions& options);
void AddPace(CLI::App& command, ProductionOptions& options);
void AddYes(CLI::App& command, ProductionOptions& options);

// Errors: kNotFound of --header-file; kBadRequest of a line that is no "Name: value".
Result<std::vector<std::string>> HeadersOf(const ProductionOptions& options);

// `what`: what will be sent, a sentence. Error: kBadRequest with what to give.
Result<void> AskLeave(const std::string& url, const std::string& what, bool yes);

}  // namespace iiifbench
