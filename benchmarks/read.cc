// read: how fast does a tile come out of the page cache, and what does the place of the buffer
// change?
//
// apart: how far behind the page cache's byte the target lies, modulo 4096. 8 is what malloc and a
// TIFF tile often give, 0 is what the kernels arrange (kernels/image/aligned_read.h).
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "benchmarks/common/pages.h"

namespace iiifbench {
namespace {

constexpr size_t kTile = size_t{256} * 256 * 3;

// A file of 64 tiles, removed at the end.
struct TemporaryFile {
  std::string path = (std::filesystem::temp_directory_path() / "iiifbench-read-XXXXXX").string();
  Result<std::unique_ptr<Source>> source = Fail(ErrorKind::kIo, "not written");
  TemporaryFile() {
    const int descriptor = ::mkstemp(path.data());
    if (descriptor < 0) return;
    ::close(descriptor);
    auto written = WriteFile(path, std::vector<uint8_t>(64 * kTile, 1));
    source = written ? Source::Open(path) : Result<std::unique_ptr<Source>>(written.error());
  }
  ~TemporaryFile() { std::filesystem::remove(path); }
};

void Read(benchmark::State& state, size_t apart) {
  static TemporaryFile file;
  if (!file.source) return state.SkipWithError(file.source.error().message.c_str());
  Source& source = **file.source;
  std::vector<uint8_t> buffer(kTile + 3 * 4096, 2);
  const size_t page = (4096 - reinterpret_cast<uintptr_t>(buffer.data()) % 4096) % 4096;
  const auto into = std::span(buffer).subspan(page + apart, kTile);
  size_t tile = 0;
  for (auto _ : state) {
    auto read = source.ReadAt(static_cast<int64_t>(tile * kTile), into);
    if (!read) return state.SkipWithError(read.error().message.c_str());
    tile = (tile + 1) % 64;
  }
  if (into.front() != 1 || into.back() != 1)
    return state.SkipWithError("other bytes than were written");
  state.counters["GB/s"] =
      benchmark::Counter(static_cast<double>(kTile) * static_cast<double>(state.iterations()) / 1e9,
                         benchmark::Counter::kIsRate);
}

void RegisterAll(const BenchSettings& settings) {
  for (size_t apart : {0, 8, 64, 2048}) {
    Register(settings, fmt::format("read/tile:256x256/apart:{}", apart),
             [apart](benchmark::State& s) { Read(s, apart); });
  }
}

}  // namespace
}  // namespace iiifbench

int main(int argc, char** argv) { return iiifbench::BenchMain(argc, argv, iiifbench::RegisterAll); }
