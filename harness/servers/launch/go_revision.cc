#include "harness/servers/launch/go_revision.h"

#include <fstream>
#include <iterator>

namespace iiifbench {

std::string GoRevisionOf(const std::string& program) {
  std::ifstream in(program, std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(in), {});
  const std::string label = "build\tvcs.revision=";
  const size_t at = bytes.find(label);
  if (at == std::string::npos) return {};
  const size_t start = at + label.size();
  const size_t length = bytes.find_first_not_of("0123456789abcdef", start) - start;
  if (length < 12 || length > 64) return {};
  const std::string rest = bytes.substr(start + length, 200);
  const bool modified = rest.find("build\tvcs.modified=true") != std::string::npos;
  return "commit " + bytes.substr(start, 12) + (modified ? ", modified" : "");
}

}  // namespace iiifbench
