// Images of an attribution split into shards and merged again are those of one process; and what is
// refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>

#include "harness/merge/attribution_shards.h"

namespace iiifbench {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::HasSubstr;

constexpr int64_t kImages = 11;

RunPlan ImagePlan(int64_t images = kImages) {
  json list = json::array();
  for (int64_t i = 0; i < images; ++i) list.push_back({{"url", fmt::format("http://h/{}", i)}});
  return MakeRunPlan(kAttributionPlan, {"--budget", "9"}, {{"images", list}});
}

std::string Bytes(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class MergeAttributionsTest : public ::testing::Test {
 protected:
  MergeAttributionsTest() {
    char name[] = "/tmp/iiifbench-attributions-XXXXXX";
    root_ = ::mkdtemp(name);
  }
  ~MergeAttributionsTest() override {
    std::error_code ignored;
    fs::remove_all(root_, ignored);
  }
  std::string Write(const std::string& name, const Shard& shard,
                    const std::function<void(AttributionShard&)>& change = {},
                    const RunPlan& plan = ImagePlan()) {
    const std::string folder = root_ / name;
    fs::create_directories(folder);
    AttributionShard about{.folder = folder,
                           .plan_hash = plan.hash,
                           .version = "v1",
                           .shard = shard,
                           .host = "h",
                           .time = "2026-12-01T00:00:00Z",
                           .machine = json::object()};
    for (int64_t unit = 0; unit < kImages; ++unit) {
      if (!shard.Has(unit)) continue;
      ++about.images;
      EXPECT_TRUE(AppendAttribution(folder, unit,
                                    {{"schema", 1},
                                     {"url", fmt::format("http://h/{}", unit)},
                                     {"requests", {{{"path", "p"}}}},
                                     {"refusals", json::array()}}));
    }
    if (change) change(about);
    EXPECT_TRUE(FinishAttributionShard(folder, plan, about));
    return folder;
  }
  std::vector<std::string> WriteShards(int64_t count) {
    std::vector<std::string> out;
    for (int64_t i = 0; i < count; ++i)
      out.push_back(Write(fmt::format("s{}of{}", i, count), {.index = i, .count = count}));
    return out;
  }
  void ExpectRefused(const std::vector<std::string>& folders, const std::string& why) {
    const auto merged = MergeAttributions(folders, root_ / "no");
    ASSERT_FALSE(merged) << why;
    EXPECT_THAT(merged.error().message, HasSubstr(why));
  }
  fs::path root_;
};

TEST_F(MergeAttributionsTest, SplitAndMergedIsOneProcessByteForByte) {
  const std::string one = Write("one", {});
  ASSERT_TRUE(MergeAttributions({one}, root_ / "whole1"));
  const std::string list = Bytes(root_ / "whole1/attribution-images.json");
  EXPECT_EQ(json::parse(list)["attributions"].size(), static_cast<size_t>(kImages));
  for (const int64_t count : {2, 3, 11}) {
    const fs::path out = root_ / fmt::format("whole{}", count);
    const auto merged = MergeAttributions(WriteShards(count), out);
    ASSERT_TRUE(merged) << merged.error().message;
    EXPECT_EQ(merged->images, kImages);
    EXPECT_EQ(Bytes(out / "attribution-images.json"), list) << count;
    EXPECT_EQ(Bytes(out / "attributions.jsonl"), Bytes(fs::path(one) / "attributions.jsonl"));
  }
}

TEST_F(MergeAttributionsTest, GoesOnBehindALineThatWasCut) {
  const fs::path lines = fs::path(Write("cut", {})) / "attributions.jsonl";
  fs::resize_file(lines, fs::file_size(lines) - 3);
  const auto units = AttributedUnits(lines.parent_path());
  ASSERT_TRUE(units) << units.error().message;
  EXPECT_EQ(units->size(), static_cast<size_t>(kImages - 1));
  EXPECT_EQ(Bytes(lines).back(), '\n');
}

TEST_F(MergeAttributionsTest, RefusesWhatIsNotThePlanOnce) {
  const auto folders = WriteShards(3);
  ExpectRefused({folders[0], folders[2]}, "missing of 3 shards: 1");
  ExpectRefused({folders[0], folders[1], folders[1], folders[2]}, "shard 1 is there twice");
  ExpectRefused(
      {folders[0], folders[1], Write("other", {.index = 2, .count = 3}, {}, ImagePlan(20))},
      "shard 2 is of the plan");
  ExpectRefused({folders[0], folders[1],
                 Write("newer", {.index = 2, .count = 3},
                       [](AttributionShard& shard) { shard.version = "v2"; })},
                "shard 2 was run by version v2");
  ExpectRefused(
      {folders[0], folders[1],
       Write("few", {.index = 2, .count = 3}, [](AttributionShard& shard) { ++shard.images; })},
      "it was cut");
  fs::copy_file(fs::path(folders[1]) / "attributions.jsonl",
                fs::path(folders[2]) / "attributions.jsonl", fs::copy_options::overwrite_existing);
  ExpectRefused(folders, "unit 1 is not of shard 2");
  fs::remove(fs::path(folders[1]) / "run.json");
  ExpectRefused(folders, "was it killed?");
}

}  // namespace
}  // namespace iiifbench
