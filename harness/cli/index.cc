// iiifbench index FILE...: writes the sidecar FILE.mcuindex beside each file whose format has an index.
//
// Written under another name first and then renamed, so that a full disk or Ctrl-C leaves no half sidecar.
// A file without an index (progressive, JPEG 2000) is named with the reason; the others are still done.
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "harness/cli/commands.h"
#include "kernels/codecs/codec.h"

namespace iiifbench {
namespace {

Result<std::vector<uint8_t>> IndexOf(const std::string& path) {
  auto source = Source::Open(path);
  if (!source) return source.error();
  auto codec = CodecOf(**source);
  if (!codec) return codec.error();
  if ((*codec)->build_index == nullptr)
    return Fail(ErrorKind::kUnsupported, "{}: {} needs no index; only JPEG files have one", path,
                (*codec)->name);
  return (*codec)->build_index(**source);
}

Result<void> WriteWhole(const std::string& path, const std::vector<uint8_t>& bytes) {
  const std::string unfinished = path + ".unfinished";
  std::ofstream out(unfinished, std::ios::binary);
  out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  out.close();
  std::error_code failed;
  if (out) std::filesystem::rename(unfinished, path, failed);
  if (!out || failed) {
    std::error_code ignored;
    std::filesystem::remove(unfinished, ignored);
    return Fail(ErrorKind::kIo, "{}: cannot write {} bytes; is the folder writable and the disk not full?",
                path, bytes.size());
  }
  return {};
}

}  // namespace

std::function<int()> AddIndex(CLI::App& app, CLI::App*& command) {
  auto files = std::make_shared<std::vector<std::string>>();
  command = app.add_subcommand("index", "Writes FILE.mcuindex: where MCUs begin in a JPEG, for fast regions");
  command->add_option("FILE", *files, "JPEG files, sequential Huffman")->required();
  return [files] {
    int status = 0;
    for (const std::string& file : *files) {
      const auto start = std::chrono::steady_clock::now();
      auto index = IndexOf(file);
      auto written = index ? WriteWhole(file + ".mcuindex", *index) : Result<void>(index.error());
      if (!written) {
        fmt::print(stderr, "iiifbench index: {}\n", written.error().message);
        status = 1;
        continue;
      }
      const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
      fmt::print("{}.mcuindex: {} bytes in {:.1f} ms\n", file, index->size(), took.count());
    }
    return status;
  };
}

}  // namespace iiifbench
