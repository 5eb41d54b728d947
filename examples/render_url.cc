// render_url: what a IIIF image server does for one request, without a server.
//
//   example_render_url page.tif full/800,/0/default.jpg > answer.jpg
//
// A IIIF path becomes a plan (which level, which window, which filter), the plan becomes bytes.
// The time of every stage is printed: their sum is the floor of this request on this machine.
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <string>

#include "kernels/iiif/render.h"

namespace {

int Failed(const iiifbench::Error& error) {
  fmt::print(stderr, "example_render_url: {}\n", error.message);
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace iiifbench;
  if (argc != 3) {
    fmt::print(stderr, "usage: example_render_url FILE REGION/SIZE/ROTATION/QUALITY.FORMAT\n");
    return 2;
  }
  auto source = Source::Open(argv[1]);
  if (!source) return Failed(source.error());
  auto codec = CodecOf(**source);
  if (!codec) return Failed(codec.error());
  auto info = (*codec)->probe(**source);
  if (!info) return Failed(info.error());

  auto request = ParseImageRequest("page/" + std::string(argv[2]), ApiVersion::k2);
  if (!request) return Failed(request.error());
  auto plan = MakeRenderPlan(*info, *request);
  if (!plan) return Failed(plan.error());

  Renderer renderer;  // keeps its buffers: use one for many requests
  Rendered answer;
  auto done = renderer.Render(**source, *plan, answer);
  if (!done) return Failed(done.error());

  if (std::fwrite(answer.bytes.data(), 1, answer.bytes.size(), stdout) != answer.bytes.size())
    return 1;
  fmt::print(stderr, "{} bytes of {}, from level {}\n", answer.bytes.size(), answer.media_type,
             plan->level);
  for (const Stage stage :
       {Stage::kRead, Stage::kDecode, Stage::kResize, Stage::kConvert, Stage::kEncode}) {
    const std::chrono::duration<double, std::milli> spent = answer.stages[stage];
    fmt::print(stderr, "  {:8} {:8.2f} ms\n", StageName(stage), spent.count());
  }
  return 0;
}
