// scenes: what trap scenarios share: a server with a fault plan on a small page, and a look at it
// by the estimator, which gets a URL and the file behind it and never the plan.
#pragma once

#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "harness/attribution/attribute.h"
#include "harness/http/link_proxy.h"
#include "harness/servers/server.h"
#include "harness/validation/traps/odd_front.h"
#include "harness/validation/traps/traps.h"

namespace iiifbench {

struct Look {
  std::string recipe = "tiff_deflate";
  nlohmann::json faults = nlohmann::json::object();
  std::vector<std::string> requests = {"256,512,256,256/256,/0/default.jpg",
                                       "100,200,500,500/200,/0/default.jpg"};
  std::chrono::nanoseconds one_way_delay{};
  bool other_page = false;     // the estimator is given another page's file
  bool processes = false;      // the estimator may look at the server's processes
  bool server_timing = false;  // the server says its stages
  bool evicted = false;        // the source is taken out of the page cache before
  bool cold_pass = false;      // and once more after
  bool fresh_connections = false;
  bool tls = false;              // a front end with TLS before the server
  double budget = 3;             // seconds of probing
  std::optional<Oddity> before;  // a gateway before the server
};

// A server with its page.
struct Setting {
  std::unique_ptr<RunningServer> server;
  std::string url, source, images;
};

class Scenes {
 public:
  explicit Scenes(std::string folder) : folder_(std::move(folder)) {}
  const std::string& folder() const { return folder_; }
  Result<std::string> File(const std::string& recipe, const std::string& page = "map");
  Result<Setting> Start(const Look& look, int workers = 1);
  // The attribution, or the reason why there is none.
  Result<Attributed> At(const Look& look);

 private:
  std::string folder_;
};

// The first of the findings with one of these ids, caught; or missed.
Said Named(std::span<const Finding> findings, std::initializer_list<FindingName> names);
// A saving whose interval excludes nothing.
Said WhatIfSays(const Attribution& attribution, const std::string& words);
double StageMs(const RequestAttribution& request, Stage stage);
// What the naive fit would have a reader believe of the first request.
std::string NaiveReading(const Attribution& attribution);

// Traps by what is wrong; each file appends its own.
void AddStageTraps(std::vector<Trap>& traps);
void AddAnswerTraps(std::vector<Trap>& traps);
void AddProcessTraps(std::vector<Trap>& traps);
void AddLoadTraps(std::vector<Trap>& traps);
void AddStoreTrap(std::vector<Trap>& traps);
void AddGatewayTraps(std::vector<Trap>& traps);

// What a server without faults is accused of, by the same sentences; empty is right.
Result<std::vector<std::string>> AccuseHealthyServer(Scenes& scenes);

// A trap that a look at one faulty server decides.
std::function<Result<Said>(Scenes&)> By(Look look, std::function<Said(const Attributed&)> says);

}  // namespace iiifbench
