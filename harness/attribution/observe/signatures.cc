#include <algorithm>

#include "harness/attribution/observe/answer_cache.h"
#include "harness/attribution/observe/first_answer.h"
#include "harness/attribution/observe/prober.h"
#include "harness/attribution/observe/way.h"
#include "harness/stats/quantile.h"

namespace iiifbench {

Case* Find(const Prober& prober, Observed& observed, const std::string& name) {
  for (size_t i = 0; i < observed.cases.size(); ++i) {
    if (observed.cases[i].probe.name == name && prober.answers[i].wrong.empty())
      return &observed.cases[i];
  }
  return nullptr;
}

void JudgeSignatures(const Prober& prober, Observed& observed) {
  Signatures& s = observed.signatures;
  auto ratio = [&](const char* one, const char* other) -> std::optional<double> {
    const Case *a = Find(prober, observed, one), *b = Find(prober, observed, other);
    if (a == nullptr || b == nullptr || a->samples_ms.empty() || b->samples_ms.empty()) return {};
    return Median(a->samples_ms) / Median(b->samples_ms);
  };
  s.bottom_to_top = ratio("position:bottom", "position:top");
  s.above_level = ratio("full:501", "full:500");
  s.pixel_to_small = ratio("pixel", "ladder:64");
  s.info_to_small = ratio("info:0", "info:1");
}

void TakeSignatures(Prober& prober, Observed& observed) {
  // The first answer is wanted in seconds: twice each will do where a pass is slow.
  constexpr double kFirstAnswer = 5;
  // So many are asked again however slow they are: a cache shows in repeats only (answer_cache.h).
  constexpr int kRepeated = 6;
  int repeated = 0;
  for (int pass = 0; pass < 4 && !Stopped(prober) && (pass < 2 || Elapsed(prober) < kFirstAnswer);
       ++pass) {
    for (size_t i = 0; i < observed.cases.size() && !Stopped(prober); ++i) {
      const Case& c = observed.cases[i];
      if (!c.probe.signature || !prober.answers[i].wrong.empty() || Stopped(prober)) continue;
      // Of a server that takes seconds the requests of interest are worth more.
      const double budget = prober.options.budget.count();
      if (prober.warm_ms / 1000 > budget / 40 && Elapsed(prober) > budget / 3) break;
      // The budget is for the rounds: more slow answers are not repeated.
      if (pass >= 1 && repeated >= kRepeated && !c.samples_ms.empty() &&
          Elapsed(prober) > prober.options.budget.count() / 6 &&
          c.samples_ms.back() > 10 * prober.options.budget.count())
        continue;
      Ask(prober, observed, i, false);
      repeated += pass >= 1 ? 1 : 0;
    }
  }
  SetNetwork(observed);
  std::vector<double> repeats;
  Signatures& s = observed.signatures;
  for (const Case& c : observed.cases) {
    if (!c.probe.signature || c.probe.info || c.samples_ms.size() < 2) continue;
    s.repeats.push_back({c.probe.name, c.samples_ms.front() - c.fixed_ms,
                         std::max(0.0, Median(std::span(c.samples_ms).subspan(1)) - c.fixed_ms)});
    repeats.push_back(s.repeats.back().again_ms / std::max(0.1, s.repeats.back().first_ms));
  }
  if (const Case* info = Find(prober, observed, "info:0");
      info != nullptr && !info->samples_ms.empty())
    s.info_ms = Median(info->samples_ms) - info->fixed_ms;
  if (!repeats.empty()) s.second_to_first = Median(repeats);
  JudgeSignatures(prober, observed);
  s.cached = CacheAnswers(s.repeats, s.info_ms);
  if (s.cached) {
    observed.refusals.push_back(
        {"cache-answers", fmt::format("a cache answers: repeats of a request take {:.2f} of the "
                                      "first time; switch the cache "
                                      "off, or measure first requests",
                                      s.second_to_first.value_or(0))});
  }
  Say(prober, Describe(s));
  const Case* tile = Find(prober, observed, "equal:256");
  const std::string answer =
      FirstAnswer(s, observed.codec, observed.network,
                  tile == nullptr || tile->samples_ms.empty() ? 0 : Median(tile->samples_ms));
  Say(prober, fmt::format("{} (after {:.1f} s)", answer, Elapsed(prober)));
}

}  // namespace iiifbench
