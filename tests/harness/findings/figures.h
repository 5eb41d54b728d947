// The figures in a finding's text, in order: what a test can hold without holding the words.
#pragma once

#include <cctype>
#include <cstdlib>

#include "harness/findings/finding.h"

namespace iiifbench {

inline std::vector<double> FiguresIn(const std::string& text) {
  std::vector<double> out;
  for (const char* at = text.c_str(); *at != '\0';) {
    if (std::isdigit(static_cast<unsigned char>(*at)) == 0) {
      ++at;
      continue;
    }
    char* end = nullptr;
    out.push_back(std::strtod(at, &end));
    at = end;
  }
  return out;
}

}  // namespace iiifbench
