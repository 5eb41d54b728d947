#include "data/page.h"

#include <algorithm>
#include <array>
#include <vector>

#include "data/random.h"
#include "data/sheet.h"

namespace iiifbench {
namespace {

// A letter: strokes in a box of 1 x 1, y down, baseline at 1.
struct Stroke {
  Point from, to;
  bool stem;
};
using Glyph = std::vector<Stroke>;

std::vector<Glyph> MakeAlphabet(Random& random) {
  std::vector<Glyph> alphabet(24);
  for (Glyph& glyph : alphabet) {
    const int strokes = DrawInt(random, 2, 4);
    for (int i = 0; i < strokes; ++i) {
      const double x = DrawReal(random, 0.05, 0.75);
      if (DrawInt(random, 0, 2) > 0) {
        glyph.push_back({{x, DrawInt(random, 0, 5) == 0 ? -0.45 : 0.0}, {x, 1}, true});
      } else {
        const double y = DrawReal(random, 0, 1);
        glyph.push_back(
            {{x, y}, {x + DrawReal(random, 0.2, 0.5), y + DrawReal(random, -0.4, 0.4)}, false});
      }
    }
  }
  return alphabet;
}

// Fills a column with lines of words. `height`: x-height in pixels.
void SetText(Ink& ink, const Region& column, double height, double pitch, double stem, double hair,
             Random& random) {
  const auto alphabet = MakeAlphabet(random);
  for (double y = column.y + pitch; y < column.bottom(); y += pitch) {
    const bool last = DrawInt(random, 0, 8) == 0;
    const double end = column.x + column.width * (last ? DrawReal(random, 0.2, 0.9) : 1.0);
    for (double x = column.x; x < end;) {
      const int letters = DrawInt(random, 2, 9);
      for (int i = 0; i < letters && x < end; ++i) {
        const Glyph& glyph = alphabet[random() % alphabet.size()];
        for (const Stroke& s : glyph) {
          ink.Line({x + s.from.x * height * 0.8, y - height + s.from.y * height},
                   {x + s.to.x * height * 0.8, y - height + s.to.y * height}, s.stem ? stem : hair);
        }
        x += height * 0.82;
      }
      x += height * 0.7;
    }
  }
}

Region Inside(Size size, double margin) {
  const int x = static_cast<int>(size.width * margin), y = static_cast<int>(size.height * margin);
  return {x, y, size.width - 2 * x, size.height - 2 * y};
}

Image MakePrint(Size size, int threads) {
  Random random(11);
  Sheet sheet{.size = size,
              .paper = {238, 230, 212},
              .common_noise = 0.45,
              .channel_noise = 0.2,
              .seed = 12};
  sheet.relief.push_back({Texture(size, 190, 13), {90, 100, 120}});
  sheet.relief.push_back({Texture(size, 23, 14), {14, 15, 17}});
  Ink text(size);
  SetText(text, Inside(size, 0.09), 30, 88, 2.6, 1.1, random);
  sheet.layers.push_back({std::move(text), {52, 46, 42}, 30});
  return Scan(sheet, threads);
}

Image MakeHandwriting(Size size, int threads) {
  Random random(21);
  Sheet sheet{.size = size,
              .paper = {214, 192, 150},
              .common_noise = 1.5,
              .channel_noise = 0.75,
              .seed = 22};
  sheet.relief.push_back({Texture(size, 300, 23), {260, 280, 300}});
  sheet.relief.push_back({Texture(size, 40, 24), {60, 64, 70}});
  sheet.relief.push_back({Texture(size, 7, 25), {60, 60, 60}});
  Ink text(size);
  const Region area = Inside(size, 0.06);
  for (double y = area.y + 70; y < area.bottom(); y += 74) {
    for (double x = area.x; x < area.right() - 200;) {
      const int letters = DrawInt(random, 3, 9);
      std::vector<Point> control = {{x, y}};
      for (int i = 0; i < letters; ++i) {
        const bool ascender = DrawInt(random, 0, 4) == 0, descender = DrawInt(random, 0, 5) == 0;
        control.push_back(
            {x + DrawReal(random, 6, 14), y - (ascender ? 58 : DrawReal(random, 22, 32))});
        control.push_back({x + DrawReal(random, 14, 22), y - DrawReal(random, 8, 20)});
        control.push_back(
            {x + DrawReal(random, 10, 20), y + (descender ? 34 : DrawReal(random, -2, 5))});
        x += DrawReal(random, 20, 30);
        control.push_back({x, y - DrawReal(random, 4, 12)});
      }
      text.Curve(control, 1.2, 2.6, DrawReal(random, 0.7, 1));
      x += DrawReal(random, 18, 36);
    }
  }
  sheet.layers.push_back({std::move(text), {70, 48, 30}, 70});
  return Scan(sheet, threads);
}

Image MakeMap(Size size, int threads) {
  Random random(31);
  Sheet sheet{.size = size,
              .paper = {226, 218, 190},
              .common_noise = 2.2,
              .channel_noise = 1.5,
              .seed = 32};
  sheet.relief.push_back({Texture(size, 420, 33), {420, -300, -520}});
  sheet.relief.push_back({Texture(size, 130, 34), {-200, 240, 120}});
  sheet.relief.push_back({Texture(size, 5, 35), {50, 52, 56}});
  Ink contours(size), ink(size);
  // Contour lines wander across the sheet side by side.
  for (double y = -200; y < size.height + 200; y += 26) {
    std::vector<Point> control;
    double at = y;
    for (double x = -60; x < size.width + 60; x += 60) {
      control.push_back({x, at});
      at += DrawReal(random, -16, 16);
    }
    contours.Curve(control, 1.0, 1.5, 0.85);
  }
  // Hachures, roads and names.
  const int marks = static_cast<int>(size.pixels() / 1000);
  for (int i = 0; i < marks; ++i) {
    const Point p{DrawReal(random, 0, size.width), DrawReal(random, 0, size.height)};
    ink.Line(p, {p.x + DrawReal(random, -9, 9), p.y + DrawReal(random, 8, 22)},
             DrawReal(random, 0.7, 1.5));
  }
  for (int i = 0; i < size.pixels() / 160000; ++i) {
    const Region name{DrawInt(random, 0, std::max(1, size.width - 260)),
                      DrawInt(random, 0, std::max(1, size.height - 60)), 240, 40};
    SetText(ink, name, 20, 30, 2, 1, random);
  }
  sheet.layers.push_back({std::move(contours), {150, 84, 52}, 40});
  sheet.layers.push_back({std::move(ink), {44, 40, 44}, 40});
  return Scan(sheet, threads);
}

Image MakeNewspaper(Size size, int threads) {
  Random random(41);
  Sheet sheet{.size = size,
              .channels = 1,
              .paper = {206, 206, 206},
              .blur = 2,
              .common_noise = 1.6,
              .channel_noise = 0.6,
              .seed = 42};
  sheet.relief.push_back({Texture(size, 260, 43), {330, 330, 330}});
  sheet.relief.push_back({Texture(size, 30, 44), {40, 40, 40}});
  Ink text(size);
  const Region area = Inside(size, 0.04);
  const int columns = std::max(1, area.width / 620);
  const int width = area.width / columns;
  for (int i = 0; i < columns; ++i) {
    SetText(text, {area.x + i * width + 14, area.y, width - 28, area.height}, 22, 56, 2.2, 1.0,
            random);
    if (i > 0)
      text.Line({area.x + i * width + 0.0, area.y + 0.0},
                {area.x + i * width + 0.0, area.bottom() + 0.0}, 1);
  }
  sheet.layers.push_back({std::move(text), {60, 60, 60}, 40});
  return Scan(sheet, threads);
}

constexpr PageKind kKinds[] = {
    {"print", 3, {1.0, 1.4}, {3.5, 5}, {6, 9}, MakePrint},
    {"handwriting", 3, {1.8, 2.3}, {6, 8}, {10, 12}, MakeHandwriting},
    {"map", 3, {2.4, 2.6}, {9, 9}, {15, 15}, MakeMap},
    {"newspaper", 1, {1.2, 1.6}, {1.8, 3.1}, {3.8, 4.0}, MakeNewspaper},
};

}  // namespace

std::span<const PageKind> PageKinds() { return kKinds; }

const PageKind* FindPageKind(std::string_view name) {
  for (const PageKind& kind : kKinds) {
    if (kind.name == name) return &kind;
  }
  return nullptr;
}

}  // namespace iiifbench
