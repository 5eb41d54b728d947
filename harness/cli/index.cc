// iiifbench index FILE...: writes the sidecar FILE.mcuindex beside each file whose format has an
// index.
//
// Written under another name first and then renamed, so that a full disk or Ctrl-C leaves no half
// sidecar. A file without an index (progressive, JPEG 2000) is named with the reason; the others
// are still done.
//
// --verify writes nothing and prints a table instead: see index_verify.h.
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "data/corpus.h"
#include "harness/cli/commands.h"
#include "harness/cli/index_verify.h"
#include "harness/cli/output.h"
#include "harness/stats/milliseconds.h"
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

Milliseconds Since(std::chrono::steady_clock::time_point start) {
  return std::chrono::steady_clock::now() - start;
}

}  // namespace

std::function<int()> AddIndex(CLI::App& app, CLI::App*& command) {
  auto files = std::make_shared<std::vector<std::string>>();
  command = app.add_subcommand(
      "index", "Writes FILE.mcuindex: where MCUs begin in a JPEG, for fast regions");
  command->add_option("FILE", *files, "JPEG files, sequential Huffman; with --verify also folders")
      ->required();
  auto verify = std::make_shared<bool>(false);
  command->add_flag("--verify", *verify,
                    "Write nothing; compare regions by the index with the crop of a whole decode, "
                    "a table over files "
                    "and folders");
  return [files, verify] {
    if (*verify) return VerifyIndexes(*files);
    int status = 0;
    for (const std::string& file : *files) {
      const auto start = std::chrono::steady_clock::now();
      auto index = IndexOf(file);
      auto written = index ? WriteFile(file + ".mcuindex", *index) : Result<void>(index.error());
      if (!written) {
        Complain("iiifbench index: {}\n", written.error().message);
        status = 1;
        continue;
      }
      Print("{}.mcuindex: {} bytes in {:.1f} ms\n", file, index->size(), Since(start).count());
    }
    return status;
  };
}

}  // namespace iiifbench
