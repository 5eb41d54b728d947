#include "harness/load/sweep/load_step.h"

#include "harness/http/client.h"
#include "harness/load/sweep/sweep_log.h"
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

// What a point's log says of it beside its samples.
nlohmann::json FactsOf(const LoadStep& step, const LoadRun& run) {
  nlohmann::json wrong = nlohmann::json::array();
  for (size_t i = 0; i < run.samples.size(); ++i) {
    const int32_t failure = run.samples[i].failure;
    if (failure >= 0 && run.failures[static_cast<size_t>(failure)] == "wrong picture")
      wrong.push_back(i);
  }
  const BodyCheck& check = step.check;
  nlohmann::json facts = {{"ended_early", run.ended_early},
                          {"http_version", run.http_version},
                          {"kept_one_in", run.kept_one_in},
                          {"not_answered", run.not_answered},
                          {"wrong", wrong},
                          {"client_cpu", step.client_cpu},
                          {"check",
                           {{"checked", check.checked},
                            {"kept", check.kept},
                            {"wrong", check.wrong},
                            {"compared", check.compared},
                            {"examples", check.examples},
                            {"rounded", check.rounded},
                            {"roundings", check.roundings}}}};
  if (step.server) {
    facts["server"] = {{"cpu_ms", step.server->cpu_ms},
                       {"run_queue_ms", step.server->run_queue_ms},
                       {"peak_memory_mb", step.server->peak_memory_mb.value_or(0)}};
  }
  return facts;
}

// A point that an earlier sitting has ended.
LoadStep FromFacts(const nlohmann::json& facts) {
  LoadStep step{.kept_one_in = facts.value("kept_one_in", int64_t{1}),
                .client_cpu = facts.value("client_cpu", 0.0)};
  const nlohmann::json check = facts.value("check", nlohmann::json::object());
  using Texts = std::vector<std::string>;
  step.check = {.checked = check.value("checked", int64_t{0}),
                .kept = check.value("kept", int64_t{0}),
                .wrong = check.value("wrong", int64_t{0}),
                .compared = check.value("compared", true),
                .examples = check.value("examples", Texts()),
                .rounded = check.value("rounded", int64_t{0}),
                .roundings = check.value("roundings", Texts())};
  if (facts.contains("server")) {
    const nlohmann::json& server = facts["server"];
    step.server = ServerUse{.cpu_ms = server.value("cpu_ms", 0.0),
                            .run_queue_ms = server.value("run_queue_ms", 0.0)};
    const double peak = server.value("peak_memory_mb", 0.0);
    if (peak > 0) step.server->peak_memory_mb = peak;
  }
  return step;
}

// A log goes on where it was, its seconds of warm-up before that; any other stream leaves out what
// was taken of it, so that nothing is asked twice.
class Stream {
 public:
  Stream(const SweepOptions& options, const LoadTarget& target, const Workload& workload,
         const PointSoFar& before)
      : options_(options),
        target_(target),
        requests_(workload, target.images, options.seed, target.full_size),
        skipped_(before.run.measured) {
    if (workload.order == Workload::Order::kLog) return;
    for (int64_t i = 0; i < before.taken; ++i) requests_.Next();
  }
  std::optional<LoadRequest> Next() {
    for (;;) {
      auto request = NextRequest(options_, target_, requests_);
      if (!request) return {};
      if (request->due) {
        if (*request->due < skipped_) continue;
        *request->due -= skipped_;
      }
      ++taken_;
      return request;
    }
  }
  int64_t taken() const { return taken_; }

 private:
  const SweepOptions& options_;
  const LoadTarget& target_;
  RequestStream requests_;
  nanoseconds skipped_;
  int64_t taken_ = 0;
};

}  // namespace

LoadStep MeasureStep(const SweepOptions& options, const LoadTarget& target,
                     const Workload& workload, double load, bool by_rate) {
  PointSoFar point;
  if (options.log != nullptr)
    point = options.log->BeginPoint(fmt::format("{:g} {}", load, by_rate ? "a second" : "clients"));
  const double rate = by_rate ? load : 0;
  const ConnectionPolicy policy = options.connections == "fresh"   ? ConnectionPolicy::kFresh
                                  : options.connections == "http2" ? ConnectionPolicy::kHttp2
                                                                   : ConnectionPolicy::kReuse;
  const nanoseconds asked = OfSeconds(options.seconds);
  if (!point.facts.is_null()) {
    LoadStep step = FromFacts(point.facts);
    step.load = load;
    step.sittings = point.sittings;
    point.run.asked = asked;
    step.point = Summarise(point.run, policy, rate);
    return step;
  }
  const nanoseconds left = std::max(asked - point.run.measured, nanoseconds(1));
  Stream stream(options, target, workload, point);
  RunSoFar last;
  GenerateOptions generate{
      .next = [&] { return stream.Next(); },
      .clients = by_rate ? 1 : static_cast<int>(load),
      .rate_per_second = rate,
      .poisson = !options.constant,
      .seed = options.seed + static_cast<uint64_t>(point.sittings),
      .warm_up = left.count() > 1 ? OfSeconds(options.warm_up) : nanoseconds(0),
      .duration = left,
      .slots = options.slots,
      .policy = policy,
      .timeout = std::chrono::milliseconds(static_cast<int64_t>(options.timeout * 1e3)),
      .headers = target.headers,
      .ca_file = CertificatesToTrust(options.ca_file),
      .so_far =
          [&](const LoadRun& run, const RunSoFar& so_far) {
            last = so_far;
            if (options.log != nullptr) options.log->Add(run, so_far, stream.taken());
          },
      .stop = options.stop};
  generate.alive = [&]() -> Result<void> {
    if (options.log != nullptr) {
      auto kept = options.log->Check();
      if (!kept) return kept;
    }
    return target.running ? target.running->Check() : Result<void>();
  };
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
  const bool resumed = point.sittings > 0;
  LoadRun& all = resumed ? point.run : run;
  if (resumed) {
    JoinSitting(point, run, last, stream.taken());
    step.sittings = point.sittings;
    all.asked = asked;
    all.not_answered = run.not_answered;
    all.http_version = run.http_version;
    all.ended_early = run.ended_early;
    all.kept_one_in = run.kept_one_in;
  }
  step.point = Summarise(all, policy, rate);
  if (std::string reason = NothingJudged(step.check); !reason.empty())
    step.point.not_reportable.push_back({"no-picture-judged", std::move(reason)});
  if (options.log != nullptr) options.log->EndPoint(FactsOf(step, all));
  return step;
}

}  // namespace iiifbench
