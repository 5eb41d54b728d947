#include "harness/answers/picture_bands.h"

#include <algorithm>
#include <array>

#include "kernels/pixels/haar_sums.h"

namespace iiifbench {
namespace {

// A level of one picture.
template <typename T>
struct Level {
  Size size;
  std::vector<T> samples;
  explicit Level(Size of) : size(of), samples(static_cast<size_t>(of.pixels())) {}
  T* row(int y) { return samples.data() + ptrdiff_t{y} * size.width; }
  const T* row(int y) const { return samples.data() + ptrdiff_t{y} * size.width; }
};

Size BlocksOf(Size size) { return {size.width / 2, size.height / 2}; }
bool Divisible(Size size) { return size.width >= 2 && size.height >= 2; }

// One band by places. `unit`: one sample value in those of this level, which are sums.
template <typename Rows>
std::vector<BandShare> SumPlaces(Size size, Size places, double unit, const Rows& rows,
                                 Level<int16_t>& expected_next, Level<int16_t>& answer_next) {
  const Size blocks = BlocksOf(size);
  const double square = 4 * unit * unit;
  std::vector<BandShare> shares(static_cast<size_t>(places.pixels()));
  for (int y = 0; y < blocks.height; ++y) {
    const auto down = static_cast<int>(int64_t{y} * places.height / blocks.height);
    for (int place = 0; place < places.width; ++place) {
      const auto from = static_cast<int>(int64_t{blocks.width} * place / places.width);
      const auto to = static_cast<int>(int64_t{blocks.width} * (place + 1) / places.width);
      const HaarSums sums = SumHaarRow(rows(2 * y, 2 * from), expected_next.row(y) + from,
                                       answer_next.row(y) + from, to - from);
      BandShare& share = shares[static_cast<size_t>(down) * static_cast<size_t>(places.width) +
                                static_cast<size_t>(place)];
      share +=
          {static_cast<double>(sums.expected) / square, static_cast<double>(sums.answer) / square,
           static_cast<double>(sums.both) / square, int64_t{3} * (to - from)};
    }
  }
  return shares;
}

// The details of a level's blocks as a whole; both levels become the next ones.
BandShare SumWhole(Level<float>& expected, Level<float>& answer) {
  const Size blocks = BlocksOf(expected.size);
  BandShare out;
  Level<float> expected_next(blocks), answer_next(blocks);
  for (int y = 0; y < blocks.height; ++y) {
    for (int x = 0; x < blocks.width; ++x) {
      const auto details = [&](const Level<float>& of, float& mean) {
        const float *top = of.row(2 * y) + 2 * x, *low = of.row(2 * y + 1) + 2 * x;
        const float a = top[0], b = top[1], c = low[0], d = low[1];
        mean = (a + b + c + d) / 4;
        return std::array<float, 3>{a - b + c - d, a + b - c - d, a - b - c + d};
      };
      const auto e = details(expected, expected_next.row(y)[x]);
      const auto a = details(answer, answer_next.row(y)[x]);
      for (size_t i = 0; i < 3; ++i) {
        out.expected += e[i] * e[i] / 4;
        out.answer += a[i] * a[i] / 4;
        out.both += e[i] * a[i] / 4;
      }
    }
  }
  out.count = 3 * blocks.pixels();
  expected = std::move(expected_next), answer = std::move(answer_next);
  return out;
}

Level<float> Means(const Level<int16_t>& sums, double unit) {
  Level<float> out(sums.size);
  std::ranges::transform(sums.samples, out.samples.begin(), [unit](int16_t sum) {
    return static_cast<float>(sum) / static_cast<float>(unit);
  });
  return out;
}

void Keep(std::vector<BandShare> shares, PictureBands& out) {
  BandShare whole;
  for (const BandShare& share : shares) whole += share;
  out.whole.push_back(whole);
  out.by_place.push_back(std::move(shares));
}

}  // namespace

PictureBands CompareBands(ConstPixelView expected, ConstPixelView answer) {
  IIIFBENCH_CHECK(expected.size() == answer.size() && expected.channels == 1 &&
                  answer.channels == 1);
  PictureBands out;
  out.places = {std::clamp(expected.width / kPlaceSide, 1, kMostPlaces),
                std::clamp(expected.height / kPlaceSide, 1, kMostPlaces)};
  if (!Divisible(expected.size())) return out;
  Level<int16_t> e(BlocksOf(expected.size())), a(e.size);
  Keep(SumPlaces(
           expected.size(), out.places, 1,
           [&](int y, int x) {
             return HaarRows<uint8_t>{expected.row(y) + x, expected.row(y + 1) + x,
                                      answer.row(y) + x, answer.row(y + 1) + x};
           },
           e, a),
       out);
  double unit = 4;
  for (int band = 1; band < kPlaceBands && Divisible(e.size); ++band, unit *= 4) {
    Level<int16_t> e_next(BlocksOf(e.size)), a_next(e_next.size);
    Keep(SumPlaces(
             e.size, out.places, unit,
             [&](int y, int x) {
               return HaarRows<int16_t>{e.row(y) + x, e.row(y + 1) + x, a.row(y) + x,
                                        a.row(y + 1) + x};
             },
             e_next, a_next),
         out);
    e = std::move(e_next), a = std::move(a_next);
  }
  Level<float> e_means = Means(e, unit), a_means = Means(a, unit);
  while (Divisible(e_means.size)) out.whole.push_back(SumWhole(e_means, a_means));
  return out;
}

}  // namespace iiifbench
