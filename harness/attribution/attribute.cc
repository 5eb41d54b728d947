#include "harness/attribution/attribute.h"

#include <algorithm>
#include <filesystem>

#include "harness/answers/info_document.h"
#include "harness/attribution/evidence/collect.h"
#include "harness/attribution/evidence/fresh_connection.h"
#include "harness/attribution/evidence/page_cache.h"
#include "harness/attribution/evidence/under_load.h"
#include "harness/attribution/findings/file_findings.h"
#include "harness/attribution/findings/pyramid_gap.h"
#include "harness/attribution/judge.h"
#include "harness/attribution/observe/measure_network.h"
#include "harness/attribution/what_if/not_offered.h"
#include "harness/http/address.h"
#include "harness/http/client.h"
#include "harness/http/courtesy.h"

namespace iiifbench {
namespace {

bool Stopped(const ObserveOptions& observe) {
  return observe.stop != nullptr && observe.stop->load();
}

// Seconds of a budget that are left, and lines of progress that name them.
class Remaining {
 public:
  explicit Remaining(const AttributionOptions& options) : options_(options) {}
  double seconds() const {
    const auto spent = std::chrono::steady_clock::now() - start_;
    return (options_.budget - std::chrono::duration<double>(spent)).count();
  }
  void Say(const char* what) const {
    if (options_.observe.progress && options_.budget.count() > 0)
      options_.observe.progress(fmt::format("{}; {:.0f} s left", what, std::max(0.0, seconds())));
  }

 private:
  const AttributionOptions& options_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// What comes after the probes and before the fit. Returns why the folded stacks were not written.
std::string CollectEvidence(const AttributionOptions& options, const Remaining& remaining,
                            Observed& observed) {
  const ObserveOptions& observe = options.observe;
  std::string not_written;
  if (Stopped(observe)) return not_written;
  if (options.fresh_connections)
    CollectFreshConnections(observe.url, observe.headers, observe.stop, observed);
  remaining.Say("probes done");
  if (options.profile && !Stopped(observe)) {
    CollectOptions collect{.url = observe.url,
                           .running = observe.running,
                           .folder = options.profile->folder,
                           .folded_file = options.profile->folded_file,
                           .budget = options.profile->budget,
                           .stop = observe.stop};
    // A third of what is left: reading its stacks takes as long again.
    if (options.budget.count() > 0)
      collect.budget = std::chrono::duration<double>(
          std::clamp(remaining.seconds() / 3, 1.5, collect.budget.count()));
    auto collected = CollectProfile(collect, observed);
    if (!collected) not_written = collected.error().message;
  }
  if (options.cold_pass && !observe.source.empty())
    CollectColdPass({.url = observe.url,
                     .source = observe.source,
                     .headers = observe.headers,
                     .stop = observe.stop},
                    observed);
  return not_written;
}

// Every request of interest with several clients at once.
void AddLoad(const AttributionOptions& options, const Observed& observed,
             Attribution& attribution) {
  const ObserveOptions& observe = options.observe;
  for (auto& request : attribution.requests) {
    if (Stopped(observe)) return;
    const auto found = std::ranges::find_if(
        observed.cases, [&](const Case& c) { return c.held_out && c.probe.path == request.path; });
    auto loaded =
        AskUnderLoad({.url = Below(observe.url, request.path),
                      .headers = observe.headers,
                      .clients = options.clients,
                      .budget = std::chrono::duration<double>(
                          std::clamp(request.measured_ms / 1000 * 20, 1.5, 8.0)),
                      .alone_ms = found == observed.cases.end() ? nullptr : &found->samples_ms,
                      .running = observe.running,
                      .stop = observe.stop});
    if (loaded) {
      request.loaded = *loaded;
      attribution.findings.push_back(
          {"latency-under-load", request.path + " " + Describe(*loaded)});
    } else {
      attribution.refusals.push_back({"no-load", loaded.error().message});
    }
  }
}

// Words when the server is gone after the probes; empty: it answers.
std::string Lost(const ObserveOptions& observe) {
  Client client({.timeout = PatienceOf(observe.budget / 4), .headers = observe.headers});
  const Exchange exchange = client.Get(Below(observe.url, "info.json"));
  if (exchange.error.empty() || exchange.failure == kNotSent) return {};
  return fmt::format(
      "{}: the server stopped answering during the run ({}): start it again and look into its log; "
      "what was measured before is kept",
      WithoutSecrets(observe.url), exchange.error);
}

}  // namespace

Result<Attributed> Attribute(const AttributionOptions& given) {
  AttributionOptions options = given;
  ObserveOptions& observe = options.observe;
  Client client({.timeout = PatienceOf(observe.budget), .headers = observe.headers});
  auto asked = AskInfo(client, observe.url);
  if (!asked) {
    const Exchange again = client.Get(Below(observe.url, "info.json"));
    if (const std::string advice = TrustAdvice(again); !advice.empty())
      return Fail(ErrorKind::kIo, "{}/info.json: {}{}", WithoutSecrets(observe.url), again.error,
                  advice);
    return asked.error();
  }
  observe.url = asked->url;
  const Remaining remaining(options);
  const std::string gap = observe.source.empty() ? "" : PyramidGapIn(observe.source);
  auto observed = Observe(observe);
  if (!observed) {
    if (gap.empty()) return observed.error();
    return Fail(observed.error().kind, "{}\n{}", observed.error().message, gap);
  }
  Attributed out{.observed = std::move(*observed)};
  Attribution& attribution = out.attribution;
  const bool answered = std::ranges::any_of(
      out.observed.cases, [](const Case& c) { return !c.probe.info && !c.samples_ms.empty(); });
  // Of a server that gave no picture there is nothing more to learn, and each try may take as long.
  if (answered) out.not_written = CollectEvidence(options, remaining, out.observed);
  remaining.Say("evidence collected");
  attribution = Judge(out.observed, observe.seed);
  remaining.Say("fitted");
  attribution.url = WithoutSecrets(observe.url);
  if (!asked->redirect.empty())
    attribution.findings.push_back(
        {"server-redirects", fmt::format("the server sends {} on ({}); that URL was measured: give "
                                         "it, and spare clients a request",
                                         WithoutSecrets(given.observe.url), asked->redirect)});
  attribution.source = std::filesystem::path(observe.source).filename();
  if (attribution.stored)
    attribution.stored->next = NextCommand(
        attribution, options.budget.count() > 0 ? options.budget.count() : observe.budget.count());
  if (Stopped(observe)) attribution.refusals.push_back({"stopped-early", "stopped before the end"});
  if (!gap.empty())
    (attribution.requests.empty() ? attribution.refusals : attribution.findings)
        .push_back({"pyramid-gap", gap});
  if (options.clients > 1 && answered) AddLoad(options, out.observed, attribution);
  if (options.check_still_answers && !Stopped(observe)) out.lost = Lost(observe);
  if (!out.lost.empty()) attribution.refusals.push_back({"server-stopped-answering", out.lost});
  const bool tried = options.experiments != nullptr && !Stopped(observe);
  if (tried && options.answered) options.answered(attribution);
  if (tried) TryChanges(*options.experiments, out.observed, attribution);
  if (options.not_offered) AddNotOffered(out.observed, tried, attribution);
  return out;
}

}  // namespace iiifbench
