#include "harness/attribution/model/hypothesis.h"

#include <algorithm>

#include "harness/attribution/model/priors.h"

namespace iiifbench {

std::string Hypothesis::decode_name() const {
  return fmt::format("{}/{}", whole_tiles ? "tiles" : AccessName(habit.access),
                     LevelUseName(habit.levels));
}

std::string Hypothesis::resize_name() const {
  return filter == Filter::kNearest || filter == Filter::kBilinear ? "point" : "antialiased";
}

std::string Hypothesis::noop_resize_name() const { return resample_always ? "done" : "skipped"; }

RenderSettings Hypothesis::settings() const {
  RenderSettings settings{.habit = habit, .resample_always = resample_always, .filter = filter};
  settings.variant = variant;
  return settings;
}

std::vector<Hypothesis> AllHypotheses(const std::string& codec, const ImageInfo& info) {
  std::vector<Hypothesis> out;
  // Only a stream without random access is decoded row by row.
  const bool rows = codec == "jpeg" || codec == "png" || (codec == "tiff" && info.tile.width == 0);
  const bool levels = info.levels.size() > 1;
  // Of JPEG 2000 the library is OpenJPEG, and the best as fast as the decoders that are bought.
  for (Variant variant : {Variant::kLibrary, Variant::kBest}) {
    for (Access access : {Access::kRegion, Access::kRows, Access::kFull}) {
      if (access == Access::kRows && !rows) continue;
      // Tiles of a TIFF are decoded whole by everybody.
      const bool tiled =
          codec == "jp2" && variant == Variant::kLibrary && access == Access::kRegion;
      for (LevelUse use :
           {LevelUse::kFitting, LevelUse::kNone, LevelUse::kFullOnly, LevelUse::kFiner}) {
        if (!levels && use != LevelUse::kFitting) continue;
        for (Filter filter : {Filter::kBicubic, Filter::kBilinear, Filter::kBox}) {
          for (bool always : {false, true}) {
            Hypothesis h{.habit = {access, use},
                         .variant = variant,
                         .filter = filter,
                         .resample_always = always};
            out.push_back(h);
            h.by_taps = true;
            if (filter == Filter::kBicubic) out.push_back(h);
            h.two_step = true;
            if (filter == Filter::kBicubic) out.push_back(h);
            h.by_taps = false;
            if (filter == Filter::kBicubic) out.push_back(h);
            h.two_step = false;
            h.whole_tiles = true;
            if (tiled) out.push_back(h);
          }
        }
      }
    }
  }
  return out;
}

const ImageInfo& InfoOf(const Case& c, const Hypothesis& hypothesis) {
  return hypothesis.stored != nullptr ? hypothesis.stored->of(c.probe.image).info : *c.info;
}

std::string StandInOf(const Hypothesis& hypothesis) {
  return hypothesis.stored != nullptr ? hypothesis.stored->page.file : "";
}

const std::string& FileOf(const Case& c, const Hypothesis& hypothesis) {
  return hypothesis.stored != nullptr ? hypothesis.stored->of(c.probe.image).file : c.file;
}

Result<RenderPlan> PlanOf(const Case& c, const Hypothesis& hypothesis) {
  const ImageInfo& info = InfoOf(c, hypothesis);
  auto plan = MakeRenderPlan(info, c.request, hypothesis.settings());
  if (!plan || !hypothesis.whole_tiles) return plan;
  Size tile = info.tile;
  if (tile.width < 1 || tile.height < 1) tile = {512 << plan->level, 512 << plan->level};
  const Region& r = plan->decoded;
  const int left = r.x / tile.width * tile.width, top = r.y / tile.height * tile.height;
  const int right =
      std::min(info.size.width, (r.x + r.width + tile.width - 1) / tile.width * tile.width);
  const int bottom =
      std::min(info.size.height, (r.y + r.height + tile.height - 1) / tile.height * tile.height);
  const Region before = plan->level_region;
  plan->decoded = {left, top, right - left, bottom - top};
  plan->level_region = LevelRegion(info, plan->decoded, plan->level);
  plan->crop.x += before.x - plan->level_region.x;
  plan->crop.y += before.y - plan->level_region.y;
  return plan;
}

CaseWorks WorksOf(const Case& c, const Hypothesis& hypothesis, KernelCosts& costs) {
  if (c.probe.info) return {};
  auto plan = PlanOf(c, hypothesis);
  if (!plan) return {};
  const ImageInfo& info = InfoOf(c, hypothesis);
  return {.decode = costs.Decode(FileOf(c, hypothesis), info, *plan),
          .resize = !plan->resize ? -1
                    : hypothesis.two_step
                        ? costs.TwoStepResize(*plan, info.channels, hypothesis.filter)
                        : costs.Resize(*plan, info.channels, hypothesis.filter),
          .decoded_pixels = plan->level_region.size().pixels(),
          .output_pixels = plan->output.pixels(),
          .copied_pixels = hypothesis.habit.access == Access::kRows
                               ? plan->crop.size().pixels()
                               : plan->level_region.size().pixels(),
          .taps_ms = !plan->resize ? 0
                     : hypothesis.two_step
                         ? TwoStepTapsMs(plan->crop.size(), plan->output, info.channels)
                         : TapsMs(plan->crop.size(), plan->output, info.channels)};
}

double TwoStepTapsMs(Size from, Size to, int channels) {
  const Size shrunk = ShrunkFirst(from, to);
  const double across =
      2 * kFilterSupport * std::max(1.0, static_cast<double>(shrunk.width) / to.width);
  const double down =
      2 * kFilterSupport * std::max(1.0, static_cast<double>(shrunk.height) / to.height);
  const double box = shrunk == from ? 0 : static_cast<double>(from.pixels());
  return kMsPerTap * channels *
         (box + static_cast<double>(shrunk.width) * to.height * down +
          static_cast<double>(to.pixels()) * across);
}

double TapsMs(Size from, Size to, int channels) {
  const double across =
      2 * kFilterSupport * std::max(1.0, static_cast<double>(from.width) / to.width);
  const double down =
      2 * kFilterSupport * std::max(1.0, static_cast<double>(from.height) / to.height);
  const double rows = static_cast<double>(to.width) * from.height * across;
  return kMsPerTap * channels * (rows + static_cast<double>(to.pixels()) * down);
}

Eigen::MatrixXd MatrixOf(const std::vector<Case>& cases, const Hypothesis& hypothesis,
                         KernelCosts& costs, bool foreign_encoder) {
  Eigen::MatrixXd x = Eigen::MatrixXd::Zero(static_cast<Eigen::Index>(cases.size()), kColumns);
  for (size_t i = 0; i < cases.size(); ++i) {
    const Case& c = cases[i];
    auto row = x.row(static_cast<Eigen::Index>(i));
    const double file_mb = static_cast<double>(hypothesis.stored != nullptr
                                                   ? hypothesis.stored->of(c.probe.image).bytes
                                                   : c.file_bytes) /
                           1e6;
    if (hypothesis.additional == Additional::kFile) row[kAdditional] = file_mb;
    // An info.json may cost more than a picture, so it bounds nothing.
    row[c.probe.info ? kInfo : kImage] = 1;
    if (c.probe.info) continue;
    const CaseWorks works = WorksOf(c, hypothesis, costs);
    const auto faults = [&](int64_t pixels) {
      return hypothesis.memory == NewMemory::kNone
                 ? 0
                 : costs.faults_ms_per_mb() *
                       static_cast<double>(pixels * InfoOf(c, hypothesis).channels) / 1e6;
    };
    const double within =
        hypothesis.memory == NewMemory::kAll ? costs.decoder_memory(StandInOf(hypothesis)) : 0;
    if (works.decode >= 0) {
      row[kDecode] =
          hypothesis.start_ms + costs.ms(works.decode) +
          (1 + within) * faults(works.decoded_pixels) +
          hypothesis.row_copy_ms_per_megapixel * static_cast<double>(works.copied_pixels) / 1e6;
      if (hypothesis.additional == Additional::kRead)
        row[kAdditional] = static_cast<double>(costs.bytes_read(works.decode)) / 1e6;
    }
    if (works.resize >= 0)
      row[kResize] = hypothesis.start_ms + faults(works.output_pixels) +
                     (hypothesis.by_taps ? works.taps_ms : costs.ms(works.resize));
    if (foreign_encoder) {
      row[kEncode] = static_cast<double>(c.answer.size.pixels()) / 1e6;
      row[kBits] = static_cast<double>(c.answer.entropy_bytes) * 8 / 1e6;
    } else if (c.encode_work >= 0) {
      row[kEncode] = hypothesis.start_ms + costs.ms(c.encode_work);
    }
  }
  return x;
}

}  // namespace iiifbench
