#include "harness/servers/reference/http/listener.h"

#include <sys/socket.h>

#include <malloc.h>
#include <sys/resource.h>

#include <algorithm>
#include <system_error>

#include "harness/servers/reference/http/listener_state.h"

namespace iiifbench::http {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

constexpr std::chrono::milliseconds kSweepEvery{200};
constexpr std::chrono::milliseconds kAcceptAgainAfter{20};
constexpr std::chrono::milliseconds kLookEvery{50};

// Half of the descriptors are left to files and to whatever else the process does.
size_t MostConnections(int wanted) {
  rlimit descriptors{};
  ::getrlimit(RLIMIT_NOFILE, &descriptors);
  return std::max<size_t>(1, std::min<size_t>(static_cast<size_t>(wanted),
                                              static_cast<size_t>(descriptors.rlim_cur) / 2));
}

}  // namespace

bool& ThisThreadHasGrown() {
  static thread_local bool grown = false;
  return grown;
}

Call::Call(const Request& request, std::shared_ptr<const Connection> connection,
           Clock::time_point arrival, std::chrono::nanoseconds waited)
    : request(request),
      arrival(arrival),
      waited(waited),
      connection_(std::move(connection)),
      look_after_(SteadyNanoseconds(arrival + kFirstLook)) {}

bool Call::Wanted() const {
  if (!wanted_) return false;
  const auto now = Clock::now();
  const Listener::State& server = connection_->server();
  const auto limit = server.options.limits.work_time;
  bool wanted = !server.stopping && (limit.count() == 0 || now <= arrival + limit);
  if (wanted && SteadyNanoseconds(now) >= look_after_) {
    look_after_ = SteadyNanoseconds(now + kLookEvery);
    wanted = !connection_->Departed();
  }
  if (!wanted) wanted_ = false;
  return wanted;
}

void Call::Grown() { ThisThreadHasGrown() = true; }

void Listener::State::Accept() {
  acceptor.async_accept([this](const error_code& error, tcp::socket socket) {
    if (stopping) return;
    if (!error) {
      Admit(std::move(socket));
      return Accept();
    }
    // Out of descriptors or memory: one goes, and accepting goes on.
    EvictOne();
    retry.expires_after(kAcceptAgainAfter);
    retry.async_wait([this](const error_code& cancelled) {
      if (!cancelled) Accept();
    });
  });
}

void Listener::State::Admit(tcp::socket socket) {
  error_code error;
  socket.set_option(tcp::no_delay(true), error);
  socket.non_blocking(true, error);
  if (error) return;
  bool full = false;
  {
    const std::lock_guard lock(mutex);
    full = connections.size() >= most_connections;
  }
  if (full && !EvictOne()) {
    Response busy;
    busy.close = true;
    SetBusy(busy, "too many connections; ask again later");
    socket.write_some(boost::asio::buffer(HeadOf(busy, false) + busy.body), error);
    return;
  }
  auto connection = std::make_shared<Connection>(std::move(socket), *this);
  {
    const std::lock_guard lock(mutex);
    connections.emplace(connection.get(), connection);
  }
  connection->Read();
}

bool Listener::State::EvictOne() {
  const auto now = Clock::now();
  const std::lock_guard lock(mutex);
  auto oldest = connections.end();
  Clock::time_point oldest_since;
  for (auto at = connections.begin(); at != connections.end(); ++at) {
    const auto since = at->second->EvictableSince(now);
    if (!since || (oldest != connections.end() && *since >= oldest_since)) continue;
    oldest = at;
    oldest_since = *since;
  }
  if (oldest == connections.end()) return false;
  oldest->second->Cut();
  connections.erase(oldest);
  return true;
}

void Listener::State::Forget(const Connection* connection) {
  const std::lock_guard lock(mutex);
  connections.erase(connection);
}

void Listener::State::Sweep() {
  sweep.expires_after(kSweepEvery);
  sweep.async_wait([this](const error_code& cancelled) {
    if (cancelled) return;
    std::vector<std::shared_ptr<Connection>> all;
    {
      const std::lock_guard lock(mutex);
      for (const auto& [key, connection] : connections) all.push_back(connection);
    }
    const auto now = Clock::now();
    for (const auto& connection : all) connection->Look(now);
    Sweep();
  });
}

void Listener::State::Run(size_t thread) {
  for (;;) {
    ThisThreadHasGrown() = false;
    for (bool more = true; more && !ThisThreadHasGrown();) {
      try {
        more = io.run_one() > 0;
      } catch (const std::exception&) {
        // No memory for one connection's next step: the sweep ends it, the others go on.
      }
    }
    const std::lock_guard lock(mutex);
    if (stopping) {
      --running;
      changed.notify_all();
      return;
    }
    // The next thread waits for this one to have ended: its buffers go before others grow.
    const auto before = std::make_shared<std::thread>(std::move(threads[thread]));
    try {
      threads[thread] = std::thread([this, thread, before] {
        before->join();
        ::malloc_trim(0);
        Run(thread);
      });
      return;
    } catch (const std::system_error&) {
      threads[thread] = std::move(*before);  // no other thread to be had: this one goes on
    }
  }
}

Listener::Listener(std::unique_ptr<State> state) : state_(std::move(state)) {}

Result<std::unique_ptr<Listener>> Listener::Start(const Options& options, Handler handler) {
  auto state = std::make_unique<State>(options, std::move(handler));
  State* s = state.get();
  const auto fail = [&](const error_code& error) {
    return Fail(ErrorKind::kIo, "cannot listen on {}:{}: {}; is another server using it?",
                options.host, options.port, error.message());
  };
  error_code error;
  tcp::resolver resolver(s->io);
  const auto found = resolver.resolve(options.host, fmt::format("{}", options.port),
                                      tcp::resolver::passive, error);
  if (error || found.empty()) return fail(error);
  const tcp::endpoint endpoint = found.begin()->endpoint();
  if (s->acceptor.open(endpoint.protocol(), error); error) return fail(error);
  s->acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (s->acceptor.bind(endpoint, error); error) return fail(error);
  if (s->acceptor.listen(boost::asio::socket_base::max_listen_connections, error); error)
    return fail(error);
  s->port = s->acceptor.local_endpoint(error).port();
  s->address = fmt::format("{}:{}", options.host, s->port);
  s->most_connections = MostConnections(options.limits.connections);
  s->Accept();
  s->Sweep();
  const std::lock_guard lock(s->mutex);
  s->running = static_cast<size_t>(options.picture_slots + options.info_slots + 1);
  s->threads.resize(s->running);
  for (size_t i = 0; i < s->threads.size(); ++i) s->threads[i] = std::thread([s, i] { s->Run(i); });
  return std::unique_ptr<Listener>(new Listener(std::move(state)));
}

int Listener::port() const { return state_->port; }

void Listener::Stop() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
    for (const auto& [key, connection] : state_->connections) connection->Cut();
  }
  // Who comes now is refused at once: an open acceptor that nobody serves would let him wait. The
  // descriptor stays until the threads that may use it have ended.
  ::shutdown(state_->acceptor.native_handle(), SHUT_RD);
  state_->io.stop();
  state_->changed.notify_all();
}

bool Listener::StoppedWithin(std::chrono::milliseconds patience) {
  std::unique_lock lock(state_->mutex);
  return state_->changed.wait_for(lock, patience, [&] { return state_->running == 0; });
}

void Listener::Wait() {
  {
    std::unique_lock lock(state_->mutex);
    state_->changed.wait(lock, [&] { return state_->running == 0; });
  }
  for (auto& thread : state_->threads) {
    if (thread.joinable()) thread.join();
  }
}

Listener::~Listener() {
  Stop();
  Wait();
  state_->connections.clear();
}

}  // namespace iiifbench::http
