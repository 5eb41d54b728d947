// run_folder: where a run leaves its results: results/<machine>/<time>-<commit>/.
#pragma once

#include <string>

#include "kernels/image/result.h"

namespace iiifbench {

// Makes the folder and tries that it can be written; `given` overrides the default place.
Result<std::string> MakeRunFolder(const std::string& given);

// At its end: a run that left nothing leaves no folder either. One that the user named stays.
class NoEmptyRunFolder {
 public:
  NoEmptyRunFolder(std::string folder, const std::string& given)
      : folder_(given.empty() ? std::move(folder) : "") {}
  ~NoEmptyRunFolder();
  NoEmptyRunFolder(const NoEmptyRunFolder&) = delete;
  NoEmptyRunFolder& operator=(const NoEmptyRunFolder&) = delete;

 private:
  std::string folder_;
};

}  // namespace iiifbench
