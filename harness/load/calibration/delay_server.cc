#include "harness/load/calibration/delay_server.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <list>
#include <mutex>
#include <string_view>
#include <thread>

#include "harness/stats/milliseconds.h"

namespace iiifbench {
namespace {

using std::chrono::steady_clock;

void SleepUntil(steady_clock::time_point instant) {
  const auto t =
      std::chrono::duration_cast<std::chrono::nanoseconds>(instant.time_since_epoch()).count();
  const timespec until{.tv_sec = static_cast<time_t>(t / 1'000'000'000),
                       .tv_nsec = t % 1'000'000'000};
  while (::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr) == EINTR) {
  }
}

}  // namespace

struct DelayServer::State {
  std::chrono::nanoseconds delay{};
  std::string answer;
  int listener = -1, port = 0;
  std::thread acceptor;
  std::mutex mutex;  // of what follows
  std::list<std::thread> threads;
  std::vector<int> sockets;
  std::vector<double> held_ms;
  bool over = false;

  ~State();
  void Accept();
  void Serve(int socket);
};

DelayServer::State::~State() {
  {
    const std::lock_guard lock(mutex);
    over = true;
    for (int socket : sockets) ::shutdown(socket, SHUT_RDWR);
  }
  if (listener >= 0) ::shutdown(listener, SHUT_RDWR);
  if (acceptor.joinable()) acceptor.join();
  for (auto& thread : threads) thread.join();
  for (int socket : sockets) ::close(socket);
  if (listener >= 0) ::close(listener);
}

void DelayServer::State::Accept() {
  for (;;) {
    const int socket = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    const std::lock_guard lock(mutex);
    if (over || socket < 0) {
      if (socket >= 0) ::close(socket);
      return;
    }
    sockets.push_back(socket);
    threads.emplace_back([this, socket] { Serve(socket); });
  }
}

void DelayServer::State::Serve(int socket) {
  ::prctl(PR_SET_TIMERSLACK, 1000UL);
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  std::string got;
  char piece[4096];
  for (;;) {
    const ssize_t n = ::recv(socket, piece, sizeof piece, 0);
    if (n <= 0) break;
    const auto read = steady_clock::now();
    got.append(piece, static_cast<size_t>(n));
    if (!got.ends_with("\r\n\r\n")) continue;  // one request at a time: nobody pipelines here
    const bool hold = !got.starts_with("GET /now ");
    got.clear();
    if (hold && delay.count() > 0) SleepUntil(read + delay);
    const Milliseconds held = steady_clock::now() - read;
    std::string_view left = answer;
    while (!left.empty()) {
      const ssize_t sent = ::send(socket, left.data(), left.size(), MSG_NOSIGNAL);
      if (sent <= 0) break;
      left.remove_prefix(static_cast<size_t>(sent));
    }
    if (!hold) continue;
    const std::lock_guard lock(mutex);
    held_ms.push_back(held.count());
  }
  ::shutdown(socket, SHUT_RDWR);
}

DelayServer::DelayServer(std::unique_ptr<State> state) : state_(std::move(state)) {}
DelayServer::~DelayServer() = default;
int DelayServer::port() const { return state_->port; }

std::vector<double> DelayServer::TakeHeldMs() {
  const std::lock_guard lock(state_->mutex);
  return std::exchange(state_->held_ms, {});
}

Result<std::unique_ptr<DelayServer>> DelayServer::Start(std::chrono::nanoseconds delay,
                                                        size_t body_bytes) {
  auto state = std::make_unique<State>();
  state->delay = delay;
  state->answer = fmt::format(
      "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: {}\r\n\r\n{}",
      body_bytes, std::string(body_bytes, 'x'));
  state->listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in here{};
  here.sin_family = AF_INET;
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof here;
  if (state->listener < 0 ||
      ::bind(state->listener, reinterpret_cast<const sockaddr*>(&here), size) != 0 ||
      ::listen(state->listener, 512) != 0 ||
      ::getsockname(state->listener, reinterpret_cast<sockaddr*>(&here), &size) != 0)
    return Fail(ErrorKind::kIo, "calibration server: cannot listen on 127.0.0.1: {}",
                std::strerror(errno));
  state->port = ntohs(here.sin_port);
  state->acceptor = std::thread([raw = state.get()] { raw->Accept(); });
  return std::unique_ptr<DelayServer>(new DelayServer(std::move(state)));
}

}  // namespace iiifbench
