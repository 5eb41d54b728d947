// picture_file: the files that the reference server may read: regular files inside its folder, by
// their own names.
//
// What an identifier leads to is looked at before it is opened (O_PATH), so that a FIFO or a device
// is never opened; and where it lies is asked of the kernel, so that no link leads out of the
// folder. Sources are named by the identifier: no message holds a path of the disk. Errors:
// kBadRequest for a name that is none, kNotFound for everything that shall not be told apart
// (absent, outside, not a regular file), kIo otherwise. Threads: all functions from any thread.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "kernels/image/source.h"

namespace iiifbench {

class PictureFolder {
 public:
  static Result<PictureFolder> Open(const std::string& folder);
  PictureFolder(PictureFolder&& other) noexcept;
  PictureFolder& operator=(PictureFolder&&) = delete;
  ~PictureFolder();

  // A source whose reads fail once `wanted` says no: decoders stop there.
  Result<std::unique_ptr<Source>> OpenPicture(const std::string& identifier,
                                              std::function<bool()> wanted = {}) const;
  const std::string& path() const { return path_; }

 private:
  PictureFolder(int descriptor, std::string path)
      : descriptor_(descriptor), path_(std::move(path)) {}
  int descriptor_;
  std::string path_;  // without links
};

// Whether an identifier, decoded, can be the name of a file in the folder.
Result<void> CheckIdentifier(const std::string& identifier);
// A source over an open regular file, which it closes; `name` stands in messages.
Result<std::unique_ptr<Source>> SourceOver(int descriptor, const std::string& name,
                                           std::function<bool()> wanted);

}  // namespace iiifbench
