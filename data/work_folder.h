// work_folder: where a program keeps its corpus and its results when nobody says where.
//
// In its build folder, the corpus is build/corpus and results are results/ of the repository, so
// that clones stay apart. Installed anywhere else, the corpus is a cache of the user
// ($XDG_CACHE_HOME or ~/.cache, folder iiifbench) and results go below the current folder: the
// place of an installed program is not to be written to.
//
// Errors: none; a folder that cannot be made is told by who makes it.
#pragma once

#include <string>

namespace iiifbench {

struct WorkFolder {
  std::string corpus, results;
};

// For the program at this path. `home` and `cache` are $HOME and $XDG_CACHE_HOME, empty when unset.
WorkFolder WorkFolderOf(const std::string& program, const std::string& home,
                        const std::string& cache);
// For this process.
WorkFolder WorkFolderHere();

}  // namespace iiifbench
