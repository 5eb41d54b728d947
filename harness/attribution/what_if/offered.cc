#include "harness/attribution/what_if/offered.h"

#include <algorithm>
#include <cmath>

#include "harness/attribution/fit/floor.h"
#include "harness/stats/milliseconds.h"
#include "harness/stats/quantile.h"

namespace iiifbench {
namespace {

// A pyramid whose next level is more than twice as large as the answer: a level between would do.
// Its cost is predicted in proportion to its pixels, because nothing can be measured on a level
// that is not there.
template <typename Add>
void AddMissingLevel(const Case& c, const Hypothesis& hypothesis, double decode, double resize,
                     const Eigen::VectorXd& beta, Add add) {
  auto plan = PlanOf(c, hypothesis);
  if (c.codec == "jpeg" || !plan || !plan->resize || hypothesis.habit != DecodeHabit{}) return;
  int halvings = 0;
  while ((plan->crop.width >> (halvings + 1)) >= plan->output.width) ++halvings;
  if (halvings < 1) return;
  const double share = 1 - std::pow(0.25, halvings);
  std::string stored;
  for (const Size& level : c.info->levels)
    stored += fmt::format("{}{}", stored.empty() ? "" : ", ", level.width);
  add("pyramid",
      fmt::format("store the missing level{} of the pyramid (the file has widths {}; this answer "
                  "is made from "
                  "{:.0f} times the pixels that it needs)",
                  halvings > 1 ? "s" : "", stored, std::pow(4.0, halvings)),
      beta[kDecode] * decode + beta[kResize] * resize, [=](const Eigen::VectorXd& b) {
        return share * (b[kDecode] * decode + b[kResize] * resize);
      });
}

}  // namespace

void RankWhatIfs(std::vector<WhatIf>& what_ifs) {
  std::ranges::stable_sort(what_ifs, [](const WhatIf& a, const WhatIf& b) {
    if (a.sure() != b.sure()) return a.sure();
    if (a.under_load != b.under_load) return b.under_load;
    return a.saves_ms > b.saves_ms;
  });
}

int IndexedDecode(KernelCosts& costs, const Case& c, const RenderPlan& plan) {
  auto index = std::make_shared<std::vector<uint8_t>>();
  auto out = std::make_shared<Image>(plan.level_region.size(), c.info->channels);
  return costs.Add("indexed " + c.file + " " + c.probe.path, [index, out, file = c.file, plan] {
    auto source = Source::Open(file);
    auto codec = source ? CodecOf(**source) : Result<const Codec*>(source.error());
    if (!codec || (*codec)->build_index == nullptr) return -1.0;
    if (index->empty()) {
      auto built = (*codec)->build_index(**source);
      if (!built) return -1.0;
      *index = std::move(*built);
      source = Source::Open(file);
    }
    const auto start = std::chrono::steady_clock::now();
    auto done = (*codec)->decode(**source,
                                 {.region = plan.decoded,
                                  .level = plan.level,
                                  .variant = Variant::kIndexed,
                                  .index = *index},
                                 out->view());
    const double ms = MsOf(std::chrono::steady_clock::now() - start);
    return done && done->fallback.empty() ? ms : -1.0;
  });
}

std::string DecodeAdvice(const std::string& codec, const ImageInfo& info,
                         const DecodeHabit& habit) {
  if (codec == "tiff" && info.levels.size() == 1) return "store the TIFF as a pyramid of tiles";
  if (codec == "tiff")
    return "read only the touched tiles of the pyramid level that the answer needs";
  const std::string what = habit.access == Access::kRegion ? "" : "only the region, ";
  if (codec == "jpeg") return "decode " + what + "at the DCT scale that the answer needs";
  return "decode " + what + "at the resolution level that the answer needs";
}

void AddWhatIfs(const Case& c, const FittedModel& model, KernelCosts& costs, bool foreign_encoder,
                const RequestAttribution& request, std::vector<WhatIf>& out) {
  const Hypothesis& hypothesis = model.hypothesis;
  const Eigen::VectorXd& beta = model.beta;
  // Where the model's stages are more than the request took, a saving shrinks with them.
  double modelled = 0;
  for (const auto& [stage, estimate] : request.stages)
    modelled += stage == Stage::kNetwork ? 0 : estimate.ms;
  const double service = std::max(0.0, request.measured_ms - c.fixed_ms);
  const double scale = modelled > service && modelled > 0 ? service / modelled : 1;
  // A file of one level shows nothing of what would be done with more: another may change nothing
  // at all.
  const std::string no_levels =
      c.info->levels.size() < 2
          ? "whether this server uses a pyramid is not known, as the file has none"
          : "";
  std::string unknown;  // of the next one, and then its lower end is no saving
  // `touched`: what the stages that change take by the model, before or after.
  auto add = [&](const std::string& kind, const std::string& change, double touched,
                 auto saving_of_model) {
    const auto saving = [&](const Eigen::VectorXd& b) { return scale * saving_of_model(b); };
    WhatIf what{.path = c.probe.path, .change = change, .kind = kind, .saves_ms = saving(beta)};
    if (what.saves_ms < 0.05 * request.measured_ms) return;
    std::vector<double> values;
    for (const auto& replicate : model.replicates) values.push_back(saving(replicate));
    if (values.empty()) values.push_back(what.saves_ms);
    // What is saved is a part of the request, and no part is known better than a latency is
    // predicted.
    const double own_error = kOfMeanError * model.error * scale * touched;
    what.low = what.saves_ms -
               std::hypot(std::max(0.0, what.saves_ms - Quantile(values, 0.025)), own_error);
    what.high = what.saves_ms +
                std::hypot(std::max(0.0, Quantile(values, 0.975) - what.saves_ms), own_error);
    if (!unknown.empty())
      what.unknown = unknown, what.saves_ms = 0, what.low = std::min(0.0, what.low);
    out.push_back(what);
  };
  const CaseWorks now = WorksOf(c, hypothesis, costs);
  if (now.decode < 0) return;
  const bool by_taps = hypothesis.by_taps;
  const double kernel = MeasuredCost(costs, now.resize),
               encode = MeasuredCost(costs, c.encode_work);
  const double decode = MeasuredCost(costs, now.decode), resize = by_taps ? now.taps_ms : kernel;
  Hypothesis other = hypothesis;
  other.habit = {};
  const CaseWorks better = WorksOf(c, other, costs);
  const double better_decode = MeasuredCost(costs, better.decode),
               better_resize = by_taps ? better.taps_ms : MeasuredCost(costs, better.resize);
  if (hypothesis.habit != DecodeHabit{} && better_decode < decode) {
    const char* kind = c.codec == "jpeg"           ? "DCT scaling"
                       : c.info->levels.size() > 1 ? "levels"
                                                   : "pyramid";
    unknown = no_levels;
    add(kind, DecodeAdvice(c.codec, *c.info, hypothesis.habit),
        beta[kDecode] * decode + beta[kResize] * std::max(resize, better_resize),
        [&](const Eigen::VectorXd& b) {
          return b[kDecode] * (decode - better_decode) + b[kResize] * (resize - better_resize);
        });
    unknown.clear();
  }
  if (beta[kDecode] > 1.25)
    add("faster decoder", "decode as fast as the best library", beta[kDecode] * decode,
        [&](const Eigen::VectorXd& b) { return (b[kDecode] - 1) * decode; });
  if (c.codec == "jpeg") {
    auto plan = MakeRenderPlan(*c.info, c.request, {.variant = Variant::kBest});
    const double indexed = plan ? MeasuredCost(costs, IndexedDecode(costs, c, *plan)) : 0;
    if (indexed > 0)
      add("index sidecar", "keep an MCU index beside the file and decode from it",
          beta[kDecode] * decode,
          [&](const Eigen::VectorXd& b) { return b[kDecode] * decode - indexed; });
  }
  if (hypothesis.resample_always && now.resize >= 0 && request.pixels_needed == request.pixels_out)
    add("no-op resize", "do not resample where sizes are equal", beta[kResize] * resize,
        [&](const Eigen::VectorXd& b) { return b[kResize] * resize; });
  else if (by_taps || beta[kResize] > 1.25)
    add("faster resize", "resize with SIMD", beta[kResize] * resize,
        [&](const Eigen::VectorXd& b) { return b[kResize] * resize - kernel; });
  unknown = no_levels;
  AddMissingLevel(c, hypothesis, decode, resize, beta, add);
  unknown.clear();
  const auto encoding = [&](const Eigen::VectorXd& b) {
    if (!foreign_encoder) return b[kEncode] * encode;
    return b[kEncode] * static_cast<double>(c.answer.size.pixels()) / 1e6 +
           b[kBits] * static_cast<double>(c.answer.entropy_bytes) * 8 / 1e6;
  };
  if (foreign_encoder || beta[kEncode] > 1.25)
    add("faster encoder", "encode with libjpeg-turbo at the same settings", encoding(beta),
        [&](const Eigen::VectorXd& b) { return encoding(b) - encode; });
  const double file_mb = static_cast<double>(c.file_bytes) / 1e6;
  if (hypothesis.additional == Additional::kFile)
    add("metadata kept", "keep the file's metadata instead of parsing it for each request",
        beta[kAdditional] * file_mb,
        [&](const Eigen::VectorXd& b) { return b[kAdditional] * file_mb; });
}

}  // namespace iiifbench
