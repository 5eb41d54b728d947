#include "harness/load/generator/sockets.h"

#include <poll.h>
#include <unistd.h>

namespace iiifbench {

Sockets::Sockets() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {}
Sockets::~Sockets() { ::close(epoll_); }

void Sockets::Watch(CURLM* multi) {
  curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, OnSocket);
  curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, this);
}

void Sockets::HearOfClosing(CURL* easy) {
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, OnClose);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, this);
}

Sockets::State& Sockets::Of(int descriptor) {
  if (states_.size() <= static_cast<size_t>(descriptor))
    states_.resize(static_cast<size_t>(descriptor) + 1);
  return states_[static_cast<size_t>(descriptor)];
}

void Sockets::Register(int descriptor, uint32_t events) {
  State& state = Of(descriptor);
  epoll_event event{};
  event.events = events;
  event.data.fd = descriptor;
  const int change = events == 0             ? EPOLL_CTL_DEL
                     : state.registered == 0 ? EPOLL_CTL_ADD
                                             : EPOLL_CTL_MOD;
  ::epoll_ctl(epoll_, change, descriptor, &event);
  state.registered = events;
  ++changes_;
}

int Sockets::OnSocket(CURL*, curl_socket_t socket, int what, void* to, void*) {
  auto* self = static_cast<Sockets*>(to);
  State& state = self->Of(socket);
  state.wanted = (what & CURL_POLL_IN ? EPOLLIN : 0U) | (what & CURL_POLL_OUT ? EPOLLOUT : 0U);
  if (what == CURL_POLL_REMOVE) state.wanted = 0;
  if (state.wanted != 0 && state.wanted != state.registered) self->Register(socket, state.wanted);
  return 0;
}

int Sockets::OnClose(void* to, curl_socket_t socket) {
  static_cast<Sockets*>(to)->Of(socket) = {};
  return ::close(socket);
}

std::span<const Sockets::Ready> Sockets::Wait(std::chrono::nanoseconds longest) {
  // epoll_wait counts in milliseconds.
  const timespec wait{.tv_sec = longest.count() / 1'000'000'000,
                      .tv_nsec = longest.count() % 1'000'000'000};
  pollfd any{.fd = epoll_, .events = POLLIN, .revents = 0};
  if (::ppoll(&any, 1, &wait, nullptr) <= 0) return {};
  std::array<epoll_event, 64> events;
  const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 0);
  size_t ready = 0;
  for (int i = 0; i < count; ++i) {
    const int descriptor = events[static_cast<size_t>(i)].data.fd;
    const uint32_t bits = events[static_cast<size_t>(i)].events;
    if (Of(descriptor).wanted == 0) {
      Register(descriptor, 0);
      continue;
    }
    ready_[ready++] = {.descriptor = descriptor,
                       .what = (bits & EPOLLIN ? CURL_CSELECT_IN : 0) |
                               (bits & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                               (bits & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0)};
  }
  return {ready_.data(), ready};
}

}  // namespace iiifbench
