#include "harness/attribution/findings/profile_finding.h"

#include <algorithm>

namespace iiifbench {

void AddProfileFinding(const Observed& observed, Attribution& attribution) {
  constexpr int64_t kLeastBytes = 1000;
  const Case* most = nullptr;
  double share = 0;
  int64_t least = 0;
  for (const Case& c : observed.cases) {
    if (c.answer.size.width == 0) continue;  // info.json, another format, or no answer
    if (c.answer.profile_bytes < kLeastBytes) return;
    least = least == 0 ? c.answer.profile_bytes : std::min(least, c.answer.profile_bytes);
    const double of_answer = static_cast<double>(c.answer.profile_bytes) /
                             static_cast<double>(c.answer.entropy_bytes + c.answer.other_bytes);
    // The requests that stages are wanted for; the others are probes, some of a single pixel.
    if (c.held_out && of_answer > share) most = &c, share = of_answer;
  }
  if (most == nullptr) return;
  attribution.findings.push_back(
      {"profile-in-every-answer",
       fmt::format("a colour profile of {:.1f} kB or more is in every answer: {:.0f} % of the "
                   "bytes of {}",
                   static_cast<double>(least) / 1000, 100 * share, most->probe.path)});
}

}  // namespace iiifbench
