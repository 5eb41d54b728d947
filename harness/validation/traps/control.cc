// The control of the traps: a server without faults, looked at in the same way, must run into none
// of them.
#include "harness/validation/traps/scenes.h"

namespace iiifbench {
namespace {

// What the scenarios look for, where a healthy server could be accused of it.
constexpr const char* kAccusations[] = {"storage",          "do not resample",
                                        "without PLT",      "pyramid level that the answer needs",
                                        "encode with",      "starts a subprocess",
                                        "pauses",           "oversubscribe",
                                        "stages overlap",   "memory grows",
                                        "the store stalls", "a cache answers",
                                        "not the picture",  "cold at the beginning"};

}  // namespace

Result<std::vector<std::string>> AccuseHealthyServer(Scenes& scenes) {
  std::vector<std::string> accusations;
  for (const char* recipe : {"tiff_deflate", "jpeg_q90", "jp2_lossless_noplt"}) {
    auto seen = scenes.At({.recipe = recipe, .processes = true, .server_timing = true});
    if (!seen) return seen.error();
    const Attribution& a = seen->attribution;
    std::vector<std::string> sentences = a.findings;
    sentences.insert(sentences.end(), a.refusals.begin(), a.refusals.end());
    for (const auto& what : a.what_ifs) {
      if (what.low > 0) sentences.push_back(what.change);
    }
    for (const char* words : kAccusations) {
      const Said said = Sentence(sentences, words);
      if (said.verdict == TrapVerdict::kCaught)
        accusations.push_back(fmt::format("{}: {}", recipe, said.says));
    }
  }
  return accusations;
}

}  // namespace iiifbench
