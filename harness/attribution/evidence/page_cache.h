// page_cache: was the source in memory when it was measured, and what does it cost when it is not?
//
// A share of a file's pages by mincore(2); eviction by posix_fadvise(POSIX_FADV_DONTNEED), which
// needs no root, and leaves pages that somebody maps. Only for servers on this machine. Units:
// shares of 1, milliseconds. Errors: kIo with the file.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "harness/attribution/model/observed.h"

namespace iiifbench {

Result<double> PageCacheShare(const std::string& file);
Result<void> EvictFromPageCache(const std::string& file);

struct ColdOptions {
  std::string url;     // of the image
  std::string source;  // the file behind it
  std::vector<std::string> headers;
  int times = 3;
  const std::atomic<bool>* stop = nullptr;
};
// Asks the requests of interest with the source evicted before each: method "cold" {total, read},
// read = total less the warm median; findings where storage shows, and where the first answers of
// the run were cold.
void CollectColdPass(const ColdOptions& options, Observed& observed);

}  // namespace iiifbench
