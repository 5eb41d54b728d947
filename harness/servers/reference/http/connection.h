// connection: one client of the listener: reads a request, has it answered, writes the answer,
// reads the next.
//
// Each step has one operation under way at most, and the next step starts where it ends, so that
// pipelined requests are answered in their order. Other threads (the sweep, an eviction) never
// touch the socket: they shut the descriptor down, and the operation under way ends; or they take
// the step over by exchanging the phase, as the sweep does with work whose time is over. Memory: an
// object lives as long as something is under way (hence shared_ptr: the operations hold it), its
// descriptor as long as the object.
#pragma once

#include <array>
#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <memory>
#include <optional>
#include <string>

#include "harness/servers/reference/http/listener.h"

namespace iiifbench::http {

using Clock = std::chrono::steady_clock;

inline int64_t SteadyNanoseconds(Clock::time_point time) { return time.time_since_epoch().count(); }

// A client that closes its direction after its request has left, unless the answer takes less.
constexpr std::chrono::milliseconds kFirstLook{250};

enum class Phase { kReading, kQueued, kWorking, kWriting, kEnding, kEnded };

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(boost::asio::ip::tcp::socket socket, Listener::State& server);
  void Read();
  // With a slot: answers the request that was read. It may have been given up since.
  void Work();
  // The sweep: ends what lasts too long.
  void Look(Clock::time_point now);
  // Ends the operation under way from any thread.
  void Cut() const;
  // The other side has closed its direction.
  bool Departed() const;
  // What an eviction may end: silent or slow ones. Ordered by how long they have been so.
  std::optional<Clock::time_point> EvictableSince(Clock::time_point now) const;
  const Listener::State& server() const { return server_; }

 private:
  void OnHeader(const boost::system::error_code& error);
  bool TakeRequest();  // false: the response holds why not
  void Write();
  void WriteRest(size_t done);
  void Written();
  void Linger();
  void End();
  bool Step(Phase from, Phase to);
  void Enter(Phase phase, Clock::duration limit);

  boost::asio::ip::tcp::socket socket_;
  const int descriptor_;
  Listener::State& server_;
  boost::beast::flat_buffer buffer_;
  std::optional<boost::beast::http::request_parser<boost::beast::http::empty_body>> parser_;
  Request request_;
  Response response_;
  std::string head_;
  bool head_only_ = false, close_ = false, keep_alive_1_0_ = false, served_ = false;
  Lane lane_ = Lane::kPicture;
  Clock::time_point arrival_;
  std::array<char, 4096> ignored_;  // what comes after the last answer
  size_t ignored_bytes_ = 0;

  std::atomic<Phase> phase_{Phase::kReading};
  std::atomic<int64_t> since_{0}, deadline_{0};  // steady nanoseconds, of the phase
};

}  // namespace iiifbench::http
