// study: servers x recipes x request classes, each latency beside the floor of the same request.
//
// Design: one client over keep-alive, randomised rounds after a warm-up that ends when two windows agree. In
// every round each request is sent once and then rendered once in process, so that server and floor see the
// same machine; both answers are kept apart. Every body is decoded and compared. Over a link with delay the
// same rounds follow without a floor of their own: theirs is that of the same cell on loopback. Every sample
// is appended to `samples_file` as soon as it is measured, so a stop, a dying machine or a full disk loses at
// most one, and `resume` goes on from there. Units: milliseconds in results. Ends early on `stop` and keeps
// what was measured.
#pragma once

#include <atomic>
#include <chrono>
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
  bool founding = false;              // the founding study's operations instead of the request classes
  std::vector<double> links_ms;       // beside loopback: round trips of links with delay
  int64_t link_bytes_per_second = 0;  // of each; 0: unlimited
  // 0: none. Shared equally by what is still to be measured; no round begins that would end after its share.
  std::chrono::duration<double> budget{};
  std::string samples_file;  // JSON lines (sample_log.h); empty: none
  std::string command;       // as given; a run is resumed with the same one only
  bool resume = false;
  std::function<void(const std::string&)> progress;
  const std::atomic<bool>* stop = nullptr;
};

constexpr std::string_view kLoopback = "loopback";

struct StudyCell {
  std::string server, recipe, request_class, page, path;
  std::string link = std::string(kLoopback);  // or "46 ms"
  std::string status = "not measured";        // "measured", or why not
  std::vector<double> total_ms, first_byte_ms, floor_ms, server_ms;
  std::map<std::string, std::vector<double>> stages_ms, floor_stages_ms;
  std::string stage_source;  // "server-timing", "log" or empty
  int64_t bytes = 0;
  double psnr = 0;
  int wrong = 0;                   // answers that failed the check
  std::string detail;    // of the answer
  std::string settings;  // of the encoder, as the answer tells them: "q90 4:2:0"
  std::vector<std::string> traps;  // why it is not the same work as others' (answer_traps.h)
};

inline bool SameCell(const StudyCell& a, const StudyCell& b) {
  return a.server == b.server && a.recipe == b.recipe && a.request_class == b.request_class &&
         a.page == b.page && a.link == b.link;
}

struct StudyServer {
  std::string name, title, version, status;
  std::map<std::string, std::string> effective;
};

struct Study {
  std::vector<StudyServer> servers;
  std::vector<StudyCell> cells;
  std::vector<std::string> not_reportable;  // reasons; empty: REPORTABLE
  std::string failure;  // why it ended early beside `stop`: a samples file that cannot be written
  int sittings = 1;     // 1 + times it was resumed
  bool complete = false;
};

Result<Study> RunStudy(const StudyOptions& options);

// Rules that a study can break by what it measured: drift, wrong answers, a missing version, too few samples
// for an interval. Each reason names what and by how much.
std::vector<std::string> BrokenRules(const Study& study);

}  // namespace iiifbench
