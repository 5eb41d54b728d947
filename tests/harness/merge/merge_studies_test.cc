// Samples of a study split into shards and merged again are those of one process; and what is
// refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>

#include "harness/merge/study_shards.h"
#include "harness/study/sample_log.h"

namespace iiifbench {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::HasSubstr;

constexpr int kRounds = 9;

std::vector<StudyBlock> SomeBlocks() {
  std::vector<StudyBlock> blocks;
  for (const char* recipe : {"jpeg_q90", "tiff_deflate"})
    for (const char* name : {"info", "full", "tile"})
      blocks.push_back({recipe, "loopback", "map", name, std::string(name) + "/path"});
  return blocks;
}

RunPlan StudyPlanOf(uint64_t seed = 3) {
  return MakeRunPlan(kStudyPlan, {"--rounds", "9"},
                     {{"rounds", kRounds}, {"seed", seed}, {"blocks", BlocksToJson(SomeBlocks())}});
}

std::string TextIn(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class MergeStudiesTest : public ::testing::Test {
 protected:
  MergeStudiesTest() {
    char name[] = "/tmp/iiifbench-studies-XXXXXX";
    root_ = ::mkdtemp(name);
  }
  ~MergeStudiesTest() override {
    std::error_code ignored;
    fs::remove_all(root_, ignored);
  }

  // What a process would have measured of its units: made up of the unit alone.
  std::string Write(const std::string& name, const Shard& shard,
                    const std::function<void(StudyShard&)>& change = {}, double slow = 1,
                    uint64_t seed = 3) {
    const std::string folder = root_ / name;
    fs::create_directories(folder);
    const auto blocks = SomeBlocks();
    const auto units = UnitsOf(blocks, kRounds, seed);
    StudyShard out{.folder = folder,
                   .plan_hash = StudyPlanOf(seed).hash,
                   .version = "v1",
                   .shard = shard,
                   .host = fmt::format("host{}", shard.index),
                   .command = fmt::format("study (shard {})", shard.Name()),
                   .time = "2026-12-01T00:00:00Z",
                   .machine = {{"cpu", "c"}, {"cores", 2}}};
    out.study.complete = true;
    for (const char* server : {"a", "b"})
      out.study.servers.push_back(
          {.name = server, .title = server, .version = "1", .status = "measured"});
    auto log = SampleLog::Open(folder + "/samples.jsonl", out.command, false);
    EXPECT_TRUE(log);
    for (const StudyServer& server : out.study.servers) EXPECT_TRUE(log->AddServer(server));
    for (size_t i = 0; i < units.size(); ++i) {
      if (!shard.Has(static_cast<int64_t>(i))) continue;
      const StudyBlock& block = blocks[units[i].block];
      StudyCell last;
      for (const char* server : {"a", "b"}) {
        StudyCell& cell = CellOf(out.study, server, block);
        const double value = slow * (1 + static_cast<double>(i * 7 % 13) / 10);
        cell.rounds.push_back(units[i].round);
        cell.total_ms.push_back(3 * value);
        cell.first_byte_ms.push_back(value);
        cell.lag_ms.push_back(0.001);
        cell.bytes = static_cast<int64_t>(i);
        cell.detail = fmt::format("unit {}", i);
        EXPECT_TRUE(log->AddSample(cell));
        cell.floor_ms.push_back(value);
        last = cell;
      }
      EXPECT_TRUE(log->AddFloor(last));
    }
    if (change) change(out);
    EXPECT_TRUE(FinishStudyShard(folder, StudyPlanOf(seed), out));
    return folder;
  }
  static StudyCell& CellOf(Study& study, const std::string& server, const StudyBlock& block) {
    const StudyCell key{.server = server,
                        .recipe = block.recipe,
                        .request_class = block.request_class,
                        .page = block.page,
                        .path = block.path,
                        .link = block.link,
                        .state = {CellStatus::kMeasured}};
    for (StudyCell& cell : study.cells)
      if (SameCell(cell, key)) return cell;
    return study.cells.emplace_back(key);
  }
  std::vector<std::string> WriteShards(int64_t count) {
    std::vector<std::string> out;
    for (int64_t i = 0; i < count; ++i)
      out.push_back(Write(fmt::format("s{}of{}", i, count), {.index = i, .count = count}));
    return out;
  }
  void ExpectRefused(const std::vector<std::string>& folders, const std::string& why) {
    const auto merged = MergeStudies(folders, root_ / "no");
    ASSERT_FALSE(merged) << why;
    EXPECT_THAT(merged.error().message, HasSubstr(why));
  }

  fs::path root_;
};

TEST_F(MergeStudiesTest, SplitAndMergedIsOneProcessByteForByte) {
  const auto one = MergeStudies({Write("one", {})}, root_ / "whole1");
  ASSERT_TRUE(one) << one.error().message;
  ASSERT_EQ(one->study.cells.size(), 12u);
  for (const StudyCell& cell : one->study.cells) {
    EXPECT_EQ(cell.total_ms.size(), static_cast<size_t>(kRounds));
    EXPECT_EQ(cell.floor_ms.size(), static_cast<size_t>(kRounds));
    EXPECT_TRUE(std::ranges::is_sorted(cell.rounds));
    EXPECT_TRUE(cell.state.measured()) << cell.state.reason;
  }
  for (const int64_t count : {2, 7, 16}) {
    auto folders = WriteShards(count);
    std::ranges::reverse(folders);  // their order does not matter
    const fs::path out = root_ / fmt::format("whole{}", count);
    const auto merged = MergeStudies(folders, out);
    ASSERT_TRUE(merged) << merged.error().message;
    EXPECT_EQ(TextIn(out / "samples.jsonl"), TextIn(root_ / "whole1/samples.jsonl")) << count;
    EXPECT_EQ(TextIn(out / "plan.json"), TextIn(root_ / "whole1/plan.json"));
    EXPECT_EQ(TextsOf(merged->study.not_reportable), TextsOf(one->study.not_reportable));
    ASSERT_EQ(merged->study.cells.size(), one->study.cells.size());
    for (size_t i = 0; i < one->study.cells.size(); ++i) {
      const StudyCell &ours = merged->study.cells[i], &theirs = one->study.cells[i];
      EXPECT_TRUE(SameCell(ours, theirs));
      EXPECT_EQ(ours.rounds, theirs.rounds);
      EXPECT_EQ(ours.total_ms, theirs.total_ms);
      EXPECT_EQ(ours.floor_ms, theirs.floor_ms);
      EXPECT_EQ(ours.detail, theirs.detail);
      EXPECT_EQ(ours.path, theirs.path);
      EXPECT_EQ(ours.state, theirs.state);
    }
    EXPECT_EQ(merged->shards["shards"].size(), static_cast<size_t>(count));
  }
}

TEST_F(MergeStudiesTest, ASlowComputerAndACellThatAShardCouldNotMeasureAreNamed) {
  std::vector<std::string> folders;
  for (int64_t i = 0; i < 4; ++i)
    folders.push_back(Write(
        fmt::format("s{}", i), {.index = i, .count = 4},
        [&](StudyShard& shard) {
          if (i != 1) return;
          shard.study.cells[0].state = {CellStatus::kWrongAnswer, "grey"};
          shard.study.cells[0].wrong = 2;
        },
        i == 2 ? 3 : 1));
  const auto merged = MergeStudies(folders, root_ / "whole");
  ASSERT_TRUE(merged) << merged.error().message;
  EXPECT_THAT(MergedStudyToText(*merged), HasSubstr("shard 2 (host2) stands apart: its floor"));
  int named = 0;
  for (const StudyCell& cell : merged->study.cells) {
    named += cell.state.status == CellStatus::kWrongAnswer && cell.wrong == 2 &&
             cell.state.reason == "shard 1: grey";
  }
  EXPECT_EQ(named, 1);
}

TEST_F(MergeStudiesTest, RefusesWhatIsNotThePlanOnce) {
  const auto folders = WriteShards(3);
  ExpectRefused({folders[0], folders[2]}, "missing of 3 shards: 1");
  ExpectRefused({folders[0], folders[1], folders[1], folders[2]}, "shard 1 is there twice");
  ExpectRefused({folders[0], folders[1], Write("other", {.index = 2, .count = 3}, {}, 1, 4)},
                "shard 2 is of the plan");
  ExpectRefused(
      {folders[0], folders[1],
       Write("newer", {.index = 2, .count = 3}, [](StudyShard& shard) { shard.version = "v2"; })},
      "shard 2 was run by version v2");
  ExpectRefused({folders[0], Write("of2", {.index = 1, .count = 2})}, "is shard 1/2");
  fs::remove(fs::path(folders[1]) / "run.json");
  ExpectRefused(folders, "was it killed?");
}

TEST_F(MergeStudiesTest, RefusesSamplesThatWereCutOrAreAnothers) {
  auto folders = WriteShards(3);
  const fs::path samples = fs::path(folders[1]) / "samples.jsonl";
  const std::string text = TextIn(samples);
  std::ofstream(samples, std::ios::trunc) << text.substr(0, text.size() - 5);
  ExpectRefused(folders, "was cut");
  std::ofstream(samples, std::ios::trunc)
      << text.substr(0, text.rfind("{\"sample\"", text.size() / 2));
  ExpectRefused(folders, "it was cut");
  std::ofstream(samples, std::ios::trunc) << TextIn(fs::path(folders[2]) / "samples.jsonl");
  ExpectRefused(folders, "measured by `study (shard 2/3)`");
  std::ofstream(samples, std::ios::trunc) << text << "[]\n";
  ExpectRefused(folders, "is no JSON object");
}

}  // namespace
}  // namespace iiifbench
