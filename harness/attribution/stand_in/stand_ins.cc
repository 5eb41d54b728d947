#include "harness/attribution/stand_in/stand_ins.h"

#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <utility>

#include "data/write_file.h"

namespace iiifbench {

namespace fs = std::filesystem;

StandIns::StandIns(StandIns&& other) noexcept
    : folder_(std::exchange(other.folder_, {})), all_(std::move(other.all_)) {}

StandIns& StandIns::operator=(StandIns&& other) noexcept {
  std::swap(folder_, other.folder_);
  std::swap(all_, other.all_);
  return *this;
}

StandIns::~StandIns() {
  std::error_code ignored;
  if (!folder_.empty()) fs::remove_all(folder_, ignored);
}

Result<StoredFile> StandIns::Store(ConstPixelView picture, const WayToStore& way,
                                   const std::string& name) {
  static std::atomic<int> made{0};
  std::error_code error;
  if (folder_.empty()) {
    const fs::path temporary = fs::temp_directory_path(error);
    if (error) return Fail(ErrorKind::kIo, "no folder for temporary files: {}", error.message());
    folder_ = temporary / fmt::format("iiifbench-stand-ins-{}-{}", ::getpid(), made++);
    fs::create_directories(folder_, error);
    if (error)
      return Fail(ErrorKind::kIo, "{}: cannot be made: {}; set TMPDIR", folder_, error.message());
  }
  const Codec* codec = FindCodec(way.codec);
  IIIFBENCH_CHECK(codec != nullptr && codec->encode != nullptr, "{} cannot be written", way.codec);
  EncodeOptions options = way.options;
  options.threads = 2;
  if (picture.channels == 1) options.subsampling = Subsampling::kGray;
  std::vector<uint8_t> bytes;
  auto encoded = codec->encode(picture, options, bytes);
  if (!encoded) return encoded.error();
  StoredFile stored{.file = fmt::format("{}/{}.{}", folder_, name, way.extension),
                    .bytes = static_cast<int64_t>(bytes.size())};
  auto written = WriteFile(stored.file, bytes);
  if (!written) return written.error();
  auto source = Source::Borrow(bytes, stored.file);
  auto info = codec->probe(*source);
  if (!info) return info.error();
  stored.info = *info;
  return stored;
}

Result<const StoredAs*> StandIns::Make(ConstPixelView picture, const WayToStore& way) {
  auto page = Store(picture, way, fmt::format("{}", all_.size()));
  if (!page) return page.error();
  all_.push_back(std::make_unique<StoredAs>(StoredAs{.way = way, .page = std::move(*page)}));
  return all_.back().get();
}

Result<void> StandIns::AddOther(ConstPixelView picture) {
  StoredAs& last = *all_.back();
  auto stored =
      Store(picture, last.way, fmt::format("{}-{}", all_.size() - 1, last.others.size() + 1));
  if (!stored) return stored.error();
  last.others.push_back(std::move(*stored));
  return {};
}

}  // namespace iiifbench
