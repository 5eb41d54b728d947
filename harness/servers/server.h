// Server: one IIIF image server program as a row of data with functions; the registry of all of
// them.
//
// Adding a server is one file harness/servers/<name>.cc that ends in `const Server <name>_server =
// {...}` and one word in IIIFBENCH_SERVERS. The harness discovers installed programs; it never
// builds one.
//
// Settings. `ServerSettings` is what we ask for; `RunningServer::intended` is what the server was
// told, in its words; `behaviour` is what its log says of it. Memory and processes: a RunningServer
// owns its child processes, its temporary folder and ends both. Errors: kNotFound with the one
// thing to do to get the program; kIo when it does not become ready, with the last lines of its
// log.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/codecs/codec.h"
#include "kernels/iiif/image_request.h"
#include "kernels/image/stage.h"

namespace iiifbench {

struct ServerSettings {
  std::string image_folder;  // flat folder of sources
  std::string run_folder;    // configuration, logs; made when absent
  int workers = 1;
  int threads = 1;
  int jpeg_quality = 90;
  int log_verbosity = 0;  // 5: whatever the server can say about its stages
  std::map<std::string, std::string>
      options;  // server specific: {"processor", "turbojpeg"}, {"url", ...}
  std::string
      engine;  // docker or podman: runs the published image of what is not installed; empty: none
  const std::atomic<bool>* stop = nullptr;  // ends what takes long before a server runs
};

// Where a program was found and what it is.
struct Installation {
  std::string program;
  std::string version;
};

// What the server's log says about one request.
struct LoggedRequest {
  std::string path;  // as logged
  StageTimes stages;
  std::chrono::nanoseconds total{};
};

class RunningServer {
 public:
  virtual ~RunningServer() = default;  // ends the server
  // The IIIF base URL of a source file: "http://127.0.0.1:8080/iiif/2/page.tif".
  virtual std::string ImageUrl(std::string_view file_name) const = 0;
  virtual std::vector<int> ProcessIds() const = 0;  // of the server proper, front end last
  // The log entries written since the last call, oldest first; empty when the server logs none.
  virtual std::vector<LoggedRequest> TakeLog() = 0;
  virtual std::string LastLogLines(int lines) const = 0;
  // Asks whether all processes still live; the error names the one that died and how.
  virtual Result<void> Check() = 0;
  // What its log says of the settings it works with, by the names of `intended`; empty when it logs
  // none.
  virtual std::map<std::string, std::string> Behaviour() const { return {}; }
  std::map<std::string, std::string>
      intended;  // settings as told to the server; a study reads them back
  Installation installation;
  std::vector<std::string> headers;  // to be sent with every request; never recorded
};

// Its image as published by those who make the server, for `--engine` (launch/container.h). What
// cannot be set by its environment is as in the image: `intended` says so.
struct ContainerImage {
  std::string_view name;    // "iipsrv/iipsrv"
  int port = 80;            // that it listens on, inside
  std::string_view path;    // of its URLs, before identifiers: "/iiif/"
  std::string_view images;  // folder that it reads: the sources are mounted there, read-only
  std::map<std::string, std::string> (*environment)(const ServerSettings& settings);
  std::map<std::string, std::string> (*intended)(const ServerSettings& settings);
  // As SpawnPlan's; may be null.
  std::vector<LoggedRequest> (*parse_log)(std::string_view text) = nullptr;
  std::map<std::string, std::string> (*parse_behaviour)(std::string_view text) = nullptr;
};

struct Server {
  std::string_view name;       // "iipsrv": part of results, stable
  std::string_view title;      // "IIPSrv"
  ApiVersion version = {};     // of the requests it is sent
  std::string_view full_size;  // how "all pixels" is spelled: "full" or "max"
  Result<Installation> (*find)();
  // Empty: it takes this recipe. Otherwise the reason why not: "refuses JPEG sources (400)".
  std::string (*refuses)(const Recipe& recipe);
  Result<std::unique_ptr<RunningServer>> (*start)(const ServerSettings& settings);
  // Its answers were made beforehand: it is measured only when named, our kernels are no floor for
  // it, and it competes with no server that computes.
  bool precomputed = false;
  const ContainerImage* published = nullptr;  // null: none
};

std::span<const Server* const> Servers();
const Server* FindServer(std::string_view name);

}  // namespace iiifbench
