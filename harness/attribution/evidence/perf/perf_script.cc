#include "harness/attribution/evidence/perf/perf_script.h"

#include <algorithm>
#include <cstdlib>

namespace iiifbench {
namespace {

std::string_view Trimmed(std::string_view line) {
  const size_t begin = line.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return line.substr(begin, line.find_last_not_of(" \t\r") - begin + 1);
}

// "program name 12/34 5.678:": the program's name may hold spaces.
bool ParseHeader(std::string_view line, PerfSample& sample) {
  line = Trimmed(line);
  if (!line.ends_with(':')) return false;
  line.remove_suffix(1);
  const size_t time = line.rfind(' ');
  if (time == std::string_view::npos) return false;
  const std::string_view before = Trimmed(line.substr(0, time));
  const size_t ids = before.rfind(' ');
  if (ids == std::string_view::npos) return false;
  char* end = nullptr;
  const std::string seconds(line.substr(time + 1));
  sample.seconds = std::strtod(seconds.c_str(), &end);
  if (end == seconds.c_str() || *end != '\0') return false;
  sample.program = Trimmed(before.substr(0, ids));
  sample.thread = before.substr(ids + 1);
  return true;
}

bool ParseFrame(std::string_view line, PerfFrame& frame) {
  line = Trimmed(line);
  char* end = nullptr;
  const std::string text(line);
  frame.address = std::strtoull(text.c_str(), &end, 16);
  if (end == text.c_str() || *end != ' ') return false;
  std::string_view rest =
      Trimmed(std::string_view(text).substr(static_cast<size_t>(end - text.c_str())));
  // The object stands in the last parentheses; a C++ symbol has its own.
  const size_t open = rest.rfind(" (");
  if (open == std::string_view::npos || !rest.ends_with(')')) return false;
  frame.object = rest.substr(open + 2, rest.size() - open - 3);
  frame.symbol = Trimmed(rest.substr(0, open));
  return true;
}

std::string FrameName(const PerfFrame& frame) {
  std::string name = frame.symbol;
  if (name == "[unknown]") name = "[" + frame.object.substr(frame.object.rfind('/') + 1) + "]";
  std::ranges::replace(name, ';', ':');
  std::ranges::replace(name, '\n', ' ');
  return name;
}

}  // namespace

std::vector<PerfSample> ParsePerfScript(std::string_view text) {
  std::vector<PerfSample> out;
  bool inside = false;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (Trimmed(line).empty()) {
      inside = false;
      continue;
    }
    PerfFrame frame;
    PerfSample sample;
    if (inside && (line.front() == ' ' || line.front() == '\t')) {
      if (ParseFrame(line, frame)) out.back().frames.push_back(std::move(frame));
    } else if (ParseHeader(line, sample)) {
      out.push_back(std::move(sample));
      inside = true;
    }
  }
  std::erase_if(out, [](const PerfSample& s) { return s.frames.empty(); });
  return out;
}

std::map<std::string, int> FoldStacks(const std::vector<PerfSample>& samples,
                                      const std::vector<std::optional<LatencyPart>>& stages) {
  std::map<std::string, int> out;
  for (size_t i = 0; i < samples.size(); ++i) {
    std::string stack = samples[i].program;
    std::ranges::replace(stack, ';', ':');
    stack += ";" + std::string(PartName(stages[i].value_or(OtherPart::kUnknown)));
    for (size_t f = samples[i].frames.size(); f > 0; --f)
      stack += ";" + FrameName(samples[i].frames[f - 1]);
    ++out[stack];
  }
  return out;
}

}  // namespace iiifbench
