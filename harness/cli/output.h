// output: what a command prints: results to standard output, progress and errors to standard error.
//
// A reader may go away (| head) and a disk may be full: that never ends a command, whose results
// are in files. OutputLost() says afterwards whether something on standard output was lost; main
// then ends with status 1. On a terminal progress is one line that is written anew and goes away
// before anything else is printed; elsewhere it is plain lines, at most one in kProgressPause.
// Threads: any.
#pragma once

#include <fmt/format.h>

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "harness/report/terminal/terminal_text.h"

namespace iiifbench {

void PrintText(std::string_view text);     // to standard output
void ComplainText(std::string_view text);  // to standard error
bool OutputLost();

constexpr std::chrono::seconds kProgressPause{2};
// What is being done; a line that says the same as the last one is not repeated.
void ShowProgress(const std::string& line);
// ShowProgress; every line where all is to be seen; or nothing.
std::function<void(const std::string&)> ProgressUnless(bool quiet, bool all = false);

// Of standard output: its width (60 to 100 columns; 100 where it is no terminal), and colours where
// it is a terminal that has them and NO_COLOR is not set (no-color.org).
TerminalStyle StyleOfOutput();

template <typename... Args>
void Print(fmt::format_string<Args...> format, Args&&... args) {
  PrintText(fmt::format(format, std::forward<Args>(args)...));
}

template <typename... Args>
void Complain(fmt::format_string<Args...> format, Args&&... args) {
  ComplainText(fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace iiifbench
