#include "harness/study/units.h"

#include <algorithm>

#include "harness/study/running/study_state.h"
#include "harness/study/study.h"

namespace iiifbench {

std::vector<std::string> LinksOf(const StudyOptions& options) {
  std::vector<std::string> links = {std::string(kLoopback)};
  for (const double ms : options.links_ms) links.push_back(fmt::format("{:g} ms", ms));
  return links;
}

std::vector<StudyBlock> BlocksOf(const StudyOptions& options, const Corpus& corpus) {
  std::vector<StudyBlock> blocks;
  for (const auto& link : LinksOf(options)) {
    for (const CorpusEntry& entry : corpus.entries) {
      for (const RequestClass& c : ClassesOf(options, entry))
        blocks.push_back({.recipe = entry.recipe,
                          .link = link,
                          .page = entry.page,
                          .request_class = c.name,
                          .path = c.path});
    }
  }
  return blocks;
}

std::vector<StudyUnit> UnitsOf(const std::vector<StudyBlock>& blocks, int rounds, uint64_t seed) {
  std::vector<std::string> recipes;
  for (const StudyBlock& block : blocks)
    if (std::ranges::find(recipes, block.recipe) == recipes.end()) recipes.push_back(block.recipe);
  std::vector<StudyUnit> units;
  units.reserve(blocks.size() * static_cast<size_t>(std::max(0, rounds)));
  std::mt19937_64 random(seed);
  for (const auto& recipe : recipes) {
    std::vector<size_t> order;
    for (size_t i = 0; i < blocks.size(); ++i)
      if (blocks[i].recipe == recipe) order.push_back(i);
    for (int round = 0; round < rounds; ++round) {
      Shuffle(order, random);
      for (const size_t block : order) units.push_back({.block = block, .round = round});
    }
  }
  return units;
}

std::map<BlockKey, std::set<int>> RoundsOf(const std::vector<StudyBlock>& blocks,
                                           const std::vector<StudyUnit>& units,
                                           const StudyPart& part) {
  std::map<BlockKey, std::set<int>> out;
  for (size_t i = 0; i < units.size(); ++i)
    if (part.Has(i)) out[KeyOf(blocks[units[i].block])].insert(units[i].round);
  return out;
}

}  // namespace iiifbench
