// reference_server: our kernels over HTTP, the server that other servers are measured beside.
//
// Standard: IIIF Image API 2.1 under /iiif/2/ and 3.0 under /iiif/3/, level 2, info.json, CORS,
// keep-alive. Every image answer carries `Server-Timing: wait, read, decode, resize, convert,
// encode, total` in milliseconds; Access-Control lets a browser read it. With `truth_file` the
// times go there instead, a line of JSON per answer, and the answer says nothing of them: for
// experiments that must not see them. Errors of a request: 400 syntax or region, 404 identifier,
// 413 too large, 500 damaged source, 501 not offered; the body is one line of text. Threads:
// `workers` requests are rendered at a time, the others wait; each connection has its own thread
// and buffers.
#pragma once

#include <memory>
#include <string>

#include "harness/servers/reference/reference_fault_plan.h"
#include "kernels/iiif/render_plan.h"

namespace iiifbench {

struct ReferenceOptions {
  std::string folder;              // flat folder of sources
  std::string host = "127.0.0.1";  // loopback by default
  int port = 0;                    // 0: any free one
  int workers = 1;
  RenderSettings render;
  std::string truth_file;
  FaultPlan faults;  // what it shall do worse, for experiments; nothing by default
};

class ReferenceServer {
 public:
  // Listens; requests are served on threads of its own.
  static Result<std::unique_ptr<ReferenceServer>> Start(const ReferenceOptions& options);
  ~ReferenceServer();
  int port() const;
  void Wait();  // until Stop
  void Stop();

 private:
  struct State;
  explicit ReferenceServer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace iiifbench
