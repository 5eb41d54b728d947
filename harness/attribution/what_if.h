// what_if: changes that an operator or a server's author could make, with the saving that the fit
// predicts for each request.
//
// A saving is the fitted multiple times the difference of two kernels (another habit, an index), or
// the excess of the multiple over 1 (as fast as the best library). Savings below 5 % of the request
// are not worth a line. Units: milliseconds; intervals cover 95 % of the bootstrap and the model's
// own error on what the change touches. Ranking: sure savings first; one whose interval is wider
// than itself is none.
#pragma once

#include "harness/attribution/attribute.h"
#include "harness/attribution/fit.h"

namespace iiifbench {

// Our kernels' stages for the request, done in the best way.
std::map<std::string, double> FloorOf(const Case& c, KernelCosts& costs);

// The decode of a plan from an index that was built before; a work of `costs`.
int IndexedDecode(KernelCosts& costs, const Case& c, const RenderPlan& plan);
// In words, what a server of this habit should decode instead.
std::string DecodeAdvice(const std::string& codec, const ImageInfo& info, const DecodeHabit& habit);

void AddWhatIfs(const Case& c, const Hypothesis& hypothesis, const Eigen::VectorXd& beta,
                const std::vector<Replicate>& replicates, KernelCosts& costs, bool foreign_encoder,
                const RequestAttribution& request, double fit_error, std::vector<WhatIf>& out);

}  // namespace iiifbench
