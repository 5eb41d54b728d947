#include "harness/cli/load_plan.h"
#include "harness/cli/output.h"

#include <fmt/chrono.h>

#include "data/built_from.h"
#include "harness/cli/interrupt.h"
#include "harness/cli/planned.h"
#include "harness/http/client.h"
#include "harness/load/generator/body_check.h"
#include "harness/load/generator/load_point.h"
#include "harness/load/target/load_target.h"
#include "harness/merge/load_shards.h"
#include "harness/report/machine.h"
#include "harness/servers/launch/process.h"
#include "harness/servers/launch/process_usage.h"

namespace iiifbench {
namespace {

using std::chrono::nanoseconds;

std::string Utc(WallTime time) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(time);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(whole)),
                     std::chrono::duration_cast<std::chrono::milliseconds>(time - whole).count());
}

// Together with others only a clock that is known will do; alone it is recorded where it can be.
Result<void> CompareClock(const PlannedOptions& options, const Plan& plan, LoadShard& shard) {
  shard.clock_source =
      options.time_url.empty() ? plan.images.front().url + "/info.json" : options.time_url;
  shard.max_skew_s = options.max_skew;
  const auto offset = MeasureOffset(
      DateOf(shard.clock_source, CertificatesToTrust(options.ca_file)), SystemClock());
  if (!offset) {
    shard.clock_unknown = offset.error().message;
    if (options.start_at.empty()) return {};
    return Fail(offset.error().kind,
                "{}; --start-at needs a clock to compare with: give another by --time-url",
                offset.error().message);
  }
  shard.clock = *offset;
  if (offset->Beyond(options.max_skew))
    return Fail(
        ErrorKind::kBadRequest,
        "this computer's clock is {:.2f} s {} that of {} (between {:.2f} and {:.2f} s), and "
        "--max-skew is {:g} s: set the clock, or start no shard here",
        std::abs(offset->middle_s()), offset->middle_s() < 0 ? "ahead of" : "behind",
        shard.clock_source, -offset->high_s, -offset->low_s, options.max_skew);
  return {};
}

GenerateOptions OptionsOf(const Plan& plan, const Shard& shard, PlanStream& stream) {
  const auto seconds = [](double s) { return nanoseconds(static_cast<int64_t>(s * 1e9)); };
  return {.next = [&stream, &plan]() -> std::optional<LoadRequest> {
            auto arrival = stream.Next();
            if (!arrival) return {};
            return LoadRequest{
                .url = plan.images[arrival->request.image].url + "/" + arrival->request.path,
                .request_class = arrival->request.request_class,
                .image = arrival->request.image,
                .path = arrival->request.path,
                .due = arrival->due,
                .arrival = arrival->number};
          },
          .clients = static_cast<int>(std::max<int64_t>(1, ClientsOf(plan, shard))),
          .warm_up = seconds(plan.warm_up_s),
          .duration = seconds(plan.seconds),
          .slots = static_cast<int>(SlotsOf(plan, shard)),
          .policy = plan.connections == "fresh"   ? ConnectionPolicy::kFresh
                    : plan.connections == "http2" ? ConnectionPolicy::kHttp2
                                                  : ConnectionPolicy::kReuse,
          .timeout = std::chrono::milliseconds(static_cast<int64_t>(plan.timeout_s * 1e3)),
          .headers = HeadersOfEnvironment(),
          .stop = &interrupted};
}

BodyCheck Check(const PlannedOptions& options, const Plan& plan, LoadRun& run) {
  std::vector<WorkloadImage> images;
  for (const PlanImage& image : plan.images)
    images.push_back({.file = image.url, .path = "", .size = image.size});
  return CheckBodies(
      run, images,
      {.version = plan.api == 3 ? ApiVersion::k3 : ApiVersion::k2,
       .budget = nanoseconds(static_cast<int64_t>(interrupted ? 0 : options.check_seconds * 1e9)),
       .seed = plan.seed});
}

Result<int> Planned(const PlannedOptions& options) {
  const auto shard = TakeShard(options.shard);
  if (!shard) return shard.error();
  const auto plan = ReadPlan(options.plan);
  if (!plan) return plan.error();
  if (plan->rate_per_second == 0 && ClientsOf(*plan, *shard) == 0)
    return Fail(ErrorKind::kBadRequest, "shard {}: the plan has {} clients, none for this shard",
                shard->Name(), plan->clients);
  LoadShard run{.plan_hash = PlanHash(*plan),
                .version = std::string(BuiltFrom()),
                .shard = *shard,
                .host = HostName(),
                .machine = MachineName(),
                .asked_start = options.start_at};
  WallTime start{};
  if (!options.start_at.empty()) {
    const auto asked = ParseUtc(options.start_at);
    if (!asked) return asked.error();
    start = *asked;
  }
  const auto folder = ShardFolder(options.out, options.shard, *shard);
  if (!folder) return folder.error();
  auto compared = CompareClock(options, *plan, run);
  if (!compared) return compared.error();
  if (!options.start_at.empty()) {
    auto waited = WaitUntil(start, SystemClock(), &interrupted);
    if (!waited) return waited.error();
  }
  const Disturbance before = Disturbance::Now();
  PlanStream stream(*plan, *shard);
  GenerateOptions generate = OptionsOf(*plan, *shard, stream);
  generate.ca_file = CertificatesToTrust(options.ca_file);
  if (!options.quiet)
    Complain("plan {}, shard {} ({}), {:g} s + {:g} s of warm-up ...\n", run.plan_hash,
             shard->Name(), shard->from, plan->seconds, plan->warm_up_s);
  run.started = Utc(SystemClock().now());
  const double processor = ThreadSeconds();
  LoadRun load = Generate(generate);
  const double wall = std::chrono::duration<double>(load.measured).count() + plan->warm_up_s;
  run.client_cpu = wall > 0 ? (ThreadSeconds() - processor) / wall : 0;
  const BodyCheck check = Check(options, *plan, load);
  run.checked = check.checked, run.wrong = check.wrong;
  const LoadPoint point = Summarise(load, generate.policy, 0);
  run.in_flight = point.in_flight, run.little_error = point.little_error;
  run.http_version = load.http_version, run.ended_early = load.ended_early;
  run.samples = std::ssize(load.samples), run.warm_up = load.warm_up_requests;
  if (!load.ended_early.empty())
    run.not_reportable.push_back({"stopped-early", "ended early: " + load.ended_early});
  if (point.little_error > 0.05)
    run.not_reportable.push_back({"littles-law-broken", fmt::format("Little's law is {:.1f} % off",
                                                                    100 * point.little_error)});
  for (const auto& reason : Disturbed(before, Disturbance::Now()))
    run.not_reportable.push_back(reason);
  auto written = WriteSamples(load, *folder + "/samples.tsv");
  if (!written) return written.error();
  const auto figures = FinishLoadShard(*folder, *plan, run);
  if (!figures) return figures.error();
  std::string text = FiguresToText(*figures);
  for (const auto& reason : (*figures)["not_reportable"])
    text += "not reportable: " + reason.get<std::string>() + "\n";
  for (const auto& reason : run.not_reportable) text += "not reportable: " + reason.text + "\n";
  Print("shard {}: {}saved: {}\n", shard->Name(), text, *folder);
  if (interrupted) return 130;
  return run.not_reportable.empty() && (*figures)["not_reportable"].empty() ? 0 : 3;
}

}  // namespace

std::shared_ptr<PlannedOptions> AddPlanned(CLI::App& load) {
  auto options = std::make_shared<PlannedOptions>();
  auto* plan =
      load.add_option("--plan", options->plan, "A plan of iiifbench plan, instead of all that");
  const auto add = [&](const char* name, auto& value, const char* about) {
    return load.add_option(name, value, about)->needs(plan);
  };
  add("--shard", options->shard,
      "With --plan: i/n, or auto: of Slurm, Kubernetes, MPI or GNU parallel; auto makes a folder "
      "below --out");
  add("--start-at", options->start_at, "With --plan: UTC, 2026-12-01T08:00:00Z");
  add("--max-skew", options->max_skew,
      "With --plan: seconds that this clock may be off the target's (default 0.5)")
      ->check(CLI::Range(0.05, 3600.0));
  add("--time-url", options->time_url,
      "With --plan: whose Date to compare the clock with (default: the first image's info.json)");
  return options;
}

int RunPlanned(const PlannedOptions& options) {
  StopWhenInterrupted();
  const auto status = Planned(options);
  if (status) return *status;
  Complain("iiifbench load: {}\n", status.error().message);
  return status.error().kind == ErrorKind::kBadRequest ? 2 : 1;
}

}  // namespace iiifbench
