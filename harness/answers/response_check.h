// response_check: is an answer the picture that was asked for? Decoded and compared before its
// latency counts.
//
// Size must be exact. Pixels must be like our own rendering: PSNR of the pictures after both were
// reduced 4:1 by box, so that another filter or JPEG quality passes and another place, level,
// colour or a grey area does not. An error says what came instead, and the colour where it is but
// one.
#pragma once

#include <string>

#include "harness/http/client.h"
#include "kernels/iiif/render_plan.h"

namespace iiifbench {

constexpr double kLeastPsnr = 24;  // dB, of the reduced pictures

struct ResponseFacts {
  double psnr = 0;
  Size size;
  std::string detail;    // of the answer's codec: "sequential, luma 2x2, ..."
  std::string rounding;  // of its size, where it is not ours (expected_answer.h)
};

Result<ResponseFacts> CheckResponse(const Exchange& exchange, ConstPixelView expected,
                                    double least_psnr = kLeastPsnr);
// An info.json with these dimensions.
Result<void> CheckInfo(const Exchange& exchange, Size image);

}  // namespace iiifbench
