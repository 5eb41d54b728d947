#include "harness/validation/failures/fault_front.h"

#include <httplib.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace iiifbench {

struct FaultFront::State {
  httplib::Server http;
  std::thread thread;
  int port = 0, server_port = 0, after = 0;
  Fault fault = Fault::kCut;
  std::atomic<int> pictures{0};
  std::mutex mutex;
  std::condition_variable ended;
  bool ending = false;

  void Answer(const httplib::Request& request, httplib::Response& response);
  void Break(const std::string& body, const std::string& type, httplib::Response& response);
};

void FaultFront::State::Break(const std::string& body, const std::string& type,
                              httplib::Response& response) {
  switch (fault) {
    case Fault::kCut:
      // Half of what Content-Length promises; false closes the connection.
      response.set_content_provider(body.size(), type,
                                    [body](size_t, size_t, httplib::DataSink& sink) {
                                      sink.write(body.data(), body.size() / 2);
                                      return false;
                                    });
      return;
    case Fault::kTruncated:
      response.set_content(body.substr(0, body.size() / 2), type);
      return;
    case Fault::kHang: {
      std::unique_lock lock(mutex);
      ended.wait_for(lock, std::chrono::seconds(60), [this] { return ending; });
      return;
    }
    case Fault::kHtml:
      response.set_content("<html><body>please log in</body></html>", "text/html");
      return;
  }
}

void FaultFront::State::Answer(const httplib::Request& request, httplib::Response& response) {
  static thread_local std::unique_ptr<httplib::Client> server;
  static thread_local int connected_to = 0;
  if (connected_to != server_port) {
    server = std::make_unique<httplib::Client>("127.0.0.1", server_port);
    server->set_keep_alive(true);
    server->set_tcp_nodelay(true);
    connected_to = server_port;
  }
  const auto answer = server->Get(request.target);
  response.status = answer ? answer->status : 502;
  if (!answer) return;
  const std::string type = answer->get_header_value("Content-Type");
  if (request.path.ends_with("info.json") || ++pictures <= after) {
    response.set_content(answer->body, type);
  } else {
    Break(answer->body, type, response);
  }
}

Result<std::unique_ptr<FaultFront>> FaultFront::Start(int server_port, Fault fault, int after) {
  auto state = std::make_unique<State>();
  state->server_port = server_port;
  state->fault = fault;
  state->after = after;
  state->http.set_tcp_nodelay(true);
  state->http.set_keep_alive_max_count(1'000'000);
  state->http.Get(
      ".*", [raw = state.get()](const httplib::Request& request, httplib::Response& response) {
        raw->Answer(request, response);
      });
  state->port = state->http.bind_to_any_port("127.0.0.1");
  if (state->port <= 0) return Fail(ErrorKind::kIo, "fault front: cannot listen on 127.0.0.1");
  state->thread = std::thread([raw = state.get()] { raw->http.listen_after_bind(); });
  while (!state->http.is_running()) std::this_thread::yield();
  return std::unique_ptr<FaultFront>(new FaultFront(std::move(state)));
}

FaultFront::FaultFront(std::unique_ptr<State> state) : state_(std::move(state)) {}
FaultFront::~FaultFront() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->ending = true;
  }
  state_->ended.notify_all();
  state_->http.stop();
  state_->thread.join();
}
int FaultFront::port() const { return state_->port; }

}  // namespace iiifbench
