#include "harness/attribution/evidence/reconcile.h"

#include <algorithm>
#include <cmath>

#include "kernels/image/stage.h"

namespace iiifbench {
namespace {

// Those that measure this server, by themselves. The floor and the simpler models are not among
// them.
const std::vector<std::string> kCompared = {"probe",   "server-timing", "log",
                                            "profile", "interpose",     "store"};

double Unassigned(const PartMap<double>& parts) {
  double sum = 0;
  for (OtherPart part : {OtherPart::kUnknown, OtherPart::kEitherJpeg, OtherPart::kBetweenCalls})
    sum += PartMs(parts, part);
  return sum;
}

// What a server says of its stages holds the store's time where it names no reading of its own.
double HeldStore(const RequestAttribution& request, const std::string& method) {
  if (method != "log" && method != "server-timing") return 0;
  const auto store = request.methods.find("store");
  if (store == request.methods.end() || request.methods.at(method).count(Stage::kRead) > 0)
    return 0;
  return PartMs(store->second, Stage::kRead);
}

// What the requests of a profile took as a whole where that is less than was measured: it is taken
// after the probes, and a processor that has become faster is no contradiction. 0: they took as
// long or longer.
double FasterWhole(const RequestAttribution& request, const std::string& method) {
  if (method != "profile") return 0;
  double sum = 0;
  for (const auto& [part, ms] : request.methods.at(method))
    sum += part == LatencyPart(OtherPart::kBackground) ? 0 : ms;
  return sum < request.measured_ms ? sum : 0;
}

// How far two values are apart at least.
double Apart(double a, double a_more, double b, double b_more) {
  if (a > b) return std::max(0.0, a - b - b_more);
  return std::max(0.0, b - a - a_more);
}

}  // namespace

Reconciled Reconcile(const RequestAttribution& request) {
  std::vector<std::vector<Stage>> groups = request.merged;
  for (Stage stage : kStages) {
    if (std::ranges::none_of(groups,
                             [&](const auto& g) { return std::ranges::count(g, stage) > 0; }))
      groups.push_back({stage});
  }
  Reconciled out;
  for (const auto& group : groups) {
    MethodRow row{.stage = JoinedNames(group)};
    for (const auto& [method, stages] : request.methods) {
      double sum = 0;
      size_t named = 0;
      for (Stage stage : group) {
        if (const auto found = stages.find(stage); found != stages.end())
          sum += found->second, ++named;
      }
      // Part of a merged sum is no value for it; what a fit or a profile does not name is nothing.
      // A call into a decoder holds its reading.
      const bool reads = method == "interpose" && group.size() == 2 &&
                         stages.count(Stage::kDecode) > 0 &&
                         std::ranges::count(group, Stage::kRead) > 0;
      const bool whole = method == "probe" || method == "profile" || reads || named == group.size();
      if (named > 0 && whole) row.ms[method] = sum;
    }
    if (row.ms.empty()) continue;
    for (size_t i = 0; i < kCompared.size(); ++i) {
      for (size_t k = i + 1; k < kCompared.size(); ++k) {
        const auto a = row.ms.find(kCompared[i]), b = row.ms.find(kCompared[k]);
        if (a == row.ms.end() || b == row.ms.end() || request.measured_ms <= 0) continue;
        auto scale = [&](const std::string& method) {
          const double whole = FasterWhole(request, method);
          return whole > 0 ? request.measured_ms / whole : 1;
        };
        auto least = [&](const auto& value) {
          return scale(value.first) * std::max(0.0, value.second - HeldStore(request, value.first));
        };
        auto more = [&](const auto& value) {
          return scale(value.first) * (Unassigned(request.methods.at(value.first)) + value.second) -
                 least(value);
        };
        const double apart = Apart(least(*a), more(*a), least(*b), more(*b)) / request.measured_ms;
        if (apart <= kDisagreement) continue;
        auto words = [&](const auto& value) {
          const double whole = FasterWhole(request, value.first);
          return fmt::format("{:.2f} ms{} by {}", value.second,
                             whole > 0 ? fmt::format(" of {:.2f}", whole) : "", value.first);
        };
        out.disagreements.push_back(
            {"methods-disagree", fmt::format("{}: {} is {}, {}: {:.0f} points", request.path,
                                             row.stage, words(*a), words(*b), 100 * apart)});
      }
    }
    out.rows.push_back(std::move(row));
  }
  auto order = [](const MethodRow& row) {
    for (size_t i = 0; i < kStages.size(); ++i) {
      if (row.stage.starts_with(StageName(kStages[i]))) return i;
    }
    return kStages.size();
  };
  std::ranges::stable_sort(out.rows, {}, order);
  return out;
}

}  // namespace iiifbench
