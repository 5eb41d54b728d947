#include "harness/merge/sample_tally.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "harness/findings/finding.h"
#include "harness/stats/quantile.h"

namespace iiifbench {
namespace {

using nlohmann::json;

constexpr size_t kSlices = 10, kMostNames = 1000;
constexpr double kPoints[] = {0.5, 0.9, 0.99, 0.999};

int64_t Us(std::chrono::nanoseconds t) { return std::max<int64_t>(0, (t.count() + 500) / 1000); }
double MsAt(const HdrHistogram& histogram, double p) {
  return static_cast<double>(histogram.At(p)) / 1e3;
}

template <typename T>
T& Named(std::map<std::string, T>& by_name, const std::string& name) {
  const auto found = by_name.find(name);
  if (found != by_name.end()) return found->second;
  return by_name.size() < kMostNames ? by_name[name] : by_name["other"];
}

struct Ranks {
  int64_t low = 0, high = 0;
};

std::optional<Ranks> IntervalRanks(int64_t n, double p) {
  constexpr int64_t kExactUpTo = 10'000;
  if (n <= kExactUpTo) {
    std::vector<double> ranks(static_cast<size_t>(n));
    std::iota(ranks.begin(), ranks.end(), 1.0);
    const auto interval = QuantileInterval(ranks, p);
    if (!interval) return {};
    return Ranks{static_cast<int64_t>(interval->low), static_cast<int64_t>(interval->high)};
  }
  const double mean = static_cast<double>(n) * p, spread = 1.96 * std::sqrt(mean * (1 - p));
  const Ranks ranks{static_cast<int64_t>(std::floor(mean - spread)),
                    static_cast<int64_t>(std::ceil(mean + spread)) + 1};
  if (ranks.low < 1 || ranks.high > n) return {};
  return ranks;
}

}  // namespace

Result<json> PercentileOf(const HdrHistogram& histogram, double p) {
  const int64_t n = histogram.count();
  const auto ranks = n == 0 ? std::nullopt : IntervalRanks(n, p);
  if (!ranks)
    return Fail(ErrorKind::kBadInput, "p{:g}: about {} answers are needed, there are {}", 100 * p,
                static_cast<int64_t>(std::ceil(std::log(0.025) / std::log(p))), n);
  const auto at = [&](int64_t rank) {
    return MsAt(histogram, static_cast<double>(rank) / static_cast<double>(n));
  };
  return json{{"ms", MsAt(histogram, p)}, {"low_ms", at(ranks->low)}, {"high_ms", at(ranks->high)}};
}

int64_t PlannedSamples(const Plan& plan, const Shard& shard) {
  if (plan.rate_per_second == 0) return -1;
  const auto warm = std::chrono::nanoseconds(static_cast<int64_t>(plan.warm_up_s * 1e9));
  PlanStream stream(plan, shard);
  int64_t count = 0;
  while (const auto arrival = stream.Next()) count += *arrival->due >= warm;
  return count;
}

SampleTally::SampleTally(const Plan& plan, const Shard& shard)
    : plan_(plan),
      planned_(PlannedSamples(plan, shard)),
      warm_ns_(static_cast<int64_t>(plan.warm_up_s * 1e9)),
      length_ns_(static_cast<int64_t>(plan.seconds * 1e9)),
      slices_(kSlices) {
  for (const char* part : {"slot", "dns", "connect", "tls", "first_byte", "body"}) parts_[part];
}

void SampleTally::Add(const SampleRow& row) {
  const LoadSample& sample = row.sample;
  ++samples_;
  reused_ += sample.reused;
  const int64_t done_ns = (sample.due + sample.latency).count() - warm_ns_;
  last_ns_ = std::max(last_ns_, done_ns);
  if (!row.failure.empty()) return Named(failures_, row.failure).Record(Us(sample.latency));
  latency_.Record(Us(sample.latency));
  lag_.Record(Us(sample.lag));
  parts_["slot"].Record(Us(sample.slot));
  parts_["first_byte"].Record(Us(sample.first_byte));
  parts_["body"].Record(Us(sample.body));
  if (!sample.reused) {
    parts_["dns"].Record(Us(sample.dns));
    parts_["connect"].Record(Us(sample.connect));
    parts_["tls"].Record(Us(sample.tls));
  }
  bytes_ += sample.bytes;
  Class& of = Named(classes_, row.request_class);
  of.latency.Record(Us(sample.latency));
  of.bytes += sample.bytes;
  if (done_ns >= 0 && done_ns < length_ns_)
    ++slices_[static_cast<size_t>(static_cast<double>(done_ns) / static_cast<double>(length_ns_) *
                                  kSlices)];
}

json SampleTally::Figures() const {
  const double seconds = static_cast<double>(std::max(length_ns_, last_ns_)) / 1e9;
  json out = {
      {"schema", 1},
      {"kind", "planned load"},
      {"plan", {{"hash", PlanHash(plan_)}, {"version", plan_.version}}},
      {"answers", latency_.count()},
      {"failed", samples_ - latency_.count()},
      {"failures", json::object()},
      {"classes", json::object()},
      {"seconds", seconds},
      {"throughput", static_cast<double>(latency_.count()) / seconds},
      {"bytes_per_second", static_cast<double>(bytes_) / seconds},
      {"reused", samples_ == 0 ? 0 : static_cast<double>(reused_) / static_cast<double>(samples_)},
      {"percentiles", json::object()},
      {"lag_ms", {{"p50", MsAt(lag_, 0.5)}, {"p90", MsAt(lag_, 0.9)}, {"max", MsAt(lag_, 1)}}},
      {"slices", slices_},
      {"hdr", latency_.Encode()}};
  std::vector<Finding> refused, reasons;
  for (const double p : kPoints) {
    auto percentile = PercentileOf(latency_, p);
    if (percentile) {
      out["percentiles"][fmt::format("p{:g}", 100 * p)] = *percentile;
    } else {
      refused.push_back({"too-few-for-percentile", percentile.error().message});
    }
  }
  for (const auto& [name, histogram] : parts_) out["parts_ms"][name] = MsAt(histogram, 0.5);
  for (const auto& [name, histogram] : failures_)
    out["failures"][name] = {{"count", histogram.count()}, {"hdr", histogram.Encode()}};
  for (const auto& [name, of] : classes_)
    out["classes"][name] = {
        {"answers", of.latency.count()},
        {"median_ms", MsAt(of.latency, 0.5)},
        {"mean_bytes", static_cast<double>(of.bytes) / static_cast<double>(of.latency.count())},
        {"hdr", of.latency.Encode()}};
  if (planned_ >= 0) {
    out["planned"] = planned_;
    out["not_answered"] = planned_ - samples_;
    if (samples_ < planned_)
      reasons.push_back({"arrivals-without-sample",
                         fmt::format("{} of {} planned arrivals have no sample: they were not "
                                     "answered, or the run ended early",
                                     planned_ - samples_, planned_)});
  }
  if (samples_ > latency_.count())
    reasons.push_back({"requests-failed", fmt::format("{} of {} requests failed",
                                                      samples_ - latency_.count(), samples_)});
  if (out["percentiles"].empty()) {
    reasons.push_back(
        {"too-few-answers",
         fmt::format("{} answers: too few for a median with an interval", latency_.count())});
  } else if (MsAt(lag_, 0.9) > kMostOwnLag * MsAt(latency_, 0.5)) {
    reasons.push_back(
        {"own-lag", fmt::format("our own lag is {:.3f} ms at p90, above {:.0f} % of the median of "
                                "{:.3f} ms",
                                MsAt(lag_, 0.9), 100 * kMostOwnLag, MsAt(latency_, 0.5))});
  }
  PutFindings(refused, "refused", "refused_ids", out);
  PutFindings(reasons, "not_reportable", "not_reportable_ids", out);
  out["remedies"] = RemediesFor(out);
  return out;
}

std::string FiguresToText(const json& figures) {
  std::string text =
      fmt::format("plan {}: {} answers, {} failed, {:.1f} per second over {:.1f} s\n",
                  figures["plan"]["hash"].get<std::string>(), figures["answers"].get<int64_t>(),
                  figures["failed"].get<int64_t>(), figures["throughput"].get<double>(),
                  figures["seconds"].get<double>());
  for (const auto& [name, p] : figures["percentiles"].items())
    text += fmt::format("{:>7} {:>10.2f} ms [{:.2f} {:.2f}]\n", name, p["ms"].get<double>(),
                        p["low_ms"].get<double>(), p["high_ms"].get<double>());
  for (const auto& reason : figures["refused"]) text += "  " + reason.get<std::string>() + "\n";
  for (const auto& [name, failure] : figures["failures"].items())
    text += fmt::format("  failed: {} x {}\n", failure["count"].get<int64_t>(), name);
  return text;
}

}  // namespace iiifbench
