#include "harness/answers/picture_bands.h"

#include <algorithm>

namespace iiifbench {
namespace {

struct Plane {
  Size size;
  std::vector<float> samples;
  float* row(int y) { return samples.data() + static_cast<ptrdiff_t>(y) * size.width; }
  const float* row(int y) const { return samples.data() + static_cast<ptrdiff_t>(y) * size.width; }
};

struct RunOfBlocks {
  float expected = 0, answer = 0, both = 0;
};

// Details of the blocks [from, to) of one row of blocks, and their means.
template <typename T>
RunOfBlocks SumBlocks(const T* e0, const T* e1, const T* a0, const T* a1, float* e_mean,
                      float* a_mean, int from, int to) {
  RunOfBlocks sum;
  for (int i = from; i < to; ++i) {
    const auto ea = static_cast<float>(e0[2 * i]), eb = static_cast<float>(e0[2 * i + 1]);
    const auto ec = static_cast<float>(e1[2 * i]), ed = static_cast<float>(e1[2 * i + 1]);
    const auto aa = static_cast<float>(a0[2 * i]), ab = static_cast<float>(a0[2 * i + 1]);
    const auto ac = static_cast<float>(a1[2 * i]), ad = static_cast<float>(a1[2 * i + 1]);
    const float e_top = ea + eb, e_low = ec + ed, e_left = ea - eb, e_right = ec - ed;
    const float a_top = aa + ab, a_low = ac + ad, a_left = aa - ab, a_right = ac - ad;
    e_mean[i] = (e_top + e_low) / 4;
    a_mean[i] = (a_top + a_low) / 4;
    const float ex = e_left + e_right, ey = e_top - e_low, ez = e_left - e_right;
    const float ax = a_left + a_right, ay = a_top - a_low, az = a_left - a_right;
    sum.expected += ex * ex + ey * ey + ez * ez;
    sum.answer += ax * ax + ay * ay + az * az;
    sum.both += ex * ax + ey * ay + ez * az;
  }
  return sum;
}

class Comparison {
 public:
  explicit Comparison(Size size) : size_(size) {
    out_.places = {std::clamp(size.width / kPlaceSide, 1, kMostPlaces),
                   std::clamp(size.height / kPlaceSide, 1, kMostPlaces)};
  }

  // One band of two levels, of which `expected_row` and `answer_row` give the rows.
  template <typename E, typename A>
  void Add(Size level, E expected_row, A answer_row, Plane& expected_next, Plane& answer_next) {
    const auto band = static_cast<int>(out_.whole.size());
    const Size blocks{level.width / 2, level.height / 2};
    const bool placed = band < kPlaceBands;
    const int across = placed ? out_.places.width : 1;
    const size_t places = placed ? static_cast<size_t>(out_.places.pixels()) : 1;
    std::vector<BandShare> shares(places);
    for (Plane* next : {&expected_next, &answer_next}) {
      next->size = blocks;
      next->samples.resize(static_cast<size_t>(blocks.pixels()));
    }
    for (int y = 0; y < blocks.height; ++y) {
      const int down =
          placed ? static_cast<int>(int64_t{y} * out_.places.height / blocks.height) : 0;
      for (int place = 0; place < across; ++place) {
        const auto from = static_cast<int>(int64_t{blocks.width} * place / across);
        const auto to = static_cast<int>(int64_t{blocks.width} * (place + 1) / across);
        const RunOfBlocks sum =
            SumBlocks(expected_row(2 * y), expected_row(2 * y + 1), answer_row(2 * y),
                      answer_row(2 * y + 1), expected_next.row(y), answer_next.row(y), from, to);
        BandShare& share = shares[static_cast<size_t>(down) * static_cast<size_t>(across) +
                                  static_cast<size_t>(place)];
        share += {sum.expected / 4.0, sum.answer / 4.0, sum.both / 4.0, int64_t{3} * (to - from)};
      }
    }
    BandShare whole;
    for (const BandShare& share : shares) whole += share;
    out_.whole.push_back(whole);
    if (placed) out_.by_place.push_back(std::move(shares));
  }

  PictureBands Take() { return std::move(out_); }

 private:
  Size size_;
  PictureBands out_;
};

bool Divisible(Size size) { return size.width >= 2 && size.height >= 2; }

}  // namespace

PictureBands CompareBands(ConstPixelView expected, ConstPixelView answer) {
  IIIFBENCH_CHECK(expected.size() == answer.size() && expected.channels == 1 &&
                  answer.channels == 1);
  Comparison comparison(expected.size());
  if (!Divisible(expected.size())) return comparison.Take();
  Plane e, a, e_next, a_next;
  comparison.Add(
      expected.size(), [&](int y) { return expected.row(y); }, [&](int y) { return answer.row(y); },
      e, a);
  while (Divisible(e.size)) {
    comparison.Add(
        e.size, [&](int y) { return static_cast<const Plane&>(e).row(y); },
        [&](int y) { return static_cast<const Plane&>(a).row(y); }, e_next, a_next);
    std::swap(e, e_next), std::swap(a, a_next);
  }
  return comparison.Take();
}

}  // namespace iiifbench
