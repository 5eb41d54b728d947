#include <algorithm>

#include "harness/attribution/fitting/case_fit.h"
#include "harness/attribution/observing/observer.h"
#include "harness/stats/quantile.h"

namespace iiifbench {

// Leaves out habits whose decode alone, at a quarter of our cost per pixel (amortised, on two
// cores), is slower than the whole request.
void Observer::PruneHypotheses() {
  // The region's cost holds what lies above it where there is no random access, and whole tiles or
  // code blocks: a lower bound per pixel is enough.
  double ms_per_pixel = 0;
  for (const char* name : {"equal:256", "equal:512", "equal:1024"}) {
    const Case* reference = Find(name);
    if (reference == nullptr) continue;
    auto plan =
        MakeRenderPlan(*reference->info, reference->request, {.variant = Variant::kLibrary});
    if (!plan) continue;
    const int work = out_.costs->Decode(reference->file, *reference->info, *plan);
    out_.costs->Measure(work);
    if (reference->probe.name == "equal:512")
      out_.costs->MeasureDecoderMemory(
          work, plan->level_region.size().pixels() * reference->info->channels);
    const double region = static_cast<double>(plan->level_region.size().pixels());
    const double touched = out_.codec == "jpeg" ? static_cast<double>(out_.info->size.pixels()) / 2
                           : out_.codec == "tiff" ? std::max(region, 4.0 * 256 * 256)
                                                  : std::max(region, 320.0 * 320);
    const double here = out_.costs->ms(work) / touched / 4;
    if (ms_per_pixel == 0 || here < ms_per_pixel) ms_per_pixel = here;
  }
  if (ms_per_pixel == 0) return;
  std::erase_if(out_.hypotheses, [&](const Hypothesis& h) {
    int slower = 0;
    for (const Case& c : out_.cases) {
      if (c.probe.info || c.samples_ms.empty()) continue;
      auto p = PlanOf(c, h);
      if (p && ms_per_pixel * static_cast<double>(p->level_region.size().pixels()) >
                   Median(c.samples_ms))
        ++slower;
    }
    return slower >= 2;
  });
}

// Leaves out habits whose measured decode is slower than the server in three probes: their kernels
// would take the time that the others need.
void Observer::PruneMeasured() {
  std::erase_if(out_.hypotheses, [&](const Hypothesis& h) {
    int slower = 0;
    for (const Case& c : out_.cases) {
      if (c.probe.info || c.samples_ms.empty()) continue;
      const int work = WorksOf(c, h, *out_.costs).decode;
      if (work >= 0 && out_.costs->ms(work) > 2.2 * Median(c.samples_ms) + 0.5) ++slower;
    }
    return slower >= 3;
  });
}

// Leaves out what explains the core far worse than the best: its kernels would take the time that
// the others need.
void Observer::Screen() {
  JudgeEncoder();
  const CaseFit fit = FitOf(out_.cases, out_.foreign_encoder);
  if (fit.rows.size() < 12 || out_.hypotheses.empty()) return;
  std::vector<double> errors;
  for (Hypothesis h : out_.hypotheses) {
    double error = 1e9;
    // With every column that it may have at last: slow reading hides the true decoder otherwise.
    for (Additional additional : {Additional::kNone, Additional::kRead, Additional::kFile}) {
      if ((additional == Additional::kFile) != (out_.signatures.info_to_small > 3)) continue;
      h.additional = additional;
      for (NewMemory memory : {NewMemory::kNone, NewMemory::kPictures}) {
        h.memory = memory;
        const auto x = RowsOf(MatrixOf(out_.cases, h, *out_.costs, out_.foreign_encoder), fit.rows);
        error = std::min(error, fit.fit.CrossValidatedError(x, options_.seed));
      }
    }
    errors.push_back(error);
  }
  const double best = std::ranges::min(errors);
  std::vector<Hypothesis> kept;
  for (size_t i = 0; i < errors.size(); ++i) {
    if (errors[i] <= std::max(2.5 * best, best + 0.04)) {
      kept.push_back(out_.hypotheses[i]);
    } else {
      out_.screened.emplace_back(out_.hypotheses[i], errors[i]);
    }
  }
  Say(fmt::format("{} of {} hypotheses explain the core; best error {:.1f} %", kept.size(),
                  errors.size(), 100 * best));
  out_.hypotheses = std::move(kept);
}

}  // namespace iiifbench
