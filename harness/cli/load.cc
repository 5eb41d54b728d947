// iiifbench load: latency, throughput and failures of a server under a sweep of clients or of
// rates.
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <set>

#include "data/corpus.h"
#include "harness/cli/commands.h"
#include "harness/cli/exchange.h"
#include "harness/cli/interrupt.h"
#include "harness/cli/load_plan.h"
#include "harness/cli/output.h"
#include "harness/cli/production.h"
#include "harness/http/address.h"
#include "harness/load/sweep/sweep_log.h"
#include "harness/load/target/load_target.h"
#include "harness/report/load/load_report.h"
#include "harness/report/machine.h"
#include "harness/report/run_folder.h"
#include "harness/report/terminal/load_answer.h"
#include "harness/servers/launch/launch.h"

namespace iiifbench {
namespace {

namespace fs = std::filesystem;

struct Options {
  TargetOptions target;
  SweepOptions sweep{.stop = &interrupted};
  std::string workload = "viewer", log_prefix = "/iiif/2/", link, out, resume, show;
  std::vector<double> clients, rates;
  bool quiet = false, verbose = false;
  ExchangeOptions exchange;
  ProductionOptions production;
};

std::string Command(const Options& options) {
  const TargetOptions& target = options.target;
  std::string out = "iiifbench load";
  auto add = [&](const char* name, const auto& value, bool given = true) {
    if (given) out += fmt::format(" {} {}", name, value);
  };
  for (const auto& url : target.urls) add("--url", WithoutSecrets(url));
  add("--server", target.server, !target.server.empty());
  add("--engine", target.engine, !target.engine.empty());
  add("--workload", options.workload);
  add("--clients", fmt::format("{}", fmt::join(options.clients, ",")), !options.clients.empty());
  add("--rate", fmt::format("{}", fmt::join(options.rates, ",")), !options.rates.empty());
  if (options.sweep.constant) out += " --constant";
  add("--slots", options.sweep.slots, !options.rates.empty());
  add("--recipes", fmt::format("{}", fmt::join(target.recipes, ",")), !target.recipes.empty());
  add("--pages", fmt::format("{}", fmt::join(target.pages, ",")), !target.pages.empty());
  add("--link", options.link, !options.link.empty());
  add("--source", target.source, !target.source.empty());
  add("--ca-file", target.ca_file, !target.ca_file.empty());
  add("--timeout", options.sweep.timeout, options.sweep.timeout != SweepOptions{}.timeout);
  if (target.small) out += " --small";
  return out +
         fmt::format(
             " --connections {} --workers {} --threads {} --seconds {} --warm-up {} --seed {}",
             options.sweep.connections, target.workers, target.threads, options.sweep.seconds,
             options.sweep.warm_up, options.sweep.seed);
}

// Beside the sweeps of the same folder.
std::string FileName(const Options& options, const Workload& workload) {
  std::string name = fmt::format(
      "load-{}-{}", options.target.server.empty() ? "url" : options.target.server,
      workload.order == Workload::Order::kLog ? "log" : fs::path(workload.name).stem().string());
  if (!options.rates.empty()) name += "-rate";
  if (options.sweep.connections != "reuse") name += "-" + options.sweep.connections;
  if (!options.link.empty()) name += "-link";
  return name + ".json";
}

// For people whose server it is.
std::string WhatIsSent(const Options& options) {
  const double seconds = options.sweep.seconds + options.sweep.warm_up;
  if (!options.rates.empty())
    return fmt::format("{} requests per second will be sent, {:g} s each, whatever the server can.",
                       fmt::join(options.rates, ", then "), seconds);
  const std::vector<double> clients =
      options.clients.empty() ? std::vector<double>{1, 2, 4, 8} : options.clients;
  return fmt::format("{} clients will ask without a pause, {:g} s each.",
                     fmt::join(clients, ", then "), seconds);
}

std::string SamplesBeside(const std::string& file) {
  return file.substr(0, file.size() - 5) + ".samples.jsonl";
}

int Run(Options& options) {
  auto fail = [](const Error& error) {
    Complain("iiifbench load: {}\n", error.message);
    return 1;
  };
  const auto workload = LoadWorkload(options.workload, options.log_prefix);
  if (!workload) return fail(workload.error());
  const bool log = workload->order == Workload::Order::kLog;
  if (const std::string there = options.resume + "/" + SamplesBeside(FileName(options, *workload));
      !options.resume.empty() && !fs::exists(there))
    return fail(Fail(ErrorKind::kNotFound, "{}: no samples of an unfinished run there", there));
  TargetOptions& where = options.target;
  options.sweep.ca_file = where.ca_file;
  where.run_folder = fs::temp_directory_path() / fmt::format("iiifbench-load-{}", ::getpid());
  where.stop = &interrupted;
  for (auto& url : where.urls) {
    while (url.ends_with('/')) url.pop_back();
    if (url.ends_with("/info.json")) url.resize(url.size() - 10);
  }
  auto target = where.server.empty() ? AskUrls(where, log) : StartTarget(where);
  if (!target) return fail(target.error());
  // Now that there is something to put into it.
  const auto folder = MakeRunFolder(options.resume.empty() ? options.out : options.resume);
  if (!folder) return fail(folder.error());
  const NoEmptyRunFolder at_end(*folder, options.resume.empty() ? options.out : options.resume);
  for (const auto& line : target->refused) Complain("{}\n", line);
  LoadSweep sweep{.command = Command(options),
                  .workload = workload->name,
                  .about = workload->about,
                  .server = target->name,
                  .server_version = target->version,
                  .connections = options.sweep.connections,
                  .by_rate = !options.rates.empty()};
  if (target->running) sweep.effective = target->running->intended;
  auto link = PutLink(options.link, *target);
  if (!link) return fail(link.error());
  sweep.link = *link;
  std::vector<double> loads = sweep.by_rate ? options.rates : options.clients;
  if (loads.empty()) loads = log ? std::vector<double>{1} : std::vector<double>{1, 2, 4, 8};
  // What one client alone waits for is the service time that every other point is compared with.
  if (!sweep.by_rate && !log && std::ranges::find(loads, 1.0) == loads.end())
    loads.insert(loads.begin(), 1);
  const std::string file = *folder + "/" + FileName(options, *workload);
  const std::string samples = SamplesBeside(file);
  const auto kept = SweepLog::Open(samples, Command(options), !options.resume.empty());
  if (!kept) return fail(kept.error());
  options.sweep.log = kept->get();
  const Disturbance before = Disturbance::Now();
  std::string unsaved;
  size_t points_saved = 0;
  auto save = [&] {
    LoadSweep done = sweep;
    for (const auto& reason : Disturbed(before, Disturbance::Now()))
      done.not_reportable.push_back(reason);
    if (auto whole = (*kept)->Check(); !whole)
      done.not_reportable.push_back({"stopped-early", whole.error().message});
    if (interrupted) done.not_reportable.push_back({"stopped-early", "interrupted before the end"});
    auto json = LoadToJson(done);
    const std::string text = JsonText(json);
    auto saved = WriteFile(file, text);
    unsaved = saved ? "" : saved.error().message;
    if (saved) points_saved = sweep.steps.size();
    return json;
  };
  nlohmann::json json;
  bool unfinished = false;
  auto measure = [&](double load, bool by_rate) {
    if (!options.quiet)
      ShowProgress(fmt::format("{}: {:g} {}, {:g} s + {:g} s of warm-up", target->name, load,
                               by_rate ? "requests per second" : "clients", options.sweep.seconds,
                               options.sweep.warm_up));
    return MeasureStep(options.sweep, *target, *workload, load, by_rate);
  };
  if (sweep.by_rate) sweep.alone = measure(1, false);
  for (double load : loads) {
    if (interrupted) break;
    sweep.steps.push_back(measure(load, sweep.by_rate));
    json = save();  // after each point: what is measured is kept, whatever happens next
    const LoadPoint& point = sweep.steps.back().point;
    if (!options.quiet && options.verbose)
      for (const auto& reason : point.not_reportable) Complain("  {}\n", reason.text);
    if (!(*kept)->Check()) break;
    unfinished = unfinished || point.state.status == CellStatus::kStopped;
    if (target->running) {
      auto alive = target->running->Check();
      if (alive) continue;
      Complain("iiifbench load: {}The points measured so far are kept.\n", alive.error().message);
      break;
    }
  }
  unfinished = unfinished || interrupted || sweep.steps.size() < loads.size();
  if (json.is_null()) json = save();
  Print("{}", options.verbose ? LoadToText(json) : LoadAnswer(json, StyleOfOutput()));
  std::error_code ignored;
  target->running.reset();
  fs::remove_all(where.run_folder, ignored);
  if (!unsaved.empty()) {
    Complain("iiifbench load: {}\n{}\n", unsaved,
             points_saved > 0
                 ? fmt::format(
                       "What stands in {} is of the points before: the first {} of the {} above.",
                       file, points_saved, sweep.steps.size())
                 : std::string("The table above is all that is left of this run."));
    Complain("Its samples up to then: {}\n", samples);
  } else {
    Print("saved: {}\n", file);
  }
  auto whole = (*kept)->Check();
  if (!whole) Complain("iiifbench load: {}\n", whole.error().message);
  if (!whole || !unsaved.empty() || unfinished)
    Complain("go on with: {} --resume {}\n", sweep.command, *folder);
  if (!whole || !unsaved.empty()) return 1;
  if (!unfinished) (*kept)->Remove();
  const int bounds =
      WriteExchange(options.exchange, "load", "load of " + target->name, FiguresOfLoad(json));
  return interrupted ? 130 : std::max(bounds, json["reportable"].get<bool>() ? 0 : 3);
}

}  // namespace

std::function<int()> AddLoad(CLI::App& app, CLI::App*& command) {
  auto options = std::make_shared<Options>();
  command = app.add_subcommand("load",
                               "A server under load: latency with intervals, failures, "
                               "scalability, over a sweep of clients or rates");
  command->footer(
      "Exit status: 0 reportable, 3 measured but not reportable (the reasons are printed), 130 "
      "interrupted, "
      "1 failed.\n"
      "Workloads: founding, viewer, lines, training, thumbnails, a JSON file (print one by "
      "--show-workload), "
      "or an\n"
      "access log in common or combined format, replayed at its times. Headers for --url: "
      "IIIFBENCH_HEADERS.");
  command->add_option("--url", options->target.urls,
                      "Base URL of an image; repeatable. For a log: prefix of its paths");
  command
      ->add_option("--source", options->target.source,
                   "File behind a single --url: answers are compared with it")
      ->check(CLI::ExistingFile);
  command->add_option("--server", options->target.server,
                      "Start this server over the corpus instead");
  AddEngine(*command, options->target.engine);
  command->add_option("--workload", options->workload, "Name or file (default viewer)");
  command->add_option("--show-workload", options->show, "Print a built-in workload and end");
  command->add_option("--log-prefix", options->log_prefix,
                      "Of a log: its paths' part before identifiers");
  command->add_option("--speed", options->sweep.speed, "Of a log: so many times as fast")
      ->check(CLI::Range(0.01, 1000.0));
  auto* clients = command
                      ->add_option("--clients", options->clients,
                                   "Closed loop: numbers of clients (default 1,2,4,8)")
                      ->delimiter(',')
                      ->check(CLI::Range(1, 512));
  command->add_option("--rate", options->rates, "Open loop: rates per second")
      ->delimiter(',')
      ->check(CLI::Range(0.1, 50'000.0))
      ->excludes(clients);
  command->add_flag("--constant", options->sweep.constant,
                    "Open loop: even gaps instead of Poisson arrivals");
  command->add_option("--slots", options->sweep.slots, "Open loop: connections (default 64)")
      ->check(CLI::Range(1, 512));
  command->add_option("--seconds", options->sweep.seconds, "Per point (default 10)")
      ->check(CLI::Range(0.2, 3600.0));
  command->add_option("--warm-up", options->sweep.warm_up, "Seconds before each point (default 2)")
      ->check(CLI::Range(0.0, 600.0));
  command->add_option("--timeout", options->sweep.timeout, "Seconds per request (default 30)")
      ->check(CLI::Range(0.05, 600.0));
  command->add_option("--check-seconds", options->sweep.check_seconds,
                      "After each point, for decoding and comparing answers");
  command->add_option("--link", options->link,
                      "Link before the server: one_way_ms[:Mbit/s]; 23 is the founding study's");
  command
      ->add_option("--connections", options->sweep.connections,
                   "reuse (default), fresh, or http2 where the server takes it")
      ->check(CLI::IsMember({"reuse", "fresh", "http2"}));
  command->add_option("--ca-file", options->target.ca_file, "Certificates to trust, for https")
      ->check(CLI::ExistingFile);
  command->add_option("--recipes", options->target.recipes, "With --server: formats of the corpus")
      ->delimiter(',');
  command
      ->add_option("--pages", options->target.pages,
                   "With --server: pages of the corpus (default map)")
      ->delimiter(',');
  command->add_option("--workers", options->target.workers, "With --server: requests at a time")
      ->check(CLI::Range(1, 256));
  command->add_option("--threads", options->target.threads, "With --server: threads per request")
      ->check(CLI::Range(1, 64));
  command->add_flag("--small", options->target.small, "With --server: small pages, for trying");
  command->add_option("--seed", options->sweep.seed, "Of the requests and arrivals");
  command->add_option("--out", options->out,
                      "Folder for results (default results/<machine>/<time>-<commit>)");
  command->add_option("--resume", options->resume,
                      "Go on with the run in this folder, second by second; same options as then");
  command->add_flag("--quiet", options->quiet, "No progress");
  command->add_flag("--verbose", options->verbose,
                    "Print all that was measured: p99.9, the fitted law, every finding");
  AddExchange(*command, options->exchange);
  AddHeaders(*command, options->production);
  AddYes(*command, options->production);
  auto planned = AddPlanned(*command);
  return [options, planned, command] {
    if (!planned->plan.empty()) {
      for (const CLI::Option* given : command->get_options()) {
        static const std::set<std::string> kTaken = {"--plan",     "--shard",    "--start-at",
                                                     "--max-skew", "--time-url", "--out",
                                                     "--ca-file",  "--quiet",    "--check-seconds"};
        if (given->count() == 0 || kTaken.contains(given->get_name())) continue;
        Complain("iiifbench load: {}: the plan says that; make another by iiifbench plan\n",
                 given->get_name());
        return 2;
      }
      planned->out = options->out, planned->ca_file = options->target.ca_file;
      planned->quiet = options->quiet, planned->check_seconds = options->sweep.check_seconds;
      return RunPlanned(*planned);
    }
    if (!options->show.empty()) {
      const auto text = BuiltInWorkload(options->show);
      if (text.empty()) {
        Complain("iiifbench load: --show-workload {}: no such workload; there are {}\n",
                 options->show, fmt::join(BuiltInWorkloads(), ", "));
        return 2;
      }
      Print("{}\n", text);
      return 0;
    }
    if (options->target.urls.empty() == options->target.server.empty()) {
      Complain("iiifbench load: give --url BASE, or --server NAME\n");
      return 2;
    }
    if (!options->target.server.empty() && FindServer(options->target.server) == nullptr) {
      Complain("iiifbench load: {}\n", ParseChoice(options->target.server).error().message);
      return 1;
    }
    if (auto sound = CheckExchange(options->exchange); !sound) {
      Complain("iiifbench load: {}\n", sound.error().message);
      return 2;
    }
    auto headers = HeadersOf(options->production);
    if (!headers) {
      Complain("iiifbench load: {}\n", headers.error().message);
      return 2;
    }
    options->target.headers = *headers;
    for (const auto& url : options->target.urls) {
      auto leave = AskLeave(url, WhatIsSent(*options), options->production.yes);
      if (leave) continue;
      Complain("iiifbench load: {}\n", leave.error().message);
      return 2;
    }
    StopWhenInterrupted();
    return Run(*options);
  };
}

}  // namespace iiifbench
