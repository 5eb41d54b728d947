// reference_server: our kernels over HTTP, the server that other servers are measured beside.
//
// Standard: IIIF Image API 2.1 under /iiif/2/ and 3.0 under /iiif/3/, level 2, info.json, CORS,
// keep-alive. The orientation that EXIF or TIFF may record is not applied: pixels are answered as
// they are stored, and info.json has their size. Every image answer carries `Server-Timing: wait,
// read, decode, resize, convert, encode, total` in milliseconds; Access-Control lets a browser read
// it. With `truth_file` the times go there instead, a line of JSON per answer, and the answer says
// nothing of them: for experiments that must not see them.
//
// Errors of a request: 400 syntax or region, 404 identifier (also for what is no regular file or
// lies outside the folder), 413 too large, 500 damaged source, 501 not offered, 503 beyond capacity
// or time, and those of http/listener.h; the body is one line of text without paths of the disk.
// Threads: `workers` requests are rendered at a time, the others wait. Memory: the buffers of
// `workers` threads, which a request above kKeptBytes takes with it; what malloc keeps of its
// arenas (glibc: up to 64 MB each) is not counted.
#pragma once

#include <memory>
#include <string>

#include "harness/servers/reference/http/listener.h"
#include "harness/servers/reference/reference_fault_plan.h"
#include "kernels/iiif/render_plan.h"

namespace iiifbench {

struct ReferenceOptions {
  std::string folder;              // flat folder of sources
  std::string host = "127.0.0.1";  // loopback by default
  int port = 0;                    // 0: any free one
  int workers = 1;
  RenderSettings render;              // its max_output_pixels is info.json's maxArea
  int max_width = 0, max_height = 0;  // of an answer; 0: only max_output_pixels
  http::Limits limits;
  std::string truth_file;
  FaultPlan faults;  // what it shall do worse, for experiments; nothing by default
};

class ReferenceServer {
 public:
  // Decoded or written pixels of one request; above it the thread's buffers are released.
  static constexpr int64_t kKeptBytes = int64_t{32} << 20;
  // Listens; requests are served on threads of its own.
  static Result<std::unique_ptr<ReferenceServer>> Start(const ReferenceOptions& options);
  ~ReferenceServer();
  int port() const;
  void Wait();  // until Stop
  void Stop();
  // Whether work under way has ended within `patience` after Stop. A single call of OpenJPEG or
  // libwebp cannot be called off; a program may exit all the same.
  bool StoppedWithin(std::chrono::milliseconds patience);

 private:
  struct State;
  explicit ReferenceServer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace iiifbench
