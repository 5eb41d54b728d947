#include "harness/validation/failures/fault_front.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "harness/http/client.h"

namespace iiifbench {
namespace {

using namespace std::chrono_literals;

constexpr auto kDeadFor = 1s;

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  return address;
}

bool SendAll(int socket, std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    text.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

std::string Head(std::string_view status, std::string_view type, std::optional<size_t> bytes) {
  std::string head = fmt::format("HTTP/1.1 {}\r\nContent-Type: {}\r\n", status, type);
  return head + (bytes ? fmt::format("Content-Length: {}\r\n\r\n", *bytes)
                       : std::string("Connection: close\r\n\r\n"));
}

// The next request's target; empty when the client has gone.
std::string NextTarget(int socket) {
  std::string head;
  while (head.find("\r\n\r\n") == std::string::npos) {
    char bytes[4096];
    const ssize_t got = ::recv(socket, bytes, sizeof bytes, 0);
    if (got <= 0 || head.size() > 65536) return {};
    head.append(bytes, static_cast<size_t>(got));
  }
  const size_t begin = head.find(' '), end = head.find(' ', begin + 1);
  return begin == std::string::npos || end == std::string::npos
             ? std::string()
             : head.substr(begin + 1, end - begin - 1);
}

}  // namespace

struct FaultFront::State {
  int port = 0, server_port = 0, after = 0;
  Fault fault = Fault::kCut;
  std::string uncounted;
  double seconds = 0;
  std::atomic<std::chrono::steady_clock::rep> first{0};
  std::atomic<int> given{0};
  std::atomic<bool> ending{false}, dead{false}, died{false};
  std::mutex mutex;
  std::set<int> open;                                        // sockets of clients
  std::vector<std::chrono::steady_clock::time_point> times;  // of answers
  std::vector<std::thread> connections;
  std::thread listening;

  Result<int> Listen();
  void Accept(int listener);
  void Serve(int socket);
  bool Answer(int socket, const std::string& target, Client& server);
  bool Break(int socket, const std::string& target, const Exchange& right, Client& server);
  void Relay(int socket);
  void CutAll();
  bool Over() {
    using std::chrono::steady_clock;
    if (seconds <= 0) return given > after;
    if (given == 0) return false;
    steady_clock::rep none = 0, now = steady_clock::now().time_since_epoch().count();
    if (first.compare_exchange_strong(none, now)) return false;
    return std::chrono::duration<double>(steady_clock::duration(now - first)).count() > seconds;
  }
  void Wait(std::chrono::milliseconds most) const {
    for (auto left = most; left > 0ms && !ending; left -= 10ms) std::this_thread::sleep_for(10ms);
  }
};

Result<int> FaultFront::State::Listen() {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address = Loopback(port);
  socklen_t length = sizeof address;
  if (::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(listener, 64) != 0 ||
      ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    ::close(listener);
    return Fail(ErrorKind::kIo, "fault front: cannot listen on 127.0.0.1: {}",
                std::strerror(errno));
  }
  port = ntohs(address.sin_port);
  return listener;
}

void FaultFront::State::CutAll() {
  const std::lock_guard lock(mutex);
  for (const int socket : open) ::shutdown(socket, SHUT_RDWR);
}

void FaultFront::State::Accept(int listener) {
  while (!ending) {
    if (dead) {
      ::close(listener);
      CutAll();
      if (fault == Fault::kRefused) return;
      Wait(kDeadFor);
      auto again = Listen();
      if (!again) return;
      listener = *again;
      dead = false;
    }
    pollfd ready{.fd = listener, .events = POLLIN, .revents = 0};
    if (::poll(&ready, 1, 5) <= 0) continue;
    const int socket = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) continue;
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const std::lock_guard lock(mutex);
    open.insert(socket);
    connections.emplace_back([this, socket] {
      fault == Fault::kTls ? Relay(socket) : Serve(socket);
      const std::lock_guard closing(mutex);
      open.erase(socket);
      ::close(socket);
    });
  }
  ::close(listener);
}

void FaultFront::State::Serve(int socket) {
  Client server;
  for (std::string target = NextTarget(socket); !target.empty() && !ending && !dead;
       target = NextTarget(socket)) {
    if (!Answer(socket, target, server)) return;
  }
}

bool FaultFront::State::Answer(int socket, const std::string& target, Client& server) {
  const Exchange right = server.Get(fmt::format("http://127.0.0.1:{}{}", server_port, target));
  if (!right.error.empty()) return false;
  const bool picture = target.find("info.json") == std::string::npos &&
                       (uncounted.empty() || target.find(uncounted) == std::string::npos);
  if (picture && ++given > after && !died) return Break(socket, target, right, server);
  {
    const std::lock_guard lock(mutex);
    times.push_back(std::chrono::steady_clock::now());
  }
  return SendAll(socket, Head(fmt::format("{} right", right.status), right.content_type,
                              right.body.size())) &&
         SendAll(socket, {reinterpret_cast<const char*>(right.body.data()), right.body.size()});
}

bool FaultFront::State::Break(int socket, const std::string& target, const Exchange& right,
                              Client& server) {
  const std::string body(right.body.begin(), right.body.end()),
      half = body.substr(0, body.size() / 2);
  const auto give = [&](std::string_view status, std::string_view type, std::string_view text) {
    return SendAll(socket, Head(status, type, text.size())) && SendAll(socket, text);
  };
  switch (fault) {
    case Fault::kRefused:
    case Fault::kDeath:
      died = dead = true;
      return false;
    case Fault::kReset: {
      SendAll(socket, Head("200 OK", right.content_type, body.size()) + half);
      const linger at_once{.l_onoff = 1, .l_linger = 0};
      ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
      return false;
    }
    case Fault::kCut:
      SendAll(socket, Head("200 OK", right.content_type, body.size()) + half);
      return false;
    case Fault::kTruncated:
      return give("200 OK", right.content_type, half);
    case Fault::kEndless: {
      const std::string more(1 << 18, '\0');
      bool taken = SendAll(socket, Head("200 OK", right.content_type, {}) + body);
      while (taken && !ending) taken = SendAll(socket, more);
      return false;
    }
    case Fault::kSlow: {
      bool taken = SendAll(socket, Head("200 OK", right.content_type, body.size()));
      for (size_t i = 0; i < body.size() && taken && !ending; ++i) {
        taken = SendAll(socket, {&body[i], 1});
        Wait(1s);
      }
      return false;
    }
    case Fault::kStatus500:
      return give("500 broken", "text/plain", "java.lang.OutOfMemoryError");
    case Fault::kHtml:
      return give("200 OK", "text/html", "<html><body>please log in</body></html>");
    case Fault::kWrongPicture: {
      const size_t turn = target.rfind("/0/");
      const Exchange wrong = server.Get(fmt::format(
          "http://127.0.0.1:{}{}", server_port,
          turn == std::string::npos ? target
                                    : target.substr(0, turn) + "/180/" + target.substr(turn + 3)));
      return give("200 OK", wrong.content_type, std::string(wrong.body.begin(), wrong.body.end()));
    }
    case Fault::kRedirect:
      return SendAll(socket, fmt::format("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{}{}\r\n"
                                         "Content-Length: 0\r\n\r\n",
                                         port, target));
    case Fault::kHang:
      Wait(60s);
      return false;
    case Fault::kTls:
      return false;  // has no requests
  }
  return false;
}

// Passes on what client and server say; once broken, each handshake is answered in plain text.
void FaultFront::State::Relay(int socket) {
  if (Over()) {
    char hello[4096];
    static_cast<void>(::recv(socket, hello, sizeof hello, 0));
    SendAll(socket, "HTTP/1.1 400 speak plainly\r\n\r\n");
    return;
  }
  const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = Loopback(server_port);
  bool both = ::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  while (both && !ending && !Over()) {
    pollfd ready[] = {{.fd = socket, .events = POLLIN, .revents = 0},
                      {.fd = server, .events = POLLIN, .revents = 0}};
    if (::poll(ready, 2, 20) <= 0) continue;
    for (const auto& [from, to] : {std::pair(0, 1), std::pair(1, 0)}) {
      if (ready[from].revents == 0) continue;
      char bytes[65536];
      const ssize_t got = ::recv(ready[from].fd, bytes, sizeof bytes, 0);
      both = both && got > 0 && SendAll(ready[to].fd, {bytes, static_cast<size_t>(got)});
      if (from == 0 && got > 0) ++given;
    }
  }
  ::close(server);
}

Result<std::unique_ptr<FaultFront>> FaultFront::Start(int server_port, Fault fault, int after,
                                                      const std::string& uncounted,
                                                      double seconds) {
  auto state = std::make_unique<State>();
  state->server_port = server_port;
  state->fault = fault;
  state->after = after;
  state->uncounted = uncounted;
  state->seconds = seconds;
  auto listener = state->Listen();
  if (!listener) return listener.error();
  state->listening = std::thread([raw = state.get(), at = *listener] { raw->Accept(at); });
  return std::unique_ptr<FaultFront>(new FaultFront(std::move(state)));
}

FaultFront::FaultFront(std::unique_ptr<State> state) : state_(std::move(state)) {}
FaultFront::~FaultFront() {
  state_->ending = true;
  state_->listening.join();
  state_->CutAll();
  for (auto& connection : state_->connections) connection.join();
}
int FaultFront::port() const { return state_->port; }
std::vector<std::chrono::steady_clock::time_point> FaultFront::AnswerTimes() const {
  const std::lock_guard lock(state_->mutex);
  return state_->times;
}

}  // namespace iiifbench
