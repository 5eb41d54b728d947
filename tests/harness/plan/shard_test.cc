// Which shard a process is, by hand and by the variables of each engine, and what is refused.
#include "harness/plan/shard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace iiifbench {
namespace {

using ::testing::HasSubstr;

Result<Shard> In(const std::map<std::string, std::string>& environment) {
  return ShardFromEnvironment([&](const char* name) {
    const auto found = environment.find(name);
    return found == environment.end() ? nullptr : found->second.c_str();
  });
}

void ExpectShard(const Result<Shard>& shard, const std::string& name, const std::string& from) {
  ASSERT_TRUE(shard) << shard.error().message;
  EXPECT_EQ(shard->Name(), name);
  EXPECT_EQ(shard->from, from);
}

void ExpectRefused(const Result<Shard>& shard, const std::string& why) {
  ASSERT_FALSE(shard) << shard->Name();
  EXPECT_THAT(shard.error().message, HasSubstr(why));
}

TEST(Shard, ByHand) {
  ExpectShard(TakeShard("3/8"), "3/8", "--shard");
  ExpectShard(TakeShard(""), "0/1", "--shard");
  for (const char* wrong : {"8/8", "-1/8", "3", "3/", "/8", "3/0", "a/b", "3/8x", "3/99999999"})
    ExpectRefused(TakeShard(wrong), "i from 0 to n - 1");
}

TEST(Shard, EachEngine) {
  ExpectShard(In({{"OMPI_COMM_WORLD_RANK", "2"}, {"OMPI_COMM_WORLD_SIZE", "4"}}), "2/4", "OpenMPI");
  ExpectShard(In({{"PMI_RANK", "0"}, {"PMI_SIZE", "4"}}), "0/4", "PMI");
  ExpectShard(In({{"SLURM_ARRAY_TASK_ID", "7"}, {"SLURM_ARRAY_TASK_COUNT", "8"}}), "7/8",
              "Slurm array");
  ExpectShard(In({{"SLURM_PROCID", "5"}, {"SLURM_NTASKS", "8"}}), "5/8", "Slurm task");
  ExpectShard(In({{"JOB_COMPLETION_INDEX", "1"}, {"JOB_COMPLETIONS", "3"}}), "1/3", "Kubernetes");
  ExpectShard(In({{"JOB_COMPLETION_INDEX", "1"}, {"IIIFBENCH_SHARDS", "3"}}), "1/3", "Kubernetes");
  ExpectShard(In({{"PARALLEL_SEQ", "1"}, {"IIIFBENCH_SHARDS", "8"}}), "0/8", "GNU parallel");
  ExpectShard(In({{"PARALLEL_SEQ", "8"}, {"IIIFBENCH_SHARDS", "8"}}), "7/8", "GNU parallel");
}

TEST(Shard, SlurmArraysThatDoNotBeginAtZero) {
  std::map<std::string, std::string> array = {{"SLURM_ARRAY_TASK_ID", "30"},
                                              {"SLURM_ARRAY_TASK_COUNT", "8"},
                                              {"SLURM_ARRAY_TASK_MIN", "10"},
                                              {"SLURM_ARRAY_TASK_MAX", "80"},
                                              {"SLURM_ARRAY_TASK_STEP", "10"}};
  ExpectShard(In(array), "2/8", "Slurm array");
  array["SLURM_ARRAY_TASK_COUNT"] = "3";  // a list: 10,30,80
  ExpectRefused(In(array), "has gaps");
  array["IIIFBENCH_SHARDS"] = "100";  // lost tasks run again: the number is the shard
  ExpectShard(In(array), "30/100", "Slurm array");
}

TEST(Shard, ALostTaskAloneIsNotTheWhole) {
  std::map<std::string, std::string> array = {{"SLURM_ARRAY_TASK_ID", "5"},
                                              {"SLURM_ARRAY_TASK_COUNT", "1"},
                                              {"SLURM_ARRAY_TASK_MIN", "5"},
                                              {"SLURM_ARRAY_TASK_MAX", "5"}};
  ExpectRefused(In(array), "of how many? set IIIFBENCH_SHARDS");
  array["IIIFBENCH_SHARDS"] = "8";
  ExpectShard(In(array), "5/8", "Slurm array");
}

TEST(Shard, OneTaskDoesNotCountBesideSeveral) {
  ExpectShard(In({{"SLURM_ARRAY_TASK_ID", "3"},
                  {"SLURM_ARRAY_TASK_COUNT", "8"},
                  {"SLURM_PROCID", "0"},
                  {"SLURM_NTASKS", "1"}}),
              "3/8", "Slurm array");
  // A batch script's own variables beside those of its array, with and without a count.
  ExpectShard(In({{"SLURM_ARRAY_TASK_ID", "3"},
                  {"SLURM_ARRAY_TASK_COUNT", "8"},
                  {"SLURM_PROCID", "0"},
                  {"IIIFBENCH_SHARDS", "8"}}),
              "3/8", "Slurm array");
  ExpectShard(In({{"OMPI_COMM_WORLD_RANK", "0"},
                  {"OMPI_COMM_WORLD_SIZE", "1"},
                  {"JOB_COMPLETION_INDEX", "2"},
                  {"JOB_COMPLETIONS", "3"}}),
              "2/3", "Kubernetes");
}

TEST(Shard, MpiInsideABatchScriptIsMpi) {
  ExpectShard(In({{"OMPI_COMM_WORLD_RANK", "3"},
                  {"OMPI_COMM_WORLD_SIZE", "8"},
                  {"SLURM_PROCID", "0"},
                  {"SLURM_NTASKS", "8"}}),
              "3/8", "OpenMPI");
}

TEST(Shard, Refusals) {
  ExpectRefused(In({}), "no engine has started this process");
  ExpectRefused(In({{"OMPI_COMM_WORLD_RANK", "3"}}), "set OMPI_COMM_WORLD_SIZE");
  ExpectRefused(In({{"PARALLEL_SEQ", "3"}}), "set IIIFBENCH_SHARDS");
  ExpectRefused(In({{"PMI_RANK", "x"}, {"PMI_SIZE", "4"}}), "PMI_RANK=x is not a whole number");
  ExpectRefused(In({{"PMI_RANK", "4"}, {"PMI_SIZE", "4"}}), "PMI_RANK=4 of 4; from 0 to 3");
  ExpectRefused(In({{"PARALLEL_SEQ", "0"}, {"IIIFBENCH_SHARDS", "8"}}), "from 1 to 8");
  ExpectRefused(In({{"PMI_RANK", "1"}, {"PMI_SIZE", "4"}, {"IIIFBENCH_SHARDS", "8"}}),
                "contradict each other");
  // An array whose tasks each start several processes: each shard would run eight times.
  ExpectRefused(In({{"SLURM_ARRAY_TASK_ID", "3"},
                    {"SLURM_ARRAY_TASK_COUNT", "4"},
                    {"SLURM_PROCID", "2"},
                    {"SLURM_NTASKS", "8"}}),
                "Slurm array says 3/4 and Slurm task says 2/8");
}

}  // namespace
}  // namespace iiifbench
