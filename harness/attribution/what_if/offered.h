// offered: changes that an operator or a server's author could make, with the saving that the fit
// predicts for each request.
//
// A saving is the fitted multiple times the difference of two kernels (another habit, an index), or
// the excess of the multiple over 1 (as fast as the best library). Savings below 5 % of the request
// are not worth a line. Units: milliseconds; intervals cover 95 % of the bootstrap and the model's
// own error on what the change touches. Ranking: sure savings first; one whose interval is wider
// than itself is none.
#pragma once

#include "harness/attribution/fit/fit.h"
#include "harness/attribution/model/attribution.h"

namespace iiifbench {

// Sure savings before others, of a lone request before those under load, then by what they save.
void RankWhatIfs(std::vector<WhatIf>& what_ifs);

// The decode of a plan from an index that was built before; a work of `costs`.
int IndexedDecode(KernelCosts& costs, const Case& c, const RenderPlan& plan);
// In words, what a server of this habit should decode instead.
std::string DecodeAdvice(const std::string& codec, const ImageInfo& info, const DecodeHabit& habit);

void AddWhatIfs(const Case& c, const FittedModel& model, KernelCosts& costs, bool foreign_encoder,
                const RequestAttribution& request, std::vector<WhatIf>& out);

}  // namespace iiifbench
