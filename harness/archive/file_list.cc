#include "harness/archive/file_list.h"

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace iiifbench {
namespace {

namespace fs = std::filesystem;

Result<void> Walk(const std::string& folder, const Shard& shard, const std::string& kept) {
  const std::string part = kept + ".part";  // a name without it is a whole list
  std::ofstream out(part, std::ios::binary | std::ios::trunc);
  std::error_code error;
  fs::recursive_directory_iterator at(folder, error), end;
  std::string last = folder;
  for (; !error && at != end; at.increment(error)) {
    last = at->path().string();
    std::error_code unknown;
    if (at->is_directory(unknown)) continue;
    if (last.find('\n') != std::string::npos)
      return Fail(ErrorKind::kBadInput, "{}: a path with a line break cannot stand in a list",
                  last);
    if (static_cast<int64_t>(PathHash(last) % static_cast<uint64_t>(shard.count)) == shard.index)
      out << last << '\n';
  }
  if (error)
    return Fail(ErrorKind::kIo, "{}: the folder cannot be walked to its end, after {}: {}", folder,
                last, error.message());
  out.close();
  if (!out) return Fail(ErrorKind::kIo, "{}: cannot be written: {}", part, std::strerror(errno));
  fs::rename(part, kept, error);
  if (error) return Fail(ErrorKind::kIo, "{}: {}", kept, error.message());
  return {};
}

}  // namespace

uint64_t PathHash(std::string_view path, uint64_t seed) {
  uint64_t hash = 14695981039346656037ULL ^ seed;
  for (const char c : path) hash = (hash ^ static_cast<uint8_t>(c)) * 1099511628211ULL;
  // The finaliser of SplitMix64.
  hash = (hash ^ hash >> 30) * 0xbf58476d1ce4e5b9ULL;
  hash = (hash ^ hash >> 27) * 0x94d049bb133111ebULL;
  return hash ^ hash >> 31;
}

Result<FileList> FileList::Open(const std::string& list_or_folder, const Shard& shard,
                                const std::string& kept) {
  FileList list;
  list.shard_ = shard;
  std::error_code error;
  std::string path = list_or_folder;
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  if (fs::is_directory(path, error)) {
    if (!fs::exists(kept, error)) {
      auto walked = Walk(path, shard, kept);
      if (!walked) return walked.error();
    }
    path = kept;
    list.filtered_ = true;
  } else {
    list.base_ = fs::path(path).parent_path().string();
  }
  list.in_.open(path, std::ios::binary);
  if (!list.in_)
    return Fail(ErrorKind::kNotFound, "{}: no such list or folder: {}", list_or_folder,
                std::strerror(errno));
  return list;
}

std::optional<std::string> FileList::Next() {
  for (std::string line; std::getline(in_, line);) {
    if (line.ends_with('\r')) line.pop_back();
    if (line.empty()) continue;
    if (filtered_) return line;
    if (static_cast<int64_t>(PathHash(line) % static_cast<uint64_t>(shard_.count)) != shard_.index)
      continue;
    return line.front() == '/' || base_.empty() ? line : base_ + "/" + line;
  }
  return {};
}

}  // namespace iiifbench
