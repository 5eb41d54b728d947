#include "harness/attribution/fit/merge_stages.h"

#include <algorithm>

#include "harness/attribution/model/hypothesis.h"
#include "harness/attribution/model/priors.h"
#include "harness/stats/quantile.h"

namespace iiifbench {
namespace {

// Whether the design cannot tell this stage from the others: its column is nearly a combination of
// theirs.
bool Aliased(const Eigen::MatrixXd& x, Stage stage, Stage* with) {
  const int column = stage == Stage::kDecode   ? kDecode
                     : stage == Stage::kResize ? kResize
                                               : kEncode;
  const double length = x.col(column).norm();
  if (length == 0) return false;
  double least = 1e9;
  for (const auto& [name, other] : {std::pair{Stage::kOverhead, static_cast<int>(kImage)},
                                    std::pair{Stage::kDecode, static_cast<int>(kDecode)},
                                    std::pair{Stage::kResize, static_cast<int>(kResize)}}) {
    if (other == column || x.col(other).norm() == 0 || ByStageName()(stage, name)) continue;
    Eigen::MatrixXd two(x.rows(), 2);
    two.col(0) = x.col(other);
    two.col(1) = x.col(kImage);
    const Eigen::VectorXd left =
        x.col(column) - two * two.colPivHouseholderQr().solve(x.col(column));
    if (left.norm() / length < least) {
      least = left.norm() / length;
      *with = name;
    }
  }
  return least < kAliased;
}

double IntervalWidth(const std::vector<double>& samples) {
  return Quantile(samples, 0.975) - Quantile(samples, 0.025);
}

}  // namespace

void MergeStages(const Eigen::MatrixXd& x, const StageMap<std::vector<double>>& replicates,
                 RequestAttribution& request) {
  struct Group {
    std::vector<Stage> names;
    std::vector<double> samples;
  };
  auto sum = [](const Group& a, const Group& b) {
    Group both{.names = a.names, .samples = a.samples};
    both.names.insert(both.names.end(), b.names.begin(), b.names.end());
    for (size_t i = 0; i < both.samples.size(); ++i) both.samples[i] += b.samples[i];
    return both;
  };
  std::vector<Group> groups;
  for (const auto& [name, samples] : replicates) groups.push_back({{name}, samples});
  auto group_of = [&](Stage name) {
    return std::ranges::find_if(
        groups, [&](const Group& g) { return std::ranges::count(g.names, name) > 0; });
  };
  for (Stage stage : {Stage::kDecode, Stage::kResize, Stage::kEncode}) {
    Stage with{};
    if (!Aliased(x, stage, &with)) continue;
    const auto one = group_of(stage), other = group_of(with);
    if (one == other || one == groups.end() || other == groups.end()) continue;
    *other = sum(*other, *one);
    groups.erase(one);
  }
  while (groups.size() > 1) {
    const auto widest = std::ranges::max_element(
        groups, {}, [](const Group& g) { return IntervalWidth(g.samples); });
    if (IntervalWidth(widest->samples) <= kWidestInterval * request.measured_ms) break;
    size_t partner = groups.size();
    double least = 0;
    const auto at = static_cast<size_t>(widest - groups.begin());
    for (size_t i = 0; i < groups.size(); ++i) {
      if (i == at) continue;
      const double width = IntervalWidth(sum(groups[i], *widest).samples);
      if (partner == groups.size() || width < least) partner = i, least = width;
    }
    groups[partner] = sum(groups[partner], groups[at]);
    groups.erase(groups.begin() + static_cast<ptrdiff_t>(at));
  }
  for (auto& group : groups) {
    if (group.names.size() < 2) continue;
    std::ranges::sort(group.names, ByStageName());
    request.merged.push_back(group.names);
  }
}

// Adds `other` to the group of `stage`, or makes one of both.
void MergeWith(RequestAttribution& request, Stage stage, Stage other) {
  std::vector<Stage> joined = {stage, other};
  const size_t groups = request.merged.size();
  // Every group that holds either: one that stayed beside would count a stage twice.
  std::erase_if(request.merged, [&](const std::vector<Stage>& group) {
    if (std::ranges::count(group, stage) + std::ranges::count(group, other) == 0) return false;
    for (Stage name : group) {
      if (std::ranges::count(joined, name) == 0) joined.push_back(name);
    }
    return true;
  });
  if (request.merged.size() < groups) std::ranges::sort(joined, ByStageName());
  request.merged.push_back(std::move(joined));
}

}  // namespace iiifbench
