// listener_state: what the connections of a listener share. Private to this folder.
//
// Threads: `connections` under the mutex; the rest is constant, atomic or guards itself.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "harness/servers/reference/http/connection.h"
#include "harness/servers/reference/http/work_queue.h"

namespace iiifbench::http {

struct Listener::State {
  State(const Options& o, Handler h)
      : options(o),
        handler(std::move(h)),
        acceptor(io),
        retry(io),
        sweep(io),
        pictures(o.picture_slots, o.limits.waiting),
        infos(o.info_slots, o.limits.waiting) {}

  const Options options;
  const Handler handler;
  boost::asio::io_context io;
  boost::asio::ip::tcp::acceptor acceptor;
  boost::asio::steady_timer retry, sweep;
  WorkQueue pictures, infos;
  std::atomic<bool> stopping{false};
  std::string address;  // host:port, for clients that send no Host
  int port = 0;
  size_t most_connections = 0;

  std::mutex mutex;
  std::condition_variable changed;
  std::map<const Connection*, std::shared_ptr<Connection>> connections;
  std::vector<std::thread> threads;
  size_t running = 0;

  WorkQueue& QueueOf(Lane lane) { return lane == Lane::kPicture ? pictures : infos; }
  void Accept();
  void Admit(boost::asio::ip::tcp::socket socket);
  bool EvictOne();
  void Sweep();
  void Forget(const Connection* connection);
  void Run(size_t thread);
};

// Set by Call::Grown: the thread ends when it is done.
bool& ThisThreadHasGrown();

}  // namespace iiifbench::http
