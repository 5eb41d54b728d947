#include "harness/attribution/what_if/predict.h"

#include <algorithm>
#include <cmath>

#include "harness/attribution/what_if/transferred_habit.h"
#include "harness/stats/quantile.h"
#include "kernels/iiif/render.h"

namespace iiifbench {
namespace {

using Row = Eigen::RowVectorXd;

// Both sides' kernels, in turn.
void MeasureBoth(const Case& a, const Hypothesis& of_a, const Case& b, const Hypothesis& of_b,
                 int more, KernelCosts& costs) {
  const CaseWorks first = WorksOf(a, of_a, costs), second = WorksOf(b, of_b, costs);
  if (of_a.memory != NewMemory::kNone || of_b.memory != NewMemory::kNone) costs.MeasureFaults();
  double spent = 0;
  for (int round = 0; round < 9 && (round < 3 || spent < 1500); ++round) {
    for (int work : {first.decode, second.decode, more, first.resize, second.resize, a.encode_work,
                     b.encode_work}) {
      if (work < 0) continue;
      costs.Measure(work);
      spent += costs.ms(work);
    }
  }
}

Row RowOf(const Case& c, const Hypothesis& hypothesis, KernelCosts& costs, bool foreign_encoder) {
  // What a decoder allocates is its own: another format's has other planes.
  if (hypothesis.memory == NewMemory::kAll) {
    const CaseWorks works = WorksOf(c, hypothesis, costs);
    if (works.decode >= 0)
      costs.MeasureDecoderMemory(works.decode, works.decoded_pixels * c.info->channels);
  }
  return MatrixOf({c}, hypothesis, costs, foreign_encoder).row(0);
}

// `left`: the service time afterwards, by a vector of multiples; `own_error`: the model's own,
// milliseconds.
template <typename Function>
Prediction With(const Baseline& baseline, const FittedModel& model, double own_error,
                Function left) {
  const double service = baseline.latency_ms - baseline.fixed_ms;
  Prediction out{.saves_ms = service - left(model.beta), .latency_ms = baseline.latency_ms};
  std::vector<double> values = {out.saves_ms};
  for (const auto& beta : model.replicates) values.push_back(service - left(beta));
  const double below = std::max(0.0, out.saves_ms - Quantile(values, 0.025)),
               above = std::max(0.0, Quantile(values, 0.975) - out.saves_ms);
  out.low = out.saves_ms - std::hypot(below, own_error, baseline.noise_ms);
  out.high = out.saves_ms + std::hypot(above, own_error, baseline.noise_ms);
  return out;
}

}  // namespace

Row PartsOf(const Baseline& baseline, const Eigen::VectorXd& beta, bool by_profile) {
  Row parts = baseline.fitted.cwiseProduct(beta.transpose());
  const double sum = parts.sum();
  double seen = 0;
  for (const auto& [stage, ms] : baseline.profile) {
    // Nobody waits for it, or it is none of the server's.
    if (stage != LatencyPart(OtherPart::kBackground) &&
        stage != LatencyPart(OtherPart::kRunQueue) && stage != LatencyPart(Stage::kNetwork))
      seen += ms;
  }
  const double unnamed = PartMs(baseline.profile, OtherPart::kUnknown) +
                         PartMs(baseline.profile, OtherPart::kEitherJpeg);
  // A read column is storage that is slow: a processor does not see it.
  if (!by_profile || seen <= 0 || unnamed > 0.15 * seen || parts[kAdditional] > 0 || sum <= 0)
    return parts;
  const double decode = (PartMs(baseline.profile, Stage::kDecode) +
                         PartMs(baseline.profile, Stage::kRead)) /
                        seen * sum,
               resize = PartMs(baseline.profile, Stage::kResize) / seen * sum,
               encode = PartMs(baseline.profile, Stage::kEncode) / seen * sum;
  const auto set = [&](int first, int last, double value) {
    const double was = parts.segment(first, last - first + 1).sum();
    if (was > 0) {
      parts.segment(first, last - first + 1) *= value / was;
    } else if (baseline.fitted[first] > 0) {
      parts[first] = value;
    }
  };
  set(kDecode, kDecode, decode), set(kResize, kResize, resize), set(kEncode, kBits, encode);
  parts[kInfo] = 0, parts[kImage] = 0;
  parts[kImage] = std::max(0.0, sum - parts.sum());
  return parts;
}

double ShareLeft(const Row& parts, const Eigen::VectorXd& beta, const Row& now, const Row& then,
                 const std::map<int, double>& multiples) {
  double before = 0, after = 0;
  for (Eigen::Index k = 0; k < parts.size(); ++k) {
    const auto given = multiples.find(static_cast<int>(k));
    const double multiple = given == multiples.end() ? beta[k] : given->second;
    before += parts[k];
    if (parts[k] > 0 && now[k] > 0) {
      after += parts[k] * then[k] / now[k] * (beta[k] > 0 ? multiple / beta[k] : 1);
    } else if (k != kInfo && k != kImage) {
      after += then[k] * multiple;
    } else {
      after += parts[k];
    }
  }
  return before > 0 ? after / before : 1;
}

double Touched(const Row& parts, const Eigen::VectorXd& beta, const Row& now, const Row& then,
               const std::map<int, double>& multiples) {
  double sum = 0;
  for (Eigen::Index k = 0; k < parts.size(); ++k) {
    const auto given = multiples.find(static_cast<int>(k));
    const double factor = given != multiples.end() && beta[k] > 0 ? given->second / beta[k] : 1;
    if (then[k] == now[k] && factor == 1) continue;
    const double after =
        parts[k] > 0 && now[k] > 0 ? parts[k] * then[k] / now[k] * factor : then[k] * beta[k];
    sum += std::max(parts[k], after);
  }
  return sum;
}

Prediction PredictChange(const Baseline& baseline, const Case& now, const PlannedChange& change,
                         const FittedModel& model, KernelCosts& costs, bool foreign_encoder) {
  const Case& then = change.then != nullptr ? *change.then : now;
  const Hypothesis& how = change.how != nullptr ? *change.how : model.hypothesis;
  MeasureBoth(now, model.hypothesis, then, how, change.decode_work, costs);
  const Row before = RowOf(now, model.hypothesis, costs, foreign_encoder);
  Row after = RowOf(then, how, costs, foreign_encoder);
  if (change.decode_work >= 0) after[kDecode] = costs.ms(change.decode_work);
  const double service = baseline.latency_ms - baseline.fixed_ms;
  const auto left = [&](const Eigen::VectorXd& beta, bool by_profile) {
    return service *
           ShareLeft(PartsOf(baseline, beta, by_profile), beta, before, after, change.multiples);
  };
  const double own_error =
      kOfMeanError * baseline.fit_error *
      Touched(PartsOf(baseline, model.beta), model.beta, before, after, change.multiples);
  Prediction out = With(baseline, model, own_error,
                        [&](const Eigen::VectorXd& beta) { return left(beta, true); });
  const double by_fit = service - left(model.beta, false);
  out.low = std::min(out.low, by_fit), out.high = std::max(out.high, by_fit);
  return out;
}

Prediction PredictOther(const Baseline& baseline, const Case& now, const Case& then,
                        const FittedModel& model, const FittedModel* other, KernelCosts& costs,
                        bool foreign_encoder) {
  const auto by = [&](const Hypothesis& hypothesis) {
    MeasureBoth(now, model.hypothesis, then, hypothesis, -1, costs);
    return FromOtherFormat(baseline, RowOf(then, hypothesis, costs, foreign_encoder), model, other);
  };
  if (other != nullptr) return by(other->hypothesis);
  const TransferredHabit habit =
      TransferHabit(model.hypothesis, model.rivals, {now.codec, now.info}, {then.codec, then.info});
  const Prediction own = by(habit.own);
  return habit.certain() ? own : Between(own, by(habit.best), habit.why);
}

Prediction Between(const Prediction& own, const Prediction& best, const std::string& unknown) {
  Prediction out = own;
  out.unknown = unknown;
  out.saves_ms = std::min(own.saves_ms, best.saves_ms);
  out.low = std::min(own.low, best.low), out.high = std::max(own.high, best.high);
  return out;
}

Prediction FromOtherFormat(const Baseline& baseline, const Row& after, const FittedModel& model,
                           const FittedModel* other) {
  const FittedModel& from = other != nullptr ? *other : model;
  const double error = other != nullptr ? other->error : baseline.fit_error;
  const auto left = [&](Eigen::VectorXd beta, double factor) {
    beta[kDecode] *= factor;
    return after.dot(beta.transpose());
  };
  Prediction out = With(baseline, from, kOfMeanError * error * left(from.beta, 1),
                        [&](const Eigen::VectorXd& beta) { return left(beta, 1); });
  if (other != nullptr) return out;
  const double decode = after[kDecode] * model.beta[kDecode];
  out.low = std::min(out.low, out.saves_ms - 0.5 * decode);
  out.high = std::max(out.high, out.saves_ms + 0.3 * decode);
  return out;
}

Prediction PredictHit(const Baseline& baseline, const FittedModel& model) {
  const double service = baseline.latency_ms - baseline.fixed_ms;
  return With(baseline, model,
              kOfMeanError * baseline.fit_error * std::min(service, model.beta[kInfo]),
              [&](const Eigen::VectorXd& beta) { return std::min(service, beta[kInfo]); });
}

Prediction PredictTwoWorkers(const TwoClients& clients) {
  const double work = 2 * clients.processor_ms / clients.cores;
  const double after = std::max(clients.alone_ms * clients.busy, work);
  return {.saves_ms = clients.now_ms - after,
          // The front end and both clients want the cores too.
          .low = clients.now_ms - 1.2 * std::max(clients.alone_ms * clients.most, work),
          .high = clients.now_ms - 0.95 * std::max(clients.alone_ms, work),
          .latency_ms = clients.now_ms};
}

Prediction PredictAsProbed(const Baseline& baseline, const FittedModel& model) {
  const double after = baseline.fitted.dot(model.beta.transpose());
  return With(baseline, model, kOfMeanError * baseline.fit_error * after,
              [&](const Eigen::VectorXd& beta) { return baseline.fitted.dot(beta.transpose()); });
}

Result<Case> ChangedRequest(const Case& now, const std::string& path, ApiVersion version,
                            int quality, KernelCosts& costs) {
  Case then = now;
  then.probe.path = path;
  auto request = ParseImageRequest("id/" + path, version);
  if (!request) return request.error();
  then.request = *request;
  auto plan = MakeRenderPlan(*then.info, then.request);
  if (!plan) return plan.error();
  auto source = Source::Open(then.file);
  if (!source) return source.error();
  Renderer renderer;
  StageTimes times;
  DecodeReport report;
  auto picture = renderer.RenderPixels(**source, *plan, times, report);
  if (!picture) return picture.error();
  // The size of an answer by an encoder that we do not link: in proportion to our own.
  auto coded = [&](const EncodeOptions& options) {
    std::vector<uint8_t> bytes;
    auto done = FindCodec("jpeg")->encode(*picture, options, bytes);
    return done ? static_cast<double>(bytes.size()) : 1.0;
  };
  const double pixels = static_cast<double>(plan->output.pixels()) /
                        static_cast<double>(std::max<int64_t>(1, now.answer.size.pixels()));
  const double as_now = coded(then.answer.options);
  if (quality > 0) then.answer.options.quality = quality;
  then.answer.size = plan->output;
  then.answer.entropy_bytes = static_cast<int64_t>(static_cast<double>(now.answer.entropy_bytes) *
                                                   pixels * coded(then.answer.options) / as_now);
  if (now.encode_work >= 0) then.encode_work = costs.Encode(*picture, then.answer);
  return then;
}

}  // namespace iiifbench
