#include "harness/attribution/findings/process_findings.h"

#include <unistd.h>

#include <algorithm>

#include "harness/attribution/fit/merge_stages.h"
#include "harness/stats/quantile.h"

namespace iiifbench {
namespace {

struct Seen {
  RequestAttribution* request;
  std::map<std::string, double> cpu;  // medians of method "cpu"
  int64_t region_pixels = 0;          // of the full size
  double Of(const std::string& name) const {
    const auto found = cpu.find(name);
    return found == cpu.end() ? 0 : found->second;
  }
};

std::vector<Seen> SeenOf(const Observed& observed, Attribution& attribution) {
  std::vector<Seen> out;
  for (auto& request : attribution.requests) {
    const auto methods = observed.methods.find(request.path);
    if (methods == observed.methods.end()) continue;
    const auto cpu = methods->second.find("cpu");
    if (cpu == methods->second.end() || cpu->second.empty()) continue;
    Seen seen{.request = &request};
    for (const auto& [name, values] : cpu->second) seen.cpu[name] = Median(values);
    for (const Case& c : observed.cases) {
      if (!c.held_out || c.probe.path != request.path) continue;
      auto plan = MakeRenderPlan(*c.info, c.request);
      if (plan) seen.region_pixels = plan->region.size().pixels();
    }
    out.push_back(std::move(seen));
  }
  return out;
}

// The one with the largest share of its latency in `name`.
const Seen& Largest(const std::vector<Seen>& all, const std::string& name) {
  return *std::ranges::max_element(all, [&](const Seen& a, const Seen& b) {
    return a.Of(name) / a.request->measured_ms < b.Of(name) / b.request->measured_ms;
  });
}

void FindSubprocess(std::vector<Seen>& all, Attribution& out) {
  const auto with =
      std::ranges::count_if(all, [](const Seen& s) { return s.Of("child-faults") >= 20; });
  if (static_cast<size_t>(with) * 2 <= all.size()) return;
  const Seen& one = Largest(all, "child-faults");
  // Dirty pages count where a file is written, a pipe has none.
  const std::string file = one.Of("file-mb") > 0.01
                               ? fmt::format(" and writes {:.2f} MB to files", one.Of("file-mb"))
                               : std::string();
  out.findings.push_back(
      fmt::format("every picture starts a subprocess ({:.0f} page faults of {} ended with it){}: "
                  "starting, copying "
                  "and decoding are merged; a decoder inside the server would need neither",
                  one.Of("child-faults"), one.request->path, file));
  for (const auto& seen : all) MergeWith(*seen.request, "overhead", "decode");
}

void FindOversubscription(const std::vector<Seen>& all, const Observed& observed,
                          Attribution& out) {
  const Seen& one = Largest(all, "run-queue");
  const double waited = one.Of("run-queue"), ran = one.Of("cpu");
  const double ours = observed.own_cpu_ms > 0 ? observed.own_run_queue_ms / observed.own_cpu_ms : 0;
  // A busy machine makes ours wait too, but not so long.
  if (ran > 1 && waited > 0.5 * ran && waited > 4 * ours * ran) {
    out.findings.push_back(fmt::format(
        "threads of the server that were ready waited {:.1f} ms for a core and ran {:.1f} ms in "
        "{} of {:.1f} ms, "
        "one request at a time; our kernels waited {:.0f} % of what they ran: decode threads "
        "oversubscribe the {} "
        "processors; fewer threads do the same work",
        waited, ran, one.request->path, one.request->measured_ms, 100 * ours,
        ::sysconf(_SC_NPROCESSORS_ONLN)));
  } else if (ours > 0.15) {
    out.findings.push_back(fmt::format(
        "our own kernels waited {:.0f} % as long for a core as they ran: something else runs on "
        "this machine, and "
        "latencies hold its time too",
        100 * ours));
  }
}

void FindOverlap(const std::vector<Seen>& all, const Observed& observed, Attribution& out) {
  for (const auto& request : out.requests) {
    const auto methods = observed.methods.find(request.path);
    if (methods == observed.methods.end()) continue;
    for (const auto& [method, samples] : methods->second) {
      if (method != "server-timing" && method != "log") continue;
      double work = 0, total = request.measured_ms;
      for (const auto& [stage, values] : samples) {
        if (stage == "total") total = Median(values);
        if (stage != "total" && stage != "network" && stage != "overhead" && stage != "wait")
          work += Median(values);
      }
      if (work < kOverlap * total || work < total + 1) continue;
      out.findings.push_back(
          fmt::format("stages overlap: by {} those of {} are {:.1f} ms of work in {:.1f} ms on the "
                      "critical path; "
                      "shares of work are no shares of time, and a faster stage may save nothing",
                      method, request.path, work, total));
      return;
    }
  }
  if (all.empty()) return;
  const Seen& one = Largest(all, "cpu");
  const double latency = one.request->measured_ms, ran = one.Of("cpu");
  if (ran < kOverlap * latency || ran < latency + 2) return;
  out.findings.push_back(
      fmt::format("stages overlap, or run in several threads: {:.1f} ms of processor time in {} of "
                  "{:.1f} ms; work and "
                  "critical path are apart, and the stages below are of the critical path",
                  ran, one.request->path, latency));
}

void FindMemory(const std::vector<Seen>& all, const Observed& observed, Attribution& out) {
  const auto [small, large] = std::ranges::minmax_element(all, {}, &Seen::region_pixels);
  const auto regions = static_cast<double>(large->region_pixels - small->region_pixels);
  const double faults = large->Of("faults") - small->Of("faults");
  if (regions < 1e5 || faults < 200 || large->Of("faults") < 2 * small->Of("faults")) return;
  const double megabytes = large->Of("faults") * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1e6;
  const double ms = megabytes * observed.costs->faults_ms_per_mb();
  if (ms < 0.05 * large->request->measured_ms) return;
  out.findings.push_back(fmt::format(
      "memory grows with the region: {:.0f} page faults for {}, {:.0f} for {}: {:.1f} bytes are "
      "touched for "
      "the "
      "first time per pixel, about {:.1f} ms of {:.1f} ms at what a first touch costs here; kept "
      "buffers "
      "would "
      "save it",
      large->Of("faults"), large->request->path, small->Of("faults"), small->request->path,
      faults * static_cast<double>(::sysconf(_SC_PAGESIZE)) / regions, ms,
      large->request->measured_ms));
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
