#include "harness/attribution/fitting/merge_stages.h"

#include <algorithm>

#include "harness/attribution/regressors/hypothesis.h"
#include "harness/stats/quantile.h"

namespace iiifbench {
namespace {

constexpr double kWidestInterval = 0.1;  // of the request; narrower ones always stand alone
constexpr double kOff = 0.075;           // of the request: what a stage of a bounded split may be off by
constexpr double kFifth = 0.2;           // of the larger stage of a split: the same

// Whether the design cannot tell this stage from the others: its column is nearly a combination of theirs.
bool Aliased(const Eigen::MatrixXd& x, const std::string& stage, std::string* with) {
  const int column = stage == "decode" ? kDecode : stage == "resize" ? kResize : kEncode;
  const double length = x.col(column).norm();
  if (length == 0) return false;
  double least = 1e9;
  for (const auto& [name, other] : {std::pair{std::string("overhead"), static_cast<int>(kImage)},
                                    std::pair{std::string("decode"), static_cast<int>(kDecode)},
                                    std::pair{std::string("resize"), static_cast<int>(kResize)}}) {
    if (other == column || x.col(other).norm() == 0 || name > stage) continue;
    Eigen::MatrixXd two(x.rows(), 2);
    two.col(0) = x.col(other);
    two.col(1) = x.col(kImage);
    const Eigen::VectorXd left = x.col(column) - two * two.colPivHouseholderQr().solve(x.col(column));
    if (left.norm() / length < least) {
      least = left.norm() / length;
      *with = name;
    }
  }
  return least < 0.03;
}

double IntervalWidth(const std::vector<double>& samples) {
  return Quantile(samples, 0.975) - Quantile(samples, 0.025);
}

struct Group {
  std::vector<std::string> names;
  std::vector<double> samples;
  double ms = 0;

  double width() const { return IntervalWidth(samples); }
  // What the answer may be off by, either way: an estimate at the edge of its interval by all of it.
  double off() const { return std::max(ms - Quantile(samples, 0.025), Quantile(samples, 0.975) - ms); }
};

Group Sum(const Group& a, const Group& b) {
  Group both{.names = a.names, .samples = a.samples, .ms = a.ms + b.ms};
  both.names.insert(both.names.end(), b.names.begin(), b.names.end());
  for (size_t i = 0; i < both.samples.size(); ++i) both.samples[i] += b.samples[i];
  return both;
}

// Whether it is known how the sum splits, so that a merge would hide what is known: neither is far off, for
// the request nor for the larger of the two.
bool Bounded(const Group& one, const Group& other, double request_ms) {
  const double most = std::min(kOff * request_ms, kFifth * std::max(one.ms, other.ms));
  return one.off() <= most && other.off() <= most;
}

}  // namespace

void MergeStages(const Eigen::MatrixXd& x, const std::map<std::string, std::vector<double>>& replicates,
                 RequestAttribution& request) {
  std::vector<Group> groups;
  for (const auto& [name, samples] : replicates)
    groups.push_back({.names = {name}, .samples = samples, .ms = request.stages[name].ms});
  auto group_of = [&](const std::string& name) {
    return std::ranges::find_if(groups,
                                [&](const Group& g) { return std::ranges::count(g.names, name) > 0; });
  };
  for (const char* stage : {"decode", "resize", "encode"}) {
    std::string with;
    if (!Aliased(x, stage, &with)) continue;
    const auto one = group_of(stage), other = group_of(with);
    if (one == other || one == groups.end() || other == groups.end()) continue;
    *other = Sum(*other, *one);
    groups.erase(one);
  }
  // A wide stage trades with the one that makes the sum surest. Where that split is not bounded they are one,
  // the surest pair first.
  while (groups.size() > 1) {
    size_t wide = 0, partner = 0;
    double surest = 0;
    for (size_t i = 0; i < groups.size(); ++i) {
      const double width = groups[i].width();
      if (width <= kWidestInterval * request.measured_ms) continue;
      size_t with = i;
      double least = 0;
      for (size_t k = 0; k < groups.size(); ++k) {
        if (k == i) continue;
        const double sum = Sum(groups[i], groups[k]).width();
        if (with == i || sum < least) with = k, least = sum;
      }
      if (Bounded(groups[i], groups[with], request.measured_ms)) continue;
      if (wide == partner || least / width < surest) surest = least / width, wide = i, partner = with;
    }
    if (wide == partner) break;
    groups[partner] = Sum(groups[partner], groups[wide]);
    groups.erase(groups.begin() + static_cast<ptrdiff_t>(wide));
  }
  for (auto& group : groups) {
    if (group.names.size() < 2) continue;
    std::ranges::sort(group.names);
    request.merged.push_back(group.names);
  }
}

// Adds `other` to the group of `stage`, or makes one of both.
void MergeWith(RequestAttribution& request, const std::string& stage, const std::string& other) {
  for (auto& group : request.merged) {
    if (std::ranges::count(group, stage) == 0) continue;
    if (std::ranges::count(group, other) == 0) group.push_back(other);
    std::ranges::sort(group);
    return;
  }
  request.merged.push_back({stage, other});
}

}  // namespace iiifbench
