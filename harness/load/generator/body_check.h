// body_check: the kept answers of a load run, decoded and compared after the run, so that checking
// disturbs nothing.
//
// With the file of an image here, an answer is compared with our own rendering of the same request
// (expected_answer.h); without it, it must decode and have a size that the request allows.
// Wrong ones become failures of the run's samples ("wrong picture"). Those that cannot be judged,
// flat pictures say, are neither: they are not among the checked ones. In random order within a
// budget of time: what was checked is an even sample, and is stated. Memory: one rendering at a
// time, and those of repeated requests up to 32. Threads: none.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "harness/load/generator/generate.h"
#include "harness/load/workload/workload.h"
#include "kernels/iiif/image_request.h"

namespace iiifbench {

struct BodyCheckOptions {
  ApiVersion version = ApiVersion::k2;
  int jpeg_quality = 90;  // of our rendering
  std::chrono::nanoseconds budget = std::chrono::seconds(5);
  uint64_t seed = 1;
};

struct BodyCheck {
  int64_t checked = 0, kept = 0, wrong = 0;  // checked: judged right or wrong
  bool compared = true;                      // with our rendering; false: decoded and measured only
  std::vector<std::string> examples;         // of wrong ones, at most five: "path: what came"
  int64_t rounded = 0;  // right, and of a size that was rounded otherwise than ours
  std::vector<std::string>
      roundings;        // at most five different: "path: height 187 is the floor of 187.5"
  int64_t changed = 0;  // right, and changed by the server
  std::vector<std::string> changes;  // at most five different: "path: gamma about 1.2"
  int64_t doubted = 0;               // cannot be judged: neither right nor wrong, not checked
  std::vector<std::string> doubts;   // at most five different: "path: cannot tell: ..."
};

// Why a point proves nothing; empty where answers were judged, or none was looked at.
std::string NothingJudged(const BodyCheck& check);

BodyCheck CheckBodies(LoadRun& run, const std::vector<WorkloadImage>& images,
                      const BodyCheckOptions& options);

}  // namespace iiifbench
