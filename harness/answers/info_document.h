// info_document: what a server says of an image in info.json, read without trusting it.
//
// Standard: IIIF Image API 2.1, clause 5 (Image Information), and 3.0, clause 5. Width and height
// must be whole numbers above 0; every other member is taken where it has the type that the
// standard gives it, and passed over where not. Errors: one sentence that names what came instead
// (an error status, HTML, another protocol version, a width that is text) and what to do. Units:
// pixels. Threads: any.
#pragma once

#include <string>
#include <vector>

#include "harness/http/client.h"
#include "kernels/iiif/image_request.h"
#include "kernels/image/image.h"

namespace iiifbench {

struct TileOffer {
  int width = 0, height = 0;
  std::vector<int> scale_factors;
};

struct InfoDocument {
  Size size;
  ApiVersion version = ApiVersion::k2;
  int level = -1;  // compliance level 0, 1 or 2; -1: not said
  std::vector<Size> sizes;
  std::vector<TileOffer> tiles;
  // Largest answers; 0: no bound said.
  int max_width = 0, max_height = 0;
  double max_area = 0;
  std::vector<std::string> formats;
};

Result<InfoDocument> ParseInfo(const Exchange& exchange);

// An image URL as the server wants it asked: the URL that its redirection names, where there is
// one.
struct AskedInfo {
  InfoDocument info;
  std::string url;       // base URL to use from now on
  std::string redirect;  // "301 to http://..."; empty: there was none
};

// Asks for `base`/info.json, follows one redirection to another info.json, and says in one sentence
// what to do about every other answer.
Result<AskedInfo> AskInfo(Client& client, const std::string& base);

}  // namespace iiifbench
