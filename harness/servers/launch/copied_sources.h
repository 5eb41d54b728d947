// copied_sources: a folder of one's own with copies of source files, where more pictures may be
// placed beside them for a server to read.
//
// Layout: <folder>/images/<file>, <folder>/run for what a server writes. Memory: the folder is
// under the system's temporary one and goes with the object. Errors: kIo with the file and why.
#pragma once

#include <string>
#include <vector>

#include "kernels/image/result.h"

namespace iiifbench {

class CopiedSources {
 public:
  static Result<CopiedSources> Make(const std::vector<std::string>& sources);
  CopiedSources(CopiedSources&& other) noexcept;
  CopiedSources& operator=(CopiedSources&&) = delete;
  ~CopiedSources();

  std::string images() const { return folder_ + "/images"; }
  std::string run() const { return folder_ + "/run"; }
  const std::vector<std::string>& files() const { return files_; }  // in the order given

 private:
  explicit CopiedSources(std::string folder) : folder_(std::move(folder)) {}
  std::string folder_;  // empty: moved from
  std::vector<std::string> files_;
};

}  // namespace iiifbench
