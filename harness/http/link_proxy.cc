#include "harness/http/link_proxy.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <list>
#include <thread>
#include <vector>

#include "harness/http/address.h"
#include "harness/http/link_schedule.h"

namespace iiifbench {
namespace {

using std::chrono::steady_clock;

constexpr int64_t kLargestPiece = 16 << 10;
// How far ahead of its wire a connection may be read: enough to keep the wire busy, little enough
// to be fair.
constexpr std::chrono::milliseconds kAhead{5};

struct Piece {
  LinkTime arrival;
  std::vector<char> bytes;
  size_t written = 0;
  bool end = false;    // no bytes: the sender closed
  bool reset = false;  // no bytes: the sender was cut
};

// One direction of one connection: read from `from`, held, written to `to`.
struct Flow {
  int from = -1, to = -1;
  LinkRate* wire = nullptr;
  LinkWindow window;
  LinkTime open{};  // nothing enters before
  std::deque<Piece> held;
  bool read_all = false, written_all = false;

  bool MayRead(LinkTime now) {
    return !read_all && now >= open && wire->free <= now + kAhead && window.Allowed(now) > 0;
  }
  bool MayWrite(LinkTime now) const { return !held.empty() && held.front().arrival <= now; }
  // When this flow can change by time alone.
  LinkTime Next(LinkTime now) {
    LinkTime next = LinkTime::max();
    if (!held.empty() && held.front().arrival > now) next = held.front().arrival;
    if (read_all) return next;
    if (now < open) return std::min(next, open);
    if (wire->free > now + kAhead) return std::min(next, wire->free - kAhead);
    if (window.Allowed(now) <= 0) next = std::min(next, window.NextAcknowledgement());
    return next;
  }
};

struct Connection {
  int client = -1, server = -1;
  Flow up, down;
  bool drop = false;
  bool over = false;
};

enum class Step { kDone, kCut };

void Close(int socket, bool reset) {
  if (reset) {
    const linger now{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  }
  ::close(socket);
}

void SetNoDelay(int socket) {
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

void ReadInto(Flow& flow, LinkTime now) {
  if (!flow.MayRead(now)) return;
  Piece piece;
  piece.bytes.resize(static_cast<size_t>(std::min(kLargestPiece, flow.window.Allowed(now))));
  const ssize_t n = ::recv(flow.from, piece.bytes.data(), piece.bytes.size(), MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  // A server that writes in two pieces under Nagle would wait 40 ms for our delayed
  // acknowledgement.
  const int on = 1;
  ::setsockopt(flow.from, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
  piece.bytes.resize(n > 0 ? static_cast<size_t>(n) : 0);
  piece.end = n == 0;
  piece.reset = n < 0;
  flow.read_all = n <= 0;
  piece.arrival = flow.window.Send(*flow.wire, now, std::max<ssize_t>(n, 0));
  flow.held.push_back(std::move(piece));
}

Step WriteFrom(Flow& flow, LinkTime now) {
  while (flow.MayWrite(now)) {
    Piece& piece = flow.held.front();
    if (piece.reset) return Step::kCut;
    if (piece.end) {
      ::shutdown(flow.to, SHUT_WR);
      flow.written_all = true;
    }
    while (piece.written < piece.bytes.size()) {
      const ssize_t n = ::send(flow.to, piece.bytes.data() + piece.written,
                               piece.bytes.size() - piece.written, MSG_DONTWAIT | MSG_NOSIGNAL);
      if (n < 0 && (errno == EAGAIN || errno == EINTR)) return Step::kDone;
      if (n < 0) return Step::kCut;
      piece.written += static_cast<size_t>(n);
    }
    flow.held.pop_front();
  }
  return Step::kDone;
}

}  // namespace

struct LinkProxy::State {
  LinkOptions options;
  sockaddr_storage address{};
  socklen_t address_size = 0;
  int listener = -1, port = 0, wake = -1;
  std::string host_header;
  LinkRate up, down;
  std::list<Connection> connections;
  int accepted = 0;
  std::thread thread;

  ~State();
  void Accept();
  void Move(Connection& connection, LinkTime now);
  void Run();
};

LinkProxy::State::~State() {
  if (thread.joinable()) {
    const uint64_t one = 1;
    (void)!::write(wake, &one, sizeof one);
    thread.join();
  }
  for (auto& connection : connections) {
    Close(connection.client, true);
    Close(connection.server, true);
  }
  if (listener >= 0) ::close(listener);
  if (wake >= 0) ::close(wake);
}

void LinkProxy::State::Accept() {
  for (;;) {
    const int client = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (client < 0) return;
    const int server = ::socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (server < 0 ||
        (::connect(server, reinterpret_cast<const sockaddr*>(&address), address_size) != 0 &&
         errno != EINPROGRESS)) {
      Close(client, true);
      if (server >= 0) ::close(server);
      continue;
    }
    SetNoDelay(client);
    SetNoDelay(server);
    const LinkTime open = steady_clock::now() + 2 * options.one_way_delay;
    const LinkWindow window(options.one_way_delay, options.slow_start);
    Connection connection{
        .client = client,
        .server = server,
        .up = {.from = client, .to = server, .wire = &up, .window = window, .open = open},
        .down = {.from = server, .to = client, .wire = &down, .window = window}};
    ++accepted;
    connection.drop =
        options.drop_connection_every > 0 && accepted % options.drop_connection_every == 0;
    connections.push_back(std::move(connection));
  }
}

void LinkProxy::State::Move(Connection& connection, LinkTime now) {
  ReadInto(connection.up, now);
  ReadInto(connection.down, now);
  const bool answered = connection.down.MayWrite(now);
  bool cut =
      WriteFrom(connection.up, now) == Step::kCut || WriteFrom(connection.down, now) == Step::kCut;
  cut = cut || (connection.drop && answered);
  if (!cut && !(connection.up.written_all && connection.down.written_all)) return;
  Close(connection.client, cut);
  Close(connection.server, cut);
  connection.over = true;
}

void LinkProxy::State::Run() {
  ::prctl(PR_SET_TIMERSLACK,
          1000UL);  // nanoseconds, of this thread: the default 50 us would be added to each delay
  std::vector<pollfd> polled;
  for (;;) {
    LinkTime now = steady_clock::now(), next = LinkTime::max();
    polled = {{.fd = wake, .events = POLLIN, .revents = 0},
              {.fd = listener, .events = POLLIN, .revents = 0}};
    auto watch = [&](int socket, bool read, bool write) {
      // A negative descriptor is left out, and with it POLLHUP, which would otherwise wake at once
      // for ever.
      const int events = (read ? POLLIN : 0) | (write ? POLLOUT : 0);
      polled.push_back(
          {.fd = events != 0 ? socket : -1, .events = static_cast<short>(events), .revents = 0});
    };
    for (Connection& c : connections) {
      watch(c.client, c.up.MayRead(now), c.down.MayWrite(now));
      watch(c.server, c.down.MayRead(now), c.up.MayWrite(now));
      next = std::min({next, c.up.Next(now), c.down.Next(now)});
    }
    timespec wait{};
    if (next != LinkTime::max()) {
      const auto left = std::max<int64_t>(
          0, std::chrono::duration_cast<std::chrono::nanoseconds>(next - now).count());
      wait = {.tv_sec = static_cast<time_t>(left / 1'000'000'000), .tv_nsec = left % 1'000'000'000};
    }
    if (::ppoll(polled.data(), polled.size(), next == LinkTime::max() ? nullptr : &wait, nullptr) <
        0)
      continue;
    if (polled[0].revents != 0) return;
    now = steady_clock::now();
    for (Connection& c : connections) Move(c, now);
    connections.remove_if([](const Connection& c) { return c.over; });
    // The first in line reads first: another one each time, so that a shared wire is shared.
    if (connections.size() > 1)
      connections.splice(connections.end(), connections, connections.begin());
    if (polled[1].revents != 0) Accept();
  }
}

LinkProxy::LinkProxy(std::unique_ptr<State> state) : state_(std::move(state)) {}
LinkProxy::~LinkProxy() = default;
int LinkProxy::port() const { return state_->port; }

std::string LinkProxy::Through(const std::string& url) const {
  const auto address = ParseAddress(url);
  if (!address) return url;
  return fmt::format("{}://{}127.0.0.1:{}{}{}", address->scheme,
                     address->userinfo.empty() ? "" : address->userinfo + "@", port(),
                     address->path, address->query.empty() ? "" : "?" + address->query);
}

std::string LinkProxy::HostHeader() const {
  return state_->host_header.empty() ? "" : "Host: " + state_->host_header;
}

Result<std::unique_ptr<LinkProxy>> LinkProxy::Start(const LinkOptions& options) {
  auto state = std::make_unique<State>();
  state->options = options;
  state->up.bytes_per_second = state->down.bytes_per_second = options.bytes_per_second;
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int resolved =
      ::getaddrinfo(options.host.c_str(), std::to_string(options.port).c_str(), &hints, &found);
  if (resolved != 0)
    return Fail(ErrorKind::kIo, "link to {}:{}: {}", options.host, options.port,
                ::gai_strerror(resolved));
  std::memcpy(&state->address, found->ai_addr, found->ai_addrlen);
  state->address_size = found->ai_addrlen;
  ::freeaddrinfo(found);
  state->wake = ::eventfd(0, EFD_CLOEXEC);
  state->listener = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  sockaddr_in here{};
  here.sin_family = AF_INET;
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof here;
  if (state->wake < 0 || state->listener < 0 ||
      ::bind(state->listener, reinterpret_cast<const sockaddr*>(&here), sizeof here) != 0 ||
      ::listen(state->listener, 1024) != 0 ||
      ::getsockname(state->listener, reinterpret_cast<sockaddr*>(&here), &size) != 0) {
    return Fail(ErrorKind::kIo, "link to {}:{}: cannot listen on 127.0.0.1: {}", options.host,
                options.port, std::strerror(errno));
  }
  state->port = ntohs(here.sin_port);
  state->thread = std::thread([raw = state.get()] { raw->Run(); });
  return std::unique_ptr<LinkProxy>(new LinkProxy(std::move(state)));
}

Result<std::unique_ptr<LinkProxy>> LinkBefore(const std::string& url, double one_way_ms,
                                              int64_t bytes_per_second) {
  const auto address = ParseAddress(url);
  if (!address) return address.error();
  if (address->scheme != "http")
    return Fail(ErrorKind::kUnsupported, "{}: a link of ours can be led before http:// only",
                WithoutSecrets(url));
  auto link =
      LinkProxy::Start({.host = address->host,
                        .port = address->port,
                        .one_way_delay = std::chrono::nanoseconds(std::llround(one_way_ms * 1e6)),
                        .bytes_per_second = bytes_per_second});
  if (link) (*link)->state_->host_header = HostAndPort(*address);
  return link;
}

}  // namespace iiifbench
