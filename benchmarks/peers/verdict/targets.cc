#include "benchmarks/peers/verdict/targets.h"

#include "benchmarks/peers/verdict/reasons.h"

namespace iiifbench::peers {
namespace {

// Ratios that were worked out from the peers' own times and the bounds of memory and entropy
// coding, before the kernels were written.
constexpr Target kTargets[] = {
    {"resize/filter:box/from:4000", "ours", "libvips", 8},
    {"resize/filter:lanczos3/from:4000", "ours", "libvips", 8},
    {"resize/filter:triangle/from:4000", "ours", "libvips", 2.5},
    {"resize/filter:bicubic/from:4000", "ours", "libvips", 2.5},
    {"resize/filter:box/from:4000", "ours", "OpenCV AREA", 5},
    {"resize/filter:box/from:4000", "ours", "Pillow", 10},
    {"resize/filter:triangle/from:4000", "ours", "Pillow", 10},
    {"resize/filter:bicubic/from:4000", "ours", "Pillow", 10},
    {"resize/filter:lanczos3/from:4000", "ours", "Pillow", 10},
    {"resize/filter:box/from:1024", "ours", "OpenCV AREA", 1.8},
    {"region/jpeg_q90/size:1024x1024/at:centre", "ours, indexed", "libjpeg-turbo", 5},
    {"region/jpeg_q90/size:1024x1024/at:bottom", "ours, indexed", "libjpeg-turbo", 9},
    {"region/jpeg_q90/size:2000x150/at:line", "ours, indexed", "libjpeg-turbo", 12},
    {"region/jpeg_q90", "ours", "libjpeg-turbo", 1.3},
    {"level/jpeg_q90", "ours", "libjpeg-turbo", 1.25},
    {"region/jp2", "ours", "OpenJPEG", 1},
    {"level/jp2", "ours", "OpenJPEG", 1},
    {"request/jp2_10to1_tiled", "ours", "libvips", 7},
    {"region/tiff_lzw", "ours", "libtiff", 1.4},
    {"region/tiff", "ours", "libtiff", 1},
    {"request/jpeg_q90/crop", "ours, indexed", "libvips", 5},
    {"request/jpeg_q90/full", "ours", "libvips thumbnail", 1.6},
    {"request/tiff", "ours", "libvips", 3},
    {"threads/region/tiff_none", "ours, 2 threads", "ours", 1.8},
    {"threads/region/tiff_lzw", "ours, 2 threads", "ours", 1.8},
    {"threads/region/tiff_zstd", "ours, 2 threads", "ours", 1.8},
    {"threads/region/tiff_deflate", "ours, 2 threads", "ours", 1.8},
    {"threads/region/tiff_jpeg", "ours, 2 threads", "ours", 1.8},
    {"threads/region/jp2", "ours, 2 threads", "ours", 1.6},
};

}  // namespace

std::span<const Target> Targets() { return kTargets; }

std::vector<Verdict> Judge(const std::vector<CaseResult>& results) {
  std::vector<Verdict> verdicts;
  for (const Target& target : kTargets) {
    for (const CaseResult& result : results) {
      if (!result.task.name.starts_with(target.cases)) continue;
      const Row* ours = FindRow(result, target.ours, true);
      const Row* peer = FindRow(result, target.peer, target.peer == "ours");
      if (ours == nullptr || peer == nullptr) continue;
      const Ratio ratio = RatioOf(*peer, *ours);
      const Stand stand = StandOf(result, *peer);
      const bool met = target.at_least == 1 ? stand != Stand::kFaster && stand != Stand::kSuspect
                                            : ratio.median >= target.at_least;
      std::string why;
      if (target.at_least == 1 && (stand == Stand::kNotConfirmed || !met))
        why = BothBlocks(result, *peer);
      if (!met) {
        const std::string inside = target.at_least < ratio.high
                                       ? "the interval holds the target: this run cannot decide"
                                       : "";
        for (const std::string& reason :
             {inside, WhatStandsInTheWay(results, result, *ours, *peer)})
          why += reason.empty() ? "" : (why.empty() ? "" : "; ") + reason;
      }
      verdicts.push_back({&target, result.task.name, peer->label, ratio, met, why});
    }
  }
  return verdicts;
}

}  // namespace iiifbench::peers
