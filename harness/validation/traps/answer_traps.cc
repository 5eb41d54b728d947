// Traps in the answers: a latency of the wrong thing. The attribution refuses, with the reason.
#include "harness/stats/quantile.h"
#include "harness/validation/traps/scenes.h"

namespace iiifbench {
namespace {

// A refusal may come as an error too, before there is anything to attribute.
std::function<Result<Said>(Scenes&)> Refused(Look look, const std::string& words,
                                             const std::string& naive) {
  return [look = std::move(look), words, naive](Scenes& scenes) -> Result<Said> {
    auto seen = scenes.At(look);
    std::vector<std::string> sentences;
    if (seen) {
      sentences = seen->attribution.refusals;
      const auto& findings = seen->attribution.findings;
      sentences.insert(sentences.end(), findings.begin(), findings.end());
    } else {
      sentences.push_back(seen.error().message);
    }
    Said said = Sentence(sentences, words);
    said.naive = naive;
    if (said.verdict == TrapVerdict::kCaught) said.verdict = TrapVerdict::kRefused;
    return said;
  };
}

}  // namespace

void AddAnswerTraps(std::vector<Trap>& traps) {
  // A decode that costs something, so that an answer from memory is another kind of fast than a
  // quick server.
  traps.push_back({'I', "a derivative cache left on", "answers are kept",
                   Refused({.recipe = "jp2_lossless", .faults = {{"cache", true}}},
                           "a cache answers", "the median of repeats is the cache's latency")});
  traps.push_back({'J', "a constant picture answered fast", "grey pictures of the right size",
                   Refused({.faults = {{"answer", "grey"}}}, "not the picture that was asked for",
                           "status 200, a JPEG of the right size: a fast server")});
  traps.push_back(
      {'K', "another size", "pictures one pixel too narrow",
       Refused({.faults = {{"answer", "smaller"}}}, "not the picture that was asked for",
               "status 200, a JPEG: as good as the others")});
  traps.push_back({'Q', "labels swapped", "the file named is another page than the URL serves",
                   Refused({.other_page = true}, "answers are not the picture",
                           "figures of one page under the name of another")});
}

}  // namespace iiifbench
