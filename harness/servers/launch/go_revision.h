// go_revision: which commit a Go program was built from, by what the Go toolchain writes into the
// program itself (debug/buildinfo: lines "build\tvcs.revision=..." and "build\tvcs.modified=..."),
// for servers whose builder gave the linker no version.
#pragma once

#include <string>

namespace iiifbench {

// "commit 22606bc0e6d8", with ", modified" when files were changed; empty: the program says nothing
// of it.
std::string GoRevisionOf(const std::string& program);

}  // namespace iiifbench
