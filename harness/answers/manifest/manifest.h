// manifest: the pages of a IIIF manifest that have an image service, read without trusting it.
//
// Standard: IIIF Presentation API 2.1, clause 5 (sequences, canvases, images), and 3.0, clause 5
// (items: canvases, annotation pages, annotations); collections of both name manifests. Members of
// another type than the standard's are passed over. Sizes are those that the document gives for the
// image, else for its canvas: info.json may say otherwise. Errors: kBadInput where it is no JSON,
// or no manifest and no collection. Units: pixels; 0x0 where no size is given.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kernels/image/image.h"
#include "kernels/image/result.h"

namespace iiifbench {

struct ManifestPage {
  std::string url;    // base URL of the image
  std::string label;  // plain text; may be empty
  Size size;
};

struct Manifest {
  std::vector<ManifestPage> pages;     // in order
  std::vector<std::string> manifests;  // of a collection: URLs, further collections among them
};

Result<Manifest> ParseManifest(std::string_view text);

// Of pages whose sizes are known: the largest, then those nearest to 2/5 and 1/5 of its width; at
// most three, and none about as wide as another. One page where all are alike.
std::vector<ManifestPage> PagesOfOtherSizes(const std::vector<ManifestPage>& pages);

}  // namespace iiifbench
