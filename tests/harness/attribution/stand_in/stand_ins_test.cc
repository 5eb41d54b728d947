// Stand-ins are files that decode, and their folder goes with the object.
#include "harness/attribution/stand_in/stand_ins.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "data/page.h"
#include "harness/attribution/stand_in/ways_to_store.h"

namespace iiifbench {
namespace {

namespace fs = std::filesystem;

TEST(StandInsTest, EveryWayIsWrittenAsItSaysAndTheFolderGoes) {
  const Image page = FindPageKind("map")->make({400, 600}, 1);
  std::string folder;
  {
    StandIns made;
    std::set<std::string> names;
    std::vector<WayToStore> ways = WaysToStore({.size = page.size()}, {});
    ways.push_back(PlainWay({.size = page.size()}));
    for (const WayToStore& way : ways) {
      EXPECT_TRUE(names.insert(way.name).second) << way.name;
      auto stored = made.Make(page.view(), way);
      ASSERT_TRUE(stored.ok()) << way.name << ": " << stored.error().message;
      EXPECT_EQ((*stored)->page.info.size, page.size());
      EXPECT_EQ((*stored)->page.info.facts.lossless, way.coding != "lossy" && way.coding != "JPEG")
          << way.name;
      folder = fs::path((*stored)->page.file).parent_path();
    }
    const StandIns moved = std::move(made);
    EXPECT_EQ(moved.all().size(), ways.size());
    EXPECT_TRUE(fs::exists(folder));
  }
  EXPECT_FALSE(fs::exists(folder));
}

TEST(StandInsTest, TilesFollowWhatTheServerNames) {
  const InfoDocument info{.size = {4000, 6000}, .tiles = {{512, 512, {1, 2, 4}}}};
  EXPECT_EQ(PlainWay(info).options.tile, (Size{512, 512}));
  for (const WayToStore& way : WaysToStore(info, {})) {
    if (way.options.tile.width == 0 || way.name.find("tiles of") != std::string::npos) continue;
    EXPECT_EQ(way.options.tile, (Size{512, 512})) << way.name;
  }
}

TEST(StandInsTest, AJpegHasTheQualityThatThePixelsShowOrAFinerOne) {
  const auto jpegs = [](const BlockGrid& grid) {
    std::vector<int> out;
    for (const WayToStore& way : WaysToStore({.size = {800, 1200}}, grid)) {
      if (way.codec == "jpeg") out.push_back(way.options.quality);
    }
    return out;
  };
  EXPECT_EQ(jpegs({.judged = true, .there = true, .quality = 83}), std::vector<int>{83});
  ASSERT_EQ(jpegs({.judged = true}).size(), 1u);
  EXPECT_GT(jpegs({.judged = true}).front(), kSeenQuality);
  EXPECT_GT(jpegs({}).size(), 1u);
}

}  // namespace
}  // namespace iiifbench
