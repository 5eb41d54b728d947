#include "harness/load/study/server_seat.h"

#include <cmath>

namespace iiifbench {
namespace {

// The port behind "http://127.0.0.1:8080/iiif/2/page.tif".
Result<LinkOptions> BehindUrl(const std::string& url) {
  constexpr std::string_view kScheme = "http://";
  if (!url.starts_with(kScheme))
    return Fail(ErrorKind::kUnsupported, "{}: a link with delay takes plain http only", url);
  const size_t slash = url.find('/', kScheme.size()), colon = url.find(':', kScheme.size());
  LinkOptions options{.port = 80};
  options.host = url.substr(kScheme.size(), std::min(slash, colon) - kScheme.size());
  if (colon < slash) options.port = std::atoi(url.c_str() + colon + 1);
  return options;
}

}  // namespace

std::string ServerSeat::Url(const std::string& link, const CorpusEntry& entry,
                            const std::string& path) const {
  const std::string url = running->ImageUrl(entry.file) + "/" + path;
  const auto& proxy = ways.at(link).link;
  return proxy == nullptr ? url : proxy->Through(url);
}

Result<void> OpenWay(ServerSeat& seat, const std::string& link, int64_t bytes_per_second) {
  if (seat.ways.contains(link)) return {};
  ServerSeat::Way way{.client = std::make_unique<Client>(ClientOptions{.headers = seat.running->headers}),
                      .link = nullptr};
  if (link != kLoopback) {
    auto behind = BehindUrl(seat.running->ImageUrl("x"));
    if (!behind) return behind.error();
    behind->one_way_delay = std::chrono::nanoseconds(std::llround(std::stod(link) / 2 * 1e6));
    behind->bytes_per_second = bytes_per_second;
    auto started = LinkProxy::Start(*behind);
    if (!started) return started.error();
    way.link = std::move(*started);
  }
  seat.ways.emplace(link, std::move(way));
  return {};
}

}  // namespace iiifbench
