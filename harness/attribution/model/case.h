// case: one request to the server with what was learned about its answer.
//
// Units: milliseconds.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "harness/answers/encoder_facts.h"
#include "harness/attribution/model/network.h"
#include "harness/attribution/model/probe.h"
#include "kernels/iiif/render_plan.h"

namespace iiifbench {

struct Case {
  ProbeRequest probe;
  bool held_out = false;  // one that stages are wanted for: measured, not fitted
  std::string codec;
  std::string file;
  int64_t file_bytes = 0;
  const ImageInfo* info = nullptr;
  ImageRequest request;
  EncoderFacts answer;
  int encode_work = -1;
  std::vector<double> samples_ms, first_byte_ms;
  std::vector<TimedTransfer> transfers;  // of each sample
  double fixed_ms = 0;                   // network
  std::vector<double> read_ms;           // of each sample, where a tap sees the store; else empty

  // Latencies without what the store is known to have cost.
  std::vector<double> service_ms() const {
    std::vector<double> out = samples_ms;
    for (size_t i = 0; i < std::min(out.size(), read_ms.size()); ++i) out[i] -= read_ms[i];
    return out;
  }
};

}  // namespace iiifbench
