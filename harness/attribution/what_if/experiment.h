// experiment: what all experiments with a server share: the server as it is, the held-out requests
// in kernels of their own, and how an intervention is measured against its prediction.
//
// One Experiment per attributed image. Each Try... function makes one kind of change; what came of
// it is in what it returns. Units: milliseconds. Threads: none but those that a function ends.
#pragma once

#include <deque>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "harness/attribution/what_if/predict.h"
#include "harness/attribution/what_if/try_changes.h"
#include "harness/http/client.h"
#include "harness/stats/milliseconds.h"

namespace iiifbench {

// A request that stages are wanted for.
struct HeldOutRequest {
  Case now;           // in the experiment's costs
  Baseline baseline;  // but for the latency, which is measured before each prediction
  double usual_ms = 0;
};

// Two URLs to be compared: before and after.
struct Intervention {
  std::string kind, words, url_now, url_new;
  bool same_picture = false;  // the answers are compared too
  // One that changes nothing, for the noise of the comparison; empty: url_now again.
  std::string url_same = {};
};

struct Experiment {
  const ExperimentOptions& options;
  const Observed& observed;
  const FittedModel& model;
  Client client;
  ApiVersion version = ApiVersion::k2;
  KernelCosts costs = {};  // of the experiments alone
  std::deque<HeldOutRequest> requests = {};
  std::unique_ptr<RunningServer> control = {}, same = {};  // unchanged instances, once needed
};
// Fills `requests`; works of `experiment.costs` hold its address.
void PrepareRequests(Experiment& experiment);

// What came of an experiment.
struct Tried {
  std::vector<WhatIf> what_ifs;
  std::vector<NotOffered> not_offered;

  Tried& Not(const std::string& kind, const std::string& reason) {
    not_offered.push_back({kind, reason});
    return *this;
  }
};

// The same picture asked for in another way.
Tried TryOtherRequests(Experiment& experiment);
// The source stored in another way, placed beside it.
Tried TryOtherSources(Experiment& experiment);
// An index beside a JPEG.
Tried TrySidecar(Experiment& experiment);
// Settings, each on a second instance of the server.
Tried TryLowerQuality(Experiment& experiment);
Tried TryCache(Experiment& experiment);
Tried TryRepairs(Experiment& experiment);
// More workers, for several clients at once.
Tried TryMoreWorkers(Experiment& experiment);

inline bool Stopped(const Experiment& experiment) {
  return experiment.options.stop != nullptr && experiment.options.stop->load();
}
inline void Say(const Experiment& experiment, const std::string& line) {
  if (experiment.options.progress) experiment.options.progress("trying: " + line);
}
std::string FileName(const Experiment& experiment);
inline std::string UrlOf(const RunningServer& server, const std::string& file,
                         const std::string& path) {
  return server.ImageUrl(file) + "/" + path;
}
// With its latency at this moment, before anything is changed.
Baseline BaselineNow(Experiment& experiment, const HeldOutRequest& request);
Prediction Predict(Experiment& experiment, const HeldOutRequest& request,
                   const PlannedChange& change);
// The server's fit of a smaller picture in another format, which stands for the source in it;
// nothing where it cannot be had.
std::optional<FittedModel> FitOfProxyImage(Experiment& experiment, const Codec& codec,
                                           const Recipe& recipe, ConstPixelView picture);
// Asks both in turn, and what is unchanged twice: predicted beside measured, into `out`.
void Measure(Experiment& experiment, const HeldOutRequest& request,
             const Intervention& intervention, const Prediction& predicted, Tried& out);
// Another instance of the server, with a changed setting.
Result<std::unique_ptr<RunningServer>> Another(const Experiment& experiment,
                                               const std::string& name,
                                               const std::function<void(ServerSettings&)>& change);
// A fresh instance is asked as far as a process goes that has served before.
void Warm(Experiment& experiment, const RunningServer& server);
// A changed instance against one that is as fresh and unchanged, for all requests that `predict`
// has a change for.
Tried CompareInstances(
    Experiment& experiment, const std::string& kind, const std::string& words,
    Result<std::unique_ptr<RunningServer>> changed,
    const std::function<std::optional<Prediction>(const HeldOutRequest&)>& predict);

}  // namespace iiifbench
