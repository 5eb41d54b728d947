#include "data/sheet.h"

#include <algorithm>
#include <thread>

#include "data/random.h"

namespace iiifbench {
namespace {

constexpr int kScale = 64;  // samples are summed in 1/64

// One row of [1 2 1]/4 blurred coverage, `passes` times, of both directions. Border pixels repeat.
class Optics {
 public:
  Optics(const Ink& ink, int passes)
      : ink_(ink), passes_(passes), line_(static_cast<size_t>(ink.size().width)) {}

  const std::vector<int32_t>& Row(int y) {
    const int width = ink_.size().width;
    std::fill(line_.begin(), line_.end(), 0);
    // Passes of [1 2 1] are the binomial coefficients of order 2 * passes.
    int64_t weight = 1;
    const int order = 2 * passes_;
    for (int k = 0; k <= order; ++k) {
      const uint8_t* row = ink_.row(std::clamp(y + k - passes_, 0, ink_.size().height - 1));
      for (int x = 0; x < width; ++x)
        line_[static_cast<size_t>(x)] += static_cast<int32_t>(weight) * row[x];
      weight = weight * (order - k) / (k + 1);
    }
    for (auto& value : line_) value = (value << 4) >> order;  // coverage in 1/16 of a step
    for (int pass = 0; pass < passes_; ++pass) {
      int32_t before = line_[0];
      for (int x = 0; x < width; ++x) {
        const int32_t here = line_[static_cast<size_t>(x)];
        const int32_t after = x + 1 < width ? line_[static_cast<size_t>(x) + 1] : here;
        line_[static_cast<size_t>(x)] = (before + 2 * here + after + 2) >> 2;
        before = here;
      }
    }
    return line_;  // 0 .. 255 * 16
  }

 private:
  const Ink& ink_;
  int passes_;
  std::vector<int32_t> line_;
};

// Rows of correlated noise for one strip; planes of one row: [0] common, then one per channel.
class Noise {
 public:
  Noise(int width, int planes, uint64_t seed)
      : width_(width), planes_(planes), seed_(seed), white_(3), sum_(static_cast<size_t>(width)) {}

  void Begin(int y) {
    for (int k = 0; k < 3; ++k) white_[static_cast<size_t>(k)] = Draw(y - 1 + k);
  }
  void Advance(int y) {
    std::rotate(white_.begin(), white_.begin() + 1, white_.end());
    white_[2] = Draw(y + 1);
  }
  // Noise of unit deviation times 4096 for the middle row. 0.4 is 2/5: taps 2 5 2 both ways, whose
  // energy is 33^2.
  const std::vector<int32_t>& Row(int plane) {
    const size_t from = static_cast<size_t>(plane) * static_cast<size_t>(width_ + 2);
    const int16_t* a = white_[0].data() + from;
    const int16_t* b = white_[1].data() + from;
    const int16_t* c = white_[2].data() + from;
    auto column = [&](int x) { return 2 * (a[x] + c[x]) + 5 * b[x]; };
    for (int x = 0; x < width_; ++x) {
      const int32_t value = 2 * (column(x) + column(x + 2)) + 5 * column(x + 1);
      // Four bytes have a deviation of 147.8; times 33 it is 4877.
      sum_[static_cast<size_t>(x)] = value * 4096 / 4877;
    }
    return sum_;
  }

 private:
  std::vector<int16_t> Draw(int y) const {
    Random random(seed_ * 0x9E3779B97F4A7C15u + static_cast<uint64_t>(y + 1));
    std::vector<int16_t> row(static_cast<size_t>(planes_) * static_cast<size_t>(width_ + 2));
    auto of_bytes = [](uint32_t word) {
      const uint32_t pairs = (word & 0x00FF00FFu) + ((word >> 8) & 0x00FF00FFu);
      return static_cast<int16_t>(static_cast<int>((pairs & 0xFFFFu) + (pairs >> 16)) - 510);
    };
    size_t i = 0;
    for (; i + 1 < row.size(); i += 2) {
      const uint64_t word = random();
      row[i] = of_bytes(static_cast<uint32_t>(word));
      row[i + 1] = of_bytes(static_cast<uint32_t>(word >> 32));
    }
    if (i < row.size()) row[i] = of_bytes(static_cast<uint32_t>(random()));
    return row;
  }

  int width_;
  int planes_;
  uint64_t seed_;
  std::vector<std::vector<int16_t>> white_;
  std::vector<int32_t> sum_;
};

void ScanRows(const Sheet& sheet, int first, int last, PixelView out) {
  const int width = sheet.size.width, channels = sheet.channels;
  std::vector<Optics> optics;
  for (const Layer& layer : sheet.layers) optics.emplace_back(layer.ink, sheet.blur);
  Noise noise(width, 1 + channels, sheet.seed);
  const auto common_gain = static_cast<int32_t>(sheet.common_noise * kScale + 0.5);
  const auto channel_gain = static_cast<int32_t>(sheet.channel_noise * kScale + 0.5);
  std::vector<std::vector<int32_t>> sample(static_cast<size_t>(channels),
                                           std::vector<int32_t>(static_cast<size_t>(width)));
  std::vector<int32_t> relief(static_cast<size_t>(width));
  for (int y = first; y < last; ++y) {
    y == first ? noise.Begin(y) : noise.Advance(y);
    for (int c = 0; c < channels; ++c) {
      std::fill(sample[static_cast<size_t>(c)].begin(), sample[static_cast<size_t>(c)].end(),
                sheet.paper[static_cast<size_t>(c)] * kScale);
    }
    for (const Relief& part : sheet.relief) {
      std::fill(relief.begin(), relief.end(), 0);
      part.texture.AddRow(y, 4096, relief.data());
      for (int c = 0; c < channels; ++c) {
        const int32_t gain = part.amplitude[static_cast<size_t>(c)] * (kScale / 16);
        auto& line = sample[static_cast<size_t>(c)];
        for (size_t x = 0; x < line.size(); ++x) line[x] += (relief[x] * gain) >> 12;
      }
    }
    const auto& common = noise.Row(0);
    std::vector<int32_t> grain = common;
    for (size_t k = 0; k < sheet.layers.size(); ++k) {
      const auto& coverage = optics[k].Row(y);
      const Layer& layer = sheet.layers[k];
      for (int c = 0; c < channels; ++c) {
        const int32_t colour = layer.colour[static_cast<size_t>(c)] * kScale;
        auto& line = sample[static_cast<size_t>(c)];
        for (size_t x = 0; x < line.size(); ++x) {
          if (coverage[x] == 0) continue;
          const int32_t alpha = std::clamp(
              coverage[x] +
                  ((coverage[x] * layer.grain >> 8) * std::clamp(grain[x], -8192, 8192) >> 12),
              0, 4080);
          line[x] += (colour - line[x]) * alpha / 4080;
        }
      }
    }
    for (size_t x = 0; x < static_cast<size_t>(width); ++x) {
      for (auto& line : sample) line[x] += (grain[x] * common_gain) >> 12;
    }
    uint8_t* row = out.row(y);
    for (int c = 0; c < channels; ++c) {
      const auto& own = noise.Row(1 + c);
      const auto& line = sample[static_cast<size_t>(c)];
      for (int x = 0; x < width; ++x) {
        const int32_t value = line[static_cast<size_t>(x)] +
                              ((own[static_cast<size_t>(x)] * channel_gain) >> 12) + kScale / 2;
        row[x * channels + c] = static_cast<uint8_t>(std::clamp(value / kScale, 0, 255));
      }
    }
  }
}

}  // namespace

Image Scan(const Sheet& sheet, int threads) {
  IIIFBENCH_CHECK(sheet.channels == 1 || sheet.channels == 3, "{} channels", sheet.channels);
  Image image(sheet.size, sheet.channels);
  const int strips = std::clamp(threads, 1, sheet.size.height);
  std::vector<std::thread> workers;
  auto bound = [&](int k) { return static_cast<int>(int64_t{sheet.size.height} * k / strips); };
  for (int k = 1; k < strips; ++k) {
    workers.emplace_back([&, k] { ScanRows(sheet, bound(k), bound(k + 1), image.view()); });
  }
  ScanRows(sheet, 0, bound(1), image.view());
  for (auto& worker : workers) worker.join();
  return image;
}

}  // namespace iiifbench
