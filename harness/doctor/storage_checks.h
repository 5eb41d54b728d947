// storage_checks: is there room for a corpus and results, and can the page cache be emptied?
//
// A cold pass evicts a source by posix_fadvise (attribution/evidence/page_cache.h); file systems in
// memory, and some of containers, ignore that. Writes a file of 1 MB in the folder, and removes it.
#pragma once

#include "harness/doctor/check.h"

namespace iiifbench {

// In this order: disk, page-cache.
std::vector<Check> StorageChecks(const std::string& folder);

}  // namespace iiifbench
