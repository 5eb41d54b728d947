// client: one connection to a server by libcurl, and the instants of each exchange.
//
// Instants: due (when the request should have been sent), sent, first byte, done; latency = done -
// due. DNS, connect and TLS are apart, and so is our own lag. Units: std::chrono::nanoseconds;
// instants of the steady clock. Errors: in Exchange::error (connection refused, timed out, cut),
// never as a latency. Threads: one Client per thread.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kernels/image/stage.h"

namespace iiifbench {

// More than this of one answer is not taken: a body that never ends would fill the memory.
constexpr int64_t kMostAnswerBytes = 256'000'000;

struct Exchange {
  std::string url;
  long status = 0;
  std::string error;    // of the transfer; empty when an answer came whole
  std::string failure;  // its kind (http/failure_kind.h): "timed out", "cut off"
  std::string content_type;
  std::string server_timing;  // the header as sent
  std::string location;       // of a redirection
  std::string retry_after;    // as sent: seconds or a date
  std::string authenticate;   // WWW-Authenticate
  std::string cache;          // what caches say: "Age: 12, X-Cache: HIT, Via: 1.1 cdn"
  bool from_cache = false;    // and by that a cache answered, not the server
  bool closes = false;        // the server ends the connection after this answer
  std::vector<uint8_t> body;
  std::chrono::steady_clock::time_point due, sent, first_byte, done;
  // Of the body; the head may come long before, while the picture is still being made.
  std::chrono::steady_clock::time_point first_body_byte;
  std::chrono::nanoseconds dns{}, connect{}, tls{};
  std::chrono::nanoseconds lag{};  // ours: due until handed to libcurl, and its end until we saw it
  bool reused = false;             // the connection was open before

  std::chrono::nanoseconds latency() const { return done - due; }
};

// From now on every transfer of this process ends within a tenth of a second after `*stop` becomes
// true, beside the one of its options; null: none does.
void StopTransfersWhen(const std::atomic<bool>* stop);

// "Name: value" lines of the environment variable IIIFBENCH_HEADERS and of the file that
// IIIFBENCH_HEADER_FILE names, where secrets belong. A file that cannot be read gives none.
std::vector<std::string> HeadersOfEnvironment();

// What we call ourselves where no header says otherwise: "iiifbench/0.1".
std::string UserAgent();

// `given`, or IIIFBENCH_CA_FILE; empty: the system's.
std::string CertificatesToTrust(const std::string& given);

struct ClientOptions {
  std::chrono::milliseconds timeout{60000};
  std::vector<std::string> headers;  // "Name: value"
  bool keep_alive = true;
  std::string ca_file;  // certificates to trust; empty: the system's, or $IIIFBENCH_CA_FILE
  const std::atomic<bool>* stop = nullptr;  // ends a transfer within a tenth of a second
};

class Client {
 public:
  explicit Client(const ClientOptions& options = {});
  ~Client();
  // Due now, or when courtesy.h lets it.
  Exchange Get(const std::string& url);
  // Due then, whatever courtesy.h says.
  Exchange Get(const std::string& url, std::chrono::steady_clock::time_point due);

 private:
  struct Handle;
  std::unique_ptr<Handle> handle_;
  ClientOptions options_;
};

// Stages in a Server-Timing header ("decode;dur=1.5, encode;dur=2"), and its "total" when it has
// one.
struct ServerTiming {
  StageTimes stages;
  std::vector<Stage> named;
  std::optional<std::chrono::nanoseconds> total;
};
ServerTiming ParseServerTiming(const std::string& header);

}  // namespace iiifbench
