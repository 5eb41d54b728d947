// iiifbench attribute --write-plan, --plan: images fixed in a file, and the part of one shard.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "data/built_from.h"
#include "data/command_line.h"
#include "data/corpus.h"
#include "harness/cli/attribute_options.h"
#include "harness/cli/interrupt.h"
#include "harness/cli/output.h"
#include "harness/merge/attribution_shards.h"
#include "harness/report/machine.h"
#include "harness/servers/launch/launch.h"

namespace iiifbench {
namespace {

namespace fs = std::filesystem;

// The images of a plan, as JSON has them: of a list of URLs, or what a server is to serve.
Result<nlohmann::json> ImagesOf(const AttributeOptions& options) {
  nlohmann::json out = nlohmann::json::array();
  const auto add = [&](const std::string& url, const std::string& source) -> Result<void> {
    nlohmann::json image;
    if (!url.empty()) image["url"] = url;
    if (!source.empty()) {
      std::error_code error;
      image["source"] = source;
      image["bytes"] = fs::file_size(source, error);
      if (error) return Fail(ErrorKind::kNotFound, "{}: {}", source, error.message());
    }
    out.push_back(image);
    return {};
  };
  if (!options.server.empty()) {
    const Server* server = FindServer(options.server);
    if (server == nullptr) return ParseChoice(options.server).error();
    const auto sources = SourcesOf(options, *server);
    if (!sources) return sources.error();
    for (const auto& source : *sources) {
      // A page of the corpus lies where this computer keeps it.
      auto added = add({}, source);
      if (!added) return added.error();
      if (options.sources.empty()) out.back()["source"] = fs::path(source).filename().string();
    }
    return out;
  }
  std::ifstream in(options.urls);
  for (std::string line; std::getline(in, line);) {
    while (line.ends_with('\r') || line.ends_with(' ')) line.pop_back();
    if (line.empty()) continue;
    const size_t tab = line.find('\t');
    auto added = add(ImageUrlOf(line.substr(0, tab)),
                     tab == std::string::npos ? std::string() : line.substr(tab + 1));
    if (!added) return added.error();
  }
  return out;
}

}  // namespace

Result<void> WriteAttributionPlan(AttributeOptions& options) {
  for (const auto& [name, given] : {std::pair{"--json", !options.json.empty()},
                                    {"--resume", options.resume},
                                    {"--store", options.store},
                                    {"--place", !options.observe.place.empty()},
                                    {"--manifest", !options.manifest.empty()},
                                    {"URL", !options.given_urls.empty()}}) {
    if (given)
      return Fail(ErrorKind::kBadRequest,
                  "{}: cannot be planned; images come by --urls FILE or "
                  "--server NAME",
                  name);
  }
  if (options.urls.empty() == options.server.empty() ||
      (options.server.empty() && !options.sources.empty()))
    return Fail(ErrorKind::kBadRequest,
                "a plan needs --urls FILE, or --server NAME with its --source or --recipes");
  auto writable = CheckWritable(options.planned.write);
  if (!writable) return writable;
  const auto images = ImagesOf(options);
  if (!images) return images.error();
  if (images->empty()) return Fail(ErrorKind::kBadRequest, "no image to plan");
  std::vector<std::string> requests;
  if (!options.requests.empty()) {
    auto read = ReadRequests(options.requests);
    if (!read) return read.error();
    requests = *read;
  }
  const RunPlan plan = MakeRunPlan(kAttributionPlan, AttributeWords(options),
                                   {{"images", *images}, {"requests", requests}});
  auto written = WriteFile(options.planned.write, JsonText(RunPlanToJson(plan)));
  if (!written) return written;
  Print("{}: plan {}, {} images of {:g} s each\n", options.planned.write, plan.hash, images->size(),
        options.budget);
  return {};
}

Result<int> RunAttributionShard(const AttributeOptions& given, const CLI::App& command) {
  auto beside = RefuseBesidePlan(command, {"--resume", "--yes", "--verbose", "--ca-file"});
  if (!beside) return beside.error();
  const auto shard = TakeShard(given.planned.shard);
  if (!shard) return shard.error();
  const auto plan = ReadRunPlan(given.planned.plan, kAttributionPlan);
  if (!plan) return plan.error();
  AttributeOptions options;
  auto parsed =
      ParseWords(plan->arguments, [&](CLI::App& app) { AddAttributeOptions(app, options); });
  if (!parsed) return parsed.error();
  options.quiet = given.quiet, options.verbose = given.verbose, options.ca_file = given.ca_file;
  options.production.yes = given.production.yes;
  const auto planned = plan->fixed.value("images", nlohmann::json::array());
  try {
    options.observe.requests = plan->fixed.at("requests").get<std::vector<std::string>>();
    nlohmann::json here = plan->fixed;
    if (!options.server.empty()) {
      auto images = ImagesOf(options);
      if (!images) return images.error();
      here["images"] = *images;
    }
    auto same = CheckSame(*plan, here);
    if (!same) return same.error();
  } catch (const nlohmann::json::exception& error) {
    return Fail(ErrorKind::kBadInput, "{}: plan: {}", given.planned.plan, error.what());
  }
  if (shard->index >= std::ssize(planned))
    return Fail(ErrorKind::kBadRequest, "shard {}: the plan has {} images, none for this shard",
                shard->Name(), planned.size());
  const auto folder = ShardFolder(given.out, given.planned.shard, *shard, given.resume);
  if (!folder) return folder.error();
  auto done = AttributedUnits(*folder);
  if (!done) return done.error();
  if (!given.resume && !done->empty())
    return Fail(ErrorKind::kBadRequest, "{}: holds {} images already: --resume, or another --out",
                *folder, done->size());
  options.images =
      PlannedImages{.units = {}, .keep = [&](int64_t unit, const nlohmann::json& result) {
                      done->insert(unit);
                      return AppendAttribution(*folder, unit, result);
                    }};
  std::set<int64_t> ours;
  for (int64_t unit = 0; unit < std::ssize(planned); ++unit)
    if (shard->Has(unit)) ours.insert(unit);
  int status = 0;
  const auto open = [&] {
    std::set<int64_t> left;
    std::ranges::set_difference(ours, *done, std::inserter(left, left.end()));
    return left;
  };
  if (!options.server.empty()) {
    options.images->units = open();
    if (!options.images->units.empty()) status = RunAttribute(options);
  } else {
    for (const int64_t unit : open()) {
      if (interrupted) break;
      const auto& image = planned[static_cast<size_t>(unit)];
      AttributeOptions one = options;
      one.images->units = {unit};
      one.url = image.value("url", "");
      if (image.contains("source")) one.sources = {image.value("source", "")};
      status = std::max(status, RunAttribute(one));
    }
  }
  if (interrupted) return 130;
  const auto left = open();
  auto finished = FinishAttributionShard(*folder, *plan,
                                         {.folder = *folder,
                                          .plan_hash = plan->hash,
                                          .version = std::string(BuiltFrom()),
                                          .shard = *shard,
                                          .host = HostName(),
                                          .time = UtcNow(),
                                          .machine = DescribeMachine(),
                                          .images = std::ssize(*done),
                                          .without = {left.begin(), left.end()}});
  if (!finished) return finished.error();
  Print("shard {} ({}): {} images, {} without a result; saved: {}\n", shard->Name(), shard->from,
        done->size(), left.size(), *folder);
  return status;
}

}  // namespace iiifbench
