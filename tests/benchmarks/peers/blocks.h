// blocks: rows with times that a test chooses, for the rules that judge them.
#pragma once

#include "benchmarks/peers/verdict/floor.h"

namespace iiifbench::peers {

// A row whose time in every round is `ratio` of the 10 ms that ours takes, spread by +- `spread`
// over them.
inline Row RowAt(std::string label, double ratio, double spread = 0, int rounds = 9) {
  Row row{.label = std::move(label)};
  for (int i = 0; i < rounds; ++i) {
    const double place = rounds > 1 ? 2.0 * i / (rounds - 1) - 1 : 0;
    row.milliseconds.push_back(10 * (ratio + spread * place));
    row.processor_milliseconds.push_back(row.milliseconds.back());
  }
  return row;
}
inline Row OursAt(std::string label, double ratio = 1, double spread = 0, int rounds = 9) {
  Row row = RowAt(std::move(label), ratio, spread, rounds);
  row.ours = true;
  return row;
}
// Ours, the control, and one peer.
inline std::vector<Row> Block(const Row& peer, double control = 1, double control_spread = 0.02) {
  return {OursAt("ours"), OursAt(std::string(kControl), control, control_spread), peer};
}

}  // namespace iiifbench::peers
