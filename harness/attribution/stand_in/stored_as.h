// stored_as: one way in which the file behind a URL may be stored, and a file of ours stored so.
//
// A stand-in is the server's picture, fetched and encoded again. Its kind is right or wrong; its
// rate and quality are never known to be the true file's. Units: bytes, pixels.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kernels/codecs/codec.h"

namespace iiifbench {

// How a page is written, with the words of the answer for it.
struct WayToStore {
  std::string name;    // unique: "JPEG 2000 lossless, untiled"
  std::string format;  // "JPEG", "JPEG 2000", "TIFF"
  std::string coding;  // "lossless", "lossy", "deflate": of several that cost alike, all
  std::string codec;   // of the registry
  std::string extension;
  EncodeOptions options;
};

struct StoredFile {
  std::string file;
  int64_t bytes = 0;
  ImageInfo info;
};

struct StoredAs {
  WayToStore way;
  StoredFile page;
  // The same server's other pictures, stored alike, in the order of the size series.
  std::vector<StoredFile> others;

  // `image`: 0 is the page, as ProbeRequest counts.
  const StoredFile& of(int image) const {
    return image == 0 ? page : others.at(static_cast<size_t>(image) - 1);
  }
};

}  // namespace iiifbench
