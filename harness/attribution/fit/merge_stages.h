// merge_stages: which stages of a request the data cannot separate.
//
// Merged are stages whose column is nearly a combination of another's and a constant, and stages
// whose interval is wider than 10 points of the request: with the one that makes the sum surest.
// Units: milliseconds.
#pragma once

#include <Eigen/Dense>

#include "harness/attribution/model/attribution.h"

namespace iiifbench {

// `x`: the fitted matrix of the best hypothesis; `replicates`: stage -> its time in every
// replicate.
void MergeStages(const Eigen::MatrixXd& x, const StageMap<std::vector<double>>& replicates,
                 RequestAttribution& request);
// Makes one group of both and of every group that holds either.
void MergeWith(RequestAttribution& request, Stage stage, Stage other);

}  // namespace iiifbench
