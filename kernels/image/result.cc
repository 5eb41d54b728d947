#include "kernels/image/result.h"

#include <cstdio>
#include <cstdlib>

namespace iiifbench {

void CheckFailed(const char* file, int line, const char* condition, const std::string& detail) {
  fmt::print(stderr, "{}:{}: CHECK failed: {}{}{}\n", file, line, condition,
             detail.empty() ? "" : ": ", detail);
  std::abort();
}

}  // namespace iiifbench
