// iiifbench attribute: where a server's time goes, for one image at a URL or for a server that the
// harness starts.
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <numeric>

#include "data/command_line.h"
#include "data/corpus.h"
#include "harness/attribution/attribute.h"
#include "harness/attribution/evidence/interpose/interpose.h"
#include "harness/attribution/evidence/store_behind.h"
#include "harness/attribution/findings/pyramid_gap.h"
#include "harness/attribution/observe/designed_probes.h"
#include "harness/attribution/observe/observation_log.h"
#include "harness/cli/attribute_options.h"
#include "harness/cli/commands.h"
#include "harness/cli/interrupt.h"
#include "harness/cli/output.h"
#include "harness/cli/production.h"
#include "harness/http/address.h"
#include "harness/http/client.h"
#include "harness/http/link_proxy.h"
#include "harness/report/attribution_report.h"
#include "harness/report/terminal/attribution_answer.h"
#include "harness/servers/launch/copied_sources.h"
#include "harness/servers/launch/launch.h"
#include "harness/servers/launch/process.h"

namespace iiifbench {
namespace {

namespace fs = std::filesystem;

int Save(const AttributeOptions& options, const nlohmann::json& all) {
  if (options.json.empty() || all.empty()) return 0;
  const auto body =
      all.size() == 1 ? all.front() : nlohmann::json{{"schema", 1}, {"attributions", all}};
  auto saved = WriteFile(options.json, WithoutSecretsOf(JsonText(body), options.url));
  if (saved) return 0;
  Complain("iiifbench attribute: {}\nThe text above is all that is left of this run.\n",
           saved.error().message);
  return 1;
}

// A result that is worth going on behind.
bool IsOver(int status) { return (status == 0 || status == 3) && !interrupted; }

// One image; appends its JSON. The text goes to the terminal.
int AttributeOne(const AttributeOptions& options, AttributionOptions steps,
                 ExperimentOptions* experiments, nlohmann::json& all,
                 std::vector<std::vector<StoreSample>>* store = nullptr) {
  ObserveOptions& observe = steps.observe;
  if (observe.log != nullptr) {
    const auto done = observe.log->BeginImage(fs::path(observe.source).filename().string());
    if (done && done->contains("requests")) {
      all.push_back(*done);
      PrintText(WithoutSecretsOf(fmt::format("\n{}\n", AttributionToText(*done)), options.url));
      return (*done)["requests"].empty() || !done->value("refusals", nlohmann::json()).empty() ? 3
                                                                                               : 0;
    }
  }
  std::unique_ptr<LinkProxy> link;
  if (options.link_ms > 0 || options.link_mbit > 0) {
    auto started = LinkBefore(observe.url, options.link_ms / 2,
                              static_cast<int64_t>(125'000 * options.link_mbit));
    if (!started) {
      Complain("iiifbench attribute: {}\n", started.error().message);
      return 1;
    }
    link = std::move(*started);
    observe.url = link->Through(observe.url);
    if (!link->HostHeader().empty()) observe.headers.push_back(link->HostHeader());
  }
  steps.fresh_connections = steps.cold_pass = steps.check_still_answers = steps.not_offered = true;
  steps.clients = options.clients;
  steps.experiments = experiments;
  steps.budget = std::chrono::duration<double>(options.budget);
  // Early, and once more below with all that came after it.
  if (!options.quiet)
    steps.answered = [](const Attribution& attribution) {
      Complain("First answer: {}\n", attribution.sentence);
    };
  auto attributed = Attribute(steps);
  if (!attributed) {
    ComplainText(WithoutSecretsOf(
        fmt::format("iiifbench attribute: {}\n", attributed.error().message), options.url));
    return 1;
  }
  if (observe.log != nullptr) {
    auto whole = observe.log->Check();
    if (!whole) {
      Complain("iiifbench attribute: {}\n", whole.error().message);
      return 1;
    }
  }
  const Attribution& attribution = attributed->attribution;
  if (!attributed->not_written.empty())
    Complain("iiifbench attribute: {}\n", attributed->not_written);
  if (experiments != nullptr && attribution.model)
    experiments->known[attribution.codec] = *attribution.model;
  const auto json = AttributionToJson(attribution, attributed->observed,
                                      AttributeCommand(options, observe.source));
  all.push_back(json);
  // Saved before anything is printed, whose reader may be gone.
  const int saved = Save(options, all);
  const std::string answer =
      options.verbose ? AttributionToText(json) : AttributionAnswer(json, StyleOfOutput());
  PrintText(WithoutSecretsOf(answer, options.url));
  if (store != nullptr) store->push_back(attributed->observed.store_samples);
  if (!attributed->lost.empty()) {
    Complain("iiifbench attribute: {}\n", attributed->lost);
    return 1;
  }
  if (saved != 0) return saved;
  return attribution.requests.empty() || !attribution.refusals.empty() ? 3 : 0;
}

// Pages of the corpus are named <page>_<recipe>.
std::string RecipeOf(const AttributeOptions& options, const std::string& source) {
  const std::string stem = fs::path(source).stem();
  return options.sources.empty() ? stem.substr(stem.find('_') + 1) : stem;
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
      status = std::max(status, Save(options, all));
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

// What will be sent at most, a sentence.
std::string WhatIsSent(const AttributeOptions& options) {
  const ProductionOptions& pace = options.production;
  const double share = pace.share_percent / 100;
  return fmt::format(
      "{}One request at a time will be sent for at most {:g} s{}{}: at most {:.0f} s of the "
      "server's time.",
      options.sources.empty()
          ? fmt::format(
                "First the whole picture is fetched, in at most {} requests and {:.0f} MB. ",
                options.observe.max_fetches, options.observe.max_fetched_megabytes)
          : std::string(),
      options.budget,
      pace.max_requests > 0 ? fmt::format(", {} requests at most", pace.max_requests)
                            : std::string(),
      pace.pause_ms > 0 ? fmt::format(", with {:g} ms between them", pace.pause_ms) : std::string(),
      share * options.budget);
}

int DryRun(const AttributeOptions& options) {
  auto paths = DesignedProbes(options.observe);
  if (!paths) {
    Complain("iiifbench attribute: {}\n", paths.error().message);
    return 1;
  }
  for (const auto& path : *paths) Print("{}\n", path);
  Print(
      "{} probes below {}. Each is asked once, then again while there is time; a warm-up of a "
      "dozen requests or more comes first. {}\n",
      paths->size(), WithoutSecrets(options.observe.url), WhatIsSent(options));
  return 0;
}

// A server that runs already, and may be somebody's.
int AttributeUrl(AttributeOptions& options, nlohmann::json& all) {
  const ProductionOptions& pace = options.production;
  const auto fail = [](const Error& error, int status) {
    Complain("iiifbench attribute: {}\n", error.message);
    return status;
  };
  auto headers = HeadersOf(pace);
  if (!headers) return fail(headers.error(), 2);
  options.observe.headers = *headers;
  auto leave = AskLeave(options.observe.url, WhatIsSent(options), pace.yes || pace.dry_run);
  if (!leave) return fail(leave.error(), 2);
  if (pace.dry_run) return DryRun(options);
  if (!options.quiet) Complain("{}\n", WhatIsSent(options));
  Courtesy courtesy(
      {.max_requests = pace.max_requests,
       .pause = std::chrono::duration<double>(pace.pause_ms / 1000),
       .share = pace.share_percent / 100,
       .until = std::chrono::steady_clock::now() +
                std::chrono::milliseconds(static_cast<int64_t>(1000 * options.budget)),
       .stop = &interrupted});
  SetCourtesy(&courtesy);
  const int status = AttributeOne(options, {.observe = options.observe}, nullptr, all);
  SetCourtesy(nullptr);
  if (!all.empty())
    all.back()["sent"] = {{"requests", courtesy.requests()},
                          {"server_seconds", courtesy.server_seconds()},
                          {"told_to_wait", courtesy.told_to_wait()},
                          {"ended", courtesy.ended()}};
  if (!options.quiet)
    Complain("{} requests were sent; the server worked {:.1f} s on them{}{}\n", courtesy.requests(),
             courtesy.server_seconds(),
             courtesy.told_to_wait() > 0
                 ? fmt::format("; it asked {} times to come again later, and we did",
                               courtesy.told_to_wait())
                 : std::string(),
             courtesy.ended().empty() ? std::string() : "; no more, because " + courtesy.ended());
  return status;
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

void AddAttributeOptions(CLI::App& command, AttributeOptions& options) {
  command.add_option("URL", options.url,
                     "Base URL of a IIIF image, without /info.json; headers and credentials come "
                     "from IIIFBENCH_HEADERS, one a line, or the file IIIFBENCH_HEADER_FILE");
  command
      .add_option("--source", options.sources,
                  "The file that the server reads for it; without it the picture is fetched and "
                  "stored here in the ways that archives use, as candidates")
      ->check(CLI::ExistingFile);
  command.add_option("--server", options.server, "Start this server instead of asking a URL");
  AddEngine(command, options.engine);
  command
      .add_option("--recipes", options.recipes,
                  "With --server: formats of the corpus (default: the founding four)")
      ->delimiter(',');
  command
      .add_option(
          "--levels", options.levels,
          "With --server: its copies of TIFF sources keep only so many levels of their pyramid, "
          "to see what the missing ones cost")
      ->check(CLI::Range(1, 16));
  command.add_flag("--small", options.small, "With --server: small pages, for trying");
  command.add_flag("--without-source", options.without_source,
                   "With --server: as if its files were not at hand, to see what is told then");
  command.add_option("--requests", options.requests,
                     "File of region/size/rotation/quality.format, one per line");
  command
      .add_option(
          "--place", options.observe.place,
          "Folder that the server reads: smaller copies of the source are put there for the run")
      ->check(CLI::ExistingDirectory);
  command.add_option("--json", options.json, "File for the result with every raw record");
  command.add_flag("--resume", options.resume,
                   "Go on with a run that was interrupted or killed: its answers stand beside "
                   "--json; same options as then");
  command.add_option("--budget", options.budget, "Seconds per image (default 60)")
      ->check(CLI::Range(2.0, 3600.0));
  command.add_option("--seed", options.observe.seed, "Order of probes");
  command.add_flag(
      "--store", options.store,
      "With --server cantaloupe: sources behind HTTP (lighttpd) with a tap between: read as the "
      "server waits for it, beside the store's own log");
  command
      .add_option("--store-delay", options.store_delay,
                  "Milliseconds each way inside the store (default 2)")
      ->check(CLI::Range(0.0, 1000.0));
  command.add_flag(
      "--try", options.attempt,
      "With --server: make the changes that could help, and print predicted beside measured "
      "(about a minute more per image)");
  command.add_option(
      "--server-option", options.given_options,
      "With --server: NAME=VALUE for the server's own settings (reference: fault-plan=FILE)");
  command.add_flag(
      "!--no-profile", options.profile,
      "With --server: do not record a profile with perf (folded stacks go beside --json)");
  command
      .add_option("--clients", options.clients,
                  "Then ask every request with this many clients at once: service against waiting")
      ->check(CLI::Range(2, 256));
  command
      .add_option("--link", options.link_ms,
                  "Ask over a link with this round trip in milliseconds, made here: network apart "
                  "from the server")
      ->check(CLI::Range(0.0, 10000.0));
  command
      .add_option("--link-mbit", options.link_mbit,
                  "Rate of that link in Mbit/s (default: unlimited)")
      ->check(CLI::Range(0.0, 100000.0));
  command.add_flag(
      "--interpose", options.interpose,
      "With --server: preload a library of ours that times its calls of libjpeg, OpenJPEG and "
      "libtiff (method interpose)");
  command
      .add_option(
          "--ca-file", options.ca_file,
          "Certificates to trust for https, PEM (default: the system's, or $IIIFBENCH_CA_FILE)")
      ->check(CLI::ExistingFile);
  AddHeaders(command, options.production);
  AddPace(command, options.production);
  AddYes(command, options.production);
  command.add_flag("--quiet", options.quiet, "No progress");
  command.add_flag("--verbose", options.verbose,
                   "Print all that the JSON says: every method, interval and finding");
  command
      .add_option("--urls", options.urls,
                  "With --write-plan: a file with an image a line: its base URL and, after a tab, "
                  "the file that the server reads for it")
      ->check(CLI::ExistingFile);
  AddPlanFlags(command, options.planned);
  command.add_option("--out", options.out, "With --plan: folder for the shard's results");
}

int RunAttribute(AttributeOptions& options) {
  if (options.url.empty() == options.server.empty() ||
      (!options.url.empty() && options.sources.size() > 1)) {
    Complain("iiifbench attribute: give a URL with at most one --source FILE, or --server NAME\n");
    return 2;
  }
  if (options.without_source && (options.server.empty() || options.attempt)) {
    Complain(
        "iiifbench attribute: --without-source goes with --server, and without --try: a URL "
        "without --source is asked so anyway\n");
    return 2;
  }
  for (const auto& given : options.given_options) {
    const size_t equals = given.find('=');
    options.server_options[given.substr(0, equals)] =
        equals == std::string::npos ? "" : given.substr(equals + 1);
  }
  if (!options.ca_file.empty()) ::setenv("IIIFBENCH_CA_FILE", options.ca_file.c_str(), 1);
  if (auto writable = CheckWritable(options.json); !writable) {
    Complain("iiifbench attribute: {}\n", writable.error().message);
    return 1;
  }
  ObserveOptions& observe = options.observe;
  if (!options.requests.empty()) {
    auto requests = ReadRequests(options.requests, ImageUrlOf(options.url));
    if (!requests) {
      Complain("iiifbench attribute: {}\n", requests.error().message);
      return 1;
    }
    observe.requests = *requests;
  }
  // Of a minute, 18 s are left for the server's start, a profile, the pass without the page cache
  // and the fit.
  observe.budget = std::chrono::duration<double>(0.7 * options.budget);
  observe.progress = ProgressUnless(options.quiet, options.verbose);
  observe.stop = &interrupted;
  StopWhenInterrupted();
  StopTransfersWhen(&interrupted);
  nlohmann::json all = nlohmann::json::array();
  int status = 0;
  std::unique_ptr<ObservationLog> log;
  const std::string answers = options.store ? std::string() : AnswersFile(options.json);
  if (options.resume && answers.empty()) {
    Complain("iiifbench attribute: --resume needs the file of the earlier run: --json FILE{}\n",
             options.store ? "; and with --store nothing can be resumed" : "");
    return 2;
  }
  if (!answers.empty()) {
    const std::string source = options.sources.empty() ? "" : options.sources.front();
    auto opened = ObservationLog::Open(
        answers, WithoutSecretsOf(AttributeCommand(options, source), options.url), options.resume);
    if (!opened) {
      Complain("iiifbench attribute: {}\n", opened.error().message);
      return 1;
    }
    log = std::move(*opened);
    observe.log = log.get();
  }
  if (!options.server.empty()) {
    status = AttributeServer(options, all);
  } else {
    observe.url = ImageUrlOf(options.url);
    if (!options.sources.empty()) observe.source = options.sources.front();
    status = AttributeUrl(options, all);
    if (log != nullptr && !all.empty() && IsOver(status)) log->AddDone(all.back());
    if (options.images && !all.empty() && IsOver(status)) {
      auto kept = options.images->keep(*options.images->units.begin(), all.back());
      if (!kept) {
        Complain("iiifbench attribute: {}\n", kept.error().message);
        return 1;
      }
    }
  }
  const int saved = Save(options, all);
  if (log != nullptr && ((IsOver(status) && saved == 0) || !log->HasAnswers())) {
    log->Remove();
  } else if (log != nullptr) {
    Complain("What was answered stands in {}: go on by the same command and --resume\n", answers);
  }
  return interrupted ? 130 : std::max(status, saved);
}

namespace {

int RunAttributeCommand(AttributeOptions& options, const CLI::App& command) {
  const auto fail = [](const Error& error) {
    Complain("iiifbench attribute: {}\n", error.message);
    return error.kind == ErrorKind::kBadRequest ? 2 : 1;
  };
  if (!options.planned.write.empty()) {
    auto written = WriteAttributionPlan(options);
    return written ? 0 : fail(written.error());
  }
  if (options.planned.plan.empty()) return RunAttribute(options);
  const auto status = RunAttributionShard(options, command);
  return status ? *status : fail(status.error());
}

}  // namespace

std::function<int()> AddAttribute(CLI::App& app, CLI::App*& command) {
  auto options = std::make_shared<AttributeOptions>();
  command = app.add_subcommand(
      "attribute",
      "Where a server's time goes: stages of a request, with intervals and what would help");
  AddAttributeOptions(*command, *options);
  return [options, command] { return RunAttributeCommand(*options, *command); };
}

}  // namespace iiifbench
