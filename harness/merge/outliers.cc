#include "harness/merge/outliers.h"

#include <algorithm>
#include <cmath>

#include "harness/stats/quantile.h"
#include "harness/stats/robust.h"

namespace iiifbench {
namespace {

constexpr double kDeviations = 3.5, kHalfMore = 0.5, kStandardErrors = 4;

int64_t WholeUs(std::chrono::nanoseconds t) {
  return std::max<int64_t>(0, (t.count() + 500) / 1000);
}

struct Figure {
  FindingName finding;
  const char* name;
  double (*of)(const ShardFigures&);
  double least_ms;  // smaller differences are nobody's trouble
  const char* meaning;
};

constexpr Figure kFigures[] = {
    {"shard-lag", "its own lag at p90",
     [](const ShardFigures& s) { return static_cast<double>(s.lag.At(0.9)) / 1e3; }, 0.2,
     "its computer is slow or busy, so that its latencies are not the server's"},
    {"shard-connects-slowly", "its median time to connect",
     [](const ShardFigures& s) { return static_cast<double>(s.connect.At(0.5)) / 1e3; }, 0.5,
     "its network is another"},
    {"shard-latency", "its median latency",
     [](const ShardFigures& s) { return static_cast<double>(s.latency.At(0.5)) / 1e3; }, 0.5,
     "its network or its computer is another, or the server treats it otherwise"},
    {"shard-latency", "its latency at p90",
     [](const ShardFigures& s) { return static_cast<double>(s.latency.At(0.9)) / 1e3; }, 1,
     "its network or its computer is another, or the server treats it otherwise"},
};

std::string Who(const ShardFigures& shard) {
  return fmt::format("shard {} ({})", shard.run.shard.index, shard.run.host);
}

}  // namespace

void ShardFigures::Add(const SampleRow& row) {
  if (!row.failure.empty()) {
    ++failed;
    return;
  }
  ++answers;
  latency.Record(WholeUs(row.sample.latency));
  lag.Record(WholeUs(row.sample.lag));
  first_byte.Record(WholeUs(row.sample.first_byte));
  if (!row.sample.reused) connect.Record(WholeUs(row.sample.connect));
}

nlohmann::json ShardFigures::ToJson() const {
  const auto ms = [](const HdrHistogram& histogram, double p) {
    return static_cast<double>(histogram.At(p)) / 1e3;
  };
  nlohmann::json out = ShardToJson(run);
  out["folder"] = folder;
  out["answers"] = answers;
  out["failed"] = failed;
  out["latency_ms"] = {{"p50", ms(latency, 0.5)}, {"p90", ms(latency, 0.9)}};
  out["lag_ms"] = {{"p50", ms(lag, 0.5)}, {"p90", ms(lag, 0.9)}};
  out["connect_ms"] = {{"p50", ms(connect, 0.5)}};
  out["first_byte_ms"] = {{"p50", ms(first_byte, 0.5)}};
  return out;
}

std::vector<Finding> Outliers(const std::vector<ShardFigures>& shards) {
  std::vector<Finding> out;
  for (const ShardFigures& shard : shards) {
    if (shard.run.clock && shard.run.clock->Beyond(shard.run.max_skew_s))
      out.push_back(
          {"shard-clock-off",
           fmt::format("{} stands apart: its clock is {:.2f} s off, and {:g} s were allowed",
                       Who(shard), -shard.run.clock->middle_s(), shard.run.max_skew_s)});
  }
  if (shards.size() < 3) return out;
  for (const Figure& figure : kFigures) {
    std::vector<double> values;
    for (const ShardFigures& shard : shards) values.push_back(figure.of(shard));
    const double median = Median(values);
    const double bound =
        std::max({kDeviations * MadScale(values), kHalfMore * median, figure.least_ms});
    for (size_t i = 0; i < shards.size(); ++i) {
      if (shards[i].answers > 0 && values[i] - median > bound)
        out.push_back(
            {figure.finding,
             fmt::format("{} stands apart: {} is {:.2f} ms, in the middle of all {:.2f} ms: {}",
                         Who(shards[i]), figure.name, values[i], median, figure.meaning)});
    }
  }
  int64_t failed = 0, asked = 0;
  for (const ShardFigures& shard : shards)
    failed += shard.failed, asked += shard.answers + shard.failed;
  for (const ShardFigures& shard : shards) {
    const auto own = static_cast<double>(shard.answers + shard.failed);
    const double others = static_cast<double>(asked) - own;
    if (own == 0 || others == 0) continue;
    const double share = static_cast<double>(shard.failed) / own;
    // Half a failure more, so that others without any do not make one a finding.
    const double rest = (static_cast<double>(failed - shard.failed) + 0.5) / (others + 1);
    if (share - rest > kStandardErrors * std::sqrt(rest * (1 - rest) / own) && shard.failed > 1)
      out.push_back(
          {"shard-failures",
           fmt::format("{} stands apart: {:.1f} % of its requests failed, of the others' {:.1f} "
                       "%: its answers are others",
                       Who(shard), 100 * share,
                       100 * static_cast<double>(failed - shard.failed) / others)});
  }
  return out;
}

}  // namespace iiifbench
