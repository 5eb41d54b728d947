// study: servers x recipes x request classes, each latency beside the floor of the same request.
//
// Design: one client over keep-alive, randomised rounds after a warm-up that ends when two windows agree. In
// every round each request is sent once and then rendered once in process, so that server and floor see the
// same machine; both answers are kept apart. Every body is decoded and compared. Units: milliseconds in
// results. Ends early on `stop` and keeps what was measured.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "data/corpus.h"
#include "harness/servers/server.h"
#include "harness/stats/quantile.h"

namespace iiifbench {

constexpr int kStudySchema = 1;

struct StudyOptions {
  CorpusOptions corpus;
  std::vector<std::string> servers;  // empty: all that are registered
  int rounds = 15;
  uint64_t seed = 1;
  std::string run_folder;  // configurations and logs of the servers
  int jpeg_quality = 90;
  std::function<void(const std::string&)> progress;
  const std::atomic<bool>* stop = nullptr;
};

struct StudyCell {
  std::string server, recipe, request_class, page, path;
  std::string status = "not measured";  // "measured", or why not
  std::vector<double> total_ms, first_byte_ms, floor_ms, server_ms;
  std::map<std::string, std::vector<double>> stages_ms, floor_stages_ms;
  std::string stage_source;  // "server-timing", "log" or empty
  int64_t bytes = 0;
  double psnr = 0;
  int wrong = 0;       // answers that failed the check
  std::string detail;  // of the answer
};

struct StudyServer {
  std::string name, title, version, status;
  std::map<std::string, std::string> effective;
};

struct Study {
  std::vector<StudyServer> servers;
  std::vector<StudyCell> cells;
  std::vector<std::string> not_reportable;  // reasons; empty: REPORTABLE
  bool complete = false;
};

Result<Study> RunStudy(const StudyOptions& options);

}  // namespace iiifbench
