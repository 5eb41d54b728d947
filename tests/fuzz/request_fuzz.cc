// Any text as an image request of any picture: an error, or whole pixels inside it and a canonical
// form that means the same.
#include "kernels/iiif/image_request.h"
#include "tests/fuzz/fuzzed_decode.h"

namespace iiifbench {
namespace {

// Input: four bytes of the picture's size, one of the version, the path.
void Try(std::span<const uint8_t> input) {
  if (input.size() < 5) return;
  const Size image{1 + (input[0] << 8 | input[1]), 1 + (input[2] << 8 | input[3])};
  const ApiVersion version = (input[4] & 1) != 0 ? ApiVersion::k3 : ApiVersion::k2;
  const std::string path(input.begin() + 5, input.end());
  const auto request = ParseImageRequest(path, version);
  if (!request.ok()) return Demand(!request.error().message.empty(), "an error says why");
  const auto resolved = ResolveRequest(*request, image);
  if (!resolved.ok()) return Demand(!resolved.error().message.empty(), "an error says why");
  Demand(resolved->region.inside(image), "the region lies inside");
  Demand(resolved->size.width > 0 && resolved->size.height > 0, "the answer has pixels");
  const std::string canonical =
      PercentEncode(request->identifier) + "/" + CanonicalPath(*request, image);
  const auto same = ParseImageRequest(canonical, version);
  Demand(same.ok(), "a canonical form is legal");
  const auto means = ResolveRequest(*same, image);
  Demand(means.ok() && means->region == resolved->region && means->size == resolved->size,
         "a canonical form means the same");
  Demand(same->identifier == request->identifier, "an identifier survives its encoding");
}

}  // namespace
}  // namespace iiifbench

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  iiifbench::Try({data, size});
  return 0;
}
