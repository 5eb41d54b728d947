#include <algorithm>

#include "harness/attribution/observe/match_resize.h"

#include "harness/attribution/observe/prober.h"

namespace iiifbench {

void PruneByPixels(Prober& prober, Observed& observed) {
  constexpr size_t kAnswers = 2;
  std::vector<ResizedAnswer> answers;
  for (size_t i = 0; i < observed.cases.size() && answers.size() < kAnswers && !OutOfTime(prober);
       ++i) {
    const Case& c = observed.cases[i];
    if (!c.probe.name.starts_with("output:")) continue;
    auto plan = MakeRenderPlan(*c.info, c.request);
    if (!plan || !TellsFilters(*plan)) continue;
    if (c.samples_ms.empty() && prober.answers[i].wrong.empty()) Ask(prober, observed, i, false);
    if (!prober.answers[i].wrong.empty() || c.answer.size.width == 0) continue;
    answers.push_back({.file = c.file,
                       .info = c.info,
                       .request = c.request,
                       .jpeg = prober.answers[i].body,
                       .encoder = c.answer});
  }
  std::vector<LevelUse> levels;
  for (const Hypothesis& h : observed.hypotheses) {
    const LevelUse use = h.habit.levels == LevelUse::kFullOnly ? LevelUse::kNone : h.habit.levels;
    if (std::ranges::count(levels, use) == 0) levels.push_back(use);
  }
  if (answers.empty() || levels.empty()) return;
  auto pixels = MatchResize(answers, levels);
  if (!pixels) {
    observed.findings.push_back(
        {"no-resize-by-pixels", "resize not identified by pixels: " + pixels.error().message});
    return;
  }
  Say(prober, Describe(*pixels));
  const auto excluded = [&](const Hypothesis& h) {
    return !pixels->Allows(h.habit.levels, IsPoint(h.filter));
  };
  if (!std::ranges::all_of(observed.hypotheses, excluded))
    std::erase_if(observed.hypotheses, excluded);
  observed.resize_pixels = std::move(*pixels);
}

}  // namespace iiifbench
