#include "harness/servers/reference/spoiled_answer.h"

#include <algorithm>
#include <cstring>

namespace iiifbench {

void SpoilAnswer(FaultyAnswer how, Size size, http::Response& response) {
  switch (how) {
    case FaultyAnswer::kTruncated:
      response.body.resize(response.body.size() / 2);
      break;
    case FaultyAnswer::kHtml:
      response.body = "<!doctype html><title>Sorry</title><p>Try again later.</p>\n";
      response.content_type = "text/html";
      break;
    case FaultyAnswer::kGrey:
    case FaultyAnswer::kSmaller: {
      if (how == FaultyAnswer::kSmaller) size.width = std::max(1, size.width - 1);
      Image grey(size, 3);
      std::memset(grey.view().data, 128, static_cast<size_t>(grey.bytes()));
      std::vector<uint8_t> bytes;
      if (FindCodec("jpeg")->encode(grey.view(), {}, bytes)) {
        response.body.assign(bytes.begin(), bytes.end());
        response.content_type = "image/jpeg";
      }
      break;
    }
    default:
      break;
  }
}

void ResampleForNothing(Size size, int channels, Filter filter, StageTimes& stages) {
  static thread_local Image from, to;
  if (from.size() != size || from.channels() != channels) {
    from = Image(size, channels);
    to = Image({size.width, std::max(1, size.height - 1)}, channels);
    std::memset(from.view().data, 128, static_cast<size_t>(from.bytes()));
  }
  const StageTimer timer(stages, Stage::kResize);
  Resize(from.view(), WholeOf(size), to.view(), {.filter = filter});
}

}  // namespace iiifbench
