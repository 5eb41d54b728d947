// Shards of an attribution: their lines, and many of them joined by unit.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <queue>

#include "data/corpus.h"
#include "data/whole_number.h"
#include "harness/merge/attribution_shards.h"
#include "harness/merge/shards_together.h"

namespace iiifbench {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kAttributionShard = "planned attribution shard";
constexpr const char* kLines = "/attributions.jsonl";

json ReadRunOf(const std::string& folder) {
  std::ifstream in(folder + "/run.json", std::ios::binary);
  return json::parse(std::string(std::istreambuf_iterator<char>(in), {}), nullptr, false);
}

std::string LineOf(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

// A shard's lines, one ahead.
struct Lines {
  std::string path;
  std::ifstream in;
  std::string text;
  json line;
  int64_t unit = -1, count = 0;

  Result<bool> Advance(const AttributionShard& shard) {
    if (!std::getline(in, text)) {
      if (count != shard.images)
        return Fail(ErrorKind::kBadInput, "{}: {} images where shard {} had {}: it was cut", path,
                    count, shard.shard.index, shard.images);
      return false;
    }
    ++count;
    const auto bad = [&](const std::string& what) {
      return Fail(ErrorKind::kBadInput, "{}: line {}: {}", path, count, what);
    };
    if (in.eof()) return bad("was cut");
    line = json::parse(text, nullptr, false);
    if (!line.is_object() || !line.value("unit", json()).is_number_integer())
      return bad("is no result of an image");
    const int64_t next = line["unit"];
    if (!shard.shard.Has(next))
      return bad(fmt::format("unit {} is not of shard {}", next, shard.shard.index));
    if (next <= unit) return bad(fmt::format("unit {} stands behind {}", next, unit));
    unit = next;
    return true;
  }
};

}  // namespace

Result<void> AppendAttribution(const std::string& folder, int64_t unit, json result) {
  result["unit"] = unit;
  std::ofstream out(folder + kLines, std::ios::binary | std::ios::app);
  out << LineOf(result) << std::flush;
  if (!out)
    return Fail(ErrorKind::kIo, "{}{}: {}; make room, then --resume", folder, kLines,
                std::strerror(errno));
  return {};
}

Result<std::set<int64_t>> AttributedUnits(const std::string& folder) {
  const std::string path = folder + kLines;
  std::set<int64_t> units;
  std::streamoff whole = 0;
  {
    std::ifstream in(path, std::ios::binary);
    for (std::string text; std::getline(in, text) && !in.eof();) {
      const json line = json::parse(text, nullptr, false);
      if (!line.is_object() || !line.value("unit", json()).is_number_integer())
        return Fail(ErrorKind::kBadInput, "{}: no result of an image after {} bytes", path, whole);
      units.insert(WholeNumber(line["unit"]));
      whole += static_cast<std::streamoff>(text.size()) + 1;
    }
  }
  std::error_code error;
  if (fs::exists(path, error)) fs::resize_file(path, static_cast<uintmax_t>(whole), error);
  if (error) return Fail(ErrorKind::kIo, "{}: {}", path, error.message());
  return units;
}

Result<void> FinishAttributionShard(const std::string& folder, const RunPlan& plan,
                                    const AttributionShard& shard) {
  const json run = {
      {"schema", 1},
      {"kind", kAttributionShard},
      {"plan", plan.hash},
      {"version", shard.version},
      {"shard",
       {{"index", shard.shard.index}, {"count", shard.shard.count}, {"from", shard.shard.from}}},
      {"host", shard.host},
      {"time", shard.time},
      {"machine", shard.machine},
      {"images", shard.images},
      {"without", shard.without}};
  // run.json is the last: a folder that has it is whole.
  auto written = WriteFile(folder + "/plan.json", JsonText(RunPlanToJson(plan)));
  if (!written) return written;
  return WriteFile(folder + "/run.json", JsonText(run));
}

bool HoldsAttributionShard(const std::string& folder) {
  const json run = ReadRunOf(folder);
  return run.is_object() && run.value("kind", json()) == kAttributionShard;
}

Result<AttributionShard> ReadAttributionShard(const std::string& folder) {
  const std::string path = folder + "/run.json";
  if (!std::ifstream(path))
    return Fail(ErrorKind::kNotFound,
                "{}: no such file: the folder of a finished shard has one; was it killed?", path);
  const json run = ReadRunOf(folder);
  if (!run.is_object() || run.value("kind", json()) != kAttributionShard)
    return Fail(ErrorKind::kBadInput, "{}: not the run.json of a shard of a planned attribution",
                path);
  try {
    const json& of = run.at("shard");
    AttributionShard shard{
        .folder = folder,
        .plan_hash = run.at("plan"),
        .version = run.at("version"),
        .shard = {.index = of.at("index"), .count = of.at("count"), .from = of.at("from")},
        .host = run.at("host"),
        .time = run.at("time"),
        .machine = run.at("machine"),
        .images = run.at("images"),
        .without = run.at("without").get<std::vector<int64_t>>()};
    if (shard.shard.count < 1 || shard.shard.count > kMostShards || shard.shard.index < 0 ||
        shard.shard.index >= shard.shard.count)
      return Fail(ErrorKind::kBadInput, "{}: no such shard: {}", path, shard.shard.Name());
    return shard;
  } catch (const json::exception& error) {
    return Fail(ErrorKind::kBadInput, "{}: {}", path, error.what());
  }
}

Result<MergedAttributions> MergeAttributions(const std::vector<std::string>& folders,
                                             const std::string& out) {
  if (folders.empty()) return Fail(ErrorKind::kBadRequest, "no shard to merge");
  std::vector<AttributionShard> shards;
  std::vector<ShardMark> marks;
  for (const auto& folder : folders) {
    auto shard = ReadAttributionShard(folder);
    if (!shard) return shard.error();
    marks.push_back({folder, shard->plan_hash, shard->version, shard->shard});
    shards.push_back(std::move(*shard));
  }
  const auto plan = ReadRunPlan(folders.front() + "/plan.json", kAttributionPlan);
  if (!plan) return plan.error();
  auto together = CheckTogether(marks, plan->hash);
  if (!together) return together.error();
  std::ranges::sort(shards, {}, [](const AttributionShard& s) { return s.shard.index; });
  const auto images = std::ssize(plan->fixed.value("images", json::array()));
  auto folder = MakeFolderOfWhole(folders, out);
  if (!folder) return folder.error();
  MergedAttributions merged;
  std::vector<Lines> lines(shards.size());
  using Next = std::pair<int64_t, size_t>;  // unit, shard
  std::priority_queue<Next, std::vector<Next>, std::greater<>> order;
  const auto advance = [&](size_t i) -> Result<void> {
    auto more = lines[i].Advance(shards[i]);
    if (!more) return more.error();
    if (*more) order.push({lines[i].unit, i});
    return {};
  };
  for (size_t i = 0; i < shards.size(); ++i) {
    lines[i].path = shards[i].folder + kLines;
    lines[i].in.open(lines[i].path, std::ios::binary);
    auto first = advance(i);
    if (!first) return first.error();
  }
  std::ofstream rows(out + kLines, std::ios::binary | std::ios::trunc);
  std::ofstream list(out + "/attribution-images.json", std::ios::binary | std::ios::trunc);
  list << "{\"schema\": 1, \"attributions\": [\n";
  while (!order.empty()) {
    const auto [unit, i] = order.top();
    order.pop();
    if (unit < 0 || unit >= images)
      return Fail(ErrorKind::kBadInput, "{}: unit {} is not of the plan, which has {} images",
                  lines[i].path, unit, images);
    const json& line = lines[i].line;
    const json requests = line.value("requests", json::array());
    merged.refused += requests.empty() || !line.value("refusals", json::array()).empty();
    const std::string text = LineOf(line);
    rows << text;
    list << (merged.images++ > 0 ? ",\n" : "") << text.substr(0, text.size() - 1);
    auto next = advance(i);
    if (!next) return next.error();
  }
  list << "\n]}\n";
  rows.close(), list.close();
  if (!rows || !list) return Fail(ErrorKind::kIo, "{}: the results cannot be written", out);
  merged.shards["kind"] = "shards of an attribution";
  for (const AttributionShard& shard : shards)
    merged.shards["shards"].push_back(
        {{"shard",
          {{"index", shard.shard.index}, {"count", shard.shard.count}, {"from", shard.shard.from}}},
         {"folder", shard.folder},
         {"host", shard.host},
         {"time", shard.time},
         {"machine", shard.machine},
         {"answers", shard.images},
         {"failed", shard.without.size()},
         {"without", shard.without}});
  merged.shards["outliers"] = json::array();
  const std::pair<const char*, json> files[] = {{"/plan.json", RunPlanToJson(*plan)},
                                                {"/shards.json", merged.shards}};
  for (const auto& [name, value] : files) {
    auto saved = WriteFile(out + name, JsonText(value));
    if (!saved) return saved.error();
  }
  return merged;
}

std::string MergedAttributionsToText(const MergedAttributions& merged) {
  std::string text =
      fmt::format("{} images, of which {} with refusals\n{:>6} {:<20} {:>7} {:>15}\n",
                  merged.images, merged.refused, "shard", "host", "images", "without result");
  for (const json& shard : merged.shards["shards"])
    text += fmt::format("{:>6} {:<20} {:>7} {:>15}\n", shard["shard"]["index"].get<int64_t>(),
                        shard["host"].get<std::string>(), shard["answers"].get<int64_t>(),
                        shard["failed"].get<int64_t>());
  return text;
}

}  // namespace iiifbench
