// study: servers x recipes x request classes, each latency beside the floor of the same request.
//
// Design: blocks. Recipe by recipe, all servers that take it are started and stay up, each with one
// client over keep-alive for loopback and for every link. After a warm-up that ends when two
// windows agree come the rounds: in each, all requests (page x class x link) in random order; for
// each request, all servers and our own kernels (the floor) in random order, once. So the answers
// of a round are paired: a drift of the machine meets all of them alike, on loopback as over a
// link. That the servers which wait do not disturb is measured. Every body is decoded and compared.
// Each answer is appended to `samples_file` when it has come, so a stop, a killed process or a full
// disk loses at most the request in flight, and `resume` goes on from there. Units: milliseconds in
// results. Ends early on `stop` and keeps what was measured.
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
#include "harness/findings/cell_status.h"
#include "harness/findings/finding.h"
#include "harness/servers/server.h"
#include "harness/stats/quantile.h"
#include "harness/study/units.h"
#include "kernels/image/stage_map.h"

namespace iiifbench {

constexpr int kStudySchema = 1;

struct StudyOptions {
  CorpusOptions corpus;
  std::vector<std::string> servers;  // launch.h's grammar; empty: all that are registered
  int rounds = 15;
  uint64_t seed = 1;
  StudyPart part;          // of the units that this process asks (units.h)
  std::string run_folder;  // configurations and logs of the servers
  int jpeg_quality = 90;
  std::chrono::milliseconds timeout{60000};  // of a request
  std::string engine;     // docker or podman, for servers that are not installed; empty: none
  bool founding = false;  // the founding study's operations instead of the request classes
  std::vector<double> links_ms;       // beside loopback: round trips of links with delay
  int64_t link_bytes_per_second = 0;  // of each; 0: unlimited
  // 0: none. Shared by the recipes, by requests and decoding time (running/budget.h); what does not
  // fit is said before the rounds of a recipe and has the status kLeftOut. After the first, no
  // round begins that would end after its share, of which warming up may take three quarters.
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
  CellState state;                            // measured, or why not
  std::vector<int> rounds;                    // of each sample: what was measured in one block
  std::vector<double> total_ms, first_byte_ms, floor_ms, server_ms;
  std::vector<double> lag_ms;  // ours, inside total_ms
  StageMap<std::vector<double>> stages_ms, floor_stages_ms;
  std::string stage_source;  // "server-timing", "log" or empty
  int64_t bytes = 0;
  double psnr = 0;
  int wrong = 0;                        // answers that came whole and failed the check
  std::map<std::string, int> failures;  // requests without one, by kind (http/failure_kind.h)
  std::string detail;                   // of the answer
  std::string rounding;  // of its size, where it is not ours: "height 187 is the floor of 187.5"
  std::string change;    // the right picture, but: "a stamp or a damage in 7% of the area"
  std::string doubt;     // neither right nor wrong: "cannot tell: the picture is flat, ..."
  std::string settings;  // of the encoder, as the answer tells them: "q90 4:2:0"
  std::vector<Finding> traps;  // why it is not the same work as others' (answer_traps.h)
};

inline bool SameCell(const StudyCell& a, const StudyCell& b) {
  return a.server == b.server && a.recipe == b.recipe && a.request_class == b.request_class &&
         a.page == b.page && a.link == b.link;
}

struct StudyServer {
  std::string name, title, version, status;
  std::map<std::string, std::string> intended;   // what it was told
  std::map<std::string, std::string> effective;  // what its answers show (effective/read_back.h)
  std::vector<Finding> differences;              // between the two
  std::optional<double> idle_cpu;  // of one core, while it was not asked; the most that was seen
};

struct Study {
  std::vector<StudyServer> servers;
  std::vector<StudyCell> cells;
  std::vector<Finding> not_reportable;  // reasons; empty: REPORTABLE
  std::string failure;  // why it ended early beside `stop`: a samples file that cannot be written
  std::vector<std::string> died;  // servers that ended by themselves, and how
  int sittings = 1;               // 1 + times it was resumed
  bool complete = false;
};

Result<Study> RunStudy(const StudyOptions& options);

// What touches a study as a whole: nothing was measured, no cell stands (standing.h), servers drift
// (drift.h), answers were wrong, no picture could be judged, requests failed, a version is missing,
// settings are not those asked for, a server works while it is not asked (5 % of a core). Each
// reason names what and by how much.
std::vector<Finding> BrokenRules(const Study& study);
std::string RowName(const StudyCell& cell);  // "iipsrv tiff_deflate crop over 46 ms"
// One reason of at most `most` of many, so that a bad run does not bury its other reasons.
void AddSome(FindingName name, const std::string& what, const std::vector<std::string>& cells,
             std::vector<Finding>& reasons, size_t most = 4);

}  // namespace iiifbench
