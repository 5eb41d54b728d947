#include "harness/attribution/attribute.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "harness/attribution/answering/sentence.h"
#include "harness/attribution/fit.h"
#include "harness/attribution/fitting/candidates.h"
#include "harness/attribution/fitting/case_fit.h"
#include "harness/attribution/fitting/merge_stages.h"
#include "harness/attribution/fitting/request_total.h"
#include "harness/attribution/fitting/simpler_models.h"
#include "harness/attribution/fitting/stage_intervals.h"
#include "harness/attribution/situations/jp2_pointers.h"
#include "harness/attribution/situations/process_findings.h"
#include "harness/attribution/situations/store_finding.h"
#include "harness/attribution/what_if.h"
#include "harness/stats/nnls.h"
#include "harness/stats/quantile.h"

namespace iiifbench {
namespace {

class Attributor {
 public:
  Attributor(Observed& observed, uint64_t seed) : o_(observed), seed_(seed) {}
  Attribution Run();

 private:
  RequestAttribution Explain(size_t number);
  void OtherFindings();

  Observed& o_;
  uint64_t seed_;
  std::vector<int> rows_;  // cases in the fit
  std::optional<Fit> fit_;
  std::vector<Candidate> candidates_;  // best first
  Eigen::VectorXd beta_;
  std::optional<StageIntervals> intervals_;
  std::vector<Replicate> replicates_;
  std::vector<SimplerModel> simpler_;
  Attribution out_;
};

RequestAttribution Attributor::Explain(size_t number) {
  const Case& c = o_.cases[number];
  const Candidate& best = candidates_.front();
  const auto row = static_cast<Eigen::Index>(number);
  RequestAttribution request{.path = c.probe.path,
                             .samples = static_cast<int>(c.samples_ms.size()),
                             .measured_ms = Median(c.samples_ms),
                             .first_byte_ms = Median(c.first_byte_ms)};
  request.predicted_ms = c.fixed_ms + best.all.row(row).dot(beta_);
  StageSplit split = intervals_->Of(c, row);
  request.stages = std::move(split.stages);
  MergeStages(best.fitted, split.separable, request);
  // What every image request costs beyond an info.json, whatever it is: the program, or the latency
  // of its storage. An info.json that costs more than a picture tells nothing of either.
  const double beyond =
      beta_[kInfo] > 1.5 * beta_[kImage] ? beta_[kImage] : beta_[kImage] - beta_[kInfo];
  const bool tapped = !c.read_ms.empty();
  if (!tapped && beyond > 0.05 * request.measured_ms) MergeWith(request, "overhead", "read");
  // A file that is read or parsed for each request: which of the two, nobody outside can say. A tap
  // can.
  if (!tapped && best.hypothesis.additional == Additional::kFile && beta_[kAdditional] > 0)
    MergeWith(request, "overhead", "read");
  // Storage that is slow per byte looks like a slow decoder. And nobody decodes in half our
  // kernel's time (the floor holds): where the fit says so, what is missing stands under read.
  const bool decodes = best.all.row(row)[kDecode] > 0;
  if (tapped) {
    request.stages["read"] = {Median(c.read_ms), Quantile(c.read_ms, 0.025),
                              Quantile(c.read_ms, 0.975)};
  } else if (beta_[kDecode] > kMostDecode || (decodes && beta_[kDecode] < kLeastDecode))
    MergeWith(request, "decode", "read");
  const CaseWorks works = WorksOf(c, best.hypothesis, *o_.costs);
  if (!tapped && works.decode >= 0 && best.hypothesis.additional != Additional::kRead) {
    // Our own time in read calls for the same bytes; the server's, unless its storage is slower
    // than ours.
    StageEstimate& decode = request.stages["decode"];
    StageEstimate& overhead = request.stages["overhead"];
    const StageEstimate read = OwnMeasure(std::min(o_.costs->read_ms(works.decode), decode.ms),
                                          o_.costs->read_samples_ms(works.decode));
    for (double* value : {&decode.ms, &decode.low, &decode.high})
      *value = std::max(0.0, *value - read.ms);
    // Any part of what a picture costs beyond an info.json may be the storage's latency instead.
    const double latency = std::clamp(beyond, 0.0, overhead.ms);
    request.stages["read"] = {read.ms, read.low, read.high + latency};
    overhead.low = std::min(overhead.low, overhead.ms - latency);
  }
  auto plan = PlanOf(c, best.hypothesis);
  if (plan) {
    request.pixels_decoded = plan->level_region.size().pixels();
    request.pixels_needed = plan->crop.size().pixels();
    request.pixels_out = plan->output.pixels();
    if (plan->quality != Quality::kDefault || !plan->orientation.identity()) {
      const int work = o_.costs->Convert(*plan, c.info->channels);
      for (int i = 0; i < 5; ++i) o_.costs->Measure(work);
      request.stages["convert"] = OwnMeasure(o_.costs->ms(work), o_.costs->samples_ms(work));
    }
  }
  double sum = 0;
  for (const auto& [name, estimate] : request.stages) sum += estimate.ms;
  request.unexplained_ms = request.measured_ms - sum;
  if (const auto found = o_.methods.find(c.probe.path); found != o_.methods.end()) {
    for (const auto& [method, samples] : found->second) {
      for (const auto& [stage, values] : samples) request.methods[method][stage] = Median(values);
    }
  }
  for (const auto& [name, estimate] : request.stages) request.methods["probe"][name] = estimate.ms;
  for (const auto& model : simpler_) {
    // Told what the request took, as ours is.
    if (number < model.stages.size())
      request.methods[model.name] = GivenTotal(model.stages[number], Median(c.service_ms()));
  }
  request.floor_ms = FloorOf(c, *o_.costs);
  request.methods["floor"] = request.floor_ms;
  return request;
}

// What medians hide, and what the source is.
void Attributor::OtherFindings() {
  std::vector<double> pauses;
  size_t answers = 0;
  for (const Case& c : o_.cases) {
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
    out_.findings.push_back(
        fmt::format("{} of {} answers took about {:.0f} ms more than the median of the same "
                    "request: pauses (a garbage "
                    "collector, or another process), which no stage of a median shows",
                    pauses.size(), answers, Median(pauses)));
  if (o_.codec == "jpeg" && o_.info->detail.find("progressive") != std::string::npos)
    out_.findings.push_back(
        "the source is a progressive JPEG: every region and every scale needs all of its scans");
}

Attribution Attributor::Run() {
  out_.findings = o_.findings;
  out_.refusals = o_.refusals;
  out_.codec = o_.codec;
  AddStoreFinding(o_, out_);
  if (o_.wrong_answers * 3 > o_.image_answers)
    out_.refusals.push_back(fmt::format("{} of {} answers are not the picture that was asked for",
                                        o_.wrong_answers, o_.image_answers));
  if (std::abs(o_.drift) > 0.1)
    out_.refusals.push_back(fmt::format(
        "latencies drift by {:+.0f} % from the first half to the second: warm up longer, "
        "or find what else runs",
        100 * o_.drift));
  CaseFit cases = FitOf(o_.cases, o_.foreign_encoder);
  rows_ = std::move(cases.rows);
  fit_.emplace(std::move(cases.fit));
  const auto images = std::ranges::count_if(
      rows_, [&](int r) { return !o_.cases[static_cast<size_t>(r)].probe.info; });
  if (images < 12) {
    out_.refusals.push_back(
        fmt::format("only {} probes were answered rightly; a dozen is needed for a fit", images));
    return out_;
  }
  const Contest contest{.rows = rows_,
                        .parses = o_.signatures.info_to_small > 3,
                        .matrix =
                            [this](const Hypothesis& hypothesis) {
                              return MatrixOf(o_.cases, hypothesis, *o_.costs, o_.foreign_encoder);
                            },
                        .seed = seed_};
  candidates_ = Compete(*fit_, o_.hypotheses, contest);
  if (candidates_.empty()) {
    out_.refusals.push_back(
        "no hypothesis is as fast as this server: its decoder is none that we know");
    return out_;
  }
  OtherFindings();
  const Candidate& best = candidates_.front();
  intervals_.emplace(*fit_, candidates_, contest, o_.foreign_encoder);
  beta_ = intervals_->beta();
  replicates_ = intervals_->replicates();
  out_.fit_error = best.error;
  for (size_t i = 0; i < o_.cases.size(); ++i)
    out_.predicted_ms.push_back(o_.cases[i].fixed_ms +
                                best.all.row(static_cast<Eigen::Index>(i)).dot(beta_));
  out_.condition = ConditionNumber(best.fitted);
  out_.model = FittedModel{
      .hypothesis = best.hypothesis, .beta = beta_, .replicates = {}, .error = best.error};
  for (const auto& replicate : replicates_) {
    if (replicate.hypothesis == 0) out_.model->replicates.push_back(replicate.beta);
  }
  for (const char* stage : {"decode", "resize", "no-op resize"})
    out_.strategy.push_back(VerdictOn(*fit_, candidates_, o_.screened, stage));
  out_.model->decode_identified = out_.strategy.front().identified;
  for (const auto& candidate : candidates_) {
    if (candidate.error > kIdentified * best.error ||
        (out_.model->decode_identified && &candidate != &best))
      continue;
    out_.model->rivals.push_back(candidate.hypothesis.habit);
    for (const auto& alias : candidate.aliases) out_.model->rivals.push_back(alias.habit);
  }
  if (const auto point = o_.resize_pixels ? o_.resize_pixels->point() : std::nullopt; point) {
    StrategyVerdict& resize = out_.strategy[1];
    resize.identified = resize.by_pixels = IsPoint(best.hypothesis.filter) == *point;
  }
  simpler_ = SimplerModels(o_, rows_, PlainFitOf(o_.cases), seed_);
  out_.geometric_error = simpler_[0].error;
  out_.naive_error = simpler_[1].error;
  for (const auto& [name, column] :
       {std::pair{"decode", kDecode}, std::pair{"resize", kResize}, std::pair{"encode", kEncode}}) {
    if (name == std::string("encode") && o_.foreign_encoder) continue;
    if (name == std::string("resize") && best.hypothesis.by_taps) {
      if (beta_[column] > 0)
        out_.findings.push_back(
            fmt::format("resize costs {:.2f} ns per tap and channel: a resampler without SIMD",
                        0.5 * beta_[column]));
      continue;
    }
    std::vector<double> values;
    for (const auto& replicate : replicates_) values.push_back(replicate.beta[column]);
    out_.multiples[name] = {beta_[column], Quantile(values, 0.025), Quantile(values, 0.975)};
  }
  if (best.hypothesis.start_ms > 0)
    out_.findings.push_back(fmt::format(
        "a resize costs {:.2f} ms before its first pixel; decode and encode are taken to start "
        "alike, in proportion to their multiples, which no request can show",
        best.hypothesis.start_ms * beta_[kResize]));
  if (best.hypothesis.handed_ms > 0)
    out_.findings.push_back(
        fmt::format("decode costs {:.1f} ms more for each megapixel that it hands over: rows "
                    "copied one by one into the "
                    "server's picture, in decode as logs and profiles count it",
                    best.hypothesis.handed_ms * beta_[kDecode]));
  if (best.error > 0.15)
    out_.findings.push_back(fmt::format(
        "no hypothesis fits well: {:.0f} % error on probes left out; a stage is missing "
        "from the model",
        100 * best.error));
  if (beta_[kDecode] > 0 && (beta_[kDecode] < kLeastDecode || beta_[kDecode] > kMostDecode))
    out_.findings.push_back(
        fmt::format("decode runs at {:.2f} times our kernel: another library or state than ours{}",
                    beta_[kDecode],
                    beta_[kDecode] > kMostDecode
                        ? ", or storage that is slow in proportion to what is decoded; decode and "
                          "read cannot be told apart"
                        : ", or a missing column"));
  if (best.hypothesis.additional == Additional::kFile && beta_[kAdditional] > 0)
    out_.findings.push_back(fmt::format(
        "every request costs {:.2f} ms per MB of the source file, info.json too: the file is "
        "read or parsed each time",
        beta_[kAdditional]));
  if (best.hypothesis.additional == Additional::kRead)
    out_.findings.push_back(fmt::format(
        "{:.2f} ms go with every MB that is read: slow storage, or a decoder that is slow in "
        "proportion to the file",
        beta_[kAdditional]));
  for (size_t i = 0; i < o_.cases.size(); ++i) {
    if (!o_.cases[i].held_out) continue;
    out_.requests.push_back(Explain(i));
    AddWhatIfs(o_.cases[i], best.hypothesis, beta_, replicates_, *o_.costs, o_.foreign_encoder,
               out_.requests.back(), best.error, out_.what_ifs);
  }
  AddProcessFindings(o_, out_);
  AddPacketSearch(o_, out_);
  RankWhatIfs(out_.what_ifs);
  if (out_.requests.empty()) return out_;
  out_.about = Slowest(out_.requests);
  out_.sentence = SentenceAbout(out_.requests[out_.about], out_.requests.size());
  return out_;
}

}  // namespace

Attribution Attribute(Observed& observed, uint64_t seed) {
  return Attributor(observed, seed).Run();
}

}  // namespace iiifbench
