#include "harness/servers/logs/iipsrv_log.h"

#include <charconv>

namespace iiifbench {
namespace {

// The number before " microseconds" that follows `label`.
bool Microseconds(std::string_view line, std::string_view label, std::chrono::nanoseconds* value) {
  const size_t at = line.find(label);
  const size_t unit = line.find(" microseconds");
  if (at == std::string_view::npos || unit == std::string_view::npos) return false;
  const size_t start = line.rfind(' ', unit - 1) + 1;
  int64_t number = 0;
  const auto parsed = std::from_chars(line.data() + start, line.data() + unit, number);
  if (parsed.ec != std::errc()) return false;
  *value = std::chrono::microseconds(number);
  return true;
}

}  // namespace

std::vector<LoggedRequest> ParseIipsrvLog(std::string_view text) {
  std::vector<LoggedRequest> requests;
  LoggedRequest request;
  for (size_t start = 0; start < text.size();) {
    const size_t end = std::min(text.find('\n', start), text.size());
    const std::string_view line = text.substr(start, end - start);
    start = end + 1;
    constexpr std::string_view kBegin = "Full Request is iiif=";
    std::chrono::nanoseconds t{};
    if (line.starts_with(kBegin)) {
      request = {};
      request.path = std::string(line.substr(kBegin.size()));
    } else if (Microseconds(line, "TileManager :: Total Tile Access Time:", &t)) {
      request.stages[Stage::kDecode] += t;
    } else if (Microseconds(line, "JPEG Compression Time:", &t)) {
      request.stages[Stage::kEncode] += t;
      request.stages[Stage::kDecode] -= t;  // the tile's access time contains it
    } else if (Microseconds(line, "CVT :: Resizing", &t)) {
      request.stages[Stage::kResize] += t;
    } else if (Microseconds(line, "Converting to greyscale", &t) ||
               Microseconds(line, "Rotating image", &t)) {
      request.stages[Stage::kConvert] += t;
    } else if (Microseconds(line, "Total Request Time:", &t)) {
      request.total = t;
      requests.push_back(request);
      request = {};
    }
  }
  return requests;
}

}  // namespace iiifbench
