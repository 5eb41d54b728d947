#include "harness/attribution/observe/match_resize.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

namespace iiifbench {
namespace {

constexpr int kSide = 384;   // of the part that is compared: whole JPEG blocks
constexpr int kCutEdge = 2;  // where it is cut, chroma is interpolated from other neighbours
constexpr double kSame = 1;  // grey levels: rounding
constexpr Filter kFilters[] = {Filter::kNearest,  Filter::kBilinear, Filter::kBox,
                               Filter::kTriangle, Filter::kBicubic,  Filter::kLanczos3};

double MeanSquare(ConstPixelView a, ConstPixelView b) {
  return 255.0 * 255 * std::pow(10, -Compare(a, b).psnr / 10);  // 0 for an infinite PSNR
}

// Output sample (i, j) from place (i, j) x scale: what C code with integer coordinates does.
void SampleAtCorners(ConstPixelView source, const Window& window, bool bilinear, PixelView out) {
  const double across = window.width / out.width, down = window.height / out.height;
  for (int j = 0; j < out.height; ++j) {
    const double y = window.y + j * down;
    const int y0 = std::min(static_cast<int>(y), source.height - 1),
              y1 = std::min(y0 + 1, source.height - 1);
    const double b = bilinear ? y - y0 : 0;
    uint8_t* row = out.row(j);
    for (int i = 0; i < out.width; ++i) {
      const double x = window.x + i * across;
      const int x0 = std::min(static_cast<int>(x), source.width - 1),
                x1 = std::min(x0 + 1, source.width - 1);
      const double a = bilinear ? x - x0 : 0;
      for (int c = 0; c < source.channels; ++c) {
        const auto at = [&](int px, int py) {
          return static_cast<double>(source.row(py)[ptrdiff_t{px} * source.channels + c]);
        };
        const double top = at(x0, y0) * (1 - a) + at(x1, y0) * a;
        const double bottom = at(x0, y1) * (1 - a) + at(x1, y1) * a;
        row[ptrdiff_t{i} * source.channels + c] =
            static_cast<uint8_t>(top * (1 - b) + bottom * b + 0.5);
      }
    }
  }
}

// One answer and what may have made it.
class Remaking {
 public:
  explicit Remaking(const ResizedAnswer& answer) : answer_(answer) {}
  Result<void> Open();
  // Mean squares of every filter: to the answer, and of our picture to its own JPEG.
  Result<std::vector<PixelMatch>> From(LevelUse levels);

 private:
  // What the compared part of the output is made of.
  Window PartOf(const Window& window) const {
    return {window.x, window.y, window.width * part_.width / output_.width,
            window.height * part_.height / output_.height};
  }
  // Where the part ends and the picture goes on, the last pixels do not count.
  ConstPixelView Counted(ConstPixelView picture) const {
    return picture.crop({0, 0, part_.width < output_.width ? part_.width - kCutEdge : part_.width,
                         part_.height < output_.height ? part_.height - kCutEdge : part_.height});
  }
  Result<PixelMatch> Closest(ConstPixelView level, const RenderPlan& plan, Filter filter);

  const ResizedAnswer& answer_;
  std::unique_ptr<Source> source_;
  Image picture_;
  Size output_, part_;
  std::map<int, std::vector<PixelMatch>> by_level_;
};

Result<void> Remaking::Open() {
  auto source = Source::Open(answer_.file);
  if (!source) return source.error();
  source_ = std::move(*source);
  auto body = Source::Borrow(answer_.jpeg, "answer");
  auto picture = DecodeWhole(*body, Variant::kLibrary);
  if (!picture) return picture.error();
  picture_ = std::move(*picture);
  output_ = picture_.size();
  part_ = {std::min(kSide, output_.width), std::min(kSide, output_.height)};
  if (picture_.channels() != answer_.info->channels)
    return Fail(ErrorKind::kUnsupported, "{} channels came instead of {}", picture_.channels(),
                answer_.info->channels);
  return {};
}

Result<PixelMatch> Remaking::Closest(ConstPixelView level, const RenderPlan& plan, Filter filter) {
  const ConstPixelView seen =
      std::as_const(picture_).view().crop({0, 0, part_.width, part_.height});
  Image best, made(part_, level.channels);
  double least = 0;
  const auto keep = [&] {
    const double square = MeanSquare(Counted(made.view()), Counted(seen));
    if (best.width() > 0 && square >= least) return;
    least = square;
    std::swap(best, made);
    if (made.width() == 0) made = Image(part_, level.channels);
  };
  const ConstPixelView whole = level.crop(plan.crop);
  const Window exact = PartOf(plan.window), pixels = PartOf(WholeOf(plan.crop.size()));
  Resize(level, exact, made.view(), {.filter = filter});
  keep();
  Resize(whole, pixels, made.view(), {.filter = filter});
  keep();
  if (IsPoint(filter)) {
    SampleAtCorners(whole, pixels, filter == Filter::kBilinear, made.view());
    keep();
  }
  std::vector<uint8_t> bytes;
  EncodeOptions options = answer_.encoder.options;
  if (level.channels == 1) options.subsampling = Subsampling::kGray;
  auto encoded = FindCodec("jpeg")->encode(best.view(), options, bytes);
  if (!encoded) return encoded.error();
  auto body = Source::Borrow(bytes, "our answer");
  auto back = DecodeWhole(*body, Variant::kLibrary);
  if (!back) return back.error();
  return PixelMatch{.filter = filter,
                    .rms = MeanSquare(Counted(back->view()), Counted(seen)),
                    .own_loss = MeanSquare(Counted(back->view()), Counted(best.view()))};
}

Result<std::vector<PixelMatch>> Remaking::From(LevelUse levels) {
  auto plan = MakeRenderPlan(*answer_.info, answer_.request, {.habit = {Access::kRegion, levels}});
  if (!plan) return plan.error();
  if (plan->output != output_)
    return Fail(ErrorKind::kBadInput, "{}x{} pixels came instead of {}x{}", output_.width,
                output_.height, plan->output.width, plan->output.height);
  auto& known = by_level_[plan->level];
  if (known.empty()) {
    auto codec = CodecOf(*source_);
    if (!codec) return codec.error();
    Image level(plan->level_region.size(), answer_.info->channels);
    auto done = (*codec)->decode(
        *source_, {.region = plan->decoded, .level = plan->level, .variant = Variant::kLibrary},
        level.view());
    if (!done) return done.error();
    for (Filter filter : kFilters) {
      auto match = Closest(level.view(), *plan, filter);
      if (!match) return match.error();
      known.push_back(*match);
    }
  }
  return known;
}

}  // namespace

bool TellsFilters(const RenderPlan& plan) {
  const double scale = plan.window.width / plan.output.width;
  return scale >= 1.2 && std::abs(scale - std::round(scale)) >= 0.2;
}

Result<ResizePixels> MatchResize(std::span<const ResizedAnswer> answers,
                                 std::span<const LevelUse> levels) {
  IIIFBENCH_CHECK(!answers.empty() && !levels.empty(), "no answer or no level");
  ResizePixels out;
  for (LevelUse use : levels) {
    for (Filter filter : kFilters) out.matches.push_back({.levels = use, .filter = filter});
  }
  const auto count = static_cast<double>(answers.size());
  for (const ResizedAnswer& answer : answers) {
    Remaking remaking(answer);
    auto opened = remaking.Open();
    if (!opened) return opened.error();
    size_t at = 0;
    for (LevelUse use : levels) {
      auto squares = remaking.From(use);
      if (!squares) return squares.error();
      for (const PixelMatch& one : *squares) {
        out.matches[at].rms += one.rms / count;
        out.matches[at].own_loss += one.own_loss / count;
        ++at;
      }
    }
  }
  for (PixelMatch& match : out.matches)
    match.rms = std::sqrt(match.rms), match.own_loss = std::sqrt(match.own_loss);
  std::ranges::stable_sort(out.matches, {}, &PixelMatch::rms);
  const PixelMatch& best = out.matches.front();
  out.alike = best.rms <= std::max(kSame, best.own_loss);
  const double limit = kPixelMargin * std::max(kLeastRms, best.rms);
  out.filter_identified = out.alike && out.other_filter().rms >= limit;
  out.level_identified =
      out.alike && std::ranges::all_of(out.matches, [&](const PixelMatch& match) {
        return match.levels == best.levels || match.rms >= limit;
      });
  return out;
}

std::string Describe(const ResizePixels& pixels) {
  const PixelMatch &best = pixels.matches.front(), &other = pixels.other_filter();
  const auto name = [&](const PixelMatch& match) {
    return fmt::format("{} from the {} level (rms {:.2f})", FilterName(match.filter),
                       match.levels == LevelUse::kNone ? "full" : LevelUseName(match.levels),
                       match.rms);
  };
  if (!pixels.alike)
    return fmt::format(
        "resize not identified by pixels: nearest are {} and {}, and neither is the picture",
        name(best), name(other));
  if (!pixels.filter_identified)
    return fmt::format("resize not identified by pixels: {} or {}", name(best), name(other));
  return fmt::format("resize by pixels: {}; next {}{}", name(best), name(other),
                     pixels.level_identified ? "" : "; the level is not told");
}

}  // namespace iiifbench
