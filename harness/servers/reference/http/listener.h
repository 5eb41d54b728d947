// listener: an HTTP/1.1 server that stays up whoever is on the other side: every line, header,
// connection, wait and piece of work has a bound.
//
// Standard: RFC 9110, 9112. Keep-alive, pipelined requests in their order, HEAD, OPTIONS (CORS).
// Statuses of its own: 400 syntax, 405 other methods, 413 a request with a body (which is not
// read), 414 URL, 431 header, 503 with Retry-After beyond capacity or time.
//
// Work has two lanes, each with slots and one queue of bounded length, so that info.json does not
// wait for pictures. Work whose client has left, or whose time is over, is dropped: in the queue at
// once, under way as soon as it asks Call::Wanted().
//
// Threads: slots of both lanes + 1. Requests are worked on by the thread that read them, without a
// hand-over, when a slot is free. A thread that used much memory (Call::Grown) ends and another
// takes its place: what libraries keep per thread goes with it. Errors: kIo when the address cannot
// be used.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "harness/servers/reference/http/message.h"
#include "kernels/image/result.h"

namespace iiifbench::http {

struct Limits {
  size_t url_bytes = 4096;
  size_t header_bytes = size_t{32} << 10;  // request line and fields together
  int connections = 1000;                  // and at most half of the descriptors of the process
  int waiting = 256;                       // requests of a lane that wait for a slot
  std::chrono::milliseconds header_time{10'000};  // from the connection to the end of the header
  std::chrono::milliseconds idle_time{60'000};    // from an answer to the end of the next header
  std::chrono::milliseconds work_time{30'000};    // from the header to the answer; 0: no limit
};

class Connection;

// One request under way, for the one who answers it.
class Call {
 public:
  Call(const Request& request, std::shared_ptr<const Connection> connection,
       std::chrono::steady_clock::time_point arrival, std::chrono::nanoseconds waited);
  const Request& request;
  const std::chrono::steady_clock::time_point arrival;
  const std::chrono::nanoseconds waited;  // for a slot
  // False: the client has left, the time is over or the server ends. Cheap; ask often.
  bool Wanted() const;
  // The thread ends after this call, and its buffers with it.
  static void Grown();

 private:
  std::shared_ptr<const Connection> connection_;
  mutable std::atomic<int64_t> look_after_;  // steady nanoseconds of the next look at the client
  mutable std::atomic<bool> wanted_{true};
};

enum class Lane { kPicture, kInfo };

struct Handler {
  // Answers at once, or says in which lane `work` shall. Must not wait for anything.
  std::function<std::optional<Lane>(const Request&, Response&)> begin;
  std::function<void(const Call&, Response&)> work;
};

class Listener {
 public:
  struct Options {
    std::string host = "127.0.0.1";
    int port = 0;  // 0: any free one
    int picture_slots = 1, info_slots = 8;
    Limits limits;
  };
  static Result<std::unique_ptr<Listener>> Start(const Options& options, Handler handler);
  ~Listener();
  int port() const;
  void Stop();  // connections end; work that asks is told so
  void Wait();  // until Stop, and then until the threads have ended
  // Whether all threads have ended within `patience` after Stop.
  bool StoppedWithin(std::chrono::milliseconds patience);

  struct State;  // the connections know it

 private:
  explicit Listener(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace iiifbench::http
