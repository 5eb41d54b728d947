// output: what a command prints: results to standard output, progress and errors to standard error.
//
// A reader may go away (| head) and a disk may be full: that never ends a command, whose results
// are in files. OutputLost() says afterwards whether something on standard output was lost; main
// then ends with status 1. Threads: any.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace iiifbench {

void PrintText(std::string_view text);     // to standard output
void ComplainText(std::string_view text);  // to standard error
bool OutputLost();

template <typename... Args>
void Print(fmt::format_string<Args...> format, Args&&... args) {
  PrintText(fmt::format(format, std::forward<Args>(args)...));
}

template <typename... Args>
void Complain(fmt::format_string<Args...> format, Args&&... args) {
  ComplainText(fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace iiifbench
