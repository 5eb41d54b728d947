#include "harness/attribution/what_if/not_offered.h"

#include <algorithm>

#include "harness/attribution/findings/packet_search.h"

namespace iiifbench {
namespace {

constexpr const char* kKinds[] = {
    "pyramid",          "tiles",    "PLT markers", "other format", "quality",
    "aligned requests", "spelling", "HTJ2K",       "DCT scaling",  "faster encoder",
    "index sidecar",    "cache",    "more workers"};

std::string PointersReason(const Observed& o) {
  if (o.codec != "jp2") return "the source is no JPEG 2000";
  const auto page = std::ranges::find_if(o.cases, [](const Case& c) { return c.probe.image == 0; });
  if (page == o.cases.end()) return "no probe was made";
  auto source = Source::Open(page->file);
  auto pointers = source ? PointersOf(**source) : Result<Jp2Pointers>(source.error());
  if (!pointers) return pointers.error().message;
  if (pointers->packet_lengths) return "the file has them";
  return "a region costs no more than ours, which reads all packet headers too: nothing to save "
         "was seen";
}

std::string ReasonFor(const std::string& kind, const Observed& o, bool tried) {
  const bool tiled = o.info && o.info->tile.width > 0, levels = o.info && o.info->levels.size() > 1;
  const std::string by_trial = tried ? "predicted to save less than 5 %"
                                     : "only predicted where it is tried: --server NAME --try";
  if (kind == "pyramid")
    return o.codec == "tiff" && tiled && levels ? "the file is a pyramid of tiles"
           : o.codec == "jp2"                   ? "JPEG 2000 holds its levels"
                                                : by_trial;
  if (kind == "tiles")
    return o.codec == "jp2" && !tiled ? by_trial : "the source has them, or its format has none";
  if (kind == "PLT markers") return PointersReason(o);
  if (kind == "HTJ2K") {
    if (o.codec != "jp2") return "the source is no JPEG 2000: see other format";
    return std::ranges::any_of(FindCodec("jp2")->recipes,
                               [](const Recipe& r) { return r.options.high_throughput; })
               ? by_trial
               : "this build has no encoder for it (libopenjph-dev)";
  }
  if (kind == "DCT scaling")
    return o.codec == "jpeg"
               ? "the fit sees none to gain: decoded at the fitting scale, or less than 5 %"
               : "the source is no JPEG";
  if (kind == "faster encoder")
    return "encode is at most 1.25 times libjpeg-turbo's, or less than 5 % of the requests";
  if (kind == "index sidecar")
    return o.codec == "jpeg" ? "less than 5 % of the requests" : "the source is no JPEG";
  if (kind == "more workers" && !tried)
    return "only where it is tried, or ask under load: --clients N";
  return by_trial;
}

}  // namespace

void AddNotOffered(const Observed& observed, bool tried, Attribution& attribution) {
  for (const char* kind : kKinds) {
    if (std::ranges::any_of(attribution.what_ifs, [&](const WhatIf& w) { return w.kind == kind; }))
      continue;
    if (std::ranges::any_of(attribution.not_offered, [&](const auto& n) { return n.kind == kind; }))
      continue;
    attribution.not_offered.push_back({kind, ReasonFor(kind, observed, tried)});
  }
  // Said for four requests alike: once is enough.
  std::vector<NotOffered> once;
  for (const auto& line : attribution.not_offered) {
    if (std::ranges::none_of(
            once, [&](const auto& o) { return o.kind == line.kind && o.reason == line.reason; }))
      once.push_back(line);
  }
  attribution.not_offered = std::move(once);
}

}  // namespace iiifbench
