// Shards of a profile joined: their rows one after the other, then the summary of the whole.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "harness/archive/profile.h"
#include "harness/archive/profile_files.h"

namespace iiifbench {
namespace {

namespace fs = std::filesystem;

struct ProfileShard {
  std::string folder;
  Row run;
  int64_t index() const { return run["shard"]["index"].get<int64_t>(); }
  int64_t count() const { return run["shard"]["count"].get<int64_t>(); }
};

Result<void> Append(const std::string& from, std::ofstream& out, const std::string& to) {
  std::ifstream in(from, std::ios::binary);
  if (!in || in.peek() == std::ifstream::traits_type::eof())
    return {};  // a shard without such rows
  if (!(out << in.rdbuf())) return Fail(ErrorKind::kIo, "{}: {}", to, std::strerror(errno));
  return {};
}

}  // namespace

bool HoldsProfile(const std::string& folder) { return ReadRun(folder).ok(); }

Result<Row> MergeProfiles(const std::vector<std::string>& folders, const std::string& out) {
  std::vector<ProfileShard> shards;
  for (const auto& folder : folders) {
    auto run = ReadRun(folder);
    if (!run) return run.error();
    if (!shards.empty()) {
      auto same = SameRun(shards.front().run, *run, folder, false);
      if (!same) return same.error();
    }
    shards.push_back({folder, std::move(*run)});
    if (!shards.back().run["finished"].get<bool>())
      return Fail(ErrorKind::kBadRequest, "{}: shard {}/{} is not finished: go on by --resume",
                  folder, shards.back().index(), shards.back().count());
    if (shards.back().count() != shards.front().count())
      return Fail(ErrorKind::kBadRequest, "{}: is one of {} shards, and {} one of {}", folder,
                  shards.back().count(), shards.front().folder, shards.front().count());
  }
  if (shards.empty()) return Fail(ErrorKind::kBadRequest, "no shard to merge");
  std::ranges::sort(shards, {}, &ProfileShard::index);
  std::vector<std::string> missing;
  int64_t expected = 0;
  for (size_t i = 0; i < shards.size(); ++i) {
    if (i > 0 && shards[i].index() == shards[i - 1].index())
      return Fail(ErrorKind::kBadRequest, "shard {} is there twice: {} and {}", shards[i].index(),
                  shards[i - 1].folder, shards[i].folder);
    for (; expected < shards[i].index(); ++expected) missing.push_back(fmt::format("{}", expected));
    ++expected;
  }
  for (; expected < shards.front().count(); ++expected)
    missing.push_back(fmt::format("{}", expected));
  if (!missing.empty())
    return Fail(ErrorKind::kBadRequest, "missing of {} shards: {}", shards.front().count(),
                fmt::join(missing, ", "));
  std::error_code error;
  fs::create_directories(out, error);
  if (fs::exists(out + "/run.json", error))
    return Fail(ErrorKind::kBadRequest, "{}: holds a profile already; choose another --out", out);
  for (const char* name : {"files.jsonl", "costs.jsonl", "tries.jsonl"}) {
    const std::string to = out + "/" + name;
    std::ofstream joined(to, std::ios::binary | std::ios::trunc);
    if (!joined) return Fail(ErrorKind::kIo, "{}: {}", to, std::strerror(errno));
    for (const ProfileShard& shard : shards) {
      auto added = Append(shard.folder + "/" + name, joined, to);
      if (!added) return added.error();
    }
    joined.close();
    if (!joined) return Fail(ErrorKind::kIo, "{}: {}", to, std::strerror(errno));
  }
  Row run = shards.front().run, kept = Row::array();
  std::string view;
  for (const auto& [name, count] : run["asked"]["view"].items())
    view += fmt::format("{}{}={}", view.empty() ? "" : ",", name,
                        count.is_number_integer() ? count.get<int64_t>() : -1);
  auto counts = ParseView(view);
  if (!counts) return counts.error();
  auto summary = SummariseRows(out, *counts);
  if (!summary) return summary.error();
  for (const ProfileShard& shard : shards)
    kept.push_back(
        {{"index", shard.index()}, {"folder", shard.folder}, {"machine", shard.run["machine"]}});
  run["shard"] = {{"index", 0}, {"count", 1}, {"from", "merged"}};
  run["merged"] = kept;
  auto saved = WriteRow(out + "/profile.json", *summary);
  if (!saved) return saved.error();
  saved = WriteRow(out + "/run.json", run);
  if (!saved) return saved.error();
  return summary;
}

}  // namespace iiifbench
