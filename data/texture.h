// Texture: smooth random relief on a lattice (value noise), for paper, stains, terrain.
//
// Values at lattice points every `cell` pixels are uniform in [-32768, 32767]; between them the
// smooth step 3t^2 - 2t^3 interpolates in both directions. Whole-number arithmetic only. Threads:
// const after construction.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/image/image.h"

namespace iiifbench {

class Texture {
 public:
  Texture(Size size, int cell, uint64_t seed);
  // Adds amplitude * value / 32768 for each pixel of row y to sum[0..width).
  void AddRow(int y, int amplitude, int32_t* sum) const;

 private:
  Size size_;
  int cell_;
  int columns_;
  std::vector<int16_t> lattice_;
  std::vector<int32_t> weight_;  // smooth step of k / cell, 0..4096
};

}  // namespace iiifbench
