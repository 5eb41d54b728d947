// examples: the last lines of --help: two commands to paste for each subcommand.
//
// docs/generate takes them into docs/reference and the manual page; a test parses each.
#pragma once

#include <string>
#include <string_view>

namespace iiifbench {

// "\nExamples:\n  ...\n  ...", or nothing for a command that has none; "" is iiifbench itself.
std::string ExamplesOf(std::string_view command);

}  // namespace iiifbench
