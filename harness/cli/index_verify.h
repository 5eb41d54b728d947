// index_verify: are regions that are decoded with an index the pixels of a whole decode? A table
// over files and folders.
//
// Of each file regions of random place and size are decoded at every level with an index built in
// memory, on one and on two threads, and compared sample by sample with the crop of the whole
// level. A JPEG that has no index (progressive, arithmetic) is decoded the way a server would
// without one, and compared as well; what the codec says is the reason. Files that give no pixels,
// or are no JPEG, are named with their reason. Errors: a damaged file is a row, never an end.
// Memory: two pictures of the level.
#pragma once

#include <string>
#include <vector>

#include "kernels/codecs/codec.h"

namespace iiifbench {

struct IndexVerified {
  std::string kind;  // what the codec says of the file: "progressive, luma 2x2, chroma 1x1, ..."
  size_t index_bytes = 0;  // 0: no index
  double build_ms = 0;
  int regions = 0;         // compared
  int fallbacks = 0;       // of them answered by the library
  std::string reason;      // of the first fallback; or why nothing, or not everything, was compared
  std::string difference;  // the first; empty when there is none
};

IndexVerified VerifyIndex(Source& source, const Codec& codec);

// Prints a Markdown table of `paths`, folders with all that lies below them, and a line of counts.
// Returns the exit status: 1 when a file differs, a path does not exist or nothing could be
// compared.
int VerifyIndexes(const std::vector<std::string>& paths);

}  // namespace iiifbench
