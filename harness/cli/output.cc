#include "harness/cli/output.h"

#include <atomic>
#include <cstdio>

namespace iiifbench {
namespace {

std::atomic<bool> lost{false};

}  // namespace

void PrintText(std::string_view text) {
  if (lost) return;
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
    lost = true;
}

void ComplainText(std::string_view text) {
  (void)!std::fwrite(text.data(), 1, text.size(), stderr);
  (void)std::fflush(stderr);
}

bool OutputLost() { return lost; }

}  // namespace iiifbench
