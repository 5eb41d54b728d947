// The control of the traps: a server without faults, looked at in the same way, must run into none
// of them.
#include "harness/validation/traps/scenes.h"

namespace iiifbench {
namespace {

// What the scenarios look for, where a healthy server could be accused of it.
constexpr FindingName kAccusations[] = {"slow-storage",
                                        "decode-or-storage-slow",
                                        "storage-when-cold",
                                        "packet-lengths-missing",
                                        "subprocess-per-picture",
                                        "pauses",
                                        "cores-oversubscribed",
                                        "stages-overlap",
                                        "memory-grows-with-region",
                                        "store-stalls",
                                        "cache-answers",
                                        "wrong-answers",
                                        "cold-at-start",
                                        "answers-are-paced",
                                        "two-speeds",
                                        "delayed-acknowledgement",
                                        "cached-before-we-came"};
constexpr const char* kChanges[] = {"do not resample", "pyramid level that the answer needs",
                                    "encode with"};

}  // namespace

Result<std::vector<std::string>> AccuseHealthyServer(Scenes& scenes) {
  std::vector<std::string> accusations;
  for (const char* recipe : {"tiff_deflate", "jpeg_q90", "jp2_lossless_noplt"}) {
    auto seen = scenes.At({.recipe = recipe, .processes = true, .server_timing = true});
    if (!seen) return seen.error();
    const Attribution& a = seen->attribution;
    std::vector<Finding> findings = a.findings;
    findings.insert(findings.end(), a.refusals.begin(), a.refusals.end());
    std::vector<Said> all;
    for (const FindingName& name : kAccusations) all.push_back(Named(findings, {name}));
    for (const char* words : kChanges) all.push_back(WhatIfSays(a, words));
    for (const Said& said : all) {
      if (said.verdict == TrapVerdict::kCaught)
        accusations.push_back(fmt::format("{}: {}", recipe, said.says));
    }
  }
  return accusations;
}

}  // namespace iiifbench
