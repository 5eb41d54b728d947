#include "harness/report/study/floor_beaten.h"

#include <gtest/gtest.h>

#include "harness/study/answer_traps.h"

namespace iiifbench {
namespace {

using nlohmann::json;

TEST(FloorBeatenTest, OnlyTheSameWorkCanBeatTheFloor) {
  const json cell = {
      {"server", "loris"}, {"class", "tile"}, {"ratio_high", 0.9}, {"traps", json::array()}};
  EXPECT_TRUE(FloorBeaten(cell));
  const auto with = [&](const char* field, const json& value) {
    json changed = cell;
    changed[field] = value;
    return changed;
  };
  EXPECT_FALSE(FloorBeaten(with("ratio_high", 1.1)));
  EXPECT_FALSE(FloorBeaten(with("class", "info")));
  EXPECT_FALSE(FloorBeaten(with("server", "static")));
  EXPECT_FALSE(FloorBeaten(with("traps", {std::string(kStreamedSource)})));
  EXPECT_TRUE(FloorBeaten(with("traps", {"progressive"})));
  for (const json& damaged : {json(), json(3), with("ratio_high", "low"), with("traps", 7)}) {
    EXPECT_NO_THROW((void)FloorBeaten(damaged));
  }
}

}  // namespace
}  // namespace iiifbench
