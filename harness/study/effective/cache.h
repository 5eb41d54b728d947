// cache: does a server keep its answers? Crops asked three times, other crops between.
//
// Order: round r asks crop r for the first time, crop r - 1 again, crop r - 2 once more, and
// info.json, in an order that rotates: what makes the machine slow meets first and repeated asks
// alike. Ratios: second / first and third / first of the same crop, so that what it shows does not
// matter; each median has its order-statistic interval of 95 %. Control: an answer from a cache
// costs about what info.json costs and its own transfer (the two medians). on: both intervals below
// 0.6, and the repeats take at most twice the control and 0.5 ms. off: both above 0.6, and a first
// ask takes 1.5 times the control: else every crop may have been kept from before. Otherwise
// "cannot tell", with why.
// Nine crops, and up to 27 as long as it cannot tell. A cache of metadata does not show. Units:
// milliseconds. Errors: of an ask.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "kernels/image/result.h"

namespace iiifbench {

struct CropTime {
  double ms = 0, transfer_ms = 0;  // all of it; from the first byte
};
constexpr int kAskInfo = -1;
// `crop`: 0, 1, 2 ..., or kAskInfo.
using AskCrop = std::function<Result<CropTime>(int crop)>;

// By crop; `info` and `transfer` (of repeats) in the order of time.
struct CacheSamples {
  std::vector<double> first, second, third, info, transfer;
};

enum class Cached { kOn, kOff, kCannotTell };
struct CacheReading {
  Cached cached = Cached::kCannotTell;
  std::string text;   // "off (...)": the verdict and the figures that it rests on
  double new_ms = 0;  // the median of the first asks
};

// CHECKs that there are as many first as second and third.
CacheReading JudgeCache(const CacheSamples& samples);
Result<CacheReading> ReadCache(const AskCrop& ask);

}  // namespace iiifbench
