// fetch_picture: the whole picture from the server itself, at full size, where its file is not at
// hand.
//
// Standard: IIIF Image API 2.1 and 3.0, clauses 4 (requests) and 5 (maxWidth, maxHeight, maxArea,
// tiles). One answer where the server gives one; regions stitched where its limits forbid that;
// tiles where it offers nothing else (level 0). As PNG where the server makes it, because only then
// the pixels are the file's own; as JPEG else. A server that answers smaller than asked is asked
// again in regions of that size. Limits: requests and megabytes, both held before a request is
// sent, megabytes as far as the answers so far foretell. Units: pixels, megabytes of 10^6. Errors:
// kTooLarge with what it would have taken; kIo and kBadInput with the request and what came.
// Threads: one.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>

#include "harness/answers/encoder_facts.h"
#include "harness/answers/info_document.h"
#include "harness/http/client.h"

namespace iiifbench {

struct FetchOptions {
  std::string url;  // base URL of the image
  int max_requests = 120;
  double max_megabytes = 120;
  std::function<void(const std::string&)> progress;
  const std::atomic<bool>* stop = nullptr;
};

struct FetchedPicture {
  Image picture;
  int requests = 0;
  double megabytes = 0;
  int pieces = 1;
  bool exact = false;                   // the samples as the server had them: PNG
  std::optional<EncoderFacts> encoder;  // of a JPEG
  std::string words;                    // "full/full/0/default.png: 800x1200 in 1 request, 2.1 MB"
};

Result<FetchedPicture> FetchPicture(Client& client, const InfoDocument& info,
                                    const FetchOptions& options);

// The regions of full size that cover a picture within what one answer may hold; each at least 16
// pixels a side where the limits allow it.
std::vector<Region> PiecesOf(const InfoDocument& info);

}  // namespace iiifbench
