#include "harness/http/store_tap.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <list>
#include <mutex>
#include <thread>

#include "harness/http/http_head.h"
#include "harness/stats/milliseconds.h"
#include "harness/stats/quantile.h"

namespace iiifbench {
namespace {

using std::chrono::steady_clock;
constexpr size_t kLargestHead = 64 << 10;

// One side of a connection, with what was received and not used yet.
struct Peer {
  int socket = -1;
  std::string pending;

  // False: closed or cut.
  bool Receive() {
    std::array<char, 64 << 10> piece;
    ssize_t n = 0;
    do {
      n = ::recv(socket, piece.data(), piece.size(), 0);
    } while (n < 0 && errno == EINTR);
    if (n <= 0) return false;
    pending.append(piece.data(), static_cast<size_t>(n));
    return true;
  }
  bool Send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t n = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(n));
    }
    return true;
  }
  // Up to the empty line, taken out of `pending`.
  std::optional<HttpHead> Head() {
    for (;;) {
      const size_t end = pending.find("\r\n\r\n");
      if (end != std::string::npos) {
        auto head = ParseHttpHead(std::string_view(pending).substr(0, end + 4));
        pending.erase(0, end + 4);
        return head;
      }
      if (pending.size() > kLargestHead || !Receive()) return {};
    }
  }
};

}  // namespace

struct StoreTap::State {
  LinkOptions store;
  std::unique_ptr<LinkProxy> link;
  int listener = -1, port = 0;
  std::atomic<int64_t> next_id{0};
  std::mutex mutex;  // of what follows
  bool ending = false;
  std::vector<StoreRead> reads;
  std::vector<int> sockets;  // open ones, to be shut when the tap ends
  std::list<std::thread> connections;
  std::thread accepting;

  ~State();
  void Accept();
  void Serve(int client_socket);
  bool Relay(Peer& client, Peer& server, const HttpHead& request);
  bool PassBody(Peer& client, Peer& server, const HttpHead& answer, StoreRead& read, bool has_body);
  int Connect();
  bool Register(int socket);
  void Release(int socket);
  void Note(StoreRead read) {
    const std::lock_guard lock(mutex);
    reads.push_back(std::move(read));
  }
};

StoreTap::State::~State() {
  {
    const std::lock_guard lock(mutex);
    ending = true;
    for (int socket : sockets) ::shutdown(socket, SHUT_RDWR);
  }
  if (listener >= 0) ::shutdown(listener, SHUT_RDWR);
  if (accepting.joinable()) accepting.join();
  for (auto& connection : connections) connection.join();
  if (listener >= 0) ::close(listener);
}

bool StoreTap::State::Register(int socket) {
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const std::lock_guard lock(mutex);
  if (!ending) sockets.push_back(socket);
  return !ending;
}

void StoreTap::State::Release(int socket) {
  if (socket < 0) return;
  const std::lock_guard lock(mutex);
  std::erase(sockets, socket);
  ::close(socket);
}

void StoreTap::State::Accept() {
  for (;;) {
    const int client = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0 && (errno == EINTR || errno == ECONNABORTED)) continue;
    if (client < 0) return;
    const std::lock_guard lock(mutex);
    if (ending) {
      ::close(client);
      return;
    }
    connections.emplace_back([this, client] { Serve(client); });
  }
}

int StoreTap::State::Connect() {
  const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(link ? link->port() : store.port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (server < 0) return -1;
  if (!Register(server)) {
    ::close(server);
    return -1;
  }
  if (::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
    return server;
  Release(server);
  return -1;
}

void StoreTap::State::Serve(int client_socket) {
  Peer client{.socket = client_socket}, server;
  if (!Register(client_socket)) {
    ::close(client_socket);
    return;
  }
  for (;;) {
    auto request = client.Head();
    if (!request || !Relay(client, server, *request)) break;
  }
  Release(server.socket);
  Release(client.socket);
}

// One request and its answer. False: the connection is over.
bool StoreTap::State::Relay(Peer& client, Peer& server, const HttpHead& request) {
  StoreRead read{.id = next_id++, .start = steady_clock::now()};
  const size_t space = request.first.find(' '), second = request.first.rfind(' ');
  if (space == std::string::npos || second <= space) return false;
  read.method = request.first.substr(0, space);
  read.path = request.first.substr(space + 1, second - space - 1);
  std::tie(read.offset, read.length) = RangeOf(request.Field("Range"));
  if ((read.method != "GET" && read.method != "HEAD") || request.Chunked() ||
      request.ContentLength() > 0) {
    client.Send("HTTP/1.1 501 Not Implemented\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    return false;
  }
  HttpHead onward = request;
  // Of this hop (RFC 9110, 7.6.1); a client that asks for HTTP/2 gets HTTP/1.1.
  for (const char* name : {"Connection", "Upgrade", "HTTP2-Settings", "Keep-Alive", "X-Request-Id"})
    onward.Remove(name);
  onward.fields.emplace_back("X-Request-Id", std::to_string(read.id));
  std::optional<HttpHead> answer;
  // A kept connection may have been closed meanwhile: once more on a fresh one.
  for (int attempt = 0; attempt < 2 && !answer; ++attempt) {
    const bool fresh = server.socket < 0;
    if (fresh) server = {.socket = Connect()};
    if (server.socket >= 0 && server.Send(onward.Text())) answer = server.Head();
    if (answer) break;
    Release(server.socket);
    server = {};
    if (fresh) break;
  }
  read.first_byte = read.end = steady_clock::now();
  if (!answer) {
    read.cut = true;
    Note(read);
    client.Send("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    return false;
  }
  read.status = answer->Status();
  const bool has_body =
      read.method == "GET" && read.status >= 200 && read.status != 204 && read.status != 304;
  return PassBody(client, server, *answer, read, has_body) && !request.Closes();
}

bool StoreTap::State::PassBody(Peer& client, Peer& server, const HttpHead& answer, StoreRead& read,
                               bool has_body) {
  const bool until_close = has_body && !answer.Chunked() && answer.ContentLength() < 0;
  int64_t left = has_body ? std::max<int64_t>(0, answer.ContentLength()) : 0;
  ChunkedBody chunks;
  std::string out = answer.Text();
  bool whole = !has_body || (!answer.Chunked() && !until_close && left == 0), received = true;
  auto take = [&] {
    size_t used = server.pending.size();
    if (answer.Chunked()) {
      used = chunks.Feed(server.pending);
      whole = chunks.done();
      read.bytes = chunks.payload();
    } else {
      if (!until_close) used = std::min(used, static_cast<size_t>(left));
      left -= static_cast<int64_t>(used);
      whole = !until_close && left == 0;
      read.bytes += static_cast<int64_t>(used);
    }
    out.append(server.pending, 0, used);
    server.pending.erase(0, used);
  };
  if (has_body && !whole && !server.pending.empty()) take();
  bool sent = true;
  while (!whole && received && sent) {
    sent = client.Send(out);
    out.clear();
    received = server.Receive();
    if (received) take();
  }
  read.end = steady_clock::now();
  read.cut = !whole && !(until_close && !received);
  Note(read);  // before the last piece, which may end the image request
  const bool passed = sent && client.Send(out);
  const bool goes_on = whole && !answer.Closes();
  if (!goes_on) {
    Release(server.socket);
    server = {};
  }
  return passed && whole && !answer.Closes();
}

StoreTap::StoreTap(std::unique_ptr<State> state) : state_(std::move(state)) {}
StoreTap::~StoreTap() = default;
int StoreTap::port() const { return state_->port; }

std::vector<StoreRead> StoreTap::Take() {
  const std::lock_guard lock(state_->mutex);
  return std::exchange(state_->reads, {});
}

Result<std::unique_ptr<StoreTap>> StoreTap::Start(const LinkOptions& store) {
  auto state = std::make_unique<State>();
  state->store = store;
  if (store.one_way_delay.count() > 0 || store.bytes_per_second > 0) {
    auto link = LinkProxy::Start(store);
    if (!link) return link.error();
    state->link = std::move(*link);
  }
  state->listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in here{};
  here.sin_family = AF_INET;
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof here;
  if (state->listener < 0 ||
      ::bind(state->listener, reinterpret_cast<const sockaddr*>(&here), sizeof here) != 0 ||
      ::listen(state->listener, 128) != 0 ||
      ::getsockname(state->listener, reinterpret_cast<sockaddr*>(&here), &size) != 0)
    return Fail(ErrorKind::kIo, "store tap: cannot listen on 127.0.0.1: {}", std::strerror(errno));
  state->port = ntohs(here.sin_port);
  state->accepting = std::thread([raw = state.get()] { raw->Accept(); });
  return std::unique_ptr<StoreTap>(new StoreTap(std::move(state)));
}

StoreStall StallOf(std::span<const StoreRead> reads, steady_clock::time_point begin,
                   steady_clock::time_point end) {
  StoreStall stall;
  std::vector<std::pair<steady_clock::time_point, steady_clock::time_point>> spans;
  std::vector<double> sizes;
  for (const auto& read : reads) {
    const auto from = std::max(read.start, begin), to = std::min(read.end, end);
    if (to < from) continue;
    ++stall.requests;
    stall.bytes += read.bytes;
    stall.work_ms += MsOf(to - from);
    stall.first_bytes_ms += MsOf(std::min(std::max(read.first_byte, from), to) - from);
    sizes.push_back(static_cast<double>(read.bytes));
    spans.emplace_back(from, to);
  }
  if (!sizes.empty()) stall.median_bytes = static_cast<int64_t>(Median(sizes));
  std::ranges::sort(spans);
  auto covered = begin;
  for (const auto& [from, to] : spans) {
    if (to <= covered) continue;
    stall.stalled_ms += MsOf(to - std::max(from, covered));
    covered = to;
  }
  return stall;
}

}  // namespace iiifbench
