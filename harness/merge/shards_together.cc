#include "harness/merge/shards_together.h"

#include <algorithm>
#include <filesystem>

namespace iiifbench {

Result<void> CheckTogether(std::vector<ShardMark> shards, const std::string& plan_hash) {
  const ShardMark first = shards.front();
  for (const ShardMark& shard : shards) {
    if (shard.plan_hash != plan_hash)
      return Fail(ErrorKind::kBadRequest, "{}: shard {} is of the plan {}, and {} of {}",
                  shard.folder, shard.shard.index, shard.plan_hash, first.folder, plan_hash);
    if (shard.version != first.version)
      return Fail(ErrorKind::kBadRequest, "{}: shard {} was run by version {}, and {} by {}",
                  shard.folder, shard.shard.index, shard.version, first.folder, first.version);
    if (shard.shard.count != first.shard.count)
      return Fail(ErrorKind::kBadRequest, "{}: is shard {}, and {} is shard {}", shard.folder,
                  shard.shard.Name(), first.folder, first.shard.Name());
  }
  std::ranges::sort(shards, {}, [](const ShardMark& s) { return s.shard.index; });
  std::vector<std::string> missing;
  int64_t expected = 0;
  for (size_t i = 0; i < shards.size(); ++i) {
    const int64_t index = shards[i].shard.index;
    if (i > 0 && index == shards[i - 1].shard.index)
      return Fail(ErrorKind::kBadRequest, "shard {} is there twice: {} and {}", index,
                  shards[i - 1].folder, shards[i].folder);
    for (; expected < index; ++expected) missing.push_back(fmt::format("{}", expected));
    ++expected;
  }
  for (; expected < first.shard.count; ++expected) missing.push_back(fmt::format("{}", expected));
  if (missing.empty()) return {};
  constexpr size_t kNamed = 20;
  const size_t more = missing.size() > kNamed ? missing.size() - kNamed : 0;
  missing.resize(missing.size() - more);
  return Fail(ErrorKind::kBadRequest, "missing of {} shards: {}{}", first.shard.count,
              fmt::join(missing, ", "),
              more > 0 ? fmt::format(" and {} more", more) : std::string());
}

Result<void> MakeFolderOfWhole(const std::vector<std::string>& shards, const std::string& out) {
  std::error_code error;
  std::filesystem::create_directories(out, error);
  if (error) return Fail(ErrorKind::kIo, "{}: {}", out, error.message());
  for (const auto& folder : shards)
    if (std::filesystem::equivalent(folder, out, error))
      return Fail(ErrorKind::kBadRequest, "{}: is a shard; choose another --out", out);
  return {};
}

}  // namespace iiifbench
