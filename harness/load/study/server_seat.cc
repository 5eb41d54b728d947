#include "harness/load/study/server_seat.h"

namespace iiifbench {

std::string ServerSeat::Url(const std::string& link, const CorpusEntry& entry,
                            const std::string& path) const {
  const std::string url = running->ImageUrl(entry.file) + "/" + path;
  const auto& proxy = ways.at(link).link;
  return proxy == nullptr ? url : proxy->Through(url);
}

Result<void> OpenWay(ServerSeat& seat, const std::string& link, int64_t bytes_per_second,
                     std::chrono::milliseconds timeout) {
  if (seat.ways.contains(link)) return {};
  ServerSeat::Way way{.client = std::make_unique<Client>(
                          ClientOptions{.timeout = timeout, .headers = seat.running->headers}),
                      .link = nullptr};
  if (link != kLoopback) {
    auto started = LinkBefore(seat.running->ImageUrl("x"), std::stod(link) / 2, bytes_per_second);
    if (!started) return started.error();
    way.link = std::move(*started);
  }
  seat.ways.emplace(link, std::move(way));
  return {};
}

}  // namespace iiifbench
