// merge_stages: which stages of a request the data cannot separate.
//
// Merged are stages whose column is nearly a combination of another's and a constant, and a stage with an
// interval wider than 10 points of the request with the one that makes the sum surest, unless that split is
// bounded: neither may be off, as its interval says, by more than 7.5 points of the request, nor by more than
// a fifth of the larger of the two. The surest pairs first. A wide stage whose sums are all no surer is merged
// too: left alone it was off by 22 points in the median (known truth, a loaded machine). Units: milliseconds.
#pragma once

#include <Eigen/Dense>

#include "harness/attribution/attribute.h"

namespace iiifbench {

// `x`: the fitted matrix of the best hypothesis; `replicates`: stage -> its time in every replicate;
// `request`: with its latency and its stages.
void MergeStages(const Eigen::MatrixXd& x, const std::map<std::string, std::vector<double>>& replicates,
                 RequestAttribution& request);
// Adds `other` to the group of `stage`, or makes one of both.
void MergeWith(RequestAttribution& request, const std::string& stage, const std::string& other);

}  // namespace iiifbench
