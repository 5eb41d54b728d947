// size_series: the source's picture at several widths, placed beside it, stored as the source is
// stored.
//
// A server that decodes whole pictures makes decode one number for every request of a picture, the
// same as "a request costs something"; only pictures of other sizes tell the two apart. Files are
// named <stem>-iiifbench-<process>-<number>-<width>.<ext>, which no file had before, and removed
// with the object. Errors: kIo with the path; kUnsupported where the format cannot be written again
// (HTJ2K).
#pragma once

#include <string>
#include <vector>

#include "kernels/codecs/codec.h"

namespace iiifbench {

class SizeSeries {
 public:
  struct Step {
    std::string path;
    std::string file;
    ImageInfo info;
    int64_t bytes = 0;
  };
  SizeSeries() = default;
  ~SizeSeries();
  SizeSeries(SizeSeries&& other) noexcept : steps_(std::exchange(other.steps_, {})) {}
  SizeSeries& operator=(SizeSeries&& other) noexcept {
    std::swap(steps_, other.steps_);
    return *this;
  }
  static Result<SizeSeries> Place(const std::string& source, const std::string& folder);
  const std::vector<Step>& steps() const { return steps_; }  // from small to large

 private:
  std::vector<Step> steps_;
};

// How a file like this one is written: settings read from its header.
Result<EncodeOptions> OptionsLike(Source& source, const Codec& codec, const ImageInfo& info);

}  // namespace iiifbench
