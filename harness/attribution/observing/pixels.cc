#include <algorithm>

#include "harness/attribution/observing/observer.h"

namespace iiifbench {

// What the pixels of two answers exclude: source levels of a region, and point samplers or the
// others.
void Observer::PruneByPixels() {
  constexpr size_t kAnswers = 2;
  std::vector<ResizedAnswer> answers;
  for (size_t i = 0; i < out_.cases.size() && answers.size() < kAnswers && !OutOfTime(); ++i) {
    Case& c = out_.cases[i];
    if (!c.probe.name.starts_with("output:")) continue;
    auto plan = MakeRenderPlan(*c.info, c.request);
    if (!plan || !TellsFilters(*plan)) continue;
    if (c.samples_ms.empty() && answers_[i].wrong.empty()) Ask(c, answers_[i], false);
    if (!answers_[i].wrong.empty() || c.answer.size.width == 0) continue;
    answers.push_back({.file = c.file,
                       .info = c.info,
                       .request = c.request,
                       .jpeg = answers_[i].body,
                       .encoder = c.answer});
  }
  std::vector<LevelUse> levels;
  for (const Hypothesis& h : out_.hypotheses) {
    const LevelUse use = h.habit.levels == LevelUse::kFullOnly ? LevelUse::kNone : h.habit.levels;
    if (std::ranges::count(levels, use) == 0) levels.push_back(use);
  }
  if (answers.empty() || levels.empty()) return;
  auto pixels = MatchResize(answers, levels);
  if (!pixels) {
    out_.findings.push_back("resize not identified by pixels: " + pixels.error().message);
    return;
  }
  Say(Describe(*pixels));
  const auto excluded = [&](const Hypothesis& h) {
    return !pixels->Allows(h.habit.levels, IsPoint(h.filter));
  };
  if (!std::ranges::all_of(out_.hypotheses, excluded)) std::erase_if(out_.hypotheses, excluded);
  out_.resize_pixels = std::move(*pixels);
}

}  // namespace iiifbench
