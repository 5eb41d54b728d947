// Any bytes as a server's answer to a request: wrong for a reason, or right with finite figures,
// and the same twice.
#include <cmath>

#include "harness/answers/encoder_facts.h"
#include "harness/answers/response_check.h"
#include "tests/fuzz/fuzzed_decode.h"

namespace iiifbench {
namespace {

const Image& Expected() {
  static const Image expected = [] {
    Image image({61, 45}, 3);
    for (int y = 0; y < 45; ++y)
      for (int x = 0; x < 61 * 3; ++x)
        image.view().row(y)[x] =
            static_cast<uint8_t>((x / 9 + y / 7) % 4 == 0 ? 40 : 120 + x / 3 + y);
    return image;
  }();
  return expected;
}

void Try(std::span<const uint8_t> input) {
  Exchange exchange{.url = "http://host/iiif/2/page/full/61,/0/default.jpg", .status = 200};
  exchange.content_type = "image/jpeg";
  exchange.body.assign(input.begin(), input.end());
  static_cast<void>(ReadEncoderFacts(exchange.body));
  const auto facts = CheckResponse(exchange, Expected().view());
  const auto again = CheckResponse(exchange, Expected().view());
  Demand(facts.ok() == again.ok(), "the same judgement twice");
  if (!facts.ok()) return Demand(!facts.error().message.empty(), "an error says why");
  Demand(facts->size == Expected().size(), "a right answer has its size");
  Demand(std::isfinite(facts->explained), "figures are finite");
  Demand(facts->psnr == again->psnr, "the same figures twice");
}

}  // namespace
}  // namespace iiifbench

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  iiifbench::Try({data, size});
  return 0;
}
