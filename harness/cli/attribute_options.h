// attribute_options: what `iiifbench attribute` is asked to do, and the words that ask for it
// again.
//
// Units: milliseconds and seconds, as on the command line. Errors: kNotFound and kBadRequest, of
// --requests.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "harness/attribution/observe/observe.h"
#include "harness/cli/planned.h"
#include "harness/cli/production.h"
#include "harness/servers/server.h"

namespace iiifbench {

// Images of a plan that are this process's.
struct PlannedImages {
  std::set<int64_t> units;  // by their number in the list; the others are left out
  std::function<Result<void>(int64_t unit, const nlohmann::json& result)> keep;
};

struct AttributeOptions {
  ObserveOptions observe;
  // The first of `given_urls`; a manifest's pages come after them.
  std::string url, manifest;
  std::vector<std::string> given_urls;
  std::string server, engine, requests, json, ca_file;
  std::vector<std::string> sources, recipes;
  double budget = 60;
  bool store = false;
  double store_delay = 2;  // milliseconds each way
  int levels = 0;
  bool small = false, quiet = false, verbose = false, profile = true, attempt = false,
       interpose = false, resume = false, without_source = false;
  int clients = 0;
  double link_ms = 0, link_mbit = 0;
  ProductionOptions production;
  PlanFlags planned;
  std::string urls, out;  // of --write-plan, of --plan
  std::optional<PlannedImages> images;
  std::map<std::string, std::string> server_options;
  std::vector<std::string> given_options;
};

// The files that a started server shall serve: those given, or the corpus.
Result<std::vector<std::string>> SourcesOf(const AttributeOptions& options, const Server& server);
void AddAttributeOptions(CLI::App& command, AttributeOptions& options);
// One run; the exit status.
int RunAttribute(AttributeOptions& options);

// --write-plan: the words and the images into a file.
Result<void> WriteAttributionPlan(AttributeOptions& options);
// --plan: this shard's images, each kept when it is done; the exit status.
Result<int> RunAttributionShard(const AttributeOptions& given, const CLI::App& command);

// One path, or URL below `image_url`, per line; empty lines and those that begin with # are left
// out. Errors name the line.
Result<std::vector<std::string>> ReadRequests(const std::string& path,
                                              const std::string& image_url = {});
// The URL of an image: without "/info.json" and slashes at its end.
std::string ImageUrlOf(std::string url);

// The file beside --json that answers go to while it runs; empty where there is none.
std::string AnswersFile(const std::string& json);

// The words that ask for a run again, with every source.
std::vector<std::string> AttributeWords(const AttributeOptions& options);
// The command that reproduces a run, without where its results went.
std::string AttributeCommand(const AttributeOptions& options, const std::string& source);

}  // namespace iiifbench
