// cases: the named tasks that every library gets.
//
// Names are an interface like those of the benchmarks: question/format_recipe/what:value, lower
// case, stable. Memory: Cases owns the pixels that the tasks of resize and encode borrow. Errors:
// the corpus's.
#pragma once

#include "benchmarks/peers/peer.h"

namespace iiifbench::peers {

struct Cases {
  Image page;           // decoded level 0 of the JPEG page
  Image tile, reduced;  // 1024 x 1024 of its centre; 1/4 of it, for encoding
  std::vector<Task> tasks;
};

// `small`: pages of under 1 Mpx, for tests; `only`: substring of the names, empty: all.
Result<Cases> MakeCases(bool small, const std::string& only);

}  // namespace iiifbench::peers
