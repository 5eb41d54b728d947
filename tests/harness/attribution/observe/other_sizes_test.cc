// Pictures that a server has anyway as its size series: with their files and without, and what of
// them cannot be taken.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "data/corpus.h"
#include "harness/attribution/observe/observe.h"
#include "harness/servers/reference/reference_server.h"
#include "tests/harness/servers/test_folder.h"

namespace iiifbench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

namespace fs = std::filesystem;

class OtherSizesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto corpus =
        EnsureCorpus({.small = true, .recipes = {"jpeg_q90", "tiff_deflate"}, .pages = {"map"}});
    ASSERT_TRUE(corpus.ok()) << corpus.error().message;
    for (const CorpusEntry& entry : corpus->entries)
      fs::copy_file(entry.path, folder_.path.string() + "/" + entry.recipe +
                                    fs::path(entry.path).extension().string());
    const int widths[] = {160, 320};
    auto smaller = SizeSeries::Place(File("jpeg_q90.jpg"), folder_.path.string(), widths);
    ASSERT_TRUE(smaller.ok()) << smaller.error().message;
    smaller_ = std::move(*smaller);
    auto server = ReferenceServer::Start({.folder = folder_.path.string()});
    ASSERT_TRUE(server.ok()) << server.error().message;
    server_ = std::move(*server);
    options_ = {.url = Url("jpeg_q90.jpg"),
                .source = File("jpeg_q90.jpg"),
                .requests = {"0,0,256,256/256,/0/default.jpg"},
                .budget = std::chrono::seconds(2)};
  }
  std::string File(const std::string& name) const { return (folder_.path / name).string(); }
  std::string Url(const std::string& name) const {
    return fmt::format("http://127.0.0.1:{}/iiif/2/{}", server_->port(), name);
  }
  void AddSmaller(bool files) {
    // The larger first: they are put in order.
    for (size_t i : {1u, 0u}) {
      const auto& step = smaller_.steps()[i];
      options_.others.push_back({Url(step.file), files ? step.path : std::string()});
    }
  }
  static std::vector<int> Widths(const Observed& observed) {
    std::vector<int> out;
    for (const auto& step : observed.series.steps()) out.push_back(step.info.size.width);
    return out;
  }
  // Answers to probes of the size series.
  static int Answered(const Observed& observed) {
    int answered = 0;
    for (const Case& c : observed.cases)
      answered += c.probe.image > 0 && !c.samples_ms.empty() ? 1 : 0;
    return answered;
  }

  TestFolder folder_;
  SizeSeries smaller_;
  std::unique_ptr<ReferenceServer> server_;
  ObserveOptions options_;
};

TEST_F(OtherSizesTest, WithTheirFiles) {
  AddSmaller(true);
  auto observed = Observe(options_);
  ASSERT_TRUE(observed.ok()) << observed.error().message;
  EXPECT_THAT(Widths(*observed), ElementsAre(160, 320));
  EXPECT_GE(Answered(*observed), 7);
  EXPECT_EQ(observed->wrong_answers, 0);
  for (const auto& step : observed->series.steps()) EXPECT_TRUE(fs::exists(step.path));
}

TEST_F(OtherSizesTest, WithoutThemEachIsStoredInEveryWayThatThePageIs) {
  AddSmaller(false);
  options_.source.clear();
  options_.budget = std::chrono::seconds(6);
  auto observed = Observe(options_);
  ASSERT_TRUE(observed.ok()) << observed.error().message;
  EXPECT_THAT(Widths(*observed), ElementsAre(160, 320));
  EXPECT_GE(Answered(*observed), 7);
  EXPECT_EQ(observed->wrong_answers, 0);
  for (const auto& stored : observed->without_file->stand_ins.all()) {
    ASSERT_EQ(stored->others.size(), 2u) << stored->way.name;
    EXPECT_EQ(stored->others[0].info.size.width, 160) << stored->way.name;
    EXPECT_EQ(stored->of(2).info.size.width, 320) << stored->way.name;
  }
}

TEST_F(OtherSizesTest, WhatCannotBeTakenIsNamed) {
  options_.others = {{Url("gone.jpg"), File("jpeg_q90.jpg")},
                     {Url("tiff_deflate.tif"), File("tiff_deflate.tif")},
                     {Url(smaller_.steps()[0].file), smaller_.steps()[1].path},
                     {Url("jpeg_q90.jpg"), File("jpeg_q90.jpg")}};
  auto observed = Observe(options_);
  ASSERT_TRUE(observed.ok()) << observed.error().message;
  EXPECT_THAT(Widths(*observed), IsEmpty());
  std::string said;
  int left_out = 0;
  for (const Finding& finding : observed->findings) {
    if (finding.id != "other-image-left-out") continue;
    said += finding.text + "\n";
    ++left_out;
  }
  EXPECT_EQ(left_out, 4);
  EXPECT_THAT(said, HasSubstr("gone.jpg is left out"));
  EXPECT_THAT(said, HasSubstr("it is a tiff, and the first image is a jpeg"));
  EXPECT_THAT(said, HasSubstr("info.json says 160x"));
  EXPECT_THAT(said, HasSubstr("about as wide as another"));
}

}  // namespace
}  // namespace iiifbench
