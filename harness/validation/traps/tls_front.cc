#include "harness/validation/traps/tls_front.h"

#include <httplib.h>

#include <filesystem>
#include <thread>

#include "harness/servers/launch/process.h"

namespace iiifbench {

struct TlsFront::State {
  std::string certificate;
  std::unique_ptr<httplib::SSLServer> http;
  std::thread thread;
  int port = 0;
};

Result<OwnCertificate> MakeCertificate(const std::string& folder) {
  if (FindProgram("openssl").empty())
    return Fail(ErrorKind::kNotFound, "a TLS front end needs openssl: apt-get install openssl");
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  OwnCertificate own{.certificate = folder + "/front.crt", .key = folder + "/front.key"};
  OutputOf({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
            "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
            "subjectAltName=IP:127.0.0.1,DNS:localhost", "-keyout", own.key, "-out",
            own.certificate});
  if (!std::filesystem::exists(own.certificate))
    return Fail(ErrorKind::kIo, "{}: no certificate was made", own.certificate);
  return own;
}

Result<std::unique_ptr<TlsFront>> TlsFront::Start(const std::string& folder, int server_port) {
  const auto own = MakeCertificate(folder);
  if (!own) return own.error();
  auto state = std::make_unique<State>();
  state->certificate = own->certificate;
  state->http = std::make_unique<httplib::SSLServer>(own->certificate.c_str(), own->key.c_str());
  if (!state->http->is_valid())
    return Fail(ErrorKind::kIo, "{}: not taken as a certificate", state->certificate);
  state->http->set_keep_alive_max_count(1000000);
  state->http->set_keep_alive_timeout(60);
  state->http->set_tcp_nodelay(true);
  state->http->Get(".*",
                   [server_port](const httplib::Request& request, httplib::Response& response) {
                     static thread_local std::unique_ptr<httplib::Client> server;
                     if (!server) {
                       server = std::make_unique<httplib::Client>("127.0.0.1", server_port);
                       server->set_keep_alive(true);
                       server->set_tcp_nodelay(true);
                     }
                     const auto answer = server->Get(request.target);
                     response.status = answer ? answer->status : 502;
                     if (answer)
                       response.set_content(answer->body, answer->get_header_value("Content-Type"));
                   });
  state->port = state->http->bind_to_any_port("127.0.0.1");
  if (state->port <= 0) return Fail(ErrorKind::kIo, "TLS front end: cannot listen on 127.0.0.1");
  state->thread = std::thread([http = state->http.get()] { http->listen_after_bind(); });
  while (!state->http->is_running()) std::this_thread::yield();
  return std::unique_ptr<TlsFront>(new TlsFront(std::move(state)));
}

TlsFront::TlsFront(std::unique_ptr<State> state) : state_(std::move(state)) {}
TlsFront::~TlsFront() {
  state_->http->stop();
  state_->thread.join();
}
int TlsFront::port() const { return state_->port; }
const std::string& TlsFront::certificate() const { return state_->certificate; }

}  // namespace iiifbench
