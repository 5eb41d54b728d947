#include "harness/load/sweep/load_step.h"

#include "harness/http/client.h"
#include "harness/servers/launch/process_usage.h"

namespace iiifbench {
namespace {

using std::chrono::nanoseconds;

nanoseconds OfSeconds(double seconds) { return nanoseconds(static_cast<int64_t>(seconds * 1e9)); }

std::optional<LoadRequest> NextRequest(const SweepOptions& options, const LoadTarget& target,
                                       RequestStream& stream) {
  auto planned = stream.Next();
  if (!planned) return {};
  LoadRequest request{
      .request_class = planned->request_class, .image = planned->image, .path = planned->path};
  if (planned->due) {
    request.url = target.log_url + planned->path;
    request.due = nanoseconds(
        static_cast<int64_t>(static_cast<double>(planned->due->count()) / options.speed));
    request.image = target.images.size();  // not one of ours
    return request;
  }
  request.url = target.image_urls[planned->image] + "/" + planned->path;
  const std::string& label = target.labels[planned->image];
  if (!label.empty()) request.request_class = label + " " + request.request_class;
  return request;
}

}  // namespace

LoadStep MeasureStep(const SweepOptions& options, const LoadTarget& target,
                     const Workload& workload, double load, bool by_rate) {
  RequestStream stream(workload, target.images, options.seed, target.full_size);
  GenerateOptions generate{
      .next = [&] { return NextRequest(options, target, stream); },
      .clients = by_rate ? 1 : static_cast<int>(load),
      .rate_per_second = by_rate ? load : 0,
      .poisson = !options.constant,
      .seed = options.seed,
      .warm_up = OfSeconds(options.warm_up),
      .duration = OfSeconds(options.seconds),
      .slots = options.slots,
      .policy = options.connections == "fresh"   ? ConnectionPolicy::kFresh
                : options.connections == "http2" ? ConnectionPolicy::kHttp2
                                                 : ConnectionPolicy::kReuse,
      .timeout = std::chrono::milliseconds(static_cast<int64_t>(options.timeout * 1e3)),
      .headers = target.headers,
      .ca_file = CertificatesToTrust(options.ca_file),
      .stop = options.stop};
  if (target.running) generate.alive = [&] { return target.running->Check(); };
  const auto ids = target.running ? target.running->ProcessIds() : std::vector<int>{};
  const bool peak_of_point = ForgetPeaks(ids);
  const ProcessUsage before = ProcessUsage::Of(ids);
  const double our_cpu = ThreadSeconds();
  LoadRun run = Generate(generate);
  const ProcessUsage after = ProcessUsage::Of(ids);
  LoadStep step{.load = load, .kept_one_in = run.kept_one_in};
  const double seconds = std::chrono::duration<double>(run.measured).count() + options.warm_up;
  step.client_cpu = seconds > 0 ? (ThreadSeconds() - our_cpu) / seconds : 0;
  const auto requests =
      static_cast<double>(run.samples.size()) + static_cast<double>(run.warm_up_requests);
  // A server that died has taken its times with it.
  if (!ids.empty() && requests > 0 && after.on_cpu_ms >= before.on_cpu_ms) {
    step.server = ServerUse{.cpu_ms = (after.on_cpu_ms - before.on_cpu_ms) / requests,
                            .run_queue_ms = (after.run_queue_ms - before.run_queue_ms) / requests};
    if (peak_of_point && after.peak_rss_mb > 0) step.server->peak_memory_mb = after.peak_rss_mb;
  }
  const bool stopped = options.stop != nullptr && options.stop->load();
  step.check = CheckBodies(run, target.images,
                           {.version = target.api,
                            .budget = OfSeconds(stopped ? 0 : options.check_seconds),
                            .seed = options.seed});
  step.point = Summarise(run, generate.policy, generate.rate_per_second);
  if (std::string reason = NothingJudged(step.check); !reason.empty())
    step.point.not_reportable.push_back({"no-picture-judged", std::move(reason)});
  return step;
}

}  // namespace iiifbench
