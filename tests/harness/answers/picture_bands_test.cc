// Details of known pictures, octave by octave.
#include "harness/answers/picture_bands.h"

#include <gtest/gtest.h>

namespace iiifbench {
namespace {

// Squares of `side` pixels, 100 and 140 in turn.
Image Squares(Size size, int side, int moved = 0) {
  Image out(size, 1);
  for (int y = 0; y < size.height; ++y)
    for (int x = 0; x < size.width; ++x)
      out.view().row(y)[x] = ((x + moved) / side + y / side) % 2 ? 140 : 100;
  return out;
}

TEST(PictureBandsTest, SquaresOfAPowerOfTwoAreInOneOctave) {
  for (int octave = 0; octave < 4; ++octave) {
    const Image squares = Squares({64, 64}, 1 << octave);
    const PictureBands bands = CompareBands(squares.view(), squares.view());
    ASSERT_EQ(bands.whole.size(), 6u);
    for (int k = 0; k < 6; ++k) {
      const BandShare& band = bands.whole[static_cast<size_t>(k)];
      const int blocks = (64 >> (k + 1)) * (64 >> (k + 1));
      EXPECT_EQ(band.count, 3 * blocks);
      // (100 - 140 - 140 + 100) / 2 in one of the three details of each block.
      EXPECT_DOUBLE_EQ(band.expected, k == octave ? 40.0 * 40 * blocks : 0.0);
      EXPECT_DOUBLE_EQ(band.likeness(), k == octave ? 1.0 : 0.0);
    }
  }
}

TEST(PictureBandsTest, GainAndNegativeShowAndALevelDoesNot) {
  const Image squares = Squares({48, 40}, 2);
  Image half({48, 40}, 1), negative({48, 40}, 1);
  for (int y = 0; y < 40; ++y) {
    for (int x = 0; x < 48; ++x) {
      const int value = squares.view().row(y)[x];
      half.view().row(y)[x] = static_cast<uint8_t>(value / 2 + 90);
      negative.view().row(y)[x] = static_cast<uint8_t>(255 - value);
    }
  }
  const BandShare halved = CompareBands(squares.view(), half.view()).whole[1];
  EXPECT_DOUBLE_EQ(halved.gain(), 0.5);
  EXPECT_DOUBLE_EQ(halved.likeness(), 1);
  EXPECT_DOUBLE_EQ(CompareBands(squares.view(), negative.view()).whole[1].likeness(), -1);
  const Image moved = Squares({48, 40}, 2, 1);
  EXPECT_LT(CompareBands(squares.view(), moved.view()).whole[1].likeness(), 0.1);
}

TEST(PictureBandsTest, PlacesAddUpToTheWhole) {
  const Image squares = Squares({131, 77}, 3);
  const PictureBands bands = CompareBands(squares.view(), squares.view());
  EXPECT_EQ(bands.places, (Size{4, 2}));
  for (size_t k = 0; k < bands.by_place.size(); ++k) {
    BandShare sum;
    for (const BandShare& place : bands.by_place[k]) sum += place;
    EXPECT_DOUBLE_EQ(sum.expected, bands.whole[k].expected);
    EXPECT_EQ(sum.count, bands.whole[k].count);
  }
}

TEST(PictureBandsTest, AsFewPixelsAsOneHaveNoOctave) {
  for (const Size size : {Size{1, 1}, Size{1, 9}, Size{9, 1}}) {
    const Image picture = Squares(size, 1);
    EXPECT_TRUE(CompareBands(picture.view(), picture.view()).whole.empty());
  }
}

}  // namespace
}  // namespace iiifbench
