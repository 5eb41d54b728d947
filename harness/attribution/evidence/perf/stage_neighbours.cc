#include "harness/attribution/evidence/perf/stage_neighbours.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "harness/attribution/evidence/perf/stage_rules.h"

namespace iiifbench {
namespace {

using Told = std::optional<LatencyPart>;  // of a sample; none: unknown
using Place = std::pair<std::string, uint64_t>;

Place PlaceOf(const PerfSample& sample) {
  const PerfFrame& leaf = sample.frames.front();
  return {leaf.object, leaf.address >> 8};
}

const Told kEither = OtherPart::kEitherJpeg;
const Told kDecodes = Stage::kDecode, kResizes = Stage::kResize, kEncodes = Stage::kEncode;

bool Tells(const Told& stage) {
  return stage == kDecodes || stage == kResizes || stage == kEncodes;
}

// What the samples of one request and thread say of each other; `order` is by time.
void SettleInTime(const std::vector<PerfSample>& samples, const std::vector<size_t>& order,
                  std::vector<Told>& stages) {
  std::vector<Told> known;  // as they were
  for (size_t i : order) known.push_back(stages[i]);
  for (size_t at = 0; at < order.size(); ++at) {
    if (known[at] != kEither) continue;
    size_t before = at, after = at;
    while (before > 0 && !Tells(known[before])) --before;
    while (after + 1 < order.size() && !Tells(known[after])) ++after;
    const Told &left = known[before], &right = known[after];
    Told& stage = stages[order[at]];
    if (left == kResizes || left == kEncodes) {
      stage = kEncodes;
    } else if (right == kResizes || right == kDecodes) {
      stage = kDecodes;
    } else if (left == kDecodes && right == kEncodes) {
      const double now = samples[order[at]].seconds;
      stage =
          now - samples[order[before]].seconds < samples[order[after]].seconds - now ? left : right;
    }
  }
}

void SettleByNearest(const std::vector<PerfSample>& samples, const std::vector<size_t>& order,
                     std::vector<Told>& stages) {
  std::vector<size_t> known;
  for (size_t i : order) {
    if (Tells(stages[i])) known.push_back(i);
  }
  for (size_t i : order) {
    if (stages[i] != Told(OtherPart::kNearest)) continue;
    const auto nearest = std::ranges::min_element(
        known, {}, [&](size_t k) { return std::abs(samples[k].seconds - samples[i].seconds); });
    stages[i] = nearest == known.end() ? Told() : stages[*nearest];
  }
}

}  // namespace

void SettleByNeighbours(const std::vector<PerfSample>& samples, const std::vector<size_t>& requests,
                        std::vector<Told>& stages) {
  std::map<std::pair<size_t, std::string>, std::vector<size_t>> threads;
  for (size_t i = 0; i < samples.size(); ++i)
    threads[{requests[i], samples[i].thread}].push_back(i);
  for (auto& [thread, order] : threads) {
    std::ranges::stable_sort(order, {}, [&](size_t i) { return samples[i].seconds; });
    SettleInTime(samples, order, stages);
  }
  std::map<Place, StageMap<int>> votes;
  for (size_t i = 0; i < samples.size(); ++i) {
    if (stages[i] == kDecodes || stages[i] == kEncodes)
      ++votes[PlaceOf(samples[i])][std::get<Stage>(*stages[i])];
  }
  for (size_t i = 0; i < samples.size(); ++i) {
    if (stages[i] != kEither) continue;
    const auto found = votes.find(PlaceOf(samples[i]));
    if (found == votes.end()) continue;
    const int decode = found->second[Stage::kDecode], encode = found->second[Stage::kEncode];
    if (decode + encode < 3 || 4 * std::max(decode, encode) < 3 * (decode + encode)) continue;
    stages[i] = decode > encode ? kDecodes : kEncodes;
  }
  for (const auto& [thread, order] : threads) SettleByNearest(samples, order, stages);
}

}  // namespace iiifbench
