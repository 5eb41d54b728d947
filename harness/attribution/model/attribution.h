// attribution: the answer: what each request's latency consists of, how the
// server does its work, and how sure that is.
//
// The fit never sees a request of interest; what that took is then shared among its stages
// (request_total.h). Stages of a request: network (measured apart), overhead (the constants), read
// (our own time in read calls within the decode), decode, resize, encode: kernel times the fitted
// multiple; convert is the kernel's own. Intervals are of 95 % and hold what the fit may be wrong
// in (fit/stage_intervals.h). Stages whose time the data leave open by more than 10 points of
// the request, kernels taken for right to a tenth, or whose columns the design cannot tell apart,
// are merged with the one that makes the sum surest. unexplained = measured - sum of the stages. A
// strategy is identified when the best hypothesis of another name is at least 1.5 times worse on
// probes that were left out; the sampler of a resize also by its pixels alone, however short it is.
// Units: milliseconds.
#pragma once

#include <Eigen/Dense>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/attribution/model/hypothesis.h"
#include "harness/attribution/model/latency_part.h"
#include "harness/findings/finding.h"
#include "harness/servers/launch/process_usage.h"

namespace iiifbench {

// A request that several clients ask for at once (evidence/under_load.h).
struct Loaded {
  int clients = 0, answers = 0, failures = 0;
  double latency_ms = 0;  // median
  double service_ms = 0, waiting_ms = 0, low = 0, high = 0;
  double rate_per_second = 0;
  double little = 0;     // rate x mean latency / clients; 1 when nothing is lost
  double at_a_time = 0;  // requests that are served at once
  double run_queue_ms = 0, busy_factor = 1;
  std::vector<Finding> findings;   // workers or cores: what is waited for
  std::optional<Finding> refusal;  // why this is no evidence
};

// Requests and megabytes of 10^6 bytes that went to the store for one request.
struct StoreUse {
  double requests = 0, mb = 0;
};

struct StageEstimate {
  double ms = 0, low = 0, high = 0;
};

struct RequestAttribution {
  std::string path;
  int samples = 0;
  double measured_ms = 0, first_byte_ms = 0;
  double predicted_ms = 0;  // by the fit, which never saw this request
  StageMap<StageEstimate> stages;
  std::vector<std::vector<Stage>> merged;
  StageMap<double> floor_ms;  // our stages for the same request, done in the best way
  double unexplained_ms = 0;
  std::map<std::string, PartMap<double>> methods;  // medians, by method
  std::optional<ProcessUsage> process;             // what the server used for it, medians
  std::optional<StoreUse> store;                   // what it read from its store, medians
  int64_t pixels_decoded = 0, pixels_needed = 0, pixels_out = 0;
  std::optional<Loaded> loaded;  // when several clients ask at once
};

struct StrategyVerdict {
  std::string stage, name, runner_up;
  std::vector<std::string> aliases;  // other names for the same work on this image
  bool identified = false;
  bool by_pixels = false;                 // identified whatever the times say
  double error = 0, runner_up_error = 0;  // relative, of probes left out
};

// A change, its saving by prediction, and what it is one of ("pyramid", "index sidecar":
// not_offered.h).
struct WhatIf {
  std::string path, change, kind = {};
  double saves_ms = 0, low = 0, high = 0;
  // Where it was tried: medians of the request before and after the change, and the least saving
  // that the trial could tell from none (by two arms that both changed nothing).
  std::optional<double> tried_saves_ms, tried_before_ms, tried_after_ms;
  double noise_ms = 0;
  std::string unknown = {};  // why the saving is a range: saves_ms is then its lower end
  bool under_load = false;   // of requests that wait for one another: part of tried_before_ms

  // The interval does not hold 0: a saving is claimed.
  bool claimed() const { return low > 0; }
  // It is no wider than the saving either. A range is sure of its lower end.
  bool sure() const {
    return claimed() && (unknown.empty() ? high - low <= saves_ms : saves_ms <= 2 * low);
  }
};

// What is said of the file behind a URL that was not at hand (fit/stored_format.h).
struct StoredField {
  std::string what;   // "format", "coding", "levels", "tile"
  std::string value;  // empty: not identified
  bool identified = false;
  std::vector<std::string> candidates = {};
  std::string by = {};  // what gave it away, or what is missing
};
struct StandInVerdict {
  std::string name;
  std::optional<double> error;  // relative, of probes left out; none: not fitted
  std::string rejected;         // why; empty: it may be the file
};
struct StoredVerdict {
  std::string fetched;  // what was fetched
  std::vector<StoredField> fields;
  std::vector<StandInVerdict> candidates;
  std::vector<std::string> cannot_say;  // each with its reason
  std::string next = {};                // a command that would tell more; empty: none
};

// A kind of change that is no line among the what-ifs, and why.
struct NotOffered {
  std::string kind, reason;
};

// The fit that the stages stand on, for predictions of other work.
struct FittedModel {
  Hypothesis hypothesis;
  Eigen::VectorXd beta;                     // of the hypothesis' columns
  std::vector<Eigen::VectorXd> replicates;  // of the bootstrap
  double error = 0;                         // relative, of probes left out
  // How the decoder may work: the hypothesis' habit, and others that explain the probes nearly as
  // well.
  std::vector<DecodeHabit> rivals = {};
  bool decode_identified = false;
};

struct Attribution {
  std::string url, codec, source, sentence;
  std::vector<RequestAttribution> requests;
  size_t about = 0;  // the number of the request that the sentence is about
  std::vector<StrategyVerdict> strategy;
  StageMap<StageEstimate> multiples;  // of our kernels: decode, resize, encode
  std::vector<WhatIf> what_ifs;       // ranked by saving
  std::vector<NotOffered> not_offered;
  std::vector<Finding> findings, refusals;
  std::optional<StoredVerdict> stored;  // where the file was not at hand
  std::optional<FittedModel> model;     // absent where nothing could be fitted
  std::vector<double> predicted_ms;     // by the fit, of every case of the observations
  double fit_error = 0, condition = 0;
  std::optional<double> geometric_error, naive_error;  // none: not defined for these hypotheses
};

}  // namespace iiifbench
