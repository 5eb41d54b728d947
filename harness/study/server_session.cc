#include "harness/study/server_session.h"

namespace iiifbench {

std::string ServerSession::Url(const std::string& link, const CorpusEntry& entry,
                               const std::string& path) const {
  const std::string url = running->ImageUrl(entry.file) + "/" + path;
  const auto& proxy = paths.at(link).link;
  return proxy == nullptr ? url : proxy->Through(url);
}

Result<void> OpenPath(ServerSession& session, const std::string& link, int64_t bytes_per_second,
                      std::chrono::milliseconds timeout) {
  if (session.paths.contains(link)) return {};
  ServerSession::Path path;
  std::vector<std::string> headers = session.running->headers;
  if (link != kLoopback) {
    auto started =
        LinkBefore(session.running->ImageUrl("x"), std::stod(link) / 2, bytes_per_second);
    if (!started) return started.error();
    path.link = std::move(*started);
    if (!path.link->HostHeader().empty()) headers.push_back(path.link->HostHeader());
  }
  path.client =
      std::make_unique<Client>(ClientOptions{.timeout = timeout, .headers = std::move(headers)});
  session.paths.emplace(link, std::move(path));
  return {};
}

}  // namespace iiifbench
