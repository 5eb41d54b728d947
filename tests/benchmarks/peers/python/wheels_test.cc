// Environments made here: bin/python is a program of the test that speaks the protocol, or breaks
// it.
#include "benchmarks/peers/python/wheels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "benchmarks/peers/check.h"
#include "benchmarks/peers/python/process.h"

namespace iiifbench::peers {
namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

class Environment : public testing::Test {
 protected:
  void SetUp() override {
    std::string folder = (fs::temp_directory_path() / "wheels-XXXXXX").string();
    ASSERT_NE(::mkdtemp(folder.data()), nullptr);
    folder_ = folder;
    fs::create_directories(folder_ / "bin");
  }
  void TearDown() override { fs::remove_all(folder_); }

  // bin/python as a shell script; it sees the script's path as $1 and the package as $2.
  std::string Program(const std::string& text) {
    const fs::path path = folder_ / "bin" / "python";
    std::ofstream(path) << "#!/bin/sh\n" << text;
    fs::permissions(path, fs::perms::owner_all);
    return path.string();
  }

  fs::path folder_;
};

// Says its version and then gives this answer to every task.
std::string Answering(const std::string& answer) {
  return "echo '{\"version\": \"Fake 1.2.3\"}'\nwhile read -r line; do echo '" + answer +
         "'; done\n";
}

Task SomeResize(const Image& image) {
  Task task{.kind = Kind::kResize, .pixels = image.view(), .filter = Filter::kBox};
  task.out = {image.width() / 2, image.height() / 2};
  return task;
}

TEST_F(Environment, AFolderWithoutAnInterpreterIsTheCallersMistake) {
  const auto used = UseEnvironment(folder_.string());
  ASSERT_FALSE(used);
  EXPECT_THAT(used.error().message, HasSubstr("no bin/python"));
  EXPECT_FALSE(UseEnvironment((folder_ / "absent").string()));
}

TEST_F(Environment, EveryPackageIsStartedByItsNameAndAMissingOneSaysSo) {
  Program(
      "if [ \"$2\" = imagecodecs ]; then echo '{\"error\": \"no usable imagecodecs\"}'; exit; fi\n"
      "echo \"{\\\"version\\\": \\\"$2 9.9\\\"}\"\ncat > /dev/null\n");
  ASSERT_TRUE(UseEnvironment(folder_.string()));
  size_t usable = 0;
  for (const Peer& peer : WheelPeers()) {
    EXPECT_TRUE(peer.name.starts_with("wheel ")) << peer.name;
    const auto version = peer.version();
    if (peer.name == "wheel imagecodecs") {
      ASSERT_FALSE(version);
      EXPECT_EQ(version.error().message.find('\n'), std::string::npos);
      EXPECT_THAT(version.error().message, HasSubstr("no usable imagecodecs"));
    } else {
      ASSERT_TRUE(version) << version.error().message;
      EXPECT_EQ("wheel " + *version, fmt::format("{} 9.9", peer.name));
      ++usable;
    }
  }
  EXPECT_EQ(usable, 3u);
}

TEST_F(Environment, ATurnsTimeIsTheMedianOfItsSamples) {
  Python python("fake");
  const auto version = python.Start(
      Program(Answering(R"({"ms": [5, 1, 2], "processor_ms": 1.5, "size": [0, 0]})")), {});
  ASSERT_TRUE(version) << version.error().message;
  EXPECT_EQ(*version, "Fake 1.2.3");
  const Image image({8, 8}, 3);
  const Task task = SomeResize(image);
  Answer answer;
  const auto done = python.Turn(task, LineOf(task), answer);
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(answer.milliseconds, 2);
  EXPECT_EQ(answer.processor_milliseconds, 1.5);
}

TEST_F(Environment, WhatIsNoAnswerIsAnErrorThatNamesTheProcess) {
  const Image image({8, 8}, 3);
  const Task task = SomeResize(image);
  for (const char* text : {
           "no json",
           "[]",
           "{}",
           R"({"error": "out of luck"})",
           R"({"error": 7})",
           R"({"ms": [], "size": [4, 4]})",
           R"({"ms": ["1"], "size": [4, 4]})",
           R"({"ms": "1", "size": [4, 4]})",
           R"({"ms": 1})",
           R"({"ms": 1, "size": [4]})",
           R"({"ms": 1, "size": ["4", "4"]})",
       }) {
    Python python("fake");
    ASSERT_TRUE(python.Start(Program(Answering(text)), {})) << text;
    Answer answer{.keep = true};
    const auto done = python.Turn(task, LineOf(task), answer);
    ASSERT_FALSE(done) << text;
    EXPECT_THAT(done.error().message, HasSubstr("fake: ")) << text;
  }
}

// The size is checked against the bytes before an image of it is made.
TEST_F(Environment, PixelsOfAnotherSizeAreRefused) {
  const Image image({8, 8}, 3);
  const Task task = SomeResize(image);
  for (const char* size :
       {"[5, 4]", "[-4, -4]", "[0, 4]", "[9000000000, 1]", "[1048576, 1048576]", "[4, 4]"}) {
    Python python("fake");
    // Writes 48 bytes, 4x4 pixels, to the file that the task names.
    const std::string program =
        "echo '{\"version\": \"1\"}'\nwhile read -r line; do\n"
        "  kept=$(printf '%s' \"$line\" | sed 's/.*\"keep\":\"\\([^\"]*\\)\".*/\\1/')\n"
        "  printf '%048d' 0 > \"$kept\"\n  echo '{\"ms\": 1, \"size\": " +
        std::string(size) + "}'\ndone\n";
    ASSERT_TRUE(python.Start(Program(program), {}));
    Answer answer{.keep = true};
    const auto done = python.Turn(task, LineOf(task), answer);
    if (std::string_view(size) == "[4, 4]") {
      ASSERT_TRUE(done) << done.error().message;
      EXPECT_EQ(answer.pixels.size(), (Size{4, 4}));
      EXPECT_EQ(answer.pixels.view().data[0], '0');
    } else {
      ASSERT_FALSE(done) << size;
      EXPECT_THAT(done.error().message, HasSubstr("three bytes a pixel")) << size;
    }
  }
}

TEST_F(Environment, AProcessThatEndsIsAnErrorAndNotASignal) {
  const Image image({8, 8}, 3);
  const Task task = SomeResize(image);
  Python python("fake");
  ASSERT_TRUE(python.Start(Program("echo '{\"version\": \"1\"}'\n"), {}));
  Answer answer;
  for (int turn = 0; turn < 3; ++turn) {
    const auto done = python.Turn(task, LineOf(task), answer);
    ASSERT_FALSE(done);
    EXPECT_THAT(done.error().message, HasSubstr("has ended"));
  }
  Python silent("silent");
  EXPECT_FALSE(silent.Start(Program("exit 3\n"), {}));
  EXPECT_FALSE(silent.Start((folder_ / "absent").string(), {}));
}

// The script itself, by Debian's Pillow: its pixels are the formula's.
TEST_F(Environment, TheScriptDoesTheTasksWork) {
  Python python("Pillow");
  const auto version =
      python.Start("/usr/bin/python3", {IIIFBENCH_PEER_SCRIPTS "/wheel_peer.py", "Pillow"});
  if (!version) GTEST_SKIP() << version.error().message;
  Image image({64, 48}, 3);
  for (int y = 0; y < 48; ++y) {
    for (int x = 0; x < 64 * 3; ++x) image.view().row(y)[x] = static_cast<uint8_t>(x * y % 251);
  }
  const Task task = SomeResize(image);
  nlohmann::json line = LineOf(task);
  line["plan"] = true;
  line["path"] = "";
  const auto plan = python.Ask(line);
  ASSERT_TRUE(plan) << plan.error().message;
  ASSERT_EQ((*plan)["ways"].size(), 1u);
  EXPECT_EQ((*plan)["ways"][0]["label"], *version);
  line.erase("plan");
  line["way"] = 0;
  Answer answer{.keep = true};
  const auto done = python.Turn(task, line, answer);
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_GT(answer.milliseconds, 0);
  const auto reference = ReferenceOf(task);
  ASSERT_TRUE(reference);
  const auto error = ErrorOf(answer, reference->pixels);
  ASSERT_TRUE(error) << error.error().message;
  EXPECT_LE(error->mean, 0.6);
  line["way"] = 1;  // there is no second one
  EXPECT_FALSE(python.Turn(task, line, answer));
}

}  // namespace
}  // namespace iiifbench::peers
