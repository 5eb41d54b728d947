#include "harness/load/workload/access_log.h"

#include <time.h>

#include <algorithm>
#include <optional>

namespace iiifbench {
namespace {

constexpr int64_t kLongest = int64_t{3660} * 86400;  // seconds

struct Line {
  int64_t second = 0;
  std::string_view method, path;
  int status = 0;
};

std::optional<Line> ParseLine(std::string_view line) {
  const size_t open = line.find('['), close = line.find(']', open);
  if (open == std::string_view::npos || close == std::string_view::npos) return {};
  const std::string stamp(line.substr(open + 1, close - open - 1));
  tm when{};
  const char* rest = ::strptime(stamp.c_str(), "%d/%b/%Y:%H:%M:%S %z", &when);
  if (rest == nullptr || *rest != '\0') return {};
  const long offset = when.tm_gmtoff;  // timegm clears it
  Line out{.second = ::timegm(&when) - offset};
  const size_t quote = line.find('"', close);
  const size_t end = quote == std::string_view::npos ? quote : line.find('"', quote + 1);
  if (end == std::string_view::npos) return {};
  const std::string_view request = line.substr(quote + 1, end - quote - 1);
  const size_t first = request.find(' ');
  if (first == std::string_view::npos) return {};
  out.method = request.substr(0, first);
  out.path = request.substr(first + 1, request.find(' ', first + 1) - first - 1);
  const std::string status(line.substr(std::min(line.size(), end + 1), 5));
  out.status = std::atoi(status.c_str());
  if (out.status < 100 || out.status > 599) return {};
  return out;
}

}  // namespace

Result<AccessLog> ParseAccessLog(std::string_view text, std::string_view prefix) {
  AccessLog log;
  int64_t first = 0, latest = 0;
  std::vector<int64_t> seconds;
  int number = 0;
  for (size_t start = 0; start < text.size();) {
    const size_t end = std::min(text.find('\n', start), text.size());
    const std::string_view line = text.substr(start, end - start);
    start = end + 1;
    ++number;
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    const auto parsed = ParseLine(line);
    if (!parsed) {
      return Fail(
          ErrorKind::kBadInput,
          "access log, line {}: not in common or combined format: '{}'; a workload of JSON ends in "
          ".json",
          number, line.substr(0, 80));
    }
    if (parsed->method != "GET") {
      ++log.other_methods;
    } else if (parsed->status >= 400) {
      ++log.failed;
    } else if (!parsed->path.starts_with(prefix)) {
      ++log.other_paths;
    } else {
      if (seconds.empty()) first = latest = parsed->second;
      latest = std::max(latest, parsed->second);
      seconds.push_back(latest - first);
      log.arrivals.push_back({.path = std::string(parsed->path.substr(prefix.size()))});
    }
  }
  if (log.arrivals.empty())
    return Fail(ErrorKind::kBadInput, "access log: none of {} lines is a GET of a path under '{}'",
                number, prefix);
  // A damaged date; and 292 years of nanoseconds are all that there are.
  if (seconds.back() > kLongest)
    return Fail(ErrorKind::kBadInput,
                "access log: its last line is {} days after its first, where {} may be",
                seconds.back() / 86400, kLongest / 86400);
  for (size_t i = 0; i < seconds.size();) {
    const size_t end = static_cast<size_t>(
        std::upper_bound(seconds.begin() + static_cast<ptrdiff_t>(i), seconds.end(), seconds[i]) -
        seconds.begin());
    for (size_t k = i; k < end; ++k) {
      const double share = static_cast<double>(k - i) / static_cast<double>(end - i);
      log.arrivals[k].due = std::chrono::nanoseconds(
          static_cast<int64_t>(1e9 * (static_cast<double>(seconds[i]) + share)));
    }
    i = end;
  }
  return log;
}

std::string ClassOfPath(std::string_view path) {
  path = path.substr(0, path.find('?'));
  if (path.ends_with("info.json")) return "info";
  std::vector<std::string_view> parts;
  for (size_t start = 0; start <= path.size();) {
    const size_t end = std::min(path.find('/', start), path.size());
    parts.push_back(path.substr(start, end - start));
    start = end + 1;
  }
  if (parts.size() < 5) return "other";
  const std::string region(parts[parts.size() - 4]), size(parts[parts.size() - 3]);
  if (region == "full") return size == "full" || size == "max" ? "full" : "full, resized";
  const int width = std::atoi(size.c_str());
  return width > 0 && width <= 1024 ? "tile" : "region";
}

}  // namespace iiifbench
