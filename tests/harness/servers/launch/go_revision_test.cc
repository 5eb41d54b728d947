#include "harness/servers/launch/go_revision.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/harness/servers/test_folder.h"

namespace iiifbench {
namespace {

TEST(GoRevision, IsWhatTheToolchainWroteIntoTheProgram) {
  const TestFolder folder;
  const std::string program = folder.path / "server";
  const auto write = [&](const std::string& said) {
    std::ofstream(program, std::ios::binary)
        << "ELF" << std::string(3, '\0') << said << std::string(300, '\0');
    return GoRevisionOf(program);
  };
  const std::string revision = "build\tvcs.revision=22606bc0e6d86f5a8c9c9517ca699cbd8a29f7d6\n";
  const std::string time = "build\tvcs.time=2026-06-16T16:23:26Z\n";
  EXPECT_EQ(write("build\tvcs=git\n" + revision + time + "build\tvcs.modified=true\n"),
            "commit 22606bc0e6d8, modified");
  EXPECT_EQ(write(revision + "build\tvcs.modified=false\n"), "commit 22606bc0e6d8");
  EXPECT_EQ(write("build\tvcs=git\n"), "");
  EXPECT_EQ(write("build\tvcs.revision=not one\n"), "");
  EXPECT_EQ(GoRevisionOf(folder.path / "absent"), "");
}

}  // namespace
}  // namespace iiifbench
