// iiifbench attribute: where a server's time goes, for one image at a URL or for a server that the
// harness starts.
#include <algorithm>
#include <cstdlib>
#include <memory>

#include "data/command_line.h"
#include "harness/attribution/observe/observation_log.h"
#include "harness/cli/attribute/at_url.h"
#include "harness/cli/attribute/images.h"
#include "harness/cli/attribute/one_image.h"
#include "harness/cli/attribute/started_server.h"
#include "harness/cli/attribute_options.h"
#include "harness/cli/commands.h"
#include "harness/cli/interrupt.h"
#include "harness/cli/output.h"
#include "harness/cli/production.h"
#include "harness/http/address.h"
#include "harness/http/client.h"

namespace iiifbench {

void AddAttributeOptions(CLI::App& command, AttributeOptions& options) {
  command.add_option("URL", options.given_urls,
                     "Base URL of a IIIF image, without /info.json; further ones are pictures of "
                     "other sizes on the same server, which tell stages apart. Headers and "
                     "credentials come from IIIFBENCH_HEADERS, one a line, or the file "
                     "IIIFBENCH_HEADER_FILE");
  command.add_option("--manifest", options.manifest,
                     "URL or file of a IIIF manifest or collection (Presentation API 2 or 3): its "
                     "largest page is asked, with up to two of clearly other sizes");
  command
      .add_option("--source", options.sources,
                  "The file that the server reads for it, one for each URL in their order; without "
                  "it the picture is fetched and stored here in the ways that archives use, as "
                  "candidates")
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
  StopWhenInterrupted();
  StopTransfersWhen(&interrupted);
  if (auto chosen = ChooseImages(options); !chosen) {
    Complain("iiifbench attribute: {}\n", chosen.error().message);
    return chosen.error().kind == ErrorKind::kBadRequest ? 2 : 1;
  }
  if (options.url.empty() == options.server.empty()) {
    Complain(
        "iiifbench attribute: give a URL, with --source FILE where its file is at hand; or "
        "--manifest; or --server NAME\n");
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
    auto opened = ObservationLog::Open(answers, ShownOf(options, AttributeCommand(options, source)),
                                       options.resume);
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
    observe.url = options.url;
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
  const int saved = SaveAttributions(options, all);
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
