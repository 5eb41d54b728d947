// pages: the corpus as benchmarks see it: files, and the whole decode of a level to check against.
#pragma once

#include "benchmarks/common/bench.h"
#include "data/corpus.h"

namespace iiifbench {

// The founding recipes, or those named in $IIIFBENCH_RECIPES; ends the program with a message when
// they cannot be made.
const Corpus& PagesFor(const BenchSettings& settings);

// Every variant the codec has, in the order naive, library, best, indexed.
std::vector<Variant> VariantsOf(const Codec& codec);

// The whole of a level, decoded by the library; the last one is kept, since benchmarks of one file
// follow each other.
Result<ConstPixelView> WholeLevel(const std::string& path, int level);

// An open file with what a decode of it needs.
struct OpenPage {
  std::unique_ptr<Source> source;
  const Codec* codec = nullptr;
  ImageInfo info;
  std::vector<uint8_t> index;  // for kIndexed
};
Result<OpenPage> OpenForBench(const std::string& path, Variant variant);

}  // namespace iiifbench
