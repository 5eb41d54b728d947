// all_cases: everything that `failures` makes happen, in the order of its table.
//
// A case is made when it is run, since some have a bad server of their own. Needs nothing but our
// own server; IIPSrv is killed as well where it is installed. The full disk is a file system of 16
// to 64 kB in a user namespace of its own (unshare, no root); where that is not allowed, a limit on
// the size of files, which fails in the same call with other words.
#pragma once

#include <functional>
#include <vector>

#include "harness/validation/failures/server_faults.h"

namespace iiifbench {

using CaseMaker = std::function<Result<FaultCase>()>;
std::vector<CaseMaker> AllCases(const FaultTargets& targets);

}  // namespace iiifbench
