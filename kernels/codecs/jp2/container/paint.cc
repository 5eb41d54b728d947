#include "kernels/codecs/jp2/container/paint.h"

#include <algorithm>
#include <array>

#include "kernels/pixels/pack_planes.h"

namespace iiifbench::jp2 {
namespace {

// One channel of a row, 8 bits a pixel.
struct ChannelPainter {
  const Component* component = nullptr;
  const ComponentSamples* samples = nullptr;
  int ratio_x = 1, ratio_y = 1;  // pixels a sample
  const Palette* palette = nullptr;
  int column = 0;

  const int32_t* Row(int64_t y) const {
    const int64_t row = std::clamp<int64_t>(y / ratio_y - samples->y, 0, samples->height - 1);
    return samples->first + row * samples->stride_samples;
  }
  uint8_t Value(int32_t sample) const {
    const int top = (1 << component->bits) - 1;
    const int offset = component->is_signed ? 1 << (component->bits - 1) : 0;
    // A damaged sample may be anything: no overflow.
    const auto v = static_cast<int>(std::clamp<int64_t>(int64_t{sample} + offset, 0, top));
    if (palette == nullptr)
      return static_cast<uint8_t>(component->bits == 8 ? v : (v * 255 + top / 2) / top);
    const auto entry = static_cast<size_t>(std::min(v, palette->entries - 1));
    return palette
        ->values[entry * static_cast<size_t>(palette->columns) + static_cast<size_t>(column)];
  }
  void Paint(int64_t x, int64_t y, std::span<uint8_t> to) const {
    const int32_t* row = Row(y);
    for (size_t i = 0; i < to.size(); ++i) {
      const int64_t at = (x + static_cast<int64_t>(i)) / ratio_x - samples->x;
      to[i] = Value(row[std::clamp<int64_t>(at, 0, samples->width - 1)]);
    }
  }
};

uint8_t Clamped(int v) { return static_cast<uint8_t>(std::clamp(v, 0, 255)); }

// 16 bits behind the point.
void PaintYcc(const uint8_t* y, const uint8_t* cb, const uint8_t* cr, int width, uint8_t* to) {
  for (int x = 0; x < width; ++x) {
    const int luma = y[x] * 65536 + 32768, b = cb[x] - 128, r = cr[x] - 128;
    to[3 * x] = Clamped((luma + 91881 * r) >> 16);
    to[3 * x + 1] = Clamped((luma - 22553 * b - 46802 * r) >> 16);
    to[3 * x + 2] = Clamped((luma + 116130 * b) >> 16);
  }
}

void PaintCmyk(const std::array<const uint8_t*, 4>& ink, int width, uint8_t* to) {
  for (int x = 0; x < width; ++x)
    for (size_t c = 0; c < 3; ++c)
      to[3 * x + static_cast<int>(c)] =
          static_cast<uint8_t>(((255 - ink[c][x]) * (255 - ink[3][x]) + 127) / 255);
}

}  // namespace

void Paint(const Boxes& boxes, const Channels& channels, const std::vector<Component>& components,
           std::span<const ComponentSamples> samples, int64_t wanted_x, int64_t wanted_y,
           bool scalar, PixelView out) {
  IIIFBENCH_CHECK(out.channels == channels.pixel_channels() && samples.size() == components.size(),
                  "{} channels of {} components", out.channels, samples.size());
  if (channels.plain) {
    Planes planes{.bits = components[0].bits, .is_signed = components[0].is_signed};
    for (size_t c = 0; c < samples.size(); ++c) {
      const ComponentSamples& from = samples[c];
      planes.data[c] = from.first + (wanted_y - from.y) * from.stride_samples + (wanted_x - from.x);
      planes.stride_samples[c] = from.stride_samples;
    }
    scalar ? PackPlanesScalar(planes, out) : PackPlanes(planes, out);
    return;
  }
  std::array<ChannelPainter, 4> painters;
  for (size_t n = 0; n < channels.colours.size(); ++n) {
    const MappedChannel& channel = channels.colours[n];
    const auto c = static_cast<size_t>(channel.component);
    painters[n] = {.component = &components[c],
                   .samples = &samples[c],
                   .ratio_x = components[c].dx / channels.dx,
                   .ratio_y = components[c].dy / channels.dy,
                   .palette = channel.column < 0 ? nullptr : &*boxes.palette,
                   .column = channel.column};
  }
  const auto width = static_cast<size_t>(out.width);
  std::vector<uint8_t> rows(width * channels.colours.size());
  std::array<const uint8_t*, 4> row{};
  for (size_t n = 0; n < channels.colours.size(); ++n) row[n] = rows.data() + n * width;
  for (int y = 0; y < out.height; ++y) {
    for (size_t n = 0; n < channels.colours.size(); ++n)
      painters[n].Paint(wanted_x, wanted_y + y, std::span(rows).subspan(n * width, width));
    uint8_t* to = out.row(y);
    switch (channels.model) {
      case ColourModel::kGrey:
        std::copy_n(row[0], width, to);
        break;
      case ColourModel::kRgb:
        for (size_t x = 0; x < width; ++x)
          for (size_t n = 0; n < 3; ++n) to[3 * x + n] = row[n][x];
        break;
      case ColourModel::kYcc:
        PaintYcc(row[0], row[1], row[2], out.width, to);
        break;
      case ColourModel::kCmyk:
        PaintCmyk(row, out.width, to);
        break;
    }
  }
}

}  // namespace iiifbench::jp2
