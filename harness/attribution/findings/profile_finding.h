// profile_finding: a colour profile in every JPEG answer, and the request whose bytes it is most
// of.
//
// From 1 kB on: a compact sRGB profile of some hundred bytes costs no more than other headers. Not
// where one answer has none: then the server chooses. Units: bytes.
#pragma once

#include "harness/attribution/model/attribution.h"
#include "harness/attribution/model/observed.h"

namespace iiifbench {

// By the answers alone: also where nothing could be fitted.
void AddProfileFinding(const Observed& observed, Attribution& attribution);

}  // namespace iiifbench
