#include "harness/cli/production.h"

#include <netdb.h>
#include <unistd.h>

#include <fstream>
#include <iostream>

#include "harness/cli/output.h"
#include "harness/http/address.h"
#include "harness/http/client.h"

namespace iiifbench {
namespace {

Result<void> AddHeader(std::string line, const std::string& from, std::vector<std::string>& out) {
  while (line.ends_with('\r') || line.ends_with(' ')) line.pop_back();
  if (line.empty()) return {};
  const size_t colon = line.find(':');
  // The value may be a secret: it is not repeated.
  if (colon == std::string::npos || colon == 0 || line.find_first_of(" \t\r\n") < colon ||
      line.find_first_of("\r\n") != std::string::npos)
    return Fail(ErrorKind::kBadRequest, "{}: a header is 'Name: value' on one line", from);
  out.push_back(std::move(line));
  return {};
}

// Whether the name is one of this machine or of a private network, whatever its spelling.
bool LeadsNear(const std::string& host) {
  if (IsNear(host)) return true;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), nullptr, nullptr, &found) != 0) return false;
  bool near = found != nullptr;
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    char text[NI_MAXHOST] = "";
    near &= ::getnameinfo(one->ai_addr, one->ai_addrlen, text, sizeof text, nullptr, 0,
                          NI_NUMERICHOST) == 0 &&
            IsNear(text);
  }
  ::freeaddrinfo(found);
  return near;
}

}  // namespace

void AddHeaders(CLI::App& command, ProductionOptions& options) {
  command.add_option("--header", options.headers,
                     "'Name: value' to send, repeatable; secrets belong into --header-file or "
                     "IIIFBENCH_HEADERS, because other users see a command line");
  command.add_option("--header-file", options.header_file, "File of such headers, one a line")
      ->check(CLI::ExistingFile);
  command.add_option("--user-agent", options.user_agent,
                     "What we call ourselves (default iiifbench/<version>)");
}

void AddPace(CLI::App& command, ProductionOptions& options) {
  command
      .add_option("--max-requests", options.max_requests,
                  "Send no more than so many; what was measured by then is the answer")
      ->check(CLI::Range(int64_t{1}, int64_t{1} << 40));
  command
      .add_option("--pause", options.pause_ms,
                  "Milliseconds between an answer and the next request")
      ->check(CLI::Range(0.0, 600'000.0));
  command
      .add_option("--share", options.share_percent,
                  "Per cent of the time that the server may be busy with us (default 100)")
      ->check(CLI::Range(1.0, 100.0));
  command.add_flag("--dry-run", options.dry_run,
                   "Ask for info.json alone, print what would be sent, and end");
}

void AddYes(CLI::App& command, ProductionOptions& options) {
  command.add_flag("--yes", options.yes,
                   "Ask a server that is neither on this machine nor in a private network");
}

Result<std::vector<std::string>> HeadersOf(const ProductionOptions& options) {
  std::vector<std::string> out = HeadersOfEnvironment();
  if (!options.header_file.empty()) {
    std::ifstream in(options.header_file);
    if (!in) return Fail(ErrorKind::kNotFound, "{}: cannot be read", options.header_file);
    int number = 0;
    for (std::string line; std::getline(in, line);) {
      auto added = AddHeader(line, fmt::format("{}:{}", options.header_file, ++number), out);
      if (!added) return added.error();
    }
  }
  for (const auto& line : options.headers) {
    auto added = AddHeader(line, "--header", out);
    if (!added) return added.error();
  }
  if (!options.user_agent.empty()) {
    auto added = AddHeader("User-Agent: " + options.user_agent, "--user-agent", out);
    if (!added) return added.error();
  }
  return out;
}

Result<void> AskLeave(const std::string& url, const std::string& what, bool yes) {
  auto address = ParseAddress(url);
  if (!address) return address.error();
  if (yes || LeadsNear(address->host)) return {};
  const std::string why = fmt::format(
      "{} is neither this machine nor of a private network. {} People may depend on it, and its "
      "owner may not want that.",
      address->host, what);
  if (::isatty(STDIN_FILENO) == 0 || ::isatty(STDERR_FILENO) == 0)
    return Fail(ErrorKind::kBadRequest, "{} If they agree, give --yes.", why);
  ComplainText(why + " Go on? [y/N] ");
  std::string answer;
  std::getline(std::cin, answer);
  if (answer == "y" || answer == "Y" || answer == "yes") return {};
  return Fail(ErrorKind::kBadRequest, "nothing was sent");
}

}  // namespace iiifbench
