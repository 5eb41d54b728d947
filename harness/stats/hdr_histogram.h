// hdr_histogram: counts of latencies with a bounded relative error, merged without loss, read by
// other tools.
//
// Layout: the published one of HdrHistogram: 2^m sub-buckets with m = ceil(log2(2 10^digits)), of
// which each further bucket keeps the upper half at twice the step; so a value is known to one part
// in 10^digits. Encoding: V2, big-endian: cookie 0x1c849313, payload length, normalising offset 0,
// digits, lowest, highest, ratio 1.0, then counts up to the largest value as zigzag LEB128 (at most
// 9 bytes; a run of n > 1 zeros is -n); compressed: cookie 0x1c849314, length, a zlib stream of
// that; then base64. Units: whatever the caller records; here microseconds. Memory: 8 bytes per
// count, about 190 kB for an hour of microseconds at 3 digits. Errors: kBadInput from Decode, which
// names the field. Threads: none.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/image/result.h"

namespace iiifbench {

struct HdrRange {
  int64_t lowest = 1;               // values below are not told apart
  int64_t highest = 3'600'000'000;  // one hour in microseconds
  int digits = 3;                   // 1..5

  bool operator==(const HdrRange&) const = default;
};

class HdrHistogram {
 public:
  explicit HdrHistogram(const HdrRange& range = {});

  // A value above the range counts as the range's highest, and in clipped(). CHECKs value >= 0.
  void Record(int64_t value, int64_t count = 1);
  // The counts of both. CHECKs that the ranges are equal: otherwise a merge would lose digits.
  void Merge(const HdrHistogram& other);

  int64_t count() const { return total_; }
  int64_t clipped() const { return clipped_; }  // not part of the encoding
  const HdrRange& range() const { return range_; }
  // The largest value that is equivalent to the one at ceil(p n), 0 <= p <= 1; 0 when empty.
  int64_t At(double p) const;
  int64_t Least() const;  // of the bucket of the smallest value; 0 when empty
  double Mean() const;    // of bucket middles
  // What is not zero, from the smallest value up: the largest value of the bucket, and its count.
  struct Bucket {
    int64_t value = 0, count = 0;
  };
  std::vector<Bucket> Buckets() const;

  std::string Encode() const;
  static Result<HdrHistogram> Decode(std::string_view base64);

  bool operator==(const HdrHistogram& other) const {
    return range_ == other.range_ && counts_ == other.counts_;
  }

 private:
  size_t IndexOf(int64_t value) const;
  int64_t LeastAt(size_t index) const;
  int64_t StepAt(size_t index) const;

  HdrRange range_;
  int unit_ = 0;  // log2 of the step of the first bucket
  int half_ = 0;  // log2 of half the sub-buckets
  std::vector<int64_t> counts_;
  int64_t total_ = 0;
  int64_t clipped_ = 0;
};

}  // namespace iiifbench
