// iiifbench compare --servers as a program: the reference server with and without an added delay.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <thread>

#include "harness/servers/launch/process.h"

namespace iiifbench {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class CompareServersTest : public ::testing::Test {
 protected:
  CompareServersTest() {
    char name[] = "/tmp/iiifbench-compare-XXXXXX";
    folder_ = ::mkdtemp(name);
  }
  ~CompareServersTest() override { fs::remove_all(folder_); }
  // Returns how it ended.
  std::string Run(const std::string& servers, const std::string& least_effect,
                  const std::vector<std::string>& more = {"--rounds", "30"}) {
    fs::remove(folder_ / "log");
    std::vector<std::string> argv = {
        IIIFBENCH_PROGRAM, "compare",   "--servers",          servers,
        "--small",         "--recipes", "tiff_deflate",       "--least-effect",
        least_effect,      "--json",    folder_ / "out.json", "--quiet"};
    argv.insert(argv.end(), more.begin(), more.end());
    auto process = Process::Start(argv, {}, folder_ / "log");
    if (!process) return process.error().message;
    for (int i = 0; i < 6000 && (*process)->Ended().empty(); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    said_ = Text("log");
    json_ = nlohmann::json::parse(Text("out.json"), nullptr, false);
    return (*process)->Ended();
  }
  std::string Text(const std::string& file) const {
    std::ifstream in(folder_ / file);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  fs::path folder_;
  std::string said_;
  nlohmann::json json_;
};

TEST_F(CompareServersTest, AnAddedDelayIsFoundInTheRequestsThatHaveIt) {
  std::ofstream(folder_ / "slow.json") << R"({"delay_ms": {"overhead": 20}})";
  ASSERT_EQ(Run("reference,reference:fault-plan=" + (folder_ / "slow.json").string(), "3"),
            "exit status 0")
      << said_;
  EXPECT_EQ(json_["interleaved"], true);
  ASSERT_GE(json_["cases"].size(), 4u) << said_;
  int slower = 0, open = 0;
  for (const auto& one : json_["cases"]) {
    EXPECT_EQ(one["n_a"], 30) << one;
    EXPECT_TRUE(one.contains("again")) << "A sits twice: " << one;
    if (one["name"].get<std::string>().ends_with("/info")) continue;
    EXPECT_GT(one["low"].get<double>(), 1) << one;
    // A busy machine whose level wanders costs the test its power here and there, never the
    // direction.
    EXPECT_NE(one["change"], "faster") << one;
    (one["change"] == "slower" ? slower : open) += 1;
    EXPECT_GE(one["b_ms"].get<double>() - one["a_ms"].get<double>(), 15) << one;
  }
  EXPECT_GT(slower, open) << said_;
  EXPECT_THAT(said_, HasSubstr("tiff_deflate/page:map/tile"));
  EXPECT_THAT(said_, HasSubstr("A against itself"));
}

TEST_F(CompareServersTest, AServerAgainstItselfIsNoDifferenceAndWhatCannotBeIsSaid) {
  ASSERT_EQ(Run("reference,reference#2", "25"), "exit status 0") << said_;
  for (const auto& one : json_["cases"]) EXPECT_EQ(one["change"], "no difference") << one;
  EXPECT_EQ(Run("reference,nobody", "3"), "exit status 1");
  EXPECT_THAT(said_, HasSubstr("no such server"));
  EXPECT_EQ(Run("reference", "3"), "exit status 2");
  EXPECT_THAT(said_, HasSubstr("--servers A,B"));
}

TEST_F(CompareServersTest, OverALinkAndWithinATime) {
  ASSERT_EQ(
      Run("reference,reference#2", "25", {"--rounds", "500", "--link", "10", "--minutes", "0.15"}),
      "exit status 0")
      << said_;
  int over_link = 0;
  for (const auto& one : json_["cases"]) {
    EXPECT_LT(one["n_a"], 500) << one;
    if (!one["name"].get<std::string>().ends_with("/link:10 ms")) continue;
    ++over_link;
    EXPECT_GE(one["a_ms"], 10) << one;
  }
  EXPECT_GT(over_link, 0) << said_;
  EXPECT_EQ(Run("reference", "3", {"--link", "10"}), "exit status 2");
}

}  // namespace
}  // namespace iiifbench
