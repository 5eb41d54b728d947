#include "kernels/pixels/undo_predictor.h"

#include <random>
#include <vector>

#include "tests/kernels/pixels/each_target.h"

namespace iiifbench {
namespace {

TEST(UndoPredictorTest, EqualsItsScalarTwinOnEveryTarget) {
  OnEachTarget([] {
    std::mt19937_64 random(3);
    for (int channels : {1, 3}) {
      for (int width : {1, 2, 5, 6, 15, 16, 17, 31, 64, 255, 256, 1000}) {
        std::vector<uint8_t> row(static_cast<size_t>(width * channels));
        for (auto& v : row) v = static_cast<uint8_t>(random());
        std::vector<uint8_t> expected(row.size()), got(row.size());
        UndoPredictorScalar(row.data(), expected.data(), width, channels);
        UndoPredictor(row.data(), got.data(), width, channels);
        ASSERT_EQ(got, expected) << width << " x " << channels;
        UndoPredictor(row.data(), row.data(), width, channels);
        ASSERT_EQ(row, expected) << "in place, " << width << " x " << channels;
      }
    }
  });
}

}  // namespace
}  // namespace iiifbench
