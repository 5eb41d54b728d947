#include "harness/cli/output.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <mutex>

namespace iiifbench {
namespace {

constexpr size_t kLeastColumns = 60, kMostColumns = 100;

std::atomic<bool> lost{false};

struct ProgressState {
  std::mutex mutex;
  std::string line;    // the last one
  bool shown = false;  // stands on the terminal now
  std::chrono::steady_clock::time_point first, last;
};
ProgressState& State() {
  static ProgressState state;
  return state;
}

size_t ColumnsOf(int descriptor) {
  winsize size = {};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kMostColumns;
  return std::clamp<size_t>(size.ws_col, kLeastColumns, kMostColumns);
}

bool IsTerminal(int descriptor) {
  const char* kind = std::getenv("TERM");
  return ::isatty(descriptor) != 0 && kind != nullptr && std::string_view(kind) != "dumb";
}

void ToError(std::string_view text) {
  (void)!std::fwrite(text.data(), 1, text.size(), stderr);
  (void)std::fflush(stderr);
}

// With the mutex held.
void HideProgress(ProgressState& state) {
  if (state.shown) ToError("\r\x1b[K");
  state.shown = false;
}

}  // namespace

void PrintText(std::string_view text) {
  ProgressState& state = State();
  const std::lock_guard lock(state.mutex);
  HideProgress(state);
  if (lost) return;
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
    lost = true;
}

void ComplainText(std::string_view text) {
  ProgressState& state = State();
  const std::lock_guard lock(state.mutex);
  HideProgress(state);
  ToError(text);
}

bool OutputLost() { return lost; }

void ShowProgress(const std::string& line) {
  ProgressState& state = State();
  const std::lock_guard lock(state.mutex);
  const auto now = std::chrono::steady_clock::now();
  const bool begins = state.line.empty();
  if (begins) state.first = now;
  if (!begins && line == state.line) return;
  state.line = line;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now - state.first).count();
  if (IsTerminal(STDERR_FILENO)) {
    const std::string elapsed = fmt::format("  [{} s]", seconds);
    // One column is left free: some terminals break the line in their last one.
    const size_t room = ColumnsOf(STDERR_FILENO) - 1 - elapsed.size();
    ToError("\r\x1b[K" + Shortened(line, room) + elapsed);
    state.shown = true;
    return;
  }
  if (!begins && now - state.last < kProgressPause) return;
  state.last = now;
  ToError(line + "\n");
}

std::function<void(const std::string&)> ProgressUnless(bool quiet, bool all) {
  if (quiet) return nullptr;
  if (all) return [](const std::string& line) { ComplainText(line + "\n"); };
  return ShowProgress;
}

TerminalStyle StyleOfOutput() {
  const char* no_colour = std::getenv("NO_COLOR");
  const bool terminal = IsTerminal(STDOUT_FILENO);
  return {.columns = terminal ? ColumnsOf(STDOUT_FILENO) : kMostColumns,
          .colours = terminal && (no_colour == nullptr || *no_colour == '\0')};
}

}  // namespace iiifbench
