// size_series: pictures of other sizes on the same server: the source's at several widths, placed
// beside it and stored as the source is stored, or others that the server has anyway.
//
// A server that decodes whole pictures makes decode one number for every request of a picture, the
// same as "a request costs something"; only pictures of other sizes tell the two apart. Files
// placed are named <stem>-iiifbench-<process>-<number>-<width>.<ext>, which no file had before, and
// removed with the object. Errors: kIo with the path; kUnsupported where the format cannot be
// written again (HTJ2K).
#pragma once

#include <span>
#include <string>
#include <vector>

#include "harness/attribution/model/probe.h"
#include "kernels/codecs/codec.h"

namespace iiifbench {

class SizeSeries {
 public:
  struct Step {
    std::string path;
    std::string file;
    ImageInfo info;
    int64_t bytes = 0;
    bool placed = false;  // by us, so removed with the object
  };
  SizeSeries() = default;
  ~SizeSeries();
  SizeSeries(SizeSeries&& other) noexcept : steps_(std::exchange(other.steps_, {})) {}
  SizeSeries& operator=(SizeSeries&& other) noexcept {
    std::swap(steps_, other.steps_);
    return *this;
  }
  // Of widths from small to large; those above three quarters of the source's are left out.
  static Result<SizeSeries> Place(const std::string& source, const std::string& folder,
                                  std::span<const int> widths = kSeriesWidths);
  explicit SizeSeries(std::vector<Step> steps) : steps_(std::move(steps)) {}
  // From small to large.
  const std::vector<Step>& steps() const { return steps_; }
  std::vector<Step>& steps() { return steps_; }

 private:
  std::vector<Step> steps_;
};

// How a file like this one is written: settings read from its header.
Result<EncodeOptions> OptionsLike(Source& source, const Codec& codec, const ImageInfo& info);

}  // namespace iiifbench
