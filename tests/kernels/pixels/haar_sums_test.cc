#include "kernels/pixels/haar_sums.h"

#include <random>
#include <vector>

#include "tests/kernels/pixels/each_target.h"

namespace iiifbench {
namespace {

template <typename T>
void ExpectEqualsTwin(int blocks, const std::vector<T>& samples) {
  const size_t row = static_cast<size_t>(blocks) * 2;
  const T* p = samples.data();
  const HaarRows<T> rows{p, p + row, p + 2 * row, p + 3 * row};
  std::vector<int16_t> e(row / 2), a(row / 2), e_twin(row / 2), a_twin(row / 2);
  const HaarSums twin = SumHaarRowScalar(rows, e_twin.data(), a_twin.data(), blocks);
  EXPECT_EQ(SumHaarRow(rows, e.data(), a.data(), blocks), twin) << blocks;
  EXPECT_EQ(e, e_twin);
  EXPECT_EQ(a, a_twin);
}

TEST(HaarSumsTest, EqualTheirScalarTwinOnEveryTarget) {
  OnEachTarget([] {
    std::mt19937_64 random(7);
    for (const int blocks : {0, 1, 7, 8, 9, 23, 64, 65, 200, 1001}) {
      std::vector<uint8_t> bytes(static_cast<size_t>(blocks) * 8);
      for (auto& sample : bytes) sample = static_cast<uint8_t>(random());
      ExpectEqualsTwin(blocks, bytes);
      std::vector<int16_t> sums(bytes.size());
      for (auto& sample : sums) sample = static_cast<int16_t>(random() % 4081);
      ExpectEqualsTwin(blocks, sums);
    }
  });
}

// Where 32 bits would run over if their sums were not taken out in time.
TEST(HaarSumsTest, TheLargestDetailsOfALongRowDoNotOverflow) {
  OnEachTarget([] {
    constexpr int kBlocks = 4000;
    std::vector<int16_t> samples(size_t{kBlocks} * 8);
    for (size_t i = 0; i < samples.size(); ++i) samples[i] = i % 2 == 0 ? 4080 : 0;
    ExpectEqualsTwin(kBlocks, samples);
  });
}

TEST(HaarSumsTest, FollowTheFormula) {
  const uint8_t expected_top[] = {10, 4}, expected_low[] = {3, 1}, answer_top[] = {7, 7},
                answer_low[] = {7, 3};
  int16_t e = 0, a = 0;
  const HaarSums sums = SumHaarRowScalar(
      HaarRows<uint8_t>{expected_top, expected_low, answer_top, answer_low}, &e, &a, 1);
  // Details 8, 10, 4 and 4, 4, -4.
  EXPECT_EQ(sums, (HaarSums{64 + 100 + 16, 16 + 16 + 16, 32 + 40 - 16}));
  EXPECT_EQ(e, 18);
  EXPECT_EQ(a, 24);
}

}  // namespace
}  // namespace iiifbench
