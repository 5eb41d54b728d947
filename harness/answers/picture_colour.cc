#include "harness/answers/picture_colour.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "kernels/pixels/resize.h"

namespace iiifbench {
namespace {

constexpr double kColourFloor = 3;  // RMS that chroma coding and its reduction honestly make

Image Small(ConstPixelView picture) {
  const int longest = std::max(picture.width, picture.height);
  const Size size =
      longest <= kColourSide
          ? picture.size()
          : Size{std::max(1, static_cast<int>(int64_t{picture.width} * kColourSide / longest)),
                 std::max(1, static_cast<int>(int64_t{picture.height} * kColourSide / longest))};
  Image out(size, picture.channels);
  Resize(picture, WholeOf(picture.size()), out.view(), {.filter = Filter::kBox});
  return out;
}

double Luma(const uint8_t* p, int channels) {
  return channels == 1 ? p[0] : 0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2];
}

struct Line {
  double gain = 1, x_mean = 0, y_mean = 0, x_variance = 0, y_variance = 0, error = 0;
};
Line FitLine(std::span<const double> x, std::span<const double> y) {
  Line line;
  const auto n = static_cast<double>(x.size());
  double covariance = 0;
  for (size_t i = 0; i < x.size(); ++i) line.x_mean += x[i] / n, line.y_mean += y[i] / n;
  for (size_t i = 0; i < x.size(); ++i) {
    const double dx = x[i] - line.x_mean, dy = y[i] - line.y_mean;
    line.x_variance += dx * dx / n, line.y_variance += dy * dy / n, covariance += dx * dy / n;
  }
  line.gain = line.x_variance > 0 ? covariance / line.x_variance : 1;
  line.error = std::sqrt(std::max(0.0, line.y_variance - line.gain * covariance));
  return line;
}

// Of the curve 255 (x / 255)^gamma, the gamma that leaves the least.
void FitGamma(std::span<const double> x, std::span<const double> y, ColourFacts& facts) {
  facts.gamma_error = 1e9;
  for (int step = 0; step <= 40; ++step) {
    const double gamma = 0.35 * std::pow(2.9 / 0.35, step / 40.0);
    double squares = 0;
    for (size_t i = 0; i < x.size(); ++i) {
      const double error = y[i] - 255 * std::pow(x[i] / 255, gamma);
      squares += error * error;
    }
    const double error = std::sqrt(squares / static_cast<double>(x.size()));
    if (error < facts.gamma_error) facts.gamma_error = error, facts.gamma = gamma;
  }
}

// RMS of the answer's colour from the expected one's in another order of the channels.
double OrderError(const Image& expected, const Image& answer, const std::array<int, 3>& order) {
  double squares = 0;
  for (int y = 0; y < expected.height(); ++y) {
    const uint8_t* e = expected.view().row(y);
    const uint8_t* a = answer.view().row(y);
    for (int x = 0; x < expected.width(); ++x, e += 3, a += 3) {
      // An exchange changes the brightness, too: that of the exchanged colour is the one to
      // compare.
      const std::array<uint8_t, 3> exchanged = {e[order[0]], e[order[1]], e[order[2]]};
      const double luma = Luma(a, 3) - Luma(exchanged.data(), 3);
      for (size_t c = 0; c < 3; ++c) {
        const double d = a[c] - exchanged[c] - luma;
        squares += d * d;
      }
    }
  }
  return std::sqrt(squares / static_cast<double>(3 * expected.size().pixels()));
}

void CompareChannels(const Image& expected, const Image& answer, ColourFacts& facts) {
  std::array<double, 3> mean{};
  double power = 0, both = 0, answer_power = 0;
  const auto n = static_cast<double>(expected.size().pixels());
  for (int y = 0; y < expected.height(); ++y) {
    const uint8_t* e = expected.view().row(y);
    const uint8_t* a = answer.view().row(y);
    for (int x = 0; x < expected.width(); ++x, e += 3, a += 3) {
      const double el = Luma(e, 3), al = Luma(a, 3);
      for (size_t c = 0; c < 3; ++c) {
        const double ec = e[c] - el, ac = a[c] - al;
        mean[c] += (ac - ec) / n;
        power += ec * ec, answer_power += ac * ac, both += ec * ac;
      }
    }
  }
  for (const double value : mean) facts.tint = std::max(facts.tint, std::abs(value));
  const double colour = std::sqrt(power / (3 * n)), came = std::sqrt(answer_power / (3 * n));
  facts.saturation = colour > kColourFloor ? both / power : 1;
  if (colour > 2 * kColourFloor && came < 0.2 * colour) {
    facts.wrong = "grey came instead of colour";
    return;
  }
  const double error = OrderError(expected, answer, {0, 1, 2});
  if (error < kColourFloor / 2) return;
  constexpr std::array<std::array<int, 3>, 5> kOrders = {
      {{2, 1, 0}, {1, 2, 0}, {2, 0, 1}, {1, 0, 2}, {0, 2, 1}}};
  for (const auto& order : kOrders) {
    if (OrderError(expected, answer, order) >= 0.5 * error) continue;
    facts.wrong = fmt::format("the channels are exchanged: RGB came as {}{}{}", "RGB"[order[0]],
                              "RGB"[order[1]], "RGB"[order[2]]);
    return;
  }
  // Neither a tint nor a saturation explains it.
  double rest = 0;
  for (const double value : mean) rest += value * value / 3;
  const double explained = both / std::sqrt(std::max(power * answer_power, 1e-9));
  if (colour > 4 * kColourFloor && explained < 0.3) facts.wrong = "other colours came";
}

}  // namespace

ColourFacts CompareColours(ConstPixelView expected_view, ConstPixelView answer_view) {
  const Image expected = Small(expected_view), answer = Small(answer_view);
  ColourFacts facts{.small = expected.size()};
  std::vector<double> x, y;
  for (int row = 0; row < expected.height(); ++row) {
    for (int i = 0; i < expected.width(); ++i) {
      x.push_back(
          Luma(expected.view().row(row) + ptrdiff_t{i} * expected.channels(), expected.channels()));
      y.push_back(
          Luma(answer.view().row(row) + ptrdiff_t{i} * answer.channels(), answer.channels()));
    }
  }
  const Line line = FitLine(x, y);
  facts.offset = line.y_mean - line.x_mean;
  facts.spread = std::sqrt(line.x_variance);
  facts.gain = facts.spread > 2 ? line.gain : 1;
  double squares = 0;
  for (size_t i = 0; i < x.size(); ++i) squares += (y[i] - x[i]) * (y[i] - x[i]);
  facts.plain_error = std::sqrt(squares / static_cast<double>(x.size()));
  facts.gamma_error = facts.plain_error;
  if (facts.plain_error > 3) FitGamma(x, y, facts);
  facts.line_error = line.error;
  const bool gamma =
      facts.gamma_error < 0.6 * facts.plain_error && facts.gamma_error < 1.2 * facts.line_error;
  const bool lined = !gamma && line.gain > 0.3 && facts.line_error < 0.6 * facts.plain_error;
  // The median of the differences is not moved by a stamp.
  std::vector<float> differences(x.size());
  for (size_t i = 0; i < x.size(); ++i) {
    const double from = gamma   ? 255 * std::pow(x[i] / 255, facts.gamma)
                        : lined ? line.y_mean + line.gain * (x[i] - line.x_mean)
                                : x[i];
    differences[i] = static_cast<float>(y[i] - from);
  }
  std::vector<float> sorted = differences;
  std::ranges::nth_element(sorted, sorted.begin() + static_cast<ptrdiff_t>(sorted.size() / 2));
  const float middle = sorted[sorted.size() / 2];
  for (float& value : differences) value -= middle;
  facts.residual = std::move(differences);
  if (expected.channels() == 3) CompareChannels(expected, answer, facts);
  return facts;
}

}  // namespace iiifbench
