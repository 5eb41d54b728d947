// What stands in ArchiveTally as JSON.
#include <algorithm>
#include <cmath>
#include <vector>

#include "harness/archive/tally.h"
#include "kernels/codecs/codec.h"

namespace iiifbench {
namespace {

struct Weighted {
  const HdrHistogram* histogram;
  double weight;  // of one count
};

// The smallest value with at least p of the weight at or below it; 0 where there is none.
int64_t MixtureAt(const std::vector<Weighted>& parts, double p) {
  std::map<int64_t, double> weights;  // at most the buckets of one histogram
  double all = 0;
  for (const Weighted& part : parts) {
    for (const auto& bucket : part.histogram->Buckets()) {
      const double weight = part.weight * static_cast<double>(bucket.count);
      weights[bucket.value] += weight;
      all += weight;
    }
  }
  double seen = 0;
  for (const auto& [value, weight] : weights) {
    seen += weight;
    if (seen >= p * all * (1 - 1e-12)) return value;
  }
  return 0;
}

double Rounded(double value) {
  if (value == 0 || !std::isfinite(value)) return 0;
  const double scale = std::pow(10, 5 - std::ceil(std::log10(std::abs(value))));
  return std::round(value * scale) / scale;
}

Row Quantiles(const HdrHistogram& histogram, double unit) {
  Row out = Row::object();
  static constexpr std::pair<const char*, double> kPoints[] = {
      {"p5", 0.05}, {"p50", 0.5}, {"p95", 0.95}, {"max", 1.0}};
  for (const auto& [name, p] : kPoints)
    out[name] = Rounded(static_cast<double>(histogram.At(p)) * unit);
  return out;
}

}  // namespace

int64_t ArchiveTally::Measurable() const {
  int64_t files = 0;
  for (const auto& [name, stratum] : strata_)
    if (stratum.measured > 0) files += stratum.files;
  return files;
}

Row ArchiveTally::StrataToJson() const {
  Row out = Row::array();
  for (const auto& [name, stratum] : strata_) {
    Row one = {{"name", name},
               {"files", stratum.files},
               {"bytes", stratum.bytes},
               {"mean_mpx", Rounded(static_cast<double>(stratum.pixels) / 1e6 /
                                    std::max<double>(1, static_cast<double>(stratum.files)))},
               {"measured", stratum.measured},
               {"refused", stratum.refused}};
    const auto n = static_cast<double>(stratum.measured);
    if (n > 0) {
      for (size_t i = 0; i < kArchiveRequests.size(); ++i)
        one["mean_cpu_ms"][kArchiveRequests[i]] =
            Rounded(static_cast<double>(stratum.cpu_us[i]) / n / 1e3);
      one["view_cpu_ms"] = Rounded(static_cast<double>(stratum.view_us) / n / 1e3);
      one["tile_ms"] = {{"p50", static_cast<double>(stratum.tile_us.At(0.5)) / 1e3},
                        {"p95", static_cast<double>(stratum.tile_us.At(0.95)) / 1e3}};
      one["tile_hdr"] = stratum.tile_us.Encode();
      one["memory_mb"] = Rounded(static_cast<double>(stratum.memory_kb.At(0.95)) / 1024);
    }
    out.push_back(std::move(one));
  }
  return out;
}

Row ArchiveTally::ServingToJson() const {
  const auto all = static_cast<double>(Measurable());
  Row out = {{"view", ViewToJson(view_)}};
  if (all == 0) {
    out["refused"] = "no file was measured";
    return out;
  }
  double mean_us = 0, variance = 0;
  std::string no_interval;
  bool every = true;
  std::vector<Weighted> tiles, memory;
  int64_t without = 0;
  for (const auto& [name, stratum] : strata_) {
    if (stratum.measured == 0) {
      without += stratum.files;
      continue;
    }
    const auto n = static_cast<double>(stratum.measured), of = static_cast<double>(stratum.files);
    const double share = of / all, mean = static_cast<double>(stratum.view_us) / n;
    mean_us += share * mean;
    if (stratum.measured < stratum.files - stratum.refused) {
      every = false;
      if (stratum.measured < 2) {
        no_interval = "one measured file of several in the stratum " + name;
      } else {
        const double spread =
            (static_cast<double>(stratum.view_us_squared) - n * mean * mean) / (n - 1);
        variance += share * share * std::max(0.0, spread) / n * std::max(0.0, 1 - n / of);
      }
    }
    tiles.push_back({&stratum.tile_us, of / n});
    memory.push_back({&stratum.memory_kb, of / n});
  }
  const double error = 1.96 * std::sqrt(variance);
  // 1,000 views, and microseconds in seconds.
  Row& cpu = out["cpu_seconds_per_1000_views"] = {{"value", Rounded(mean_us * 1e-3)}};
  if (every) {
    cpu["no_interval"] = "every image was measured";
  } else if (no_interval.empty()) {
    cpu["low"] = Rounded(std::max(0.0, mean_us - error) * 1e-3);
    cpu["high"] = Rounded((mean_us + error) * 1e-3);
  } else {
    cpu["no_interval"] = no_interval;
  }
  out["tile_ms"] = {{"p50", static_cast<double>(MixtureAt(tiles, 0.5)) / 1e3},
                    {"p95", static_cast<double>(MixtureAt(tiles, 0.95)) / 1e3},
                    {"p99", static_cast<double>(MixtureAt(tiles, 0.99)) / 1e3}};
  if (MixtureAt(memory, 1) > 0)
    out["memory_mb_per_request"] = {
        {"p50", Rounded(static_cast<double>(MixtureAt(memory, 0.5)) / 1024)},
        {"p95", Rounded(static_cast<double>(MixtureAt(memory, 0.95)) / 1024)},
        {"max", Rounded(static_cast<double>(MixtureAt(memory, 1)) / 1024)}};
  out["files_without_costs"] = without;
  return out;
}

Row ArchiveTally::TrialsToJson() const {
  Row out = Row::array();
  const auto all = static_cast<double>(std::max<int64_t>(1, Measurable()));
  for (const auto& [name, by_recipe] : trials_) {
    const auto found = strata_.find(name);
    if (found == strata_.end()) continue;
    const Stratum& stratum = found->second;
    for (const auto& [recipe, trial] : by_recipe) {
      Row one = {{"stratum", name}, {"files", stratum.files}, {"recipe", recipe}};
      if (trial.files == 0 || trial.bytes_before == 0 || trial.view_us_before == 0) {
        one["refused"] = trial.refused;
        out.push_back(std::move(one));
        continue;
      }
      const Recipe* known = FindRecipe(recipe);
      const auto n = static_cast<double>(trial.files), of = static_cast<double>(stratum.files);
      const double bytes =
          static_cast<double>(trial.bytes) / static_cast<double>(trial.bytes_before);
      one["tried"] = trial.files;
      one["lossless"] = known != nullptr && known->lossless;
      one["view_cpu_ms_before"] = Rounded(static_cast<double>(trial.view_us_before) / n / 1e3);
      one["view_cpu_ms_after"] = Rounded(static_cast<double>(trial.view_us) / n / 1e3);
      one["saves_cpu_seconds_per_1000_views"] =
          Rounded(static_cast<double>(trial.view_us_before - trial.view_us) / n * 1e-3 * of / all);
      one["bytes_ratio"] = Rounded(bytes);
      one["costs_bytes"] =
          static_cast<int64_t>(std::llround((bytes - 1) * static_cast<double>(stratum.bytes)));
      one["encode_cpu_hours"] = Rounded(static_cast<double>(trial.encode_us) / n * of / 3.6e9);
      out.push_back(std::move(one));
    }
  }
  return out;
}

Row ArchiveTally::Summary() const {
  Row out = {{"schema", 1}, {"kind", "archive profile"}};
  const auto of = [this](std::string_view kind) {
    const auto found = damage_.find(std::string(kind));
    return found == damage_.end() ? int64_t{0} : found->second.files;
  };
  // A file that our kernels do not read may be whole.
  out["files"] = {{"listed", listed_},
                  {"images", images_},
                  {"not_images", others_},
                  {"damaged", of("damaged") + of("crashed") + of("timed out")},
                  {"unsupported", of("unsupported")},
                  {"too_large", of("too large")},
                  {"unreadable", of("unreadable")}};
  out["bytes"] = bytes_;
  out["file_mb"] = Quantiles(file_kb_, 1.0 / 1024);
  out["mpx"] = Quantiles(kilopixels_, 1e-3);
  out["serving"] = ServingToJson();
  out["fields"] = Row::object();
  for (const auto& [field, values] : fields_)
    for (const auto& [value, count] : values) out["fields"][field][value] = count;
  out["damage"] = Row::object();
  for (const auto& [kind, damage] : damage_)
    out["damage"][kind] = {{"files", damage.files}, {"examples", damage.examples}};
  out["strata"] = StrataToJson();
  out["reencoding"] = TrialsToJson();
  out["worst"] = Row::array();
  for (const Worst& worst : worst_)
    out["worst"].push_back({{"file", worst.file},
                            {"view_cpu_ms", Rounded(static_cast<double>(worst.view_us) / 1e3)},
                            {"bytes", worst.bytes},
                            {"stratum", worst.stratum}});
  return out;
}

}  // namespace iiifbench
