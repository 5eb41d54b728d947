// truth: what a test server measured of itself, and how far an attribution is from it.
//
// A server of the proof sends no Server-Timing; it writes one line of JSON per answer to a file
// that the estimator is not told of: {"path", stage: ms ..., "total": ms}. The truth of a request
// is the median of its lines; "overhead" is what is left of the latency that the client saw,
// network and waiting included, because nobody outside can split these at one client. An error is
// the largest |estimated - true| over groups of stages that the attribution does not claim to
// separate, in points of the request's latency. Coverage: how many intervals of stages that stand
// alone hold the truth; a stage that is 0 on both sides is no claim. Beside it stands how wide they
// are (half, in points of the latency): coverage alone can be bought by width.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/attribution/model/attribution.h"

namespace iiifbench {

using Stages = StageMap<double>;  // milliseconds

// path (after the identifier) -> stages and the total, medians.
Result<std::map<std::string, PartMap<double>>> ReadTruth(const std::string& file);

struct StageError {
  std::string stages;  // the worst group: "decode", "decode+overhead"
  double points = 0;   // of the latency, never negative
  double signed_points = 0;
  // True time inside groups of more than one stage (overhead, network, wait count as one).
  double merged_ms = 0;
};
struct Claim {
  Stage stage = Stage::kOverhead;
  bool held = false;
  double half_width = 0;  // of the interval, in points of the latency
};
struct Coverage {
  int claims = 0, held = 0;
  std::vector<Claim> each;
};
Coverage CoverageOf(const RequestAttribution& request, const Stages& truth);
StageError Compare(const Stages& estimated, const std::vector<std::vector<Stage>>& merged,
                   const Stages& truth, double latency_ms);

// What the server does, as Hypothesis names it.
struct TrueStrategy {
  std::string decode, resize, noop_resize;
};
// Of one plan: rows of the requests, verdicts and medians, as the proof's JSON holds them.
nlohmann::json Score(const Attribution& attribution,
                     const std::map<std::string, PartMap<double>>& truth,
                     const TrueStrategy& strategy);
// What was said of the file against the file: {"format": "right", "coding": "not identified", ...},
// "candidates": [[name, error, rejected]].
nlohmann::json ScoreStored(const StoredVerdict& verdict, const std::string& file);

}  // namespace iiifbench
