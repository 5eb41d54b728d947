#include "data/corpus.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "data/command_line.h"

namespace iiifbench {
namespace {

namespace fs = std::filesystem;

class CorpusTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/iiifbench-test-XXXXXX";
    folder_ = ::mkdtemp(name);
    options_ = {.folder = folder_ + "/corpus",
                .small = true,
                .recipes = {"jpeg_q90", "tiff_deflate"},
                .pages = {"newspaper"}};
  }
  void TearDown() override { fs::remove_all(folder_); }
  std::string folder_;
  CorpusOptions options_;
};

TEST_F(CorpusTest, MakesOnceAndRepairsWhatIsDamaged) {
  auto first = EnsureCorpus(options_);
  ASSERT_TRUE(first.ok()) << first.error().message;
  EXPECT_EQ(first->made, 2);
  EXPECT_EQ(first->entries.size(), 2u);
  auto second = EnsureCorpus(options_);
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(second->made, 0);
  fs::resize_file(first->entries[0].path, 1000);
  auto third = EnsureCorpus(options_);
  ASSERT_TRUE(third.ok());
  EXPECT_EQ(third->made, 1);
  EXPECT_EQ(third->entries[0].checksum, first->entries[0].checksum);
}

TEST_F(CorpusTest, AUsersOwnPages) {
  auto made = EnsureCorpus(options_);
  ASSERT_TRUE(made.ok());
  fs::create_directories(folder_ + "/own");
  fs::copy_file(made->entries[0].path, folder_ + "/own/My Page.JPG");
  std::ofstream(folder_ + "/own/notes.txt") << "no page";
  CorpusOptions own{
      .folder = folder_ + "/mine", .recipes = {"tiff_none"}, .images = folder_ + "/own"};
  auto corpus = EnsureCorpus(own);
  ASSERT_TRUE(corpus.ok()) << corpus.error().message;
  ASSERT_EQ(corpus->entries.size(), 1u);
  EXPECT_EQ(corpus->entries[0].file, "my-page_tiff_none.tif");
}

TEST_F(CorpusTest, ErrorsNameTheCause) {
  options_.recipes = {"jpeg_q91"};
  auto unknown = EnsureCorpus(options_);
  ASSERT_FALSE(unknown.ok());
  EXPECT_NE(unknown.error().message.find("jpeg_q91"), std::string::npos);
  auto full = WriteFile("/dev/full/x", std::vector<uint8_t>{});
  ASSERT_FALSE(full.ok());
  EXPECT_NE(full.error().message.find("/dev/full/x"), std::string::npos);
  auto none = EnsureCorpus({.folder = folder_ + "/c", .images = folder_ + "/nowhere"});
  ASSERT_FALSE(none.ok());
}

TEST_F(CorpusTest, WhatCannotBeWrittenIsSaidWithTheCause) {
  auto folder = WriteFile(folder_, std::vector<uint8_t>{});
  ASSERT_FALSE(folder.ok());
  EXPECT_NE(folder.error().message.find("it is a folder"), std::string::npos)
      << folder.error().message;
  EXPECT_FALSE(fs::exists(folder_ + ".part"));
  EXPECT_TRUE(CheckWritable("").ok());
  EXPECT_TRUE(CheckWritable(folder_ + "/new.json").ok());
  EXPECT_FALSE(fs::exists(folder_ + "/new.json"));
  EXPECT_FALSE(CheckWritable(folder_).ok());
  EXPECT_FALSE(CheckWritable(folder_ + "/nowhere/new.json").ok());
}

TEST_F(CorpusTest, ADeviceIsWrittenToAndStays) {
  fs::create_directories(folder_);
  // Through a link of our own, so that a wrong program replaces that and not the device.
  const std::string link = folder_ + "/full";
  fs::create_symlink("/dev/full", link);
  const std::vector<uint8_t> bytes(100'000, 7);
  auto full = WriteFile(link, bytes);
  ASSERT_FALSE(full.ok());
  EXPECT_NE(full.error().message.find("No space left"), std::string::npos) << full.error().message;
  EXPECT_TRUE(fs::is_symlink(link));
}

}  // namespace
}  // namespace iiifbench
