#include "harness/merge/load_shards.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include "data/corpus.h"

namespace iiifbench {
namespace {

using nlohmann::json;

Result<void> WriteJson(const std::string& path, const json& value) {
  const std::string text = value.dump(1) + "\n";
  return WriteFile(path, text);
}

LoadShard TakeShardOf(const json& run) {
  LoadShard out{.plan_hash = run.at("plan"),
                .version = run.at("version"),
                .shard = {.index = run.at("shard").at("index"),
                          .count = run.at("shard").at("count"),
                          .from = run.at("shard").at("from")},
                .host = run.at("host"),
                .machine = run.at("machine"),
                .asked_start = run.at("asked_start"),
                .started = run.at("started"),
                .max_skew_s = run.at("max_skew_s"),
                .client_cpu = run.at("client_cpu"),
                .in_flight = run.at("in_flight"),
                .little_error = run.at("little_error"),
                .http_version = run.at("http_version"),
                .ended_early = run.at("ended_early"),
                .samples = run.at("samples"),
                .warm_up = run.at("warm_up"),
                .checked = run.at("checked"),
                .wrong = run.at("wrong"),
                .not_reportable = FindingsIn(run, "not_reportable", "not_reportable_ids")};
  const json& clock = run.at("clock");
  out.clock_source = clock.at("source");
  if (clock.contains("unknown")) {
    out.clock_unknown = clock["unknown"];
  } else {
    out.clock = ClockOffset{
        .low_s = clock.at("low_s"), .high_s = clock.at("high_s"), .replies = clock.at("replies")};
  }
  return out;
}

}  // namespace

json ShardToJson(const LoadShard& shard) {
  json clock = {{"source", shard.clock_source}};
  if (shard.clock) {
    clock["low_s"] = shard.clock->low_s;
    clock["high_s"] = shard.clock->high_s;
    clock["replies"] = shard.clock->replies;
  } else {
    clock["unknown"] = shard.clock_unknown;
  }
  json out = {
      {"schema", 1},
      {"kind", "planned load shard"},
      {"plan", shard.plan_hash},
      {"version", shard.version},
      {"shard",
       {{"index", shard.shard.index}, {"count", shard.shard.count}, {"from", shard.shard.from}}},
      {"host", shard.host},
      {"machine", shard.machine},
      {"asked_start", shard.asked_start},
      {"started", shard.started},
      {"clock", clock},
      {"max_skew_s", shard.max_skew_s},
      {"client_cpu", shard.client_cpu},
      {"in_flight", shard.in_flight},
      {"little_error", shard.little_error},
      {"http_version", shard.http_version},
      {"ended_early", shard.ended_early},
      {"samples", shard.samples},
      {"warm_up", shard.warm_up},
      {"checked", shard.checked},
      {"wrong", shard.wrong}};
  PutFindings(shard.not_reportable, "not_reportable", "not_reportable_ids", out);
  return out;
}

Result<LoadShard> ReadLoadShard(const std::string& folder) {
  const std::string path = folder + "/run.json";
  std::ifstream in(path, std::ios::binary);
  if (!in)
    return Fail(ErrorKind::kNotFound,
                "{}: no such file: the folder of a finished shard has one; was it killed?", path);
  const json run = json::parse(std::string(std::istreambuf_iterator<char>(in), {}), nullptr, false);
  if (!run.is_object() || run.value("kind", json()) != "planned load shard")
    return Fail(ErrorKind::kBadInput, "{}: not the run.json of a shard of a planned load", path);
  try {
    LoadShard shard = TakeShardOf(run);
    if (shard.shard.count < 1 || shard.shard.count > kMostShards || shard.shard.index < 0 ||
        shard.shard.index >= shard.shard.count || shard.samples < 0)
      return Fail(ErrorKind::kBadInput, "{}: no such shard: {}", path, shard.shard.Name());
    return shard;
  } catch (const json::exception& error) {
    return Fail(ErrorKind::kBadInput, "{}: {}", path, error.what());
  }
}

Result<json> FinishLoadShard(const std::string& folder, const Plan& plan, const LoadShard& shard) {
  auto reader = SampleReader::Open(folder + "/samples.tsv");
  if (!reader) return reader.error();
  SampleTally tally(plan, shard.shard);
  SampleRow row;
  for (;;) {
    auto more = reader->Next(row);
    if (!more) return more.error();
    if (!*more) break;
    tally.Add(row);
  }
  json figures = tally.Figures();
  // run.json is the last: a folder that has it is whole.
  const std::pair<const char*, json> files[] = {
      {"/plan.json", PlanToJson(plan)}, {"/load.json", figures}, {"/run.json", ShardToJson(shard)}};
  for (const auto& [name, value] : files) {
    auto written = WriteJson(folder + name, value);
    if (!written) return written.error();
  }
  return figures;
}

}  // namespace iiifbench
