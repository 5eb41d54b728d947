// The whole picture comes, in pieces where a server's limits ask for them, and never beyond ours.
#include "harness/attribution/stand_in/fetch_picture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/corpus.h"
#include "harness/servers/reference/reference_server.h"

namespace iiifbench {
namespace {

using ::testing::HasSubstr;

int64_t Area(const std::vector<Region>& pieces) {
  int64_t sum = 0;
  for (const Region& piece : pieces) sum += piece.size().pixels();
  return sum;
}

TEST(PiecesTest, OneWhereNothingForbidsIt) {
  EXPECT_EQ(PiecesOf({.size = {3000, 2000}, .max_width = 3000}).size(), 1u);
  EXPECT_EQ(PiecesOf({.size = {3000, 2000}, .max_area = 6e6}).size(), 1u);
}

TEST(PiecesTest, KeepToEveryLimitAndCoverThePicture) {
  const Size size{3001, 2003};
  for (const InfoDocument& info :
       {InfoDocument{.size = size, .max_width = 1000},
        InfoDocument{.size = size, .max_width = 1500, .max_height = 400},
        InfoDocument{.size = size, .max_area = 500'000},
        InfoDocument{.size = size, .max_area = 20'000},
        InfoDocument{.size = size, .max_width = 700, .max_area = 90'000}}) {
    const auto pieces = PiecesOf(info);
    EXPECT_EQ(Area(pieces), size.pixels());
    for (const Region& piece : pieces) {
      EXPECT_TRUE(piece.inside(size));
      if (info.max_width > 0) {
        EXPECT_LE(piece.width, info.max_width);
        EXPECT_LE(piece.height, info.max_height > 0 ? info.max_height : info.max_width);
      }
      const double most = info.max_area > 0 ? info.max_area : 1e12;
      EXPECT_LE(static_cast<double>(piece.size().pixels()), most);
    }
  }
}

TEST(PiecesTest, TilesOfAStaticServerAreItsOwn) {
  const auto pieces = PiecesOf(
      {.size = {1000, 700}, .level = 0, .tiles = {{512, 512, {2, 4}}, {256, 256, {1, 2, 4}}}});
  EXPECT_EQ(pieces.size(), 12u);
  EXPECT_EQ(pieces.front(), (Region{0, 0, 256, 256}));
  EXPECT_EQ(Area(pieces), 700'000);
}

class FetchTest : public ::testing::Test {
 protected:
  Result<FetchedPicture> Fetch(ReferenceOptions server_options, const std::string& recipe,
                               FetchOptions options = {}) {
    auto corpus = EnsureCorpus({.small = true, .recipes = {recipe}, .pages = {"map"}});
    EXPECT_TRUE(corpus.ok());
    file_ = corpus->entries.front().path;
    server_options.folder = corpus->image_folder;
    auto server = ReferenceServer::Start(server_options);
    EXPECT_TRUE(server.ok());
    options.url = fmt::format("http://127.0.0.1:{}/iiif/2/{}", (*server)->port(),
                              corpus->entries.front().file);
    Client client;
    auto asked = AskInfo(client, options.url);
    EXPECT_TRUE(asked.ok());
    return FetchPicture(client, asked->info, options);
  }
  int Largest(const Image& picture) {
    auto source = Source::Open(file_);
    auto truth = DecodeWhole(**source, Variant::kLibrary);
    return Compare(picture.view(), truth->view()).maximum;
  }
  std::string file_;
};

TEST_F(FetchTest, APngIsTheFilesOwnPixels) {
  auto fetched = Fetch({}, "tiff_deflate");
  ASSERT_TRUE(fetched.ok()) << fetched.error().message;
  EXPECT_TRUE(fetched->exact);
  EXPECT_EQ(fetched->requests, 1);
  EXPECT_EQ(Largest(fetched->picture), 0);
  EXPECT_THAT(fetched->words, HasSubstr("full/full/0/default.png: 800x1200 in 1 request"));
}

TEST_F(FetchTest, PiecesAreStitchedWhereAWidthOrAnAreaIsTheMost) {
  for (const ReferenceOptions& limits :
       {ReferenceOptions{.max_width = 300, .max_height = 500},
        ReferenceOptions{.render = {.max_output_pixels = 100'000}}}) {
    auto fetched = Fetch(limits, "tiff_deflate");
    ASSERT_TRUE(fetched.ok()) << fetched.error().message;
    EXPECT_GT(fetched->pieces, 5);
    EXPECT_EQ(fetched->requests, fetched->pieces);
    EXPECT_EQ(Largest(fetched->picture), 0);
    EXPECT_THAT(fetched->words, HasSubstr("pieces stitched"));
  }
}

TEST_F(FetchTest, WhatWouldTakeMoreRequestsOrMegabytesIsNotBegun) {
  auto fetched = Fetch({.max_width = 100, .max_height = 100}, "tiff_deflate", {.max_requests = 20});
  ASSERT_FALSE(fetched.ok());
  EXPECT_EQ(fetched.error().kind, ErrorKind::kTooLarge);
  EXPECT_THAT(fetched.error().message, HasSubstr("no more than 20"));
  fetched = Fetch({.max_width = 300, .max_height = 300}, "tiff_deflate", {.max_megabytes = 0.1});
  ASSERT_FALSE(fetched.ok());
  EXPECT_THAT(fetched.error().message, HasSubstr("MB"));
}

}  // namespace
}  // namespace iiifbench
