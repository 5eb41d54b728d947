#include "harness/cli/attribute/started_server.h"

#include <algorithm>
#include <filesystem>
#include <numeric>
#include <optional>

#include "data/corpus.h"
#include "harness/attribution/evidence/interpose/interpose.h"
#include "harness/attribution/evidence/store_behind.h"
#include "harness/attribution/findings/pyramid_gap.h"
#include "harness/attribution/observe/observation_log.h"
#include "harness/cli/attribute/one_image.h"
#include "harness/cli/interrupt.h"
#include "harness/cli/output.h"
#include "harness/servers/launch/copied_sources.h"
#include "harness/servers/launch/launch.h"
#include "harness/servers/launch/process.h"

namespace iiifbench {
namespace {

namespace fs = std::filesystem;

// Pages of the corpus are named <page>_<recipe>.
std::string RecipeOf(const AttributeOptions& options, const std::string& source) {
  const std::string stem = fs::path(source).stem();
  return options.sources.empty() ? stem.substr(stem.find('_') + 1) : stem;
}

}  // namespace

// The files that a started server shall serve: those given, or the corpus.
Result<std::vector<std::string>> SourcesOf(const AttributeOptions& options, const Server& server) {
  if (!options.sources.empty()) return options.sources;
  auto corpus = EnsureCorpus({.small = options.small,
                              .recipes = options.recipes,
                              .pages = {"map"},
                              .progress = options.observe.progress});
  if (!corpus) return corpus.error();
  std::vector<std::string> out;
  for (const auto& entry : corpus->entries) {
    const std::string refusal = server.refuses(*FindRecipe(entry.recipe));
    if (refusal.empty()) {
      out.push_back(entry.path);
    } else {
      Print("{}: {}: {}\n", server.title, entry.recipe, refusal);
    }
  }
  return out;
}

int AttributeServer(const AttributeOptions& options, nlohmann::json& all) {
  const Server* server = FindServer(options.server);
  auto fail = [](const Error& error) {
    Complain("iiifbench attribute: {}\n", error.message);
    return 1;
  };
  if (server == nullptr) return fail(ParseChoice(options.server).error());
  auto sources = SourcesOf(options, *server);
  if (!sources) return fail(sources.error());
  std::vector<int64_t> units(sources->size());
  std::iota(units.begin(), units.end(), 0);
  if (options.images) {
    std::vector<std::string> ours;
    units.assign(options.images->units.begin(), options.images->units.end());
    for (const int64_t unit : units) ours.push_back((*sources)[static_cast<size_t>(unit)]);
    *sources = ours;
  }
  // Copies, because the size series is placed beside them.
  auto copies = CopiedSources::Make(*sources);
  if (!copies) return fail(copies.error());
  for (const auto& copy : copies->files()) {
    auto cut = options.levels > 0 ? CutPyramid(copy, options.levels) : Result<void>();
    if (!cut) return fail(cut.error());
  }
  ExperimentOptions experiments;
  experiments.server = server;
  experiments.settings.image_folder = copies->images();
  experiments.settings.run_folder = copies->run();
  experiments.settings.log_verbosity = 5;
  experiments.settings.options = options.server_options;
  experiments.progress = options.observe.progress;
  experiments.stop = &interrupted;
  std::optional<StoreBehind> behind;
  std::vector<std::vector<StoreSample>> store_samples;
  if (options.store) {
    auto can = ReadsFromStore(*server);
    if (!can) return fail(can.error());
    const auto delay = std::chrono::nanoseconds(static_cast<int64_t>(options.store_delay * 1e6));
    auto put = StoreBehind::Put(copies->images(), copies->run() + "/store", delay);
    if (!put) return fail(put.error());
    behind = std::move(*put);
    experiments.settings.options["source-url"] = behind->url();
  }
  experiments.settings.engine = options.engine;
  experiments.settings.stop = &interrupted;
  std::map<std::string, std::string> preload;
  const std::string counters = copies->run() + "/interpose";
  if (options.interpose) {
    std::error_code error;
    fs::create_directories(counters, error);
    auto variables = InterposeEnvironment(counters);
    if (!variables) return fail(variables.error());
    preload = *variables;
  }
  auto running = [&] {
    const InheritedVariables inherited(preload);
    return Launch(*server, experiments.settings);
  }();
  if (!running) return fail(running.error());
  int status = 0;
  for (const auto& source : copies->files()) {
    if (interrupted) break;
    Print("{} {}\n", server->title, fs::path(source).filename().string());
    AttributionOptions steps{.observe = options.observe};
    ObserveOptions& observe = steps.observe;
    observe.url = (*running)->ImageUrl(fs::path(source).filename().string());
    if (!options.without_source) observe.source = source, observe.place = copies->images();
    observe.headers = (*running)->headers;
    observe.running = running->get();
    if (options.interpose) observe.interposed = counters;
    observe.tap = behind ? behind->tap.get() : nullptr;
    if (options.profile) steps.profile = ProfileStep{.folder = copies->run()};
    if (options.profile && !options.json.empty())
      steps.profile->folded_file =
          fs::path(options.json).parent_path() /
          fmt::format("profile-{}-{}.folded", server->name, RecipeOf(options, source));
    experiments.running = running->get();
    experiments.source = source;
    const size_t before = all.size();
    const int one =
        AttributeOne(options, steps, options.attempt ? &experiments : nullptr, all, &store_samples);
    status = std::max(status, one);
    if (all.size() > before) {
      all.back()["server"] = {{"name", server->name},
                              {"version", (*running)->installation.version}};
      all.back()["recipe"] = RecipeOf(options, source);
      if (observe.log != nullptr && IsOver(one)) observe.log->AddDone(all.back());
      status = std::max(status, SaveAttributions(options, all));
      if (options.images && IsOver(one)) {
        const auto number = static_cast<size_t>(&source - copies->files().data());
        auto kept = options.images->keep(units[number], all.back());
        if (!kept) return fail(kept.error());
        all.clear();
      }
    }
    auto alive = (*running)->Check();
    if (!alive) {
      Complain("iiifbench attribute: {}\n{}\n", alive.error().message, (*running)->LastLogLines(5));
      return 1;
    }
  }
  if (behind && !all.empty()) {
    auto compared = behind->EndAndCompare(store_samples, all);
    if (!compared) return fail(compared.error());
    Print("{}", *compared);
  }
  return status;
}

}  // namespace iiifbench
