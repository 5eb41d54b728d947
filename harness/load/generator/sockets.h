// The sockets that libcurl's multi interface wants watched, in one epoll instance.
//
// curl takes a socket off its list after every transfer and puts it back at the next one of the
// same connection: three system calls a request, of which nothing is needed. A socket stays
// registered here while its connection lives; one that has something to say while nobody listens (a
// server that closes an idle connection) is dropped then. What curl closes is forgotten, since the
// kernel forgets it too, and the number may come again.
#pragma once

#include <curl/curl.h>
#include <sys/epoll.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <span>
#include <vector>

namespace iiifbench {

class Sockets {
 public:
  struct Ready {
    int descriptor = -1;
    int what = 0;  // CURL_CSELECT_*
  };

  Sockets();
  ~Sockets();
  Sockets(const Sockets&) = delete;
  Sockets& operator=(const Sockets&) = delete;

  // Of this multi handle. It and its connections must end before this object.
  void Watch(CURLM* multi);
  // Connections that this easy handle opens say when they close.
  void HearOfClosing(CURL* easy);

  // What is ready after at most this time; valid until the next call.
  std::span<const Ready> Wait(std::chrono::nanoseconds longest);

  // System calls that changed what is registered, since the start.
  int64_t changes() const { return changes_; }

 private:
  struct State {
    uint32_t registered = 0;  // with the kernel; 0: not at all
    uint32_t wanted = 0;      // by curl now
  };
  static int OnSocket(CURL*, curl_socket_t socket, int what, void* to, void*);
  static int OnClose(void* to, curl_socket_t socket);
  State& Of(int descriptor);
  void Register(int descriptor, uint32_t events);

  int epoll_ = -1;
  int64_t changes_ = 0;
  std::vector<State> states_;  // by descriptor
  std::array<Ready, 64> ready_{};
};

}  // namespace iiifbench
