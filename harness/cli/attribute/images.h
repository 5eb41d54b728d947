// images: which pictures of a server an attribution is about: URLs, the files behind them, a
// manifest.
//
// The first URL is the one that stages are wanted for; the others are its size series. Of a
// manifest without a URL the largest page is the first.
#pragma once

#include "harness/cli/attribute_options.h"

namespace iiifbench {

// Sets `url` and `observe.others` from `given_urls`, `sources` and `manifest`; nothing with
// --server. Says which pages were chosen. Errors: kBadRequest of words that do not go together;
// those of reading the manifest.
Result<void> ChooseImages(AttributeOptions& options);

// `text` without what is secret in any of the URLs.
std::string ShownOf(const AttributeOptions& options, std::string text);

}  // namespace iiifbench
