// generate: sends a stream of requests to a server, closed loop or open loop, and keeps what
// happened to each.
//
// Closed loop: n clients, each with one request at a time, due when its last one was done. Open
// loop: due by a rate (arrivals.h) or by a log, whatever the server does. Latency = done - due, so
// that a request which waits for a connection slot has waited. Parts: slot (due until a slot was
// free, or the request before it was done), lag (ours: from then until it was handed to libcurl,
// and the loop turn in which its end was seen: an upper bound of what we add; in an open loop the
// last 0.3 ms before a due time are waited awake, 1 ms with nothing in flight), DNS, connect, TLS,
// first byte (from sent, without the three), body. Standard: libcurl multi over epoll, times of
// libcurl in microseconds. Units: nanoseconds. Memory: one sample per request, and bodies for the
// check up to `keep_bytes`: one in `kept_one_in` answers, doubled whenever they would not fit.
// Errors of requests are samples with a failure; the run ends early on `stop`, when `alive` fails,
// or after 50 failures in a row, or when a closed loop's stream has no more requests; `ended_early`
// says which. Threads: runs on the caller's; `stop` from any.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "kernels/image/result.h"

namespace iiifbench {

// kHttp2: offered by Upgrade (http) or ALPN (https); where it is taken all clients share a
// connection, up to the streams that the server allows; where not, HTTP/1.1 is spoken and
// LoadRun::http_version says so.
enum class ConnectionPolicy { kReuse, kFresh, kHttp2 };
std::string_view PolicyName(ConnectionPolicy policy);  // "reuse", "fresh", "http2"

struct LoadRequest {
  std::string url;
  std::string request_class;
  size_t image = 0;
  std::string path;                             // after the identifier
  std::optional<std::chrono::nanoseconds> due;  // of a log or a plan
  int64_t arrival = -1;                         // its number in a plan
};

struct LoadRun;

// How far a run is, at an instant.
struct RunSoFar {
  std::chrono::nanoseconds measured{};  // since the end of the warm-up
  double in_flight_seconds = 0;         // due and not done, summed over `measured`
  std::chrono::nanoseconds waited{};    // by those in flight, until now
};

struct GenerateOptions {
  std::function<std::optional<LoadRequest>()> next;  // empty: the stream has ended
  int clients = 1;  // closed loop, when rate is 0 and requests have no due
  double rate_per_second = 0;
  bool poisson = true;
  uint64_t seed = 1;  // of the arrivals
  std::chrono::nanoseconds warm_up{};
  std::chrono::nanoseconds duration{};  // after the warm-up
  int slots = 64;                       // connections of an open loop
  ConnectionPolicy policy = ConnectionPolicy::kReuse;
  std::chrono::milliseconds timeout{30000};
  std::vector<std::string> headers;
  std::string ca_file;  // certificates to trust; empty: the system's
  int64_t keep_bytes = int64_t{128} << 20;
  std::function<Result<void>()> alive;  // asked five times a second; may be empty
  // Twice a second and at the end, with all samples so far: for who keeps them. May be empty; what
  // it takes is lag of ours.
  std::function<void(const LoadRun&, const RunSoFar&)> so_far;
  const std::atomic<bool>* stop = nullptr;
};

struct LoadSample {
  std::chrono::nanoseconds due{};  // from the start of the run
  std::chrono::nanoseconds latency{}, slot{}, lag{}, dns{}, connect{}, tls{}, first_byte{}, body{};
  int64_t bytes = 0;
  int32_t request_class = 0;  // index of LoadRun::classes
  int32_t failure = -1;       // index of LoadRun::failures; -1: an answer that looks right
  bool reused = false;
  int64_t arrival = -1;  // of the request
};

// An answer kept for response_check.
struct KeptBody {
  size_t sample = 0;
  size_t image = 0;
  std::string path, content_type;
  std::vector<uint8_t> body;
};

struct LoadRun {
  std::vector<LoadSample>
      samples;  // of requests due after the warm-up, in the order they were done
  std::vector<std::string> classes, failures;
  std::vector<KeptBody> kept;
  int64_t kept_one_in = 1;
  int64_t warm_up_requests = 0;
  // From the end of the warm-up until the last was done, or until it ended early.
  std::chrono::nanoseconds measured{};
  std::chrono::nanoseconds asked{};  // how long it should have measured; 0: not said
  double mean_in_flight = 0;         // due and not done, averaged over `measured`
  int64_t not_answered = 0;          // due, and not done when the run ended
  // What those had waited by the end of `measured`: in flight, and in no sample.
  std::chrono::nanoseconds not_answered_waited{};
  std::string http_version;  // spoken: "1.1", "2"
  std::string ended_early;   // why; empty: it did not
};

LoadRun Generate(const GenerateOptions& options);

}  // namespace iiifbench
