// Shards of a load joined by arrival.
#include <algorithm>
#include <queue>

#include "data/corpus.h"
#include "harness/merge/load_shards.h"
#include "harness/merge/outliers.h"
#include "harness/merge/shards_together.h"

namespace iiifbench {
namespace {

using nlohmann::json;

// A shard's samples, one ahead.
struct Stream {
  SampleReader reader;
  SampleRow row;
  int64_t last = -1, count = 0;

  Result<bool> Advance(const ShardFigures& shard) {
    auto more = reader.Next(row);
    if (!more) return more;
    const LoadShard& run = shard.run;
    if (!*more) {
      if (count != run.samples)
        return Fail(ErrorKind::kBadInput, "{}: {} samples where shard {} had {}: it was cut",
                    reader.path(), count, run.shard.index, run.samples);
      return false;
    }
    ++count;
    if (!run.shard.Has(row.sample.arrival))
      return Fail(ErrorKind::kBadInput, "{}: line {}: arrival {} is not of shard {}", reader.path(),
                  reader.line(), row.sample.arrival, run.shard.Name());
    if (row.sample.arrival <= last)
      return Fail(ErrorKind::kBadInput, "{}: line {}: arrival {} is there twice or out of order",
                  reader.path(), reader.line(), row.sample.arrival);
    last = row.sample.arrival;
    return true;
  }
};

Result<void> Join(std::vector<ShardFigures>& shards, SampleTally& tally, SampleWriter& writer) {
  std::vector<Stream> streams;
  using Next = std::pair<int64_t, size_t>;  // arrival, shard
  std::priority_queue<Next, std::vector<Next>, std::greater<>> order;
  for (size_t i = 0; i < shards.size(); ++i) {
    auto reader = SampleReader::Open(shards[i].folder + "/samples.tsv");
    if (!reader) return reader.error();
    streams.push_back({.reader = std::move(*reader), .row = {}});
    auto more = streams[i].Advance(shards[i]);
    if (!more) return more.error();
    if (*more) order.push({streams[i].row.sample.arrival, i});
  }
  while (!order.empty()) {
    const size_t i = order.top().second;
    order.pop();
    tally.Add(streams[i].row);
    shards[i].Add(streams[i].row);
    auto added = writer.Add(streams[i].row);
    if (!added) return added;
    auto more = streams[i].Advance(shards[i]);
    if (!more) return more.error();
    if (*more) order.push({streams[i].row.sample.arrival, i});
  }
  return {};
}

LoadShard RunOfAll(const std::vector<ShardFigures>& shards) {
  LoadShard all = shards.front().run;
  all.shard = {.index = 0, .count = 1, .from = fmt::format("merged of {}", shards.size())};
  all.samples = all.warm_up = all.checked = all.wrong = 0;
  all.in_flight = all.client_cpu = all.little_error = 0;
  all.not_reportable.clear();
  for (const ShardFigures& shard : shards) {
    const LoadShard& run = shard.run;
    all.samples += run.samples, all.warm_up += run.warm_up;
    all.checked += run.checked, all.wrong += run.wrong;
    all.in_flight += run.in_flight;
    all.client_cpu = std::max(all.client_cpu, run.client_cpu);
    all.little_error = std::max(all.little_error, run.little_error);
    for (const auto& reason : run.not_reportable)
      all.not_reportable.push_back(At(fmt::format("shard {}", run.shard.index), reason));
    if (run.clock &&
        (!all.clock || std::abs(run.clock->middle_s()) > std::abs(all.clock->middle_s())))
      all.clock = run.clock;
  }
  return all;
}

}  // namespace

Result<MergedLoad> MergeLoads(const std::vector<std::string>& folders, const std::string& out) {
  if (folders.empty()) return Fail(ErrorKind::kBadRequest, "no shard to merge");
  std::vector<ShardFigures> shards;
  for (const auto& folder : folders) {
    auto run = ReadLoadShard(folder);
    if (!run) return run.error();
    shards.push_back({.run = std::move(*run), .folder = folder});
  }
  const auto plan = ReadPlan(folders.front() + "/plan.json");
  if (!plan) return plan.error();
  std::vector<ShardMark> marks;
  for (const ShardFigures& shard : shards)
    marks.push_back({shard.folder, shard.run.plan_hash, shard.run.version, shard.run.shard});
  auto together = CheckTogether(marks, PlanHash(*plan));
  if (!together) return together.error();
  std::ranges::sort(shards, {}, [](const ShardFigures& s) { return s.run.shard.index; });
  auto folder = MakeFolderOfWhole(folders, out);
  if (!folder) return folder.error();
  SampleTally tally(*plan, {});
  auto writer = SampleWriter::Create(out + "/samples.tsv");
  if (!writer) return writer.error();
  auto joined = Join(shards, tally, *writer);
  if (!joined) return joined.error();
  auto closed = writer->Close();
  if (!closed) return closed.error();
  LoadShard all = RunOfAll(shards);
  MergedLoad merged{.figures = tally.Figures(), .shards = {}};
  // One slow computer of many hides in the lag of all.
  const double median_ms = tally.MedianMs();
  for (const ShardFigures& shard : shards) {
    const double lag_ms = static_cast<double>(shard.lag.At(0.9)) / 1e3;
    if (shard.answers > 0 && lag_ms > kMostOwnLag * median_ms)
      all.not_reportable.push_back(
          {"own-lag",
           fmt::format(
               "shard {}: its own lag is {:.3f} ms at p90, above {:.0f} % of the median of all",
               shard.run.shard.index, lag_ms, 100 * kMostOwnLag)});
  }
  const auto outliers = Outliers(shards);
  PutFindings(outliers, "outliers", "outlier_ids", merged.shards);
  PutFindings(all.not_reportable, "not_reportable", "not_reportable_ids", merged.shards);
  for (const ShardFigures& shard : shards) merged.shards["shards"].push_back(shard.ToJson());
  merged.shards["remedies"] = RemediesFor(merged.shards);
  const std::pair<const char*, json> files[] = {{"/plan.json", PlanToJson(*plan)},
                                                {"/load.json", merged.figures},
                                                {"/shards.json", merged.shards},
                                                {"/run.json", ShardToJson(all)}};
  for (const auto& [name, value] : files) {
    const std::string text = value.dump(1) + "\n";
    auto written = WriteFile(out + name, text);
    if (!written) return written.error();
  }
  return merged;
}

std::string MergedToText(const MergedLoad& merged) {
  std::string text = FiguresToText(merged.figures);
  text += fmt::format("{:>6} {:<20} {:>9} {:>7} {:>9} {:>9} {:>9} {:>9}\n", "shard", "host",
                      "answers", "failed", "p50 ms", "p90 ms", "lag p90", "clock ms");
  for (const json& shard : merged.shards["shards"]) {
    const json& clock = shard["clock"];
    text += fmt::format(
        "{:>6} {:<20} {:>9} {:>7} {:>9.2f} {:>9.2f} {:>9.2f} {:>9}\n",
        shard["shard"]["index"].get<int64_t>(), shard["host"].get<std::string>(),
        shard["answers"].get<int64_t>(), shard["failed"].get<int64_t>(),
        shard["latency_ms"]["p50"].get<double>(), shard["latency_ms"]["p90"].get<double>(),
        shard["lag_ms"]["p90"].get<double>(),
        clock.contains("unknown") ? std::string("-")
                                  : fmt::format("{:.0f}", -500 * (clock["low_s"].get<double>() +
                                                                  clock["high_s"].get<double>())));
  }
  for (const auto& outlier : merged.shards["outliers"]) text += outlier.get<std::string>() + "\n";
  const json& of_figures = merged.figures["not_reportable"];
  const json& of_shards = merged.shards["not_reportable"];
  text += of_figures.empty() && of_shards.empty() ? "REPORTABLE\n" : "NOT REPORTABLE\n";
  for (const json* reasons : {&of_figures, &of_shards})
    for (const auto& reason : *reasons) text += "  " + reason.get<std::string>() + "\n";
  return text;
}

}  // namespace iiifbench
