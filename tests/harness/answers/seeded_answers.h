// A request drawn from a seed, what our renderer makes of it, and what servers of other kinds make
// of it: other filters, other levels, another rounding of the region, any usual encoder setting.
#pragma once

#include <array>
#include <cmath>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "harness/http/client.h"
#include "kernels/codecs/codec.h"
#include "kernels/pixels/resize.h"
#include "tests/harness/answers/seeded_pages.h"

namespace iiifbench {

// A page and its levels by halves, as two kinds of servers hold them.
struct LevelledPage {
  PageLook look;
  std::vector<Image> ours;    // box, as DCT scaling and tile pyramids
  std::vector<Image> theirs;  // triangle
};

inline std::vector<Image> LevelsOf(const Image& page, Filter filter) {
  std::vector<Image> levels;
  levels.emplace_back(page.size(), page.channels());
  CopyPixels(page.view(), levels[0].view());
  while (levels.size() < 5) {
    const Image& finer = levels.back();
    Image level({(finer.width() + 1) / 2, (finer.height() + 1) / 2}, page.channels());
    Resize(finer.view(), WholeOf(finer.size()), level.view(), {.filter = filter});
    levels.push_back(std::move(level));
  }
  return levels;
}

inline LevelledPage MakeLevelledPage(PageLook look, Size size, uint64_t seed) {
  const Image page = SeededPage(look, size, seed);
  return {look, LevelsOf(page, Filter::kBox), LevelsOf(page, Filter::kTriangle)};
}

struct AskedPart {
  Window window;  // of the full page
  Size output;
  // The deepest level that still has a pixel for each of the answer.
  int FittingLevel() const {
    const double scale = std::min(window.width / output.width, window.height / output.height);
    return std::clamp(static_cast<int>(std::floor(std::log2(std::max(scale, 1.0)))), 0, 4);
  }
};

inline AskedPart DrawPart(Size page, Random& random) {
  const int kind = DrawInt(random, 0, 9);
  const int side = kind == 0   ? 1024
                   : kind == 1 ? DrawInt(random, 36, 70)
                               : DrawInt(random, 70, 520);
  const double aspect = DrawReal(random, 0.6, 1.6);
  Size output{side, std::max(40, static_cast<int>(side * aspect))};
  // One in eight is magnified.
  const double scale =
      DrawInt(random, 0, 7) == 0 ? DrawReal(random, 0.35, 0.95) : std::exp2(DrawReal(random, 0, 4));
  double width = std::min<double>(page.width, output.width * scale);
  double height = std::min<double>(page.height, width * output.height / output.width);
  width = std::max(16.0, std::floor(width)), height = std::max(16.0, std::floor(height));
  output.height = std::max(16, static_cast<int>(std::lround(output.width * height / width)));
  return {{std::floor(DrawReal(random, 0, page.width - width + 0.99)),
           std::floor(DrawReal(random, 0, page.height - height + 0.99)), width, height},
          output};
}

inline Image RenderPart(const std::vector<Image>& levels, const AskedPart& part, int level,
                        Filter filter) {
  const Image& from = levels[static_cast<size_t>(level)];
  const double x = static_cast<double>(from.width()) / levels[0].width(),
               y = static_cast<double>(from.height()) / levels[0].height();
  const Window& w = part.window;
  Image out(part.output, from.channels());
  Resize(from.view(), {w.x * x, w.y * y, w.width * x, w.height * y}, out.view(),
         {.filter = filter});
  return out;
}

inline Image RenderOurs(const LevelledPage& page, const AskedPart& part) {
  return RenderPart(page.ours, part, part.FittingLevel(), Filter::kBicubic);
}

constexpr std::array<std::string_view, 9> kServerKinds = {"ours",
                                                          "box",
                                                          "triangle",
                                                          "bicubic",
                                                          "lanczos3",
                                                          "bilinear without antialiasing",
                                                          "nearest of a level",
                                                          "upscale of a lower level",
                                                          "region rounded to whole pixels"};

inline Image RenderAs(size_t kind, const LevelledPage& page, const AskedPart& part,
                      Random& random) {
  const bool own_levels = DrawInt(random, 0, 1) == 0;
  const auto& levels = own_levels ? page.ours : page.theirs;
  const int fitting = part.FittingLevel();
  switch (kind) {
    case 1:
      return RenderPart(levels, part, 0, Filter::kBox);
    case 2:
      return RenderPart(levels, part, 0, Filter::kTriangle);
    case 3:
      return RenderPart(levels, part, 0, Filter::kBicubic);
    case 4:
      return RenderPart(levels, part, 0, Filter::kLanczos3);
    case 5:
      return RenderPart(levels, part, fitting, Filter::kBilinear);
    case 6:
      return RenderPart(levels, part, fitting, Filter::kNearest);
    case 7:  // not of magnified parts: nobody's habit
      return RenderPart(levels, part,
                        part.window.width < part.output.width ? 0 : std::min(fitting + 1, 4),
                        own_levels ? Filter::kBicubic : Filter::kBilinear);
    case 8: {
      const double step = std::exp2(fitting);
      const Window& w = part.window;
      const double left = std::floor(w.x / step) * step, top = std::floor(w.y / step) * step;
      const double right = std::min<double>(levels[0].width(),
                                            std::ceil((w.x + w.width) / step) * step),
                   bottom = std::min<double>(levels[0].height(),
                                             std::ceil((w.y + w.height) / step) * step);
      return RenderPart(levels, {{left, top, right - left, bottom - top}, part.output}, fitting,
                        Filter::kTriangle);
    }
    default:
      return RenderOurs(page, part);
  }
}

struct DrawnEncoder {
  std::string format = "jpeg";
  EncodeOptions options;
  std::string words() const {
    return fmt::format("{} q{}{}", format, options.quality,
                       options.subsampling == Subsampling::k420 ? " 4:2:0" : "");
  }
};

inline DrawnEncoder DrawEncoder(Random& random) {
  constexpr int kQualities[] = {30, 40, 50, 60, 75, 80, 85, 90, 95};
  DrawnEncoder out;
  out.options.quality = kQualities[DrawInt(random, 0, 8)];
  const int sampling = DrawInt(random, 0, 9);
  out.options.subsampling = sampling < 6   ? Subsampling::k420
                            : sampling < 9 ? Subsampling::k444
                                           : Subsampling::k422;
  out.options.progressive = DrawInt(random, 0, 5) == 0;
  const int format = DrawInt(random, 0, 19);
  if (format == 0) out.format = "png";
  if (format == 1) out.format = "webp";
  return out;
}

inline Exchange Encode(const Image& picture, const DrawnEncoder& encoder) {
  Exchange exchange{.status = 200, .content_type = "image/" + encoder.format};
  EncodeOptions options = encoder.options;
  if (picture.channels() == 1) options.subsampling = Subsampling::kGray;
  const auto done = FindCodec(encoder.format)->encode(picture.view(), options, exchange.body);
  if (!done) exchange.error = done.error().message;
  return exchange;
}

}  // namespace iiifbench
