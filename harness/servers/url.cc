// url: a server that runs already: IIIFBENCH_URL is the prefix before identifiers
// ("https://images.example.org/iiif/2/"), and its identifiers are the names of the corpus's files.
// Headers and credentials come from IIIFBENCH_HEADERS ("Name: value" lines), never from the command
// line, and never into results.
#include "harness/http/client.h"
#include "harness/servers/launch/process.h"
#include "harness/servers/launch/spawned_server.h"

namespace iiifbench {
namespace {

class GivenServer : public RunningServer {
 public:
  explicit GivenServer(std::string prefix) : prefix_(std::move(prefix)) {
    if (!prefix_.ends_with('/')) prefix_ += '/';
    headers = HeadersOfEnvironment();
  }
  std::string ImageUrl(std::string_view file_name) const override {
    return prefix_ + IdentifierOf(file_name);
  }
  std::vector<int> ProcessIds() const override { return {}; }
  std::vector<LoggedRequest> TakeLog() override { return {}; }
  std::string LastLogLines(int) const override { return {}; }
  Result<void> Check() override { return {}; }

 private:
  std::string prefix_;
};

Result<Installation> Find() {
  if (EnvironmentOr("IIIFBENCH_URL", "").empty())
    return Fail(ErrorKind::kNotFound,
                "no server given: set IIIFBENCH_URL to the prefix before identifiers");
  return Installation{"given by IIIFBENCH_URL", "unknown"};
}

std::string Refuses(const Recipe&) { return {}; }

Result<std::unique_ptr<RunningServer>> Start(const ServerSettings&) {
  auto found = Find();
  if (!found) return found.error();
  std::unique_ptr<RunningServer> server =
      std::make_unique<GivenServer>(EnvironmentOr("IIIFBENCH_URL", ""));
  server->installation = *found;
  return server;
}

}  // namespace

extern const Server url_server;
const Server url_server = {.name = "url",
                           .title = "given URL",
                           .version = ApiVersion::k2,
                           .full_size = "full",
                           .find = Find,
                           .refuses = Refuses,
                           .start = Start};

}  // namespace iiifbench
