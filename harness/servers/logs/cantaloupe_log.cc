#include "harness/servers/logs/cantaloupe_log.h"

#include <charconv>
#include <map>
#include <optional>
#include <set>

namespace iiifbench {
namespace {

using std::chrono::milliseconds;

// What a thread has said since its last answer.
struct Spoken {
  std::optional<milliseconds> processed, resize;
  milliseconds processed_at{}, resized_at{};  // time of day
};

// Without the escape sequences that colour a console: ESC "[" ... "m".
std::string Plain(std::string_view line) {
  std::string plain;
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] != '\x1b') {
      plain += line[i];
      continue;
    }
    const size_t end = line.find('m', i);
    if (end == std::string_view::npos) break;
    i = end;
  }
  return plain;
}

std::optional<int> NumberAt(std::string_view line, size_t at) {
  int number = 0;
  if (at >= line.size()) return {};
  if (std::from_chars(line.data() + at, line.data() + line.size(), number).ec != std::errc())
    return {};
  return number;
}

// "13:30:56.619" at the head of a line.
std::optional<milliseconds> TimeOfDay(std::string_view line) {
  if (line.size() < 12 || line[2] != ':' || line[5] != ':' || line[8] != '.') return {};
  const auto h = NumberAt(line, 0), m = NumberAt(line, 3), s = NumberAt(line, 6),
             ms = NumberAt(line, 9);
  if (!h || !m || !s || !ms) return {};
  return milliseconds(((*h * 60 + *m) * 60 + *s) * 1000 + *ms);
}

// The N of the last " in N msec" of a line.
std::optional<milliseconds> Duration(std::string_view line) {
  const size_t unit = line.rfind(" msec");
  const size_t in = unit == std::string_view::npos ? unit : line.rfind(" in ", unit);
  if (in == std::string_view::npos) return {};
  const auto number = NumberAt(line, in + 4);
  if (!number) return {};
  return milliseconds(*number);
}

LoggedRequest Answered(const Spoken& spoken, std::string_view path, milliseconds total) {
  LoggedRequest request;
  request.path = std::string(path);
  request.total = total;
  if (!spoken.processed) return request;
  request.stages[Stage::kOverhead] = std::max(total - *spoken.processed, milliseconds(0));
  if (!spoken.resize) return request;
  const milliseconds encode = spoken.processed_at - spoken.resized_at;
  const milliseconds decode = *spoken.processed - *spoken.resize - encode;
  request.stages[Stage::kResize] = *spoken.resize;
  if (encode.count() < 0 || decode.count() < 0)
    return request;  // over midnight, or a rounded clock
  request.stages[Stage::kEncode] = encode;
  request.stages[Stage::kDecode] = decode;
  return request;
}

}  // namespace

std::map<std::string, std::string> ParseCantaloupeBehaviour(std::string_view text) {
  std::map<std::string, std::set<std::string>> processors;
  std::string failed;
  for (size_t start = 0; start < text.size();) {
    const size_t end = std::min(text.find('\n', start), text.size());
    const std::string line = Plain(text.substr(start, end - start));
    start = end + 1;
    constexpr std::string_view kProcessed = " processed in ", kFailed = "Failed to initialize ";
    if (const size_t at = line.find(kFailed); at != std::string::npos) failed = line.substr(at);
    const size_t at = line.find(kProcessed);
    if (at == std::string::npos) continue;
    const size_t name = line.rfind(' ', at - 1) + 1, colon = line.find(": ", at);
    const size_t dot = line.find('.', colon), underscore = line.find('_', dot);
    if (colon == std::string::npos || underscore == std::string::npos) continue;
    processors[line.substr(dot + 1, underscore - dot - 1)].insert(line.substr(name, at - name));
  }
  std::map<std::string, std::string> behaviour;
  for (const auto& [extension, names] : processors) {
    std::string& value = behaviour["processor for " + extension];
    for (const auto& name : names) value += (value.empty() ? "" : ", ") + name;
    if (!failed.empty()) value += " (" + failed + ")";
  }
  return behaviour;
}

std::vector<LoggedRequest> ParseCantaloupeLog(std::string_view text) {
  std::vector<LoggedRequest> requests;
  std::map<std::string, Spoken> threads;
  for (size_t start = 0; start < text.size();) {
    const size_t end = std::min(text.find('\n', start), text.size());
    const std::string line = Plain(text.substr(start, end - start));
    start = end + 1;
    const auto at = TimeOfDay(line), duration = Duration(line);
    const size_t open = line.find('['), close = line.find(']');
    if (!at || !duration || open == std::string::npos || close == std::string::npos) continue;
    Spoken& spoken = threads[line.substr(open, close - open)];
    constexpr std::string_view kAnswer = "Responded to GET ";
    if (const size_t answer = line.find(kAnswer); answer != std::string::npos) {
      const std::string_view rest = std::string_view(line).substr(answer + kAnswer.size());
      requests.push_back(Answered(spoken, rest.substr(0, rest.find(' ')), *duration));
      spoken = {};
    } else if (line.find(" processed in ") != std::string::npos) {
      spoken.processed = duration, spoken.processed_at = *at;
    } else if (line.find("scale(): scaled ") != std::string::npos) {
      spoken.resize = duration, spoken.resized_at = *at;
    }
  }
  return requests;
}

}  // namespace iiifbench
