#include "harness/archive/profile_files.h"

#include <fstream>
#include <iterator>

#include "data/corpus.h"
#include "harness/archive/row_file.h"

namespace iiifbench {
namespace {

constexpr std::string_view kKind = "archive profile";

Result<void> Stream(const std::string& path, ArchiveTally& tally,
                    Result<void> (ArchiveTally::*add)(const Row&)) {
  RowReader reader(path);
  for (;;) {
    auto row = reader.Next();
    if (!row) return row.error();
    if (!*row) return {};
    auto added = (tally.*add)(**row);
    if (!added)
      return Fail(added.error().kind, "{}: line {}: {}", path, reader.line(),
                  added.error().message);
  }
}

}  // namespace

Row RunToJson(const ProfileOptions& options) {
  Row asked = {{"what", options.what},
               {"seed", options.seed},
               {"sample", options.sample},
               {"repeat", options.repeat},
               {"view", ViewToJson(options.view)},
               {"tries", options.tries},
               {"recipes", options.recipes},
               {"try_max_pixels", options.try_max_pixels}};
  const std::string text = asked.dump(-1, ' ', false, Row::error_handler_t::replace);
  const std::string hash =
      Checksum(std::span(reinterpret_cast<const uint8_t*>(text.data()), text.size()));
  return {{"schema", 1},
          {"kind", kKind},
          {"version", options.version},
          {"asked", std::move(asked)},
          {"hash", hash},
          {"shard",
           {{"index", options.shard.index},
            {"count", options.shard.count},
            {"from", options.shard.from}}},
          {"machine", options.machine},
          {"finished", false}};
}

Result<Row> ReadRun(const std::string& folder) {
  const std::string path = folder + "/run.json";
  std::ifstream in(path, std::ios::binary);
  if (!in) return Fail(ErrorKind::kNotFound, "{}: no such file", path);
  Row run = Row::parse(std::string(std::istreambuf_iterator<char>(in), {}), nullptr, false);
  const auto text = [&run](const char* name) {
    return run.contains(name) && run[name].is_string();
  };
  const auto whole = [&run](const char* name) {
    return run["shard"].contains(name) && run["shard"][name].is_number_integer();
  };
  if (!run.is_object() || !text("kind") || run["kind"] != kKind || !text("version") ||
      !text("hash") || !text("machine") || !run.contains("shard") || !run["shard"].is_object() ||
      !whole("index") || !whole("count") || !run.contains("finished") ||
      !run["finished"].is_boolean() || !run.contains("asked") || !run["asked"].is_object())
    return Fail(ErrorKind::kBadInput, "{}: not the run.json of a profile", path);
  return run;
}

Result<void> SameRun(const Row& first, const Row& other, const std::string& folder,
                     bool same_shard) {
  if (first["version"] != other["version"])
    return Fail(ErrorKind::kBadRequest, "{}: made by version {}, and {} is another", folder,
                first["version"].get<std::string>(), other["version"].get<std::string>());
  if (first["hash"] != other["hash"]) {
    std::string differs;
    for (const auto& [name, value] : other["asked"].items())
      if (!first["asked"].contains(name) || first["asked"][name] != value)
        differs += (differs.empty() ? "" : ", ") + name;
    return Fail(ErrorKind::kBadRequest, "{}: is of another profile: {} differs", folder,
                differs.empty() ? "what was asked" : differs);
  }
  if (same_shard && (first["shard"]["index"] != other["shard"]["index"] ||
                     first["shard"]["count"] != other["shard"]["count"]))
    return Fail(ErrorKind::kBadRequest, "{}: is shard {}/{}, not {}/{}", folder,
                first["shard"]["index"].get<int64_t>(), first["shard"]["count"].get<int64_t>(),
                other["shard"]["index"].get<int64_t>(), other["shard"]["count"].get<int64_t>());
  return {};
}

Result<void> WriteRow(const std::string& path, const Row& row) {
  const std::string text = row.dump(1, ' ', false, Row::error_handler_t::replace) + "\n";
  return WriteFile(path, text);
}

Result<Row> SummariseRows(const std::string& folder, const ArchiveView& view) {
  ArchiveTally tally(view);
  auto files = Stream(folder + "/files.jsonl", tally, &ArchiveTally::AddFacts);
  if (!files) return files.error();
  auto costs = Stream(folder + "/costs.jsonl", tally, &ArchiveTally::AddCosts);
  if (!costs) return costs.error();
  auto tries = Stream(folder + "/tries.jsonl", tally, &ArchiveTally::AddTry);
  if (!tries) return tries.error();
  return tally.Summary();
}

}  // namespace iiifbench
