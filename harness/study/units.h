// units: what a study asks, dealt out: the blocks, the order in which they are asked, and whose
// they are.
//
// A block is one request of one page over one link, asked of all servers and the floor; a unit is a
// block in one round. Order: file type by file type, round by round, the blocks of a round at
// random (seeded, by raw output of mt19937_64). Unit i belongs to part i mod n, so that the union
// of the parts is the study, and chance decides which computer asks a cell in which round: no
// server and no request is tied to one of them. Answers of one unit stay paired: one computer asks
// all its servers and its floor. Shapes: blocks in the order links, entries of the corpus, classes.
// Memory: 16 bytes a unit. Errors, threads: none.
#pragma once

#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "data/corpus.h"

namespace iiifbench {

struct StudyOptions;

struct StudyBlock {
  std::string recipe, link, page, request_class, path;
};
using BlockKey = std::tuple<std::string, std::string, std::string, std::string>;
inline BlockKey KeyOf(const StudyBlock& b) { return {b.recipe, b.link, b.page, b.request_class}; }

struct StudyUnit {
  size_t block = 0;  // index
  int round = 0;
};

struct StudyPart {
  int64_t index = 0, count = 1;
  bool Has(size_t unit) const { return static_cast<int64_t>(unit) % count == index; }
};

// Loopback, then those of --link.
std::vector<std::string> LinksOf(const StudyOptions& options);
std::vector<StudyBlock> BlocksOf(const StudyOptions& options, const Corpus& corpus);
std::vector<StudyUnit> UnitsOf(const std::vector<StudyBlock>& blocks, int rounds, uint64_t seed);
// The rounds of each block that a part asks; a block of which it asks none is not there.
std::map<BlockKey, std::set<int>> RoundsOf(const std::vector<StudyBlock>& blocks,
                                           const std::vector<StudyUnit>& units,
                                           const StudyPart& part);

template <typename T>
void Shuffle(std::vector<T>& items, std::mt19937_64& random) {
  for (size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[random() % i]);
}

}  // namespace iiifbench
