// render: plan + file -> bytes of the answer and the time of every stage.
//
// Stages: read (Source), decode, resize, convert (gray, bitonal, rotation), encode; their sum is
// the floor of a request. Memory: buffers live in a Renderer and are reused, so a steady server
// does not pay for page faults; beyond kMostKept (reused.h) they are given back. Threads: one
// Renderer per thread. Errors: those of the codec.
#pragma once

#include <span>
#include <vector>

#include "kernels/iiif/render_plan.h"

namespace iiifbench {

struct Rendered {
  std::vector<uint8_t> bytes;
  std::string media_type;
  StageTimes stages;
  DecodeReport decode;
  int64_t bytes_read = 0;
};

class Renderer {
 public:
  // `index` is a sidecar of the codec, used when plan.settings.variant is kIndexed.
  Result<void> Render(Source& source, const RenderPlan& plan, Rendered& out,
                      std::span<const uint8_t> index = {});
  // Only the pixels, before encoding: the reference that answers of servers are compared with.
  Result<ConstPixelView> RenderPixels(Source& source, const RenderPlan& plan, StageTimes& stages,
                                      DecodeReport& report, std::span<const uint8_t> index = {});

 private:
  Result<ConstPixelView> RenderUnguarded(Source& source, const RenderPlan& plan, StageTimes& stages,
                                         DecodeReport& report, std::span<const uint8_t> index);
  void Drop();  // what is too large to be kept
  Image decoded_, resized_, converted_, oriented_;
};

}  // namespace iiifbench
