// file_list: the files of a profile, one after the other, never all of them in memory.
//
// LIST: a text file, one path a line; relative ones are relative to the folder of the list; empty
// lines are left out. FOLDER: walked once, depth first, symbolic links to folders not followed; the
// paths of this shard are written to `kept`, which a resumed run reads again, so that files that
// appear meanwhile do not shift it. Formula: the shard of a file is its path's FNV-1a, 64 bit,
// mixed once more (the low bits of FNV-1a alone are poor), modulo n: whatever the order of a folder
// on another machine, the union of the shards is the whole. Paths count as given, so that all
// shards must name the list or folder alike. Memory: one path and the folders open above it.
// Errors: kIo with the path: of a list that cannot be opened, of a folder that cannot be walked
// (its name, so that a profile never passes a part of an archive in silence).
#pragma once

#include <fstream>
#include <optional>
#include <string>

#include "harness/plan/shard.h"

namespace iiifbench {

uint64_t PathHash(std::string_view path, uint64_t seed = 0);

class FileList {
 public:
  static Result<FileList> Open(const std::string& list_or_folder, const Shard& shard,
                               const std::string& kept);
  std::optional<std::string> Next();

 private:
  std::ifstream in_;
  std::string base_;  // of relative paths
  Shard shard_;
  bool filtered_ = false;  // the lines are of this shard already
};

}  // namespace iiifbench
