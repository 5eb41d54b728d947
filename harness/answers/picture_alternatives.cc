#include "harness/answers/picture_alternatives.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

#include "harness/answers/picture_bands.h"
#include "kernels/pixels/resize.h"
#include "kernels/pixels/rotate.h"

namespace iiifbench {
namespace {

constexpr int kSide = 128;
constexpr double kNamed = 0.5;

Image Fitted(ConstPixelView picture, const Window& window, Size size) {
  Image out(size, 1);
  Resize(picture, window, out.view(), {.filter = Filter::kTriangle});
  return out;
}

// Mean correlation of the finest three octaves, those that have the most to say.
double Likeness(ConstPixelView expected, ConstPixelView answer) {
  const PictureBands bands = CompareBands(expected, answer);
  BandShare sum;
  double likeness = 0, weights = 0;
  for (size_t k = 0; k < std::min<size_t>(3, bands.whole.size()); ++k) {
    const double weight = std::sqrt(bands.whole[k].expected_power());
    likeness += weight * bands.whole[k].likeness(), weights += weight;
  }
  return weights > 0 ? likeness / weights : 0;
}

double ShiftedLikeness(ConstPixelView expected, ConstPixelView answer, int dx, int dy) {
  const int width = expected.width - std::abs(dx), height = expected.height - std::abs(dy);
  if (width < 16 || height < 16) return 0;
  return Likeness(expected.crop({std::max(0, -dx), std::max(0, -dy), width, height}),
                  answer.crop({std::max(0, dx), std::max(0, dy), width, height}));
}

void Try(Alternative& best, double likeness, std::string words) {
  if (likeness > best.likeness)
    best.words = std::move(words), best.likeness = likeness, best.named = true;
}

void TryTurned(Alternative& best, ConstPixelView expected, ConstPixelView answer) {
  struct Turn {
    Orientation orientation;
    const char* words;
  };
  constexpr std::array<Turn, 5> kTurns = {
      {{{.mirror = true, .quarter_turns = 0}, "the mirrored picture"},
       {{.mirror = true, .quarter_turns = 2}, "the picture upside down and mirrored"},
       {{.mirror = false, .quarter_turns = 2}, "the picture turned by 180 degrees"},
       {{.mirror = false, .quarter_turns = 1}, "the picture turned by 90 degrees"},
       {{.mirror = false, .quarter_turns = 3}, "the picture turned by 270 degrees"}}};
  for (const Turn& turn : kTurns) {
    Image turned(Oriented(expected.size(), turn.orientation), 1);
    Rotate(expected, turned.view(), turn.orientation);
    const Image same = Fitted(turned.view(), WholeOf(turned.size()), expected.size());
    Try(best, Likeness(same.view(), answer), turn.words);
  }
}

void TryScaled(Alternative& best, ConstPixelView expected, ConstPixelView answer) {
  for (const double scale : {1.05, 1.1, 1.2, 1.5, 2.0}) {
    const double w = expected.width / scale, h = expected.height / scale;
    const Window inner{(expected.width - w) / 2, (expected.height - h) / 2, w, h};
    Try(best, Likeness(Fitted(expected, inner, expected.size()).view(), answer),
        fmt::format("the picture about {:.3g} times as large", scale));
    Try(best, Likeness(expected, Fitted(answer, inner, answer.size()).view()),
        fmt::format("the picture about {:.2g} times as large", 1 / scale));
  }
}

// Coarsely over a quarter of the side, then around the best.
void TryShifted(Alternative& best, ConstPixelView expected, ConstPixelView answer, double factor) {
  double most = 0;
  int at_x = 0, at_y = 0;
  auto look = [&](int dx, int dy) {
    if (dx == 0 && dy == 0) return;
    const double likeness = ShiftedLikeness(expected, answer, dx, dy);
    if (likeness > most) most = likeness, at_x = dx, at_y = dy;
  };
  constexpr int kReach = 12;
  for (int dy = -kReach; dy <= kReach; ++dy)
    for (int dx = -kReach; dx <= kReach; ++dx) look(dx, dy);
  Try(best, most,
      fmt::format("the picture moved by about {:.0f},{:.0f} pixels", at_x * factor, at_y * factor));
}

}  // namespace

Alternative NearestAlternative(ConstPixelView expected_view, ConstPixelView coded,
                               ConstPixelView answer_view, double scale) {
  const int longest = std::max(expected_view.width, expected_view.height);
  const double factor = std::max(1.0, static_cast<double>(longest) / kSide);
  const Size size{std::max(1, static_cast<int>(expected_view.width / factor)),
                  std::max(1, static_cast<int>(expected_view.height / factor))};
  const Image expected = Fitted(expected_view, WholeOf(expected_view.size()), size);
  const Image answer = Fitted(answer_view, WholeOf(answer_view.size()), size);
  Alternative best{
      .likeness = kNamed,
      .own = Likeness(expected.view(), answer.view()),
      .kept = Likeness(expected.view(), Fitted(coded, WholeOf(coded.size()), size).view())};
  Try(best, -best.own, "the negative");
  TryTurned(best, expected.view(), answer.view());
  TryScaled(best, expected.view(), answer.view());
  TryShifted(best, expected.view(), answer.view(), factor * scale);
  return best;
}

}  // namespace iiifbench
