#include "kernels/pixels/rotate.h"

#include <random>

#include "tests/kernels/pixels/each_target.h"

namespace iiifbench {
namespace {

TEST(RotateTest, EqualsItsScalarTwinOnEveryTarget) {
  OnEachTarget([] {
    std::mt19937_64 random(4);
    for (int channels : {1, 3, 4}) {
      for (Size size : {Size{1, 1}, Size{70, 33}, Size{129, 64}, Size{5, 200}}) {
        Image from(size, channels);
        for (int64_t i = 0; i < from.bytes(); ++i)
          from.view().data[i] = static_cast<uint8_t>(random());
        for (bool mirror : {false, true}) {
          for (int turns = 0; turns < 4; ++turns) {
            const Orientation o{mirror, turns};
            Image expected(Oriented(size, o), channels), got(Oriented(size, o), channels);
            RotateScalar(from.view(), expected.view(), o);
            Rotate(from.view(), got.view(), o);
            ASSERT_EQ(Compare(got.view(), expected.view()).maximum, 0)
                << mirror << " " << turns << " " << channels;
          }
        }
      }
    }
  });
}

TEST(RotateTest, AQuarterTurnIsClockwiseAndMirrorsFirst) {
  Image from({2, 1}, 1), to({1, 2}, 1);
  from.view().data[0] = 10;
  from.view().data[1] = 20;
  Rotate(from.view(), to.view(), {false, 1});
  EXPECT_EQ(to.view().data[0], 10);  // left becomes top
  EXPECT_EQ(to.view().data[1], 20);
  Rotate(from.view(), to.view(), {true, 1});
  EXPECT_EQ(to.view().data[0], 20);
}

}  // namespace
}  // namespace iiifbench
