#include "harness/attribution/observe/answer_cache.h"

#include <algorithm>

namespace iiifbench {

bool CacheAnswers(std::span<const RepeatedRequest> requests, double info_ms) {
  double base = info_ms;
  for (const auto& request : requests) base = std::min(base, request.again_ms);
  base = std::max(0.0, base);
  int telling = 0, kept = 0;
  for (const auto& request : requests) {
    if (request.first_ms < 2 * base + 0.5) continue;
    ++telling;
    kept += request.again_ms <= 1.5 * base + 0.5 && request.again_ms <= 0.65 * request.first_ms;
  }
  return telling >= 3 && 4 * kept >= 3 * telling;
}

}  // namespace iiifbench
