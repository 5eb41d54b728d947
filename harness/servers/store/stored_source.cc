#include "harness/servers/store/stored_source.h"

#include <httplib.h>

#include <algorithm>
#include <cstring>

#include "harness/servers/launch/spawned_server.h"

namespace iiifbench {
namespace {

struct Stored {
  httplib::Client client;
  std::string url, path;
  int64_t size = 0, chunk = 0;
  int64_t held_at = 0;
  std::string held;

  explicit Stored(const std::string& origin) : client(origin) {
    client.set_keep_alive(true);
    client.set_tcp_nodelay(true);
    client.set_read_timeout(60);
  }

  // Holds the range [offset, offset + length), as far as the file goes.
  Result<void> Fetch(int64_t offset, int64_t length) {
    const auto answer =
        client.Get(path, {{"Range", fmt::format("bytes={}-{}", offset, offset + length - 1)}});
    if (!answer) return Fail(ErrorKind::kIo, "{}: {}", url, httplib::to_string(answer.error()));
    if (answer->status == 404) return Fail(ErrorKind::kNotFound, "{}: not in the store", url);
    const std::string range = answer->get_header_value("Content-Range");  // "bytes 0-99/1234"
    const size_t slash = range.find('/');
    if (answer->status != 206 || slash == std::string::npos)
      return Fail(ErrorKind::kIo, "{}: status {} for a range; the store must serve ranges", url,
                  answer->status);
    size = std::atoll(range.c_str() + slash + 1);
    held_at = offset;
    held = answer->body;
    return {};
  }

  Result<size_t> Read(int64_t offset, std::span<uint8_t> into) {
    if (offset < held_at || offset >= held_at + static_cast<int64_t>(held.size())) {
      auto fetched = Fetch(offset, std::max(chunk, static_cast<int64_t>(into.size())));
      if (!fetched) return fetched.error();
      if (held.empty()) return size_t{0};
    }
    const size_t from = static_cast<size_t>(offset - held_at);
    const size_t count = std::min(into.size(), held.size() - from);
    std::memcpy(into.data(), held.data() + from, count);
    return count;
  }
};

}  // namespace

Result<std::unique_ptr<Source>> OpenStored(const std::string& prefix, const std::string& name,
                                           int64_t chunk) {
  const size_t path = prefix.find('/', prefix.find("://") + 3);
  if (path == std::string::npos)
    return Fail(ErrorKind::kBadRequest, "{}: a prefix http://host:port/folder/ is expected",
                prefix);
  auto stored = std::make_shared<Stored>(prefix.substr(0, path));
  stored->url = prefix + name;
  stored->path = prefix.substr(path) + IdentifierOf(name);
  stored->chunk = chunk;
  auto first = stored->Fetch(0, chunk);
  if (!first) return first.error();
  return Source::Over(stored->size, stored->url, [stored](int64_t offset, std::span<uint8_t> into) {
    return stored->Read(offset, into);
  });
}

}  // namespace iiifbench
