// reconcile: the methods beside one another for one request, and where they contradict.
//
// Nothing is averaged. Two methods are compared in every stage that both name; stages that the fit
// could not separate are compared as their sum. What a method could not assign ("unknown" of a
// profile, its "decode or encode", "between calls" of the preloaded library) may belong to any
// stage of it, so the distance counts from the nearer end of value..value + unassigned. A profile
// whose requests were faster as a whole than those that were probed is compared by its shares. A
// distance above kDisagreement of the request is a finding. Units: milliseconds.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "harness/attribution/model/attribution.h"

namespace iiifbench {

constexpr double kDisagreement = 0.1;  // of the request

struct MethodRow {
  std::string stage;                 // "decode+resize" where they are merged
  std::map<std::string, double> ms;  // by method; only those that name it
};

struct Reconciled {
  std::vector<MethodRow> rows;  // in the order of the stages
  std::vector<Finding> disagreements;
};

Reconciled Reconcile(const RequestAttribution& request);

}  // namespace iiifbench
