#include "harness/attribution/trying/predict.h"

#include <algorithm>

#include "harness/stats/quantile.h"
#include "kernels/iiif/render.h"

namespace iiifbench {
namespace {

using Row = Eigen::RowVectorXd;

// Both cases' kernels, in turn.
void MeasureBoth(const Case& a, const Hypothesis& of_a, const Case& b, const Hypothesis& of_b,
                 KernelCosts& costs) {
  const CaseWorks first = WorksOf(a, of_a, costs), second = WorksOf(b, of_b, costs);
  double spent = 0;
  for (int round = 0; round < 7 && spent < 1500; ++round) {
    for (int work :
         {first.decode, second.decode, first.resize, second.resize, a.encode_work, b.encode_work}) {
      if (work < 0) continue;
      costs.Measure(work);
      spent += costs.ms(work);
    }
  }
}

Row RowOf(const Case& c, const Hypothesis& hypothesis, KernelCosts& costs, bool foreign_encoder) {
  return MatrixOf({c}, hypothesis, costs, foreign_encoder).row(0);
}

// Of a service time, when the model's time for it goes from `before` to `after`.
double Saving(double service, double before, double after) {
  return before > 0 ? service * (1 - after / before) : 0;
}

template <typename Function>
Prediction With(double latency_ms, const FittedModel& model, Function saving) {
  Prediction out{.saves_ms = saving(model.beta), .latency_ms = latency_ms};
  std::vector<double> values;
  for (const auto& beta : model.replicates) values.push_back(saving(beta));
  if (values.empty()) values.push_back(out.saves_ms);
  out.low = std::min(out.saves_ms, Quantile(values, 0.025));
  out.high = std::max(out.saves_ms, Quantile(values, 0.975));
  return out;
}

}  // namespace

Prediction PredictChange(double latency_ms, const Case& now, const Case& then, const FittedModel& model,
                         KernelCosts& costs, bool foreign_encoder) {
  MeasureBoth(now, model.hypothesis, then, model.hypothesis, costs);
  const Row before = RowOf(now, model.hypothesis, costs, foreign_encoder);
  const Row after = RowOf(then, model.hypothesis, costs, foreign_encoder);
  return With(latency_ms, model, [&](const Eigen::VectorXd& beta) {
    return Saving(latency_ms - now.fixed_ms, before.dot(beta.transpose()), after.dot(beta.transpose()));
  });
}

Prediction PredictOther(double latency_ms, const Case& now, const Case& then, const FittedModel& model,
                        const FittedModel* other, KernelCosts& costs, bool foreign_encoder) {
  const Hypothesis hypothesis =
      other != nullptr ? other->hypothesis : Hypothesis{.filter = model.hypothesis.filter};
  MeasureBoth(now, model.hypothesis, then, hypothesis, costs);
  const Row row = RowOf(now, model.hypothesis, costs, foreign_encoder);
  const double service = latency_ms - now.fixed_ms, before = row.dot(model.beta.transpose());
  const Row after = RowOf(then, hypothesis, costs, foreign_encoder);
  if (other != nullptr)
    return With(latency_ms, *other, [&](const Eigen::VectorXd& beta) {
      return Saving(service, before, after.dot(beta.transpose()));
    });
  auto saving = [&](double factor) {
    Eigen::VectorXd beta = model.beta;
    beta[kDecode] *= factor, beta[kAdditional] = 0;
    return Saving(service, before, after.dot(beta.transpose()));
  };
  return {.saves_ms = saving(1), .low = saving(1.5), .high = saving(0.7), .latency_ms = latency_ms};
}

Prediction PredictHit(double latency_ms, const Case& now, const FittedModel& model) {
  const double service = latency_ms - now.fixed_ms;
  return With(latency_ms, model,
              [&](const Eigen::VectorXd& beta) { return service - std::min(service, beta[kInfo]); });
}

Result<Case> ChangedRequest(const Case& now, const std::string& path, ApiVersion version, int quality,
                            KernelCosts& costs) {
  Case then = now;
  then.probe.path = path;
  auto request = ParseImageRequest("id/" + path, version);
  if (!request) return request.error();
  then.request = *request;
  auto plan = MakeRenderPlan(*then.info, then.request);
  if (!plan) return plan.error();
  if (now.encode_work < 0) return then;
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
  then.answer.entropy_bytes = static_cast<int64_t>(static_cast<double>(now.answer.entropy_bytes) * pixels *
                                                   coded(then.answer.options) / as_now);
  then.encode_work = costs.Encode(*picture, then.answer);
  return then;
}

}  // namespace iiifbench
