// Pages of six looks made from a seed, for tests of the response check: dense and faint writing,
// map, bitonal print, photograph, blank paper. No two seeds give alike pages: paper, ink, pitch,
// noise and letters are all drawn.
#pragma once

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "data/random.h"
#include "data/sheet.h"
#include "kernels/pixels/to_gray.h"

namespace iiifbench {

enum class PageLook { kDense, kFaint, kMap, kBitonal, kPhoto, kBlank };
constexpr int kPageLooks = 6;
inline std::string_view PageLookName(PageLook look) {
  constexpr std::string_view kNames[] = {"dense", "faint", "map", "bitonal", "photo", "blank"};
  return kNames[static_cast<size_t>(look)];
}

inline Colour Shifted(const Colour& from, int low, int high, Random& random) {
  Colour out = from;
  for (int& value : out) value = std::clamp(value + DrawInt(random, low, high), 0, 255);
  return out;
}

// Lines of words of random strokes, in one to three columns.
inline Ink WrittenText(Size size, Random& random) {
  Ink ink(size);
  const int columns = DrawInt(random, 1, 3), margin = size.width * DrawInt(random, 3, 10) / 100;
  const double pitch = DrawInt(random, 22, 80), height = pitch * DrawReal(random, 0.35, 0.6);
  const double thick = height * DrawReal(random, 0.07, 0.14) + 0.4;
  const double width = (size.width - 2.0 * margin) / columns;
  for (int column = 0; column < columns; ++column) {
    const double left = margin + column * width, right = left + width * 0.93;
    for (double y = margin + pitch; y < size.height - margin; y += pitch) {
      if (DrawInt(random, 0, 11) == 0) continue;
      const double end = left + (right - left) * (DrawInt(random, 0, 6) == 0 ? 0.5 : 1.0);
      for (double x = left; x < end;) {
        const int letters = DrawInt(random, 2, 9);
        for (int i = 0; i < letters && x < end; ++i, x += height * 0.8) {
          for (int stroke = DrawInt(random, 2, 4); stroke > 0; --stroke) {
            const Point from{x + DrawReal(random, 0, 0.7) * height,
                             y - DrawReal(random, 0, 1.3) * height};
            ink.Line(from,
                     {from.x + DrawReal(random, -0.3, 0.3) * height,
                      from.y + DrawReal(random, -0.7, 0.7) * height},
                     thick);
          }
        }
        x += height * 0.7;
      }
    }
  }
  return ink;
}

inline void AddRelief(Sheet& sheet, int cell, int most, bool coloured, Random& random) {
  Colour amplitude;
  for (int& value : amplitude) value = DrawInt(random, -most, most);
  if (!coloured) amplitude = {amplitude[0], amplitude[0], amplitude[0]};
  sheet.relief.push_back({Texture(sheet.size, cell, random()), amplitude});
}

inline void DrawMap(Sheet& sheet, Random& random) {
  for (const int cell : {400, 130, 47}) AddRelief(sheet, cell, 700, true, random);
  AddRelief(sheet, 5, 60, false, random);
  Ink contours(sheet.size), marks(sheet.size);
  for (double y = -100; y < sheet.size.height + 100; y += DrawInt(random, 14, 50)) {
    std::vector<Point> control;
    double at = y;
    for (double x = -60; x < sheet.size.width + 60.0; x += 60) {
      control.push_back({x, at});
      at += DrawReal(random, -18, 18);
    }
    contours.Curve(control, 0.9, 1.6, 0.85);
  }
  for (int i = DrawInt(random, 200, 2500); i > 0; --i) {
    const Point p{DrawReal(random, 0, sheet.size.width), DrawReal(random, 0, sheet.size.height)};
    marks.Line(p, {p.x + DrawReal(random, -12, 12), p.y + DrawReal(random, -20, 22)},
               DrawReal(random, 0.7, 1.8));
  }
  sheet.layers.push_back({std::move(contours), {150, 84, 52}, 40});
  sheet.layers.push_back({std::move(marks), {44, 40, 44}, 40});
}

inline void DrawPhoto(Sheet& sheet, Random& random) {
  sheet.paper = {DrawInt(random, 70, 180), DrawInt(random, 70, 180), DrawInt(random, 70, 180)};
  int most = DrawInt(random, 400, 1200);
  for (const int cell : {500, 210, 90, 37, 15, 6}) {
    AddRelief(sheet, cell, most, cell > 60, random);
    most = most * DrawInt(random, 45, 75) / 100;
  }
  for (int i = DrawInt(random, 2, 8); i > 0; --i) {
    Ink shape(sheet.size);
    const Point at{DrawReal(random, 0, sheet.size.width), DrawReal(random, 0, sheet.size.height)};
    shape.Line(at, {at.x + DrawReal(random, -300, 300), at.y + DrawReal(random, -300, 300)},
               DrawReal(random, 10, 150), DrawReal(random, 0.3, 0.9));
    sheet.layers.push_back({std::move(shape), Shifted({120, 120, 120}, -110, 110, random), 10});
  }
}

inline Image SeededPage(PageLook look, Size size, uint64_t seed) {
  Random random(seed * 7919 + 17);
  const int tint = DrawInt(random, 0, 50);
  Sheet sheet{.size = size,
              .channels = DrawInt(random, 0, 3) == 0 ? 1 : 3,
              .paper = {DrawInt(random, 200, 245), 0, 0},
              .blur = DrawInt(random, 1, 2),
              .common_noise = DrawReal(random, 0.3, 2.2),
              .channel_noise = DrawReal(random, 0.1, 1.0),
              .seed = random()};
  sheet.paper[1] = sheet.paper[0] - tint / 3;
  sheet.paper[2] = sheet.paper[0] - tint;
  if (look != PageLook::kPhoto) {
    const int most = look == PageLook::kBlank ? 40 : 200;
    for (const int cell : {260, 31}) AddRelief(sheet, cell, most, false, random);
  }
  switch (look) {
    case PageLook::kMap:
      DrawMap(sheet, random);
      break;
    case PageLook::kPhoto:
      DrawPhoto(sheet, random);
      break;
    case PageLook::kBlank:
      break;
    case PageLook::kFaint:
      sheet.layers.push_back(
          {WrittenText(size, random), Shifted(sheet.paper, -25, -5, random), 30});
      break;
    default:
      sheet.layers.push_back(
          {WrittenText(size, random), Shifted({50, 45, 40}, -35, 35, random), 30});
  }
  Image page = Scan(sheet, 1);
  if (look != PageLook::kBitonal) return page;
  Image gray(size, 1);
  page.channels() == 3 ? ToGray(page.view(), gray.view()) : CopyPixels(page.view(), gray.view());
  ToBitonal(gray.view());
  return gray;
}

}  // namespace iiifbench
