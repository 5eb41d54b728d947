#include "harness/attribution/findings/fit_findings.h"

#include <algorithm>
#include <cmath>

#include "harness/stats/quantile.h"

namespace iiifbench {
namespace {

// What medians hide.
void FindPauses(const Observed& observed, Attribution& out) {
  // Its slow answers are no pauses.
  if (std::ranges::find(out.findings, "two-speeds", &Finding::id) != out.findings.end()) return;
  std::vector<double> pauses;
  size_t answers = 0;
  for (const Case& c : observed.cases) {
    if (c.probe.info || c.samples_ms.size() < 2) continue;
    // Of two, the smaller stands for what the request costs.
    const double middle =
        c.samples_ms.size() == 2 ? std::ranges::min(c.samples_ms) : Median(c.samples_ms);
    answers += c.samples_ms.size();
    for (double ms : c.samples_ms) {
      if (ms > middle + 10 && ms > 1.5 * middle) pauses.push_back(ms - middle);
    }
  }
  if (pauses.size() >= 4 && pauses.size() * 50 >= answers)
    out.findings.push_back(
        {"pauses",
         fmt::format("{} of {} answers took about {:.0f} ms more than the median of the same "
                     "request: pauses (a garbage "
                     "collector, or another process), which no stage of a median shows",
                     pauses.size(), answers, Median(pauses))});
}

}  // namespace

void AddRefusalsOfAnswers(const Observed& observed, Attribution& out) {
  if (observed.wrong_answers * 3 > observed.image_answers)
    out.refusals.push_back(
        {"wrong-answers", fmt::format("{} of {} answers are not the picture that was asked for",
                                      observed.wrong_answers, observed.image_answers)});
  if (std::abs(observed.drift) > 0.1)
    out.refusals.push_back(
        {"latency-drift",
         fmt::format(
             "latencies drift by {:+.0f} % from the first half to the second: warm up longer, "
             "or find what else runs",
             100 * observed.drift)});
}

void AddFitFindings(const Observed& observed, const Fitted& fitted, Attribution& out) {
  FindPauses(observed, out);
  if (observed.codec == "jpeg" && observed.info->facts.progressive)
    out.findings.push_back(
        {"progressive-source",
         "the source is a progressive JPEG: every region and every scale needs all of its scans"});
  const Hypothesis& best = fitted.best.hypothesis;
  const Eigen::VectorXd& beta = fitted.model.beta;
  if (best.by_taps && beta[kResize] > 0)
    out.findings.push_back(
        {"resize-without-simd",
         fmt::format("resize costs {:.2f} ns per tap and channel: a resampler without SIMD",
                     0.5 * beta[kResize])});
  if (best.start_ms > 0)
    out.findings.push_back(
        {"resize-start-cost",
         fmt::format("a resize costs {:.2f} ms before its first pixel; decode and encode are taken "
                     "to start "
                     "alike, in proportion to their multiples, which no request can show",
                     best.start_ms * beta[kResize])});
  if (best.row_copy_ms_per_megapixel > 0)
    out.findings.push_back(
        {"rows-copied",
         fmt::format("decode costs {:.1f} ms more for each megapixel that it hands over: rows "
                     "copied one by one into the "
                     "server's picture, in decode as logs and profiles count it",
                     best.row_copy_ms_per_megapixel * beta[kDecode])});
  if (fitted.model.error > 0.15)
    out.findings.push_back(
        {"model-fits-badly",
         fmt::format(
             "no hypothesis fits well: {:.0f} % error on probes left out; a stage is missing "
             "from the model",
             100 * fitted.model.error)});
  const std::string decode = fmt::format(
      "decode runs at {:.2f} times our kernel: another library or state than ours", beta[kDecode]);
  if (beta[kDecode] > kMostDecode)
    out.findings.push_back({"decode-or-storage-slow",
                            decode + ", or storage that is slow in proportion to what is decoded; "
                                     "decode and read cannot be told apart"});
  else if (beta[kDecode] > 0 && beta[kDecode] < kLeastDecode)
    out.findings.push_back({"decoder-unlike-ours", decode + ", or a missing column"});
  if (best.additional == Additional::kFile && beta[kAdditional] > 0)
    out.findings.push_back(
        {"file-read-for-each-request",
         fmt::format(
             "every request costs {:.2f} ms per MB of the source file, info.json too: the file is "
             "read or parsed each time",
             beta[kAdditional])});
  if (best.additional == Additional::kRead)
    out.findings.push_back(
        {"slow-storage",
         fmt::format(
             "{:.2f} ms go with every MB that is read: slow storage, or a decoder that is slow in "
             "proportion to the file",
             beta[kAdditional])});
}

}  // namespace iiifbench
