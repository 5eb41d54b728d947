#include <algorithm>

#include "harness/attribution/fit/case_fit.h"
#include "harness/attribution/observe/prober.h"
#include "harness/stats/quantile.h"

namespace iiifbench {

namespace {

// Of the source, or of one stand-in.
void PruneOf(const Prober& prober, Observed& observed, const StoredAs* stored) {
  const Hypothesis of{.stored = stored};
  const std::string& codec = stored != nullptr ? stored->way.codec : observed.codec;
  // The region's cost holds what lies above it where there is no random access, and whole tiles or
  // code blocks: a lower bound per pixel is enough.
  double ms_per_pixel = 0;
  for (const char* name : {"equal:256", "equal:512", "equal:1024"}) {
    const Case* reference = Find(prober, observed, name);
    if (reference == nullptr) continue;
    const ImageInfo& info = InfoOf(*reference, of);
    double least_ms = 0;
    std::optional<RenderPlan> plan;
    // The faster one is the bound: a server may have a decoder that is bought.
    for (const Variant variant : {Variant::kBest, Variant::kLibrary}) {
      auto made = MakeRenderPlan(info, reference->request, {.variant = variant});
      if (!made) continue;
      const int work = observed.costs->Decode(FileOf(*reference, of), info, *made);
      observed.costs->Measure(work);
      if (const double ms = observed.costs->ms(work); least_ms == 0 || ms < least_ms) least_ms = ms;
      if (variant == Variant::kLibrary && reference->probe.name == "equal:512")
        observed.costs->MeasureDecoderMemory(
            work, made->level_region.size().pixels() * info.channels, StandInOf(of));
      plan = *made;
    }
    if (!plan) continue;
    const double region = static_cast<double>(plan->level_region.size().pixels());
    const auto whole = static_cast<double>(observed.info->size.pixels());
    const double touched = codec == "jpeg"   ? whole / 2
                           : codec == "png"  ? whole
                           : codec == "tiff" ? std::max(region, 4.0 * 256 * 256)
                                             : std::max(region, 320.0 * 320);
    const double here = least_ms / touched / 4;
    if (ms_per_pixel == 0 || here < ms_per_pixel) ms_per_pixel = here;
  }
  if (ms_per_pixel == 0) return;
  std::erase_if(observed.hypotheses, [&](const Hypothesis& h) {
    if (h.stored != stored) return false;
    int slower = 0;
    for (const Case& c : observed.cases) {
      if (c.probe.info || c.samples_ms.empty()) continue;
      auto p = PlanOf(c, h);
      if (p && ms_per_pixel * static_cast<double>(p->level_region.size().pixels()) >
                   Median(c.samples_ms))
        ++slower;
    }
    return slower >= 2;
  });
}

}  // namespace

void PruneHypotheses(const Prober& prober, Observed& observed) {
  if (!observed.without_file) return PruneOf(prober, observed, nullptr);
  for (const auto& stored : observed.without_file->stand_ins.all())
    PruneOf(prober, observed, stored.get());
}

void PruneMeasured(Observed& observed) {
  std::erase_if(observed.hypotheses, [&](const Hypothesis& h) {
    int slower = 0;
    for (const Case& c : observed.cases) {
      if (c.probe.info || c.samples_ms.empty()) continue;
      const int work = WorksOf(c, h, *observed.costs).decode;
      if (work >= 0 && observed.costs->ms(work) > 2.2 * Median(c.samples_ms) + 0.5) ++slower;
    }
    return slower >= 3;
  });
}

void Screen(const Prober& prober, Observed& observed) {
  observed.foreign_encoder = ForeignEncoder(observed.cases);
  const CaseFit fit = FitOf(observed.cases, observed.foreign_encoder);
  if (fit.rows.size() < 12 || observed.hypotheses.empty()) return;
  std::vector<double> errors;
  for (Hypothesis h : observed.hypotheses) {
    double error = 1e9;
    // With every column that it may have at last: slow reading hides the true decoder otherwise.
    for (Additional additional : {Additional::kNone, Additional::kRead, Additional::kFile}) {
      if ((additional == Additional::kFile) != (observed.signatures.info_to_small > 3)) continue;
      h.additional = additional;
      for (NewMemory memory : {NewMemory::kNone, NewMemory::kPictures}) {
        h.memory = memory;
        const auto x = RowsOf(
            MatrixOf(observed.cases, h, *observed.costs, observed.foreign_encoder), fit.rows);
        error = std::min(error, fit.fit.CrossValidatedError(x, prober.options.seed));
      }
    }
    errors.push_back(error);
  }
  const double best = std::ranges::min(errors);
  std::vector<Hypothesis> kept;
  for (size_t i = 0; i < errors.size(); ++i) {
    if (errors[i] <= std::max(2.5 * best, best + 0.04)) {
      kept.push_back(observed.hypotheses[i]);
    } else {
      observed.screened.emplace_back(observed.hypotheses[i], errors[i]);
    }
  }
  Say(prober, fmt::format("{} of {} hypotheses explain the core; best error {:.1f} %", kept.size(),
                          errors.size(), 100 * best));
  observed.hypotheses = std::move(kept);
}

}  // namespace iiifbench
