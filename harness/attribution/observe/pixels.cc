#include <algorithm>
#include <map>

#include "harness/attribution/observe/match_resize.h"

#include "harness/attribution/observe/prober.h"

namespace iiifbench {
namespace {

// Hypotheses whose levels have the same pixels: of the source, or of stand-ins of one format.
std::string LevelsOf(const Hypothesis& h) {
  if (h.stored == nullptr) return {};
  return fmt::format("{} {}", h.stored->way.codec, h.stored->page.info.levels.size());
}

// Cases whose answers tell filters, asked where they were not.
std::vector<size_t> AnswersToMatch(Prober& prober, Observed& observed) {
  constexpr size_t kAnswers = 2;
  std::vector<size_t> out;
  for (size_t i = 0; i < observed.cases.size() && out.size() < kAnswers && !OutOfTime(prober);
       ++i) {
    const Case& c = observed.cases[i];
    if (!c.probe.name.starts_with("output:")) continue;
    auto plan = MakeRenderPlan(*c.info, c.request);
    if (!plan || !TellsFilters(*plan)) continue;
    if (c.samples_ms.empty() && prober.answers[i].wrong.empty()) Ask(prober, observed, i, false);
    if (!prober.answers[i].wrong.empty() || c.answer.size.width == 0) continue;
    out.push_back(i);
  }
  return out;
}

}  // namespace

void PruneByPixels(Prober& prober, Observed& observed) {
  const std::vector<size_t> numbers = AnswersToMatch(prober, observed);
  if (numbers.empty()) return;
  std::map<std::string, std::vector<LevelUse>> groups;
  std::map<std::string, const Hypothesis*> first;
  for (const Hypothesis& h : observed.hypotheses) {
    auto& levels = groups[LevelsOf(h)];
    first.try_emplace(LevelsOf(h), &h);
    const LevelUse use = h.habit.levels == LevelUse::kFullOnly ? LevelUse::kNone : h.habit.levels;
    if (std::ranges::count(levels, use) == 0) levels.push_back(use);
  }
  std::map<std::string, ResizePixels> matched;
  for (const auto& [group, levels] : groups) {
    std::vector<ResizedAnswer> answers;
    for (size_t i : numbers) {
      const Case& c = observed.cases[i];
      answers.push_back({.file = FileOf(c, *first[group]),
                         .info = &InfoOf(c, *first[group]),
                         .request = c.request,
                         .jpeg = prober.answers[i].body,
                         .encoder = c.answer});
    }
    auto pixels = MatchResize(answers, levels);
    if (!pixels) {
      observed.findings.push_back(
          {"no-resize-by-pixels", "resize not identified by pixels: " + pixels.error().message});
      continue;
    }
    Say(prober, group + (group.empty() ? "" : ": ") + Describe(*pixels));
    matched[group] = std::move(*pixels);
  }
  for (const auto& one : matched) {
    // No structured binding: clang 14 lets no lambda take one.
    const std::string& group = one.first;
    const ResizePixels& pixels = one.second;
    const auto of_group = [&](const Hypothesis& h) { return LevelsOf(h) == group; };
    const auto excluded = [&](const Hypothesis& h) {
      return of_group(h) && !pixels.Allows(h.habit.levels, IsPoint(h.filter));
    };
    const auto count = std::ranges::count_if(observed.hypotheses, of_group);
    if (std::ranges::count_if(observed.hypotheses, excluded) < count)
      std::erase_if(observed.hypotheses, excluded);
    if (!observed.resize_pixels ||
        pixels.matches.front().rms < observed.resize_pixels->matches.front().rms)
      observed.resize_pixels = pixels;
  }
}

}  // namespace iiifbench
