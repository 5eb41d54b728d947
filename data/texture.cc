#include "data/texture.h"

#include "data/random.h"

namespace iiifbench {

Texture::Texture(Size size, int cell, uint64_t seed)
    : size_(size),
      cell_(cell),
      columns_(size.width / cell + 2),
      weight_(static_cast<size_t>(cell)) {
  IIIFBENCH_CHECK(cell >= 1);
  const int rows = size.height / cell + 2;
  lattice_.resize(static_cast<size_t>(columns_) * rows);
  Random random(seed);
  for (auto& value : lattice_)
    value = static_cast<int16_t>(static_cast<int>(random() >> 48) - 32768);
  for (int k = 0; k < cell; ++k) {
    const int64_t t = int64_t{4096} * k / cell;
    weight_[static_cast<size_t>(k)] =
        static_cast<int32_t>((3 * t * t * 4096 - 2 * t * t * t) >> 24);
  }
}

void Texture::AddRow(int y, int amplitude, int32_t* sum) const {
  const int16_t* above = lattice_.data() + static_cast<ptrdiff_t>(y / cell_) * columns_;
  const int16_t* below = above + columns_;
  const int32_t wy = weight_[static_cast<size_t>(y % cell_)];
  auto at_row = [&](int column) {
    return above[column] + ((static_cast<int32_t>(below[column]) - above[column]) * wy) / 4096;
  };
  int32_t left = at_row(0);
  for (int x = 0, column = 1; x < size_.width; ++column) {
    const int32_t right = at_row(column);
    for (int k = 0; k < cell_ && x < size_.width; ++k, ++x) {
      const int32_t value = left + ((right - left) * weight_[static_cast<size_t>(k)]) / 4096;
      sum[x] += static_cast<int32_t>((int64_t{amplitude} * value) >> 15);
    }
    left = right;
  }
}

}  // namespace iiifbench
