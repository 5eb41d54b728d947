// Shards started by engines that people run, on this machine, by the scripts of examples/engines;
// skipped where the engine is not installed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "data/corpus.h"
#include "harness/servers/reference/reference_server.h"

namespace iiifbench {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

struct Said {
  int status = -1;
  std::string text;
};

class EnginesTest : public ::testing::Test {
 protected:
  EnginesTest() {
    char name[] = "/tmp/iiifbench-engines-XXXXXX";
    folder_ = ::mkdtemp(name);
    fs::create_directories(folder_ / "bin");
    fs::create_symlink(fs::absolute(IIIFBENCH_PROGRAM), folder_ / "bin/iiifbench");
  }
  ~EnginesTest() override {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  Said Shell(const std::string& command) const {
    const std::string line =
        fmt::format("cd '{0}' && export PATH='{0}/bin':$PATH && ( {1} ) >said 2>&1 </dev/null",
                    folder_.string(), command);
    const int status = std::system(line.c_str());
    std::stringstream text;
    text << std::ifstream(folder_ / "said").rdbuf();
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, text.str()};
  }
  static std::string Images() {
    auto corpus = EnsureCorpus({.small = true, .pages = {"map"}});
    return corpus ? corpus->image_folder : "";
  }
  // A server, and a plan of four shards over one of its images.
  std::unique_ptr<ReferenceServer> Plan() {
    auto server = ReferenceServer::Start({.folder = Images(), .workers = 2});
    EXPECT_TRUE(server);
    if (!server) return nullptr;
    const auto said = Shell(fmt::format(
        "iiifbench plan --url http://127.0.0.1:{}/iiif/2/map_jpeg_q90.jpg --rate 40 --seconds 2 "
        "--warm-up 0.5 --out plan.json",
        (*server)->port()));
    EXPECT_EQ(said.status, 0) << said.text;
    return std::move(*server);
  }
  void ExpectMerged() {
    const auto merged = Shell("iiifbench merge run --out whole");
    // Not reportable is for a machine that others use meanwhile.
    EXPECT_TRUE(merged.status == 0 || merged.status == 3) << merged.text;
    EXPECT_THAT(merged.text, HasSubstr("whole/load.json"));
    EXPECT_EQ(Shell("rm -r run/shard-2-of-4; iiifbench merge run --out none").text,
              "iiifbench merge: missing of 4 shards: 2\n");
  }
  bool Has(const char* tool) const { return Shell(fmt::format("command -v {}", tool)).status == 0; }
  std::string Example(const char* name) const {
    return (fs::path(IIIFBENCH_SOURCES) / "examples/engines" / name).string();
  }

  fs::path folder_;
};

TEST_F(EnginesTest, GnuParallel) {
  if (!Has("parallel")) GTEST_SKIP() << "GNU parallel is not installed";
  const auto server = Plan();
  const auto said =
      Shell(fmt::format("PLAN=plan.json OUT=run SHARDS=4 '{}' load", Example("parallel.sh")));
  EXPECT_THAT(said.text, HasSubstr("shard 3/4"));
  ExpectMerged();
}

TEST_F(EnginesTest, OpenMpi) {
  if (!Has("mpirun")) GTEST_SKIP() << "no mpirun";
  const auto server = Plan();
  const auto said = Shell(fmt::format(
      "OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 PLAN=plan.json OUT=run "
      "SHARDS=4 '{}' --oversubscribe",
      Example("mpirun.sh")));
  EXPECT_THAT(said.text, HasSubstr("shard 3/4"));
  ExpectMerged();
}

TEST_F(EnginesTest, Slurm) {
  const auto said =
      Shell(fmt::format("IIIFBENCH_TEST_IMAGES='{}' '{}/tests/harness/cli/slurm_here.sh' '{}'",
                        Images(), IIIFBENCH_SOURCES, IIIFBENCH_PROGRAM));
  if (said.status == 77) GTEST_SKIP() << said.text;
  EXPECT_EQ(said.status, 0) << said.text;
  EXPECT_THAT(said.text, HasSubstr("missing of 8 shards: 5"));
  EXPECT_THAT(said.text, HasSubstr("processor seconds per 1,000 views"));
}

TEST_F(EnginesTest, RefusedWithoutAnEngine) {
  const auto server = Plan();
  const auto said = Shell("iiifbench load --plan plan.json --shard auto --out run");
  EXPECT_EQ(said.status, 2);
  EXPECT_THAT(said.text, HasSubstr("no engine has started this process"));
  const auto late = Shell(
      "iiifbench load --plan plan.json --shard 0/2 --out run --start-at 2020-01-01T00:00:00Z");
  EXPECT_EQ(late.status, 2);
  EXPECT_THAT(late.text, HasSubstr("s ago by this computer's clock"));
}

}  // namespace
}  // namespace iiifbench
