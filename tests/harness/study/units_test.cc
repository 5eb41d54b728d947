// The units of a study, dealt to parts: their union is the study, and chance deals them.
#include "harness/study/units.h"

#include <gtest/gtest.h>

namespace iiifbench {
namespace {

std::vector<StudyBlock> ManyBlocks() {
  std::vector<StudyBlock> blocks;
  for (const char* recipe : {"jpeg", "tiff"})
    for (const char* link : {"loopback", "46 ms"})
      for (const char* name : {"info", "full", "tile", "crop"})
        blocks.push_back({recipe, link, "map", name, name});
  return blocks;
}

TEST(UnitsTest, TheUnionOfThePartsIsTheStudyAndEachUnitIsThereOnce) {
  const auto blocks = ManyBlocks();
  const auto units = UnitsOf(blocks, 15, 3);
  ASSERT_EQ(units.size(), blocks.size() * 15);
  for (const int64_t count : {1, 2, 7, 16}) {
    std::map<BlockKey, std::set<int>> whole;
    size_t dealt = 0;
    for (int64_t i = 0; i < count; ++i) {
      for (const auto& [key, rounds] : RoundsOf(blocks, units, {.index = i, .count = count})) {
        dealt += rounds.size();
        whole[key].insert(rounds.begin(), rounds.end());
      }
    }
    EXPECT_EQ(dealt, units.size()) << count;
    EXPECT_EQ(whole, RoundsOf(blocks, units, {})) << count;
    EXPECT_EQ(whole.size(), blocks.size());
  }
}

TEST(UnitsTest, ARoundAsksEveryBlockOfItsFileTypeBeforeTheNext) {
  const auto blocks = ManyBlocks();
  const auto units = UnitsOf(blocks, 4, 1);
  for (size_t i = 0; i < units.size(); ++i) {
    EXPECT_EQ(units[i].round, static_cast<int>(i % 32 / 8)) << i;
    EXPECT_EQ(blocks[units[i].block].recipe, i < 32 ? "jpeg" : "tiff") << i;
  }
}

// Eight blocks a round and two or four parts: dealt in a fixed order, a block would be one part's.
TEST(UnitsTest, NoBlockIsTiedToOneComputer) {
  const auto blocks = ManyBlocks();
  const auto units = UnitsOf(blocks, 15, 3);
  for (const int64_t count : {2, 4}) {
    std::map<BlockKey, int> parts;
    for (int64_t i = 0; i < count; ++i)
      for (const auto& [key, rounds] : RoundsOf(blocks, units, {.index = i, .count = count}))
        ++parts[key];
    for (const auto& [key, number] : parts) EXPECT_GE(number, 2) << std::get<3>(key);
  }
}

TEST(UnitsTest, AnotherSeedIsAnotherOrder) {
  const auto order = [](uint64_t seed) {
    std::vector<size_t> out;
    for (const StudyUnit& unit : UnitsOf(ManyBlocks(), 3, seed)) out.push_back(unit.block);
    return out;
  };
  EXPECT_EQ(order(1), order(1));
  EXPECT_NE(order(1), order(2));
}

}  // namespace
}  // namespace iiifbench
