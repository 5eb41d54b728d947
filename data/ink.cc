#include "data/ink.h"

#include <algorithm>
#include <cmath>

namespace iiifbench {
namespace {

double Clamp01(double value) { return value < 0 ? 0 : value > 1 ? 1 : value; }

// Pen radius for a direction: the pen is held so that down strokes are thick.
double RadiusOf(Point from, Point to, double thin, double thick) {
  const double dx = to.x - from.x, dy = to.y - from.y;
  const double length = std::sqrt(dx * dx + dy * dy);
  return length > 0 ? thin + (thick - thin) * std::abs(dy) / length : thick;
}

}  // namespace

void Ink::Line(Point from, Point to, double radius, double density) {
  const double reach = radius + 0.5;
  const int left = std::max(0, static_cast<int>(std::floor(std::min(from.x, to.x) - reach)));
  const int right =
      std::min(size_.width - 1, static_cast<int>(std::ceil(std::max(from.x, to.x) + reach)));
  const int top = std::max(0, static_cast<int>(std::floor(std::min(from.y, to.y) - reach)));
  const int bottom =
      std::min(size_.height - 1, static_cast<int>(std::ceil(std::max(from.y, to.y) + reach)));
  const double dx = to.x - from.x, dy = to.y - from.y;
  const double squared_length = dx * dx + dy * dy;
  const double outer = reach * reach;
  const double inner = radius > 0.5 ? (radius - 0.5) * (radius - 0.5) : 0;
  const auto full = static_cast<uint8_t>(255 * Clamp01(density) + 0.5);
  for (int y = top; y <= bottom; ++y) {
    uint8_t* out = row(y);
    for (int x = left; x <= right; ++x) {
      const double px = x + 0.5 - from.x, py = y + 0.5 - from.y;
      const double along = squared_length > 0 ? Clamp01((px * dx + py * dy) / squared_length) : 0;
      const double ex = px - along * dx, ey = py - along * dy;
      const double squared = ex * ex + ey * ey;
      if (squared >= outer) continue;
      uint8_t value = full;
      if (squared > inner) {
        value = static_cast<uint8_t>(full * Clamp01(radius - std::sqrt(squared) + 0.5) + 0.5);
      }
      out[x] = std::max(out[x], value);
    }
  }
}

void Ink::Curve(std::span<const Point> control, double thin, double thick, double density) {
  if (control.empty()) return;
  if (control.size() == 1) return Line(control[0], control[0], thick, density);
  if (control.size() == 2)
    return Line(control[0], control[1], RadiusOf(control[0], control[1], thin, thick), density);
  constexpr int kPieces = 5;
  Point last = control[0];
  for (size_t i = 1; i + 1 < control.size(); ++i) {
    const Point middle = control[i];
    const bool closing = i + 2 == control.size();
    const Point end =
        closing ? control[i + 1]
                : Point{(middle.x + control[i + 1].x) / 2, (middle.y + control[i + 1].y) / 2};
    const Point begin = last;
    for (int k = 1; k <= kPieces; ++k) {
      const double t = static_cast<double>(k) / kPieces, u = 1 - t;
      const Point next = {u * u * begin.x + 2 * u * t * middle.x + t * t * end.x,
                          u * u * begin.y + 2 * u * t * middle.y + t * t * end.y};
      Line(last, next, RadiusOf(last, next, thin, thick), density);
      last = next;
    }
  }
}

void Ink::Rectangle(const Region& region, double density) {
  const int left = std::max(0, region.x), right = std::min(size_.width, region.right());
  const auto value = static_cast<uint8_t>(255 * Clamp01(density) + 0.5);
  for (int y = std::max(0, region.y); y < std::min(size_.height, region.bottom()); ++y) {
    uint8_t* out = row(y);
    for (int x = left; x < right; ++x) out[x] = std::max(out[x], value);
  }
}

}  // namespace iiifbench
