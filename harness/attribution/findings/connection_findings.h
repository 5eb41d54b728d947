// connection_findings: what requests failed of, connections that the server does not keep, and a
// wire that is slower than the server, each in a sentence with what to do.
//
// Stands on the exchanges alone: also where nothing could be fitted.
#pragma once

#include "harness/attribution/model/attribution.h"
#include "harness/attribution/model/observed.h"

namespace iiifbench {

void AddConnectionFindings(const Observed& observed, Attribution& attribution);

}  // namespace iiifbench
