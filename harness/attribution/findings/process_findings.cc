#include "harness/attribution/findings/process_findings.h"

#include <unistd.h>

#include <algorithm>

#include "harness/attribution/fit/merge_stages.h"
#include "harness/stats/quantile.h"

namespace iiifbench {
namespace {

constexpr double kATurnMs = 4;  // of the scheduler

struct Seen {
  RequestAttribution* request;
  ProcessUsage used;          // medians
  int64_t region_pixels = 0;  // of the full size
};

std::vector<Seen> SeenOf(const Observed& observed, Attribution& attribution) {
  std::vector<Seen> out;
  for (auto& request : attribution.requests) {
    if (!request.process) continue;
    Seen seen{.request = &request, .used = *request.process};
    for (const Case& c : observed.cases) {
      if (!c.held_out || c.probe.path != request.path) continue;
      auto plan = MakeRenderPlan(*c.info, c.request);
      if (plan) seen.region_pixels = plan->region.size().pixels();
    }
    out.push_back(seen);
  }
  return out;
}

// The one with the largest share of its latency in `field`.
const Seen& Largest(const std::vector<Seen>& all, double ProcessUsage::*field) {
  return *std::ranges::max_element(all, [&](const Seen& a, const Seen& b) {
    return a.used.*field / a.request->measured_ms < b.used.*field / b.request->measured_ms;
  });
}

void FindSubprocess(std::vector<Seen>& all, Attribution& out) {
  const auto with =
      std::ranges::count_if(all, [](const Seen& s) { return s.used.child_faults >= 20; });
  if (static_cast<size_t>(with) * 2 <= all.size()) return;
  const Seen& one = Largest(all, &ProcessUsage::child_faults);
  // Dirty pages count where a file is written, a pipe has none.
  const std::string file = one.used.file_mb > 0.01
                               ? fmt::format(" and writes {:.2f} MB to files", one.used.file_mb)
                               : std::string();
  out.findings.push_back(
      {"subprocess-per-picture",
       fmt::format("every picture starts a subprocess ({:.0f} page faults of {} ended with it){}: "
                   "starting, copying "
                   "and decoding are merged; a decoder inside the server would need neither",
                   one.used.child_faults, one.request->path, file)});
  for (const auto& seen : all) MergeWith(*seen.request, Stage::kOverhead, Stage::kDecode);
}

void FindOversubscription(const std::vector<Seen>& all, const Observed& observed,
                          Attribution& out) {
  const Seen& one = Largest(all, &ProcessUsage::run_queue_ms);
  const double waited = one.used.run_queue_ms, ran = one.used.on_cpu_ms;
  const double ours = observed.own_cpu_ms > 0 ? observed.own_run_queue_ms / observed.own_cpu_ms : 0;
  // A busy machine makes ours wait too, but not so long. A turn or two of the scheduler is chance.
  const auto waits = [&](const Seen& s) {
    return s.used.run_queue_ms > 0.5 * s.used.on_cpu_ms &&
           s.used.run_queue_ms > 4 * ours * s.used.on_cpu_ms;
  };
  if (ran > 1 && waited > kATurnMs && waits(one) &&
      2 * std::ranges::count_if(all, waits) > std::ssize(all)) {
    out.findings.push_back(
        {"cores-oversubscribed",
         fmt::format(
             "threads of the server that were ready waited {:.1f} ms for a core and ran {:.1f} ms "
             "in "
             "{} of {:.1f} ms, "
             "one request at a time; our kernels waited {:.0f} % of what they ran: decode threads "
             "oversubscribe the {} "
             "processors; fewer threads do the same work",
             waited, ran, one.request->path, one.request->measured_ms, 100 * ours,
             ::sysconf(_SC_NPROCESSORS_ONLN))});
  } else if (ours > 0.15) {
    out.findings.push_back(
        {"machine-busy", fmt::format("our own kernels waited {:.0f} % as long for a core as they "
                                     "ran: something else runs on "
                                     "this machine, and "
                                     "latencies hold its time too",
                                     100 * ours)});
  }
}

void FindOverlap(const std::vector<Seen>& all, const Observed& observed, Attribution& out) {
  for (const auto& request : out.requests) {
    const auto methods = observed.methods.find(request.path);
    if (methods == observed.methods.end()) continue;
    for (const auto& [method, samples] : methods->second) {
      if (method != "server-timing" && method != "log") continue;
      double work = 0, total = request.measured_ms;
      if (const auto found = samples.find(OtherPart::kTotal); found != samples.end())
        total = Median(found->second);
      for (const auto& [stage, values] : StagesIn(samples)) {
        if (stage != Stage::kNetwork && stage != Stage::kOverhead && stage != Stage::kWait)
          work += Median(values);
      }
      if (work < kOverlap * total || work < total + 1) continue;
      out.findings.push_back(
          {"stages-overlap",
           fmt::format(
               "stages overlap: by {} those of {} are {:.1f} ms of work in {:.1f} ms on the "
               "critical path; "
               "shares of work are no shares of time, and a faster stage may save nothing",
               method, request.path, work, total)});
      return;
    }
  }
  if (all.empty()) return;
  const Seen& one = Largest(all, &ProcessUsage::on_cpu_ms);
  const double latency = one.request->measured_ms, ran = one.used.on_cpu_ms;
  if (ran < kOverlap * latency || ran < latency + 2) return;
  out.findings.push_back(
      {"stages-overlap",
       fmt::format(
           "stages overlap, or run in several threads: {:.1f} ms of processor time in {} of "
           "{:.1f} ms; work and "
           "critical path are apart, and the stages below are of the critical path",
           ran, one.request->path, latency)});
}

void FindMemory(const std::vector<Seen>& all, const Observed& observed, Attribution& out) {
  const auto [small, large] = std::ranges::minmax_element(all, {}, &Seen::region_pixels);
  const auto regions = static_cast<double>(large->region_pixels - small->region_pixels);
  const double faults = large->used.faults - small->used.faults;
  if (regions < 1e5 || faults < 200 || large->used.faults < 2 * small->used.faults) return;
  const double megabytes = large->used.faults * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1e6;
  const double ms = megabytes * observed.costs->faults_ms_per_mb();
  if (ms < 0.05 * large->request->measured_ms) return;
  out.findings.push_back(
      {"memory-grows-with-region",
       fmt::format("memory grows with the region: {:.0f} page faults for {}, {:.0f} for {}: {:.1f} "
                   "bytes are "
                   "touched for "
                   "the "
                   "first time per pixel, about {:.1f} ms of {:.1f} ms at what a first touch costs "
                   "here; kept "
                   "buffers "
                   "would "
                   "save it",
                   large->used.faults, large->request->path, small->used.faults,
                   small->request->path,
                   faults * static_cast<double>(::sysconf(_SC_PAGESIZE)) / regions, ms,
                   large->request->measured_ms)});
}

}  // namespace

void AddProcessFindings(const Observed& observed, Attribution& attribution) {
  auto all = SeenOf(observed, attribution);
  FindOverlap(all, observed, attribution);
  if (all.empty()) return;
  FindSubprocess(all, attribution);
  FindOversubscription(all, observed, attribution);
  FindMemory(all, observed, attribution);
}

}  // namespace iiifbench
