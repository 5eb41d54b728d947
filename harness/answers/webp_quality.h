// webp_quality: the quality that a lossy WebP answer was coded at, from its quantiser.
//
// Standard: RFC 9649 (the container), RFC 6386, clauses 7 (boolean decoder), 9.1 to 9.6 and 19.2
// (frame header). Formula: libwebp's, index = 127 (1 - c^e), c = cbrt(q / 100 * 2/3) for q below 75
// and cbrt(2 q / 100 - 1) from there; e is 1 on average over the segments, whose mean index is
// taken. Units: 0 to 100. Memory: none. Errors: none; what is not lossy WebP has no quality.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace iiifbench {

std::optional<int> WebpQuality(std::span<const uint8_t> webp);

}  // namespace iiifbench
