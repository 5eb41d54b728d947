// corpus: pages encoded by recipes into one flat folder, with a manifest. Flat, because some
// servers take no folders in identifiers.
//
// Layout: <folder>/images/<page>_<recipe>.<ext>, <folder>/manifest.json. Incremental: a file whose
// key (page, generation, recipe, options, library version) and checksum stand in the manifest is
// not made again. Files are written beside and renamed, so an interrupted run leaves nothing half.
// Lossless recipes are decoded again and compared before they count. Checksums: FNV-1a, 64 bit:
// against accidents, not against people. Errors: kIo with the path and what to do (full disk), the
// codec's message otherwise.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "data/page.h"
#include "data/write_file.h"
#include "kernels/codecs/codec.h"

namespace iiifbench {

struct CorpusEntry {
  std::string page;
  std::string recipe;
  std::string file;  // name inside images/
  std::string path;
  Size size;
  int channels = 0;
  int64_t bytes = 0;
  std::string checksum;
  std::string key;
};

struct CorpusOptions {
  std::string folder;                // empty: DefaultCorpusFolder(small)
  bool small = false;                // pages of under 1 Mpx for tests
  std::vector<std::string> recipes;  // empty: the founding ones; {"all"}: all
  std::string images;                // a folder of a user's own pages instead of the generated ones
  std::vector<std::string> pages;    // names; empty: all
  int threads = 2;
  std::function<void(const std::string& line)> progress;
};

struct Corpus {
  std::string folder;
  std::string image_folder;
  std::vector<CorpusEntry> entries;
  int made = 0;  // files that had to be made
};

Result<Corpus> EnsureCorpus(const CorpusOptions& options);
// $IIIFBENCH_CORPUS, else corpus-small or corpus in the build folder.
std::string DefaultCorpusFolder(bool small);
std::string Checksum(std::span<const uint8_t> bytes);

}  // namespace iiifbench
