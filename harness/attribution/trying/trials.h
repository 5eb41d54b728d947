// trials: the state that all kinds of trials share: the server as it is, the requests of interest
// in kernels of their own, and how a change is measured. One instance per attributed image; the
// files beside this one hold one kind of change each.
#pragma once

#include <deque>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "harness/attribution/trying/predict.h"
#include "harness/attribution/trying/trial.h"
#include "harness/http/client.h"

namespace iiifbench {

// A request of interest.
struct Asked {
  Case now;       // in the trials' costs
  Ground ground;  // but for the latency, which is measured before each prediction
  double usual_ms = 0;
};

// Two URLs to be compared: before and after.
struct Attempt {
  std::string kind, words, url_now, url_new;
  bool same_picture = false;  // the answers are compared too
  // One that changes nothing, for the noise of a trial; empty: url_now again.
  std::string url_same = {};
};

class Trials {
 public:
  Trials(const TrialOptions& options, Observed& o, Attribution& a);
  void Run();

 private:
  // Kinds of changes.
  void Requests();
  void Sources();
  void Sidecar();
  void Quality();
  void Cache();
  void Repairs();
  void Workers();
  double ProcessorMs(const Asked& asked) const;  // of all its processes and threads; 0: not seen

  bool Stopped() const { return options_.stop != nullptr && options_.stop->load(); }
  void Say(const std::string& line) const {
    if (options_.progress) options_.progress("trying: " + line);
  }
  void NotOffered(const std::string& kind, const std::string& reason) {
    a_.not_offered.push_back({kind, reason});
  }
  std::string file() const;
  std::string UrlOf(const RunningServer& server, const std::string& file,
                    const std::string& path) const {
    return server.ImageUrl(file) + "/" + path;
  }
  // With its latency at this moment, before anything is changed.
  Ground GroundNow(const Asked& asked);
  Prediction Predict(const Asked& asked, const PlannedChange& change) {
    return PredictChange(GroundNow(asked), asked.now, change, *a_.model, costs_,
                         o_.foreign_encoder);
  }
  // The server's fit of a smaller picture in another format, which stands for the source in it;
  // nothing where it cannot be had.
  std::optional<FittedModel> FitOfStandIn(const Codec& codec, const Recipe& recipe,
                                          ConstPixelView picture);
  // Asks both in turn, and what is unchanged twice, and records predicted beside measured.
  void Measure(const Asked& asked, const Attempt& attempt, const Prediction& predicted);
  void Record(WhatIf what);
  Result<std::unique_ptr<RunningServer>> Another(
      const std::string& name, const std::function<void(ServerSettings&)>& change) const;
  // The reference server's fault plan as it was started, and an instance with another.
  nlohmann::json Plan() const;
  Result<std::unique_ptr<RunningServer>> WithPlan(const std::string& name,
                                                  const nlohmann::json& plan) const;
  void Warm(const RunningServer& server);
  // A changed instance against one that is as fresh and unchanged, for all requests that `predict`
  // has a change for.
  void CompareInstances(const std::string& kind, const std::string& words,
                        Result<std::unique_ptr<RunningServer>> changed,
                        const std::function<std::optional<Prediction>(const Asked&)>& predict);

  const TrialOptions& options_;
  Observed& o_;
  Attribution& a_;
  ApiVersion version_ = ApiVersion::k2;
  KernelCosts costs_;  // of the trials alone
  std::deque<Asked> asked_;
  std::unique_ptr<RunningServer> control_, same_;  // unchanged, both
  Client client_;
};

double Milliseconds(const Exchange& exchange);

}  // namespace iiifbench
