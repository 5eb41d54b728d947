#include "harness/report/study/floor_beaten.h"

#include <algorithm>
#include <string>

#include "harness/study/answer_traps.h"

namespace iiifbench {

bool FloorBeaten(const nlohmann::json& cell) {
  if (!cell.is_object() || !cell.contains("ratio_high") || !cell["ratio_high"].is_number())
    return false;
  // Fewer samples give no interval (quantile.h), only a number.
  if (cell.contains("n") && cell["n"].is_number() && cell["n"].get<int>() < 6) return false;
  const bool streamed =
      std::ranges::any_of(FindingsIn(cell, "traps", "trap_ids"), IsStreamedSource);
  const auto is = [&](const char* field, const char* value) {
    return cell.contains(field) && cell[field] == value;
  };
  return cell["ratio_high"].get<double>() < 1 && !streamed && !is("class", "info") &&
         !is("server", "static");
}

}  // namespace iiifbench
