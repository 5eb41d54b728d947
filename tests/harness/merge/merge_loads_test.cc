// Samples split into shards and merged again are, byte for byte, those of one process; and what is
// refused.
#include "harness/merge/load_shards.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <random>

#include "tests/harness/findings/figures.h"

#include "harness/merge/outliers.h"
#include "harness/stats/milliseconds.h"

namespace iiifbench {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using std::chrono::microseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Plan SmallPlan() {
  return {.version = "v1",
          .workload = json::parse(BuiltInWorkload("viewer")),
          .images = {{"http://127.0.0.1:1/iiif/2/a", {4000, 3000}}},
          .rate_per_second = 200,
          .warm_up_s = 1,
          .seconds = 10,
          .seed = 3};
}

std::string Text(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class MergeLoadsTest : public ::testing::Test {
 protected:
  MergeLoadsTest() {
    char name[] = "/tmp/iiifbench-merge-XXXXXX";
    root_ = ::mkdtemp(name);
  }
  ~MergeLoadsTest() override {
    std::error_code ignored;
    fs::remove_all(root_, ignored);
  }

  // What one process would have seen of every arrival of the plan: made up, with failures.
  static LoadRun Samples(const Plan& plan, const Shard& shard) {
    LoadRun run{.failures = {"timed out", "status 500\twith a tab"}};
    PlanStream stream(plan, shard);
    while (const auto arrival = stream.Next()) {
      if (*arrival->due < std::chrono::seconds(1)) continue;
      std::mt19937_64 random(static_cast<uint64_t>(arrival->number));  // of the arrival alone
      const auto draw = [&](int64_t most) { return microseconds(random() % most); };
      LoadSample sample{.due = *arrival->due,
                        .latency = microseconds(3000) + draw(9000),
                        .slot = draw(10),
                        .lag = draw(50),
                        .connect = draw(300),
                        .first_byte = draw(3000),
                        .body = draw(100),
                        .bytes = static_cast<int64_t>(random() % 20'000),
                        .reused = random() % 4 != 0,
                        .arrival = arrival->number};
      const auto name = std::ranges::find(run.classes, arrival->request.request_class);
      sample.request_class = static_cast<int32_t>(name - run.classes.begin());
      if (name == run.classes.end()) run.classes.push_back(arrival->request.request_class);
      if (random() % 50 == 0) sample.failure = static_cast<int32_t>(random() % 2);
      run.samples.push_back(sample);
    }
    std::ranges::shuffle(run.samples, std::mt19937_64(1));  // done is not due
    return run;
  }

  std::string Write(const std::string& name, const Plan& plan, const Shard& shard,
                    const std::function<void(LoadRun&, LoadShard&)>& change = {}) {
    const std::string folder = root_ / name;
    fs::create_directories(folder);
    LoadRun run = Samples(plan, shard);
    LoadShard about{.plan_hash = PlanHash(plan),
                    .version = "v1",
                    .shard = shard,
                    .host = fmt::format("host{}", shard.index),
                    .machine = "m",
                    .clock = ClockOffset{-0.02, 0.01, 20},
                    .clock_source = "http://127.0.0.1:1/"};
    if (change) change(run, about);
    about.samples = std::ssize(run.samples);
    EXPECT_TRUE(WriteSamples(run, folder + "/samples.tsv"));
    EXPECT_TRUE(FinishLoadShard(folder, plan, about));
    return folder;
  }
  std::vector<std::string> WriteShards(int64_t count) {
    std::vector<std::string> folders;
    for (int64_t i = 0; i < count; ++i)
      folders.push_back(
          Write(fmt::format("s{}of{}", i, count), SmallPlan(), {.index = i, .count = count}));
    return folders;
  }
  void ExpectRefused(const std::vector<std::string>& folders, const std::string& why) {
    const auto merged = MergeLoads(folders, root_ / "no");
    ASSERT_FALSE(merged) << why;
    EXPECT_THAT(merged.error().message, HasSubstr(why));
  }

  fs::path root_;
};

TEST_F(MergeLoadsTest, SplitAndMergedIsOneProcessByteForByte) {
  const std::string one = Write("one", SmallPlan(), {});
  for (const int64_t count : {1, 2, 7, 16}) {
    auto folders = WriteShards(count);
    std::ranges::reverse(folders);
    const std::string out = root_ / fmt::format("merged{}", count);
    const auto merged = MergeLoads(folders, out);
    ASSERT_TRUE(merged) << merged.error().message;
    EXPECT_EQ(Text(out + "/samples.tsv"), Text(one + "/samples.tsv"));
    EXPECT_EQ(Text(out + "/load.json"), Text(one + "/load.json"));
    EXPECT_EQ(Text(out + "/plan.json"), Text(one + "/plan.json"));
    EXPECT_EQ(merged->shards["outliers"].size(), 0U) << merged->shards["outliers"].dump();
  }
  const json figures = json::parse(Text(one + "/load.json"));
  EXPECT_EQ(figures["planned"], figures["answers"].get<int>() + figures["failed"].get<int>());
  EXPECT_EQ(figures["not_answered"], 0);
  EXPECT_EQ(figures["failures"].size(), 2U);
}

TEST_F(MergeLoadsTest, PercentilesAreOfAllSamplesNotOfShards) {
  // One slow shard of four: the mean of the shards' p90 is not the p90 of all.
  std::vector<std::string> folders;
  std::vector<double> all;
  for (int64_t i = 0; i < 4; ++i) {
    folders.push_back(Write(fmt::format("p{}", i), SmallPlan(), {.index = i, .count = 4},
                            [&](LoadRun& run, LoadShard&) {
                              for (auto& sample : run.samples) {
                                sample.failure = -1;
                                if (i == 2) sample.latency *= 10;
                                all.push_back(MsOf(sample.latency));
                              }
                            }));
  }
  const auto merged = MergeLoads(folders, root_ / "all");
  ASSERT_TRUE(merged) << merged.error().message;
  for (const auto& [name, p] :
       {std::pair("p50", 0.5), std::pair("p90", 0.9), std::pair("p99", 0.99)}) {
    std::ranges::sort(all);
    const double truth =
        all[static_cast<size_t>(std::ceil(p * static_cast<double>(all.size()))) - 1];
    EXPECT_NEAR(merged->figures["percentiles"][name]["ms"].get<double>(), truth, truth * 1e-3)
        << name;
  }
  EXPECT_THAT(merged->shards["outlier_ids"], ElementsAre("shard-latency", "shard-latency"));
  for (const auto& outlier : merged->shards["outliers"])
    EXPECT_TRUE(outlier.get<std::string>().starts_with("shard 2 (host2)")) << outlier;
}

TEST_F(MergeLoadsTest, NamesTheOutlier) {
  const auto outliers = [&](const std::string& name,
                            const std::function<void(LoadRun&, LoadShard&)>& change) {
    std::vector<std::string> folders;
    for (int64_t i = 0; i < 5; ++i) {
      folders.push_back(Write(fmt::format("{}{}", name, i), SmallPlan(), {.index = i, .count = 5},
                              i == 3 ? change : nullptr));
    }
    const auto merged = MergeLoads(folders, root_ / (name + "all"));
    EXPECT_TRUE(merged);
    return merged ? FindingsIn(merged->shards, "outliers", "outlier_ids") : std::vector<Finding>();
  };
  const auto lag = outliers("lag", [](LoadRun& run, LoadShard&) {
    for (auto& sample : run.samples) sample.lag += microseconds(900);
  });
  ASSERT_THAT(IdsOf(lag), ElementsAre("shard-lag"));
  EXPECT_TRUE(lag[0].text.starts_with("shard 3 (host3)")) << lag[0].text;
  // The lag of all hides it.
  EXPECT_THAT(json::parse(Text(root_ / "lagall/shards.json"))["not_reportable_ids"],
              ::testing::Contains("own-lag"));
  EXPECT_THAT(IdsOf(outliers("network",
                             [](LoadRun& run, LoadShard&) {
                               for (auto& sample : run.samples)
                                 sample.connect += microseconds(40'000);
                             })),
              ElementsAre("shard-connects-slowly"));
  EXPECT_THAT(IdsOf(outliers("answers",
                             [](LoadRun& run, LoadShard&) {
                               for (size_t i = 0; i < run.samples.size(); i += 4)
                                 run.samples[i].failure = 0;
                             })),
              ElementsAre("shard-failures"));
  const auto clock = outliers("clock", [](LoadRun&, LoadShard& shard) {
    shard.clock = {{-3.1, -3.0, 20}};
  });
  ASSERT_THAT(IdsOf(clock), ElementsAre("shard-clock-off"));
  EXPECT_THAT(FiguresIn(clock[0].text), ::testing::Contains(3.05));
}

TEST_F(MergeLoadsTest, Refusals) {
  auto folders = WriteShards(4);
  ExpectRefused({folders[0], folders[2]}, "missing of 4 shards: 1, 3");
  ExpectRefused({folders[0], folders[1], folders[2], folders[3], folders[1]},
                "shard 1 is there twice");
  Plan other = SmallPlan();
  other.seed = 4;
  const Shard third = {.index = 3, .count = 4};
  ExpectRefused({folders[0], folders[1], folders[2], Write("seed", other, third)},
                "is of the plan");
  ExpectRefused({folders[0], folders[1], folders[2],
                 Write("version", SmallPlan(), third,
                       [](LoadRun&, LoadShard& shard) { shard.version = "v2"; })},
                "run by version v2");
  ExpectRefused({folders[0], Write("fifth", SmallPlan(), {.index = 4, .count = 5})},
                "is shard 4/5");
  ExpectRefused({folders[0], (root_ / "nothing").string()}, "was it killed?");

  const std::string samples = folders[3] + "/samples.tsv", text = Text(samples);
  const auto with = [&](const std::string& content) {
    std::ofstream(samples, std::ios::binary) << content;
  };
  with(text.substr(0, text.size() - 10));
  ExpectRefused(folders, "was cut");
  with(text.substr(0, text.rfind('\n', text.size() - 2) + 1));  // at the end of a line
  ExpectRefused(folders, "it was cut");
  with(text + text.substr(text.rfind('\n', text.size() - 2) + 1));
  ExpectRefused(folders, "is there twice or out of order");
  with(Text(folders[2] + "/samples.tsv"));
  ExpectRefused(folders, "is not of shard 3/4");
  with("arrival\n");
  ExpectRefused(folders, "its first line");
}

TEST_F(MergeLoadsTest, ArrivalsWithoutASampleAreCounted) {
  const std::string folder = Write("lost", SmallPlan(), {}, [](LoadRun& run, LoadShard&) {
    run.samples.resize(run.samples.size() - 30);
  });
  const json figures = json::parse(Text(folder + "/load.json"));
  EXPECT_EQ(figures["not_answered"], 30);
  EXPECT_THAT(figures["not_reportable_ids"], ::testing::Contains("arrivals-without-sample"));
  EXPECT_EQ(FiguresIn(figures["not_reportable"][0].get<std::string>())[0], 30);
}

}  // namespace
}  // namespace iiifbench
