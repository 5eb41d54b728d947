#include "harness/validation/traps/odd_front.h"

#include <httplib.h>

#include <chrono>
#include <mutex>
#include <random>
#include <set>
#include <thread>

namespace iiifbench {
namespace {

using std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto kPace = 120ms;
constexpr auto kAcknowledged = 40ms;
constexpr double kSlower = 1.5;  // times the answer's own time, on top of it

}  // namespace

struct OddFront::State {
  Oddity oddity = Oddity::kPaced;
  httplib::Server http;
  std::thread thread;
  int port = 0, server_port = 0;
  std::mutex mutex;
  steady_clock::time_point last;
  std::set<int> known;  // ports of clients that had an answer
  std::mt19937_64 random{1};

  void Delay(const httplib::Request& request, steady_clock::duration took);
};

void OddFront::State::Delay(const httplib::Request& request, steady_clock::duration took) {
  steady_clock::time_point until{};
  {
    const std::lock_guard lock(mutex);
    const auto now = steady_clock::now();
    const bool picture = request.path.find("info.json") == std::string::npos;
    if (oddity == Oddity::kPaced) until = last = std::max(now, last + kPace);
    if (oddity == Oddity::kTwoBackEnds && picture && random() % 2 == 0)
      until = now + std::chrono::duration_cast<steady_clock::duration>(kSlower * took);
    if (oddity == Oddity::kDelayedAcknowledged && !known.insert(request.remote_port).second)
      until = now + kAcknowledged;
  }
  std::this_thread::sleep_until(until);
}

Result<std::unique_ptr<OddFront>> OddFront::Start(int server_port, Oddity oddity) {
  auto state = std::make_unique<State>();
  state->oddity = oddity;
  state->server_port = server_port;
  state->http.set_keep_alive_max_count(1000000);
  state->http.set_keep_alive_timeout(60);
  state->http.set_tcp_nodelay(true);
  state->http.Get(
      ".*", [s = state.get()](const httplib::Request& request, httplib::Response& response) {
        static thread_local std::unique_ptr<httplib::Client> server;
        static thread_local int its_port = 0;
        if (its_port != s->server_port) {
          server = std::make_unique<httplib::Client>("127.0.0.1", its_port = s->server_port);
          server->set_keep_alive(true);
          server->set_tcp_nodelay(true);
        }
        const auto begun = steady_clock::now();
        const auto answer = server->Get(request.target);
        response.status = answer ? answer->status : 502;
        if (answer) response.set_content(answer->body, answer->get_header_value("Content-Type"));
        if (s->oddity == Oddity::kWarmCache) {
          response.set_header("Age", "300");
          response.set_header("X-Cache", "HIT");
        }
        s->Delay(request, steady_clock::now() - begun);
      });
  state->port = state->http.bind_to_any_port("127.0.0.1");
  if (state->port <= 0) return Fail(ErrorKind::kIo, "odd front: cannot listen on 127.0.0.1");
  state->thread = std::thread([http = &state->http] { http->listen_after_bind(); });
  while (!state->http.is_running()) std::this_thread::yield();
  return std::unique_ptr<OddFront>(new OddFront(std::move(state)));
}

OddFront::OddFront(std::unique_ptr<State> state) : state_(std::move(state)) {}
OddFront::~OddFront() {
  state_->http.stop();
  state_->thread.join();
}
int OddFront::port() const { return state_->port; }

}  // namespace iiifbench
