#include "harness/attribution/findings/file_findings.h"

#include <algorithm>
#include <cmath>

namespace iiifbench {
namespace {

// Changes that have nothing to do with how the file is stored.
constexpr const char* kOfAnyFile[] = {"no-op resize", "faster resize", "faster encoder",
                                      "metadata kept"};

bool Identified(const StoredVerdict& stored, const char* what) {
  return std::ranges::any_of(stored.fields,
                             [&](const StoredField& f) { return f.what == what && f.identified; });
}

void OnlyWhereAllAgree(const std::vector<const Fitted*>& rivals, Attribution& out) {
  for (StrategyVerdict& verdict : out.strategy) {
    for (const Fitted* rival : rivals) {
      const auto other = std::ranges::find(rival->strategy, verdict.stage, &StrategyVerdict::stage);
      if (other == rival->strategy.end() || other->name == verdict.name ||
          std::ranges::count(verdict.aliases, other->name) > 0)
        continue;
      verdict.identified = false;
      if (verdict.runner_up.empty() || other->error < verdict.runner_up_error)
        verdict.runner_up = other->name, verdict.runner_up_error = other->error;
    }
  }
}

}  // namespace

void KeepWhatHolds(const Observed& observed, const std::vector<const Fitted*>& rivals,
                   Attribution& out) {
  StoredVerdict& stored = *out.stored;
  OnlyWhereAllAgree(rivals, out);
  auto& no = stored.cannot_say;
  if (Identified(stored, "format") && Identified(stored, "coding")) {
    no.push_back(
        "the floor of read and decode is that of a stand-in of this kind: the rate and the quality "
        "of the true file are not known");
  } else {
    no.push_back(
        "no floor of read and decode in milliseconds: it is the file's, and how it is stored is "
        "not identified");
    for (RequestAttribution& request : out.requests) {
      for (Stage stage : {Stage::kRead, Stage::kDecode}) request.floor_ms.erase(stage);
      request.methods["floor"] = PartsOfStages(request.floor_ms);
    }
    out.multiples.erase(Stage::kDecode);
    const size_t before = out.what_ifs.size();
    std::erase_if(out.what_ifs, [](const WhatIf& w) {
      return std::ranges::none_of(kOfAnyFile, [&](const char* kind) { return w.kind == kind; });
    });
    if (out.what_ifs.size() < before)
      no.push_back(
          "no advice on the file or its decoder: it differs from one way of storing to "
          "another");
  }
  if (observed.series.steps().empty())
    no.push_back(
        "work on the whole picture apart from overhead: that takes pictures of other "
        "sizes (more URLs of the same server, or --source with --place)");
  no.push_back("what storage costs when the file is not in the page cache: the file is not here");
}

std::string NextCommand(const Attribution& attribution, double budget) {
  constexpr double kNearlyTold = 1.2;  // times the best error: more answers may tell
  const StoredVerdict& stored = *attribution.stored;
  const auto stays = [](const StandInVerdict& s) { return s.rejected.empty() && s.error; };
  std::string best, worst;
  double least = 0, most = 0;
  for (const StandInVerdict& s : stored.candidates) {
    if (!stays(s)) continue;
    if (best.empty() || *s.error < least) best = s.name, least = *s.error;
    if (worst.empty() || *s.error > most) worst = s.name, most = *s.error;
  }
  const std::string ask = "iiifbench attribute " + attribution.url;
  const double longer = std::min(3600.0, std::ceil(budget * 3));
  if (best != worst && most > kNearlyTold * least && budget < 600)
    return fmt::format("{} --budget {:.0f}: more answers may tell {} ({:.1f} %) from {} ({:.1f} %)",
                       ask, longer, best, 100 * least, worst, 100 * most);
  if (best != worst)
    return fmt::format(
        "{} --source FILE, with the file itself: {} and {} cost alike in all that "
        "was asked",
        ask, best, worst);
  for (const StrategyVerdict& verdict : attribution.strategy) {
    if (verdict.identified || verdict.runner_up.empty()) continue;
    return fmt::format(
        "{} --source FILE --place FOLDER: pictures of other sizes tell {} from {} "
        "({})",
        ask, verdict.name, verdict.runner_up, verdict.stage);
  }
  return {};
}

}  // namespace iiifbench
