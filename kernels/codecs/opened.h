// opened: an image file with the codec whose signature it carries and what its header says.
//
// Errors: of the one of the three steps that failed. Memory: owns the source. Threads: as Source.
#pragma once

#include <memory>
#include <string>

#include "kernels/codecs/codec.h"

namespace iiifbench {

struct Opened {
  std::unique_ptr<Source> source;
  const Codec* codec = nullptr;
  ImageInfo info;
};
Result<Opened> OpenImage(const std::string& path);

}  // namespace iiifbench
