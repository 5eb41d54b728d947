#include "harness/attribution/evidence/collect.h"

#include <algorithm>

#include "data/corpus.h"
#include "harness/attribution/evidence/perf/perf_profile.h"
#include "harness/stats/quantile.h"

namespace iiifbench {
namespace {

// Whether a JPEG library may be decoding for this server.
bool HoldsJpeg(const Observed& o) {
  return o.codec == "jpeg" || o.codec.empty() || (o.info && o.info->facts.compression == "jpeg");
}

}  // namespace

Result<void> CollectProfile(const CollectOptions& options, Observed& observed) {
  if (options.running == nullptr || options.running->ProcessIds().empty()) return {};
  PerfOptions profile{.process_ids = options.running->ProcessIds(),
                      .image_url = options.url,
                      .headers = options.running->headers,
                      .jpeg_source = HoldsJpeg(observed),
                      .budget = options.budget,
                      .folder = options.folder,
                      .stop = options.stop};
  for (const Case& c : observed.cases) {
    if (c.held_out && !c.samples_ms.empty())
      profile.latency_ms[c.probe.path] = Median(c.samples_ms);
  }
  if (profile.latency_ms.empty()) return {};
  auto found = ProfileRequests(profile);
  if (!found) {
    observed.findings.push_back({"no-profile", found.error().message});
    return {};
  }
  for (const auto& [path, stages] : found->stages) {
    if (found->samples[path] < 30) {
      observed.findings.push_back(
          {"profile-too-short", fmt::format("{}: no profile: {} samples are too few for shares",
                                            path, found->samples[path])});
      continue;
    }
    for (const auto& [stage, ms] : stages) observed.methods[path]["profile"][stage] = {ms};
  }
  std::vector<std::pair<double, std::string>> unknown;
  double sum = 0;
  for (const auto& [object, share] : found->unknown_objects) {
    unknown.emplace_back(share, object);
    sum += share;
  }
  std::ranges::sort(unknown, std::greater<>());
  if (sum > 0.05) {
    std::string objects;
    for (size_t i = 0; i < std::min<size_t>(3, unknown.size()); ++i)
      objects += fmt::format("{}{} {:.0f} %", i == 0 ? "" : ", ", unknown[i].second,
                             100 * unknown[i].first);
    observed.findings.push_back(
        {"profile-of-unknown-code",
         fmt::format("profile: no stage is known for {:.0f} % of the samples: {}", 100 * sum,
                     objects)});
  }
  if (found->cost > 0.4)
    observed.findings.push_back(
        {"profile-slows-server",
         fmt::format("profile: requests take {:.0f} % longer under perf: its shares are doubtful",
                     100 * found->cost)});
  if (options.folded_file.empty()) return {};
  const std::string text = FoldedText(found->folded);
  return WriteFile(options.folded_file, text);
}

}  // namespace iiifbench
