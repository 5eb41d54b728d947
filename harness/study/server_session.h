// server_session: one server while it takes part in a study: started, with a client for loopback
// and for each link.
//
// Links are link_proxy's, so their server must speak plain http. Memory and processes: ends the
// server and the links. Errors: of the start; of a link that cannot be.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "harness/http/client.h"
#include "harness/http/link_proxy.h"
#include "harness/servers/launch/launch.h"
#include "harness/study/study.h"

namespace iiifbench {

struct ServerSession {
  ServerChoice choice;
  StudyServer* about = nullptr;
  std::unique_ptr<RunningServer> running;
  struct Path {
    std::unique_ptr<Client> client;
    std::unique_ptr<LinkProxy> link;  // none on loopback
  };
  std::map<std::string, Path> paths;  // by link
  double idle_cpu = 0;                // of one core, when it was last looked at

  std::string Url(const std::string& link, const CorpusEntry& entry, const std::string& path) const;
};

// "loopback" or "46 ms".
Result<void> OpenPath(ServerSession& session, const std::string& link, int64_t bytes_per_second,
                      std::chrono::milliseconds timeout);

}  // namespace iiifbench
