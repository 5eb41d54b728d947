// Wrong pictures of the kinds that servers, caches and bugs send with status 200.
//
// Rule of exclusion (Differs): a wrong picture counts only where it can be told from the right one:
// reduced 2:1, the coded wrong picture must be farther from the right one (RMS, gain and offset not
// taken away) than twice what the same encoder's honest answer is, plus half a level. A shift or
// a mirror of blank paper, say, is not counted.
#pragma once

#include "kernels/pixels/rotate.h"
#include "tests/harness/answers/seeded_answers.h"

namespace iiifbench {

constexpr std::array<std::string_view, 16> kWrongKinds = {"flat mean colour",
                                                          "flat white",
                                                          "noise of the same mean and variance",
                                                          "mirrored",
                                                          "flipped",
                                                          "turned by 180",
                                                          "shifted",
                                                          "another region",
                                                          "another page",
                                                          "zoomed by 1.1",
                                                          "channels swapped",
                                                          "negative",
                                                          "grey",
                                                          "bottom half grey",
                                                          "tile rows permuted",
                                                          "shrunk by 1.1"};

inline Image Oriented(const Image& picture, Orientation orientation) {
  Image out(picture.size(), picture.channels());
  Rotate(picture.view(), out.view(), orientation);
  return out;
}

template <typename F>
Image Mapped(const Image& picture, F map) {
  Image out(picture.size(), picture.channels());
  const int channels = picture.channels();
  for (int y = 0; y < picture.height(); ++y) {
    const uint8_t* from = picture.view().row(y);
    uint8_t* to = out.view().row(y);
    for (int x = 0; x < picture.width(); ++x)
      for (int c = 0; c < channels; ++c)
        to[x * channels + c] = map(x, y, c, from + ptrdiff_t{x} * channels);
  }
  return out;
}

struct Moments {
  std::array<double, 3> mean{}, deviation{};
};
inline Moments MomentsOf(const Image& picture) {
  Moments out;
  std::array<double, 3> squares{};
  const double n = static_cast<double>(picture.size().pixels());
  Mapped(picture, [&](int, int, int c, const uint8_t* p) {
    out.mean[static_cast<size_t>(c)] += p[c] / n;
    squares[static_cast<size_t>(c)] += p[c] * p[c] / n;
    return uint8_t{0};
  });
  for (size_t c = 0; c < 3; ++c)
    out.deviation[c] = std::sqrt(std::max(0.0, squares[c] - out.mean[c] * out.mean[c]));
  return out;
}

inline uint8_t Clamped(double value) {
  return static_cast<uint8_t>(std::clamp(value + 0.5, 0.0, 255.0));
}

// The window moved or scaled inside the page, where there is room for it.
inline Image Elsewhere(const LevelledPage& page, AskedPart part, double dx, double dy,
                       double scale) {
  Window& w = part.window;
  const double width = page.ours[0].width(), height = page.ours[0].height();
  const double mx = w.x + w.width / 2 + dx, my = w.y + w.height / 2 + dy;
  w.width = std::min(w.width * scale, width), w.height = std::min(w.height * scale, height);
  w.x = std::clamp(mx - w.width / 2, 0.0, width - w.width);
  w.y = std::clamp(my - w.height / 2, 0.0, height - w.height);
  return RenderOurs(page, part);
}

// A shift of 3 %, and at least 4 pixels, of the answer; what leaves on one side comes in on the
// other where the page has no more.
inline Image ShiftedInside(const Image& right, Random& random) {
  const int side = std::max(right.width(), right.height());
  const int by = std::max(4, static_cast<int>(std::ceil(side * 0.03)));
  constexpr int kWays[4][2] = {{1, 0}, {0, 1}, {-1, 0}, {1, -1}};
  const int* way = kWays[DrawInt(random, 0, 3)];
  const int w = right.width(), h = right.height(), channels = right.channels();
  return Mapped(right, [&](int x, int y, int c, const uint8_t*) {
    return right.view().row((y + way[1] * by + h) % h)[((x + way[0] * by + w) % w) * channels + c];
  });
}

inline Image MakeWrong(size_t kind, const LevelledPage& page, const LevelledPage& other,
                       const AskedPart& part, const Image& right, Random& random) {
  const Moments m = MomentsOf(right);
  const int h = right.height(), channels = right.channels();
  auto at = [&](int x, int y, int c) { return right.view().row(y)[x * channels + c]; };
  switch (kind) {
    case 0:
      return Mapped(right, [&](int, int, int c, const uint8_t*) {
        return Clamped(m.mean[static_cast<size_t>(c)]);
      });
    case 1:
      return Mapped(right, [](int, int, int, const uint8_t*) { return uint8_t{255}; });
    case 2: {
      double draw = 0;
      return Mapped(right, [&](int, int, int c, const uint8_t*) {
        if (c == 0) draw = DrawReal(random, -1.732, 1.732);
        return Clamped(m.mean[static_cast<size_t>(c)] + draw * m.deviation[static_cast<size_t>(c)]);
      });
    }
    case 3:
      return Oriented(right, {.mirror = true});
    case 4:
      return Oriented(right, {.mirror = true, .quarter_turns = 2});
    case 5:
      return Oriented(right, {.quarter_turns = 2});
    case 6:
      return ShiftedInside(right, random);
    case 7: {
      // As far away as a shift at least; where the page has no such place, the right picture, which
      // is not counted.
      const Window& w = part.window;
      const double x = DrawReal(random, 0, page.ours[0].width() - w.width),
                   y = DrawReal(random, 0, page.ours[0].height() - w.height);
      const double moved = std::max(std::abs(x - w.x) * right.width() / w.width,
                                    std::abs(y - w.y) * right.height() / w.height);
      if (moved < std::max(4.0, 0.03 * std::max(right.width(), right.height())))
        return RenderOurs(page, part);
      return Elsewhere(page, part, x - w.x, y - w.y, 1);
    }
    case 8:
      return RenderOurs(other, part);
    case 9:
      return Elsewhere(page, part, 0, 0, 1 / 1.1);
    case 10: {
      const int turn = DrawInt(random, 0, 2);
      return Mapped(right, [&](int, int, int c, const uint8_t* p) {
        if (channels == 1) return p[0];
        return turn == 0 ? p[2 - c] : turn == 1 ? p[(c + 1) % 3] : p[c == 2 ? 2 : 1 - c];
      });
    }
    case 11:
      return Mapped(right, [](int, int, int c, const uint8_t* p) {
        return static_cast<uint8_t>(255 - p[c]);
      });
    case 12:
      return Mapped(right, [](int, int, int, const uint8_t*) { return uint8_t{128}; });
    case 13:
      return Mapped(right, [&](int, int y, int c, const uint8_t* p) {
        return y < h / 2 ? p[c] : uint8_t{128};
      });
    case 14: {
      const int rows = std::max(16, h / DrawInt(random, 3, 8));
      const int count = h / rows;
      const int move = DrawInt(random, 1, std::max(1, count - 1));
      return Mapped(right, [&](int x, int y, int c, const uint8_t* p) {
        const int row = y / rows;
        if (row >= count) return p[c];
        return at(x, (row + move) % count * rows + y % rows, c);
      });
    }
    default: {
      // Where the page has not that much more to show, the right picture, which is not counted.
      const Window& w = part.window;
      const double wider = std::min(1.1, page.ours[0].width() / w.width),
                   higher = std::min(1.1, page.ours[0].height() / w.height);
      if (std::max(wider, higher) < 1.06) return RenderOurs(page, part);
      return Elsewhere(page, part, 0, 0, 1.1);
    }
  }
}

inline double HalvedRms(ConstPixelView a, ConstPixelView b) {
  const Size half{std::max(1, a.width / 2), std::max(1, a.height / 2)};
  Image x(half, a.channels), y(half, a.channels);
  Resize(a, WholeOf(a.size()), x.view(), {.filter = Filter::kBox});
  Resize(b, WholeOf(b.size()), y.view(), {.filter = Filter::kBox});
  return 255 * std::pow(10, -Compare(x.view(), y.view()).psnr / 20);
}

inline Image DecodedAs(const Exchange& exchange, int channels) {
  auto source = Source::Borrow(exchange.body, "answer");
  auto picture = DecodeWhole(*source, Variant::kLibrary);
  if (!picture) return {};
  if (picture->channels() == channels) return std::move(*picture);
  Image gray(picture->size(), 1);
  ToGray(picture->view(), gray.view());
  return gray;
}

inline bool Differs(const Exchange& wrong, const Exchange& honest, const Image& right) {
  const Image a = DecodedAs(wrong, right.channels()), b = DecodedAs(honest, right.channels());
  return HalvedRms(a.view(), right.view()) > 2 * HalvedRms(b.view(), right.view()) + 0.5;
}

}  // namespace iiifbench
