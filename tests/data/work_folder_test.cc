#include "data/work_folder.h"

#include <gtest/gtest.h>

namespace iiifbench {
namespace {

TEST(WorkFolderTest, InTheBuildFolderItIsTheRepository) {
  const WorkFolder here = WorkFolderHere();
  EXPECT_TRUE(here.corpus.ends_with("/build/corpus")) << here.corpus;
  EXPECT_TRUE(here.results.ends_with("/results")) << here.results;
  EXPECT_EQ(here.corpus.substr(0, here.corpus.size() - 13),
            here.results.substr(0, here.results.size() - 8));
}

TEST(WorkFolderTest, InstalledItIsTheUsersCacheAndTheCurrentFolder) {
  const std::string program = "/usr/lib/iiifbench/iiifbench";
  EXPECT_EQ(WorkFolderOf(program, "/home/a", "").corpus, "/home/a/.cache/iiifbench/corpus");
  EXPECT_EQ(WorkFolderOf(program, "/home/a", "/var/b").corpus, "/var/b/iiifbench/corpus");
  EXPECT_EQ(WorkFolderOf(program, "/home/a", "relative").corpus, "/home/a/.cache/iiifbench/corpus");
  EXPECT_EQ(WorkFolderOf(program, "", "").corpus, "iiifbench/corpus");
  EXPECT_EQ(WorkFolderOf(program, "/home/a", "").results, "results");
}

}  // namespace
}  // namespace iiifbench
