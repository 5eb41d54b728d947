// profile_files: the folder of a profile: run.json, the rows, profile.json.
//
// run.json: {"schema", "kind": "archive profile", "version", "asked": {what, seed, sample, repeat,
// view, tries, recipes, try_max_pixels}, "hash": of "asked", "shard": {index, count, from},
// "machine", "finished"}. Errors: kNotFound, kBadInput, kIo, kBadRequest, with the path. Threads:
// none.
#pragma once

#include <string>

#include "harness/archive/profile.h"

namespace iiifbench {

Row RunToJson(const ProfileOptions& options);
Result<Row> ReadRun(const std::string& folder);
// Is `other` a run, or with `same_shard` the same shard, of what `first` is? The error says what
// differs.
Result<void> SameRun(const Row& first, const Row& other, const std::string& folder,
                     bool same_shard);
Result<void> WriteRow(const std::string& path, const Row& row);  // whole or not at all
Result<Row> SummariseRows(const std::string& folder, const ArchiveView& view);

}  // namespace iiifbench
