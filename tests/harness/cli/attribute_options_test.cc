// The command that a result names must ask for the same work again.
#include "harness/cli/attribute_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

namespace iiifbench {
namespace {

TEST(AttributeOptionsTest, TheCommandNamesWhatChangesTheAnswer) {
  AttributeOptions options;
  options.server = "iipsrv";
  options.recipes = {"tiff_deflate", "jp2_10to1"};
  options.given_options = {"a=b"};
  options.levels = 2;
  options.clients = 8;
  options.small = options.interpose = options.attempt = true;
  EXPECT_EQ(
      AttributeCommand(options, "map.tif"),
      "iiifbench attribute --server iipsrv --recipes tiff_deflate,jp2_10to1 --server-option a=b "
      "--levels 2 --clients 8 --small --interpose --try --budget 60 --seed 1");
}

TEST(AttributeOptionsTest, AnUrlStandsWithTheNameOfItsSource) {
  AttributeOptions options;
  options.url = "http://127.0.0.1:80/iiif/2/map.jpg";
  options.link_ms = 46;
  EXPECT_EQ(AttributeCommand(options, "/somewhere/map.jpg"),
            "iiifbench attribute http://127.0.0.1:80/iiif/2/map.jpg --source map.jpg --link 46 "
            "--budget 60 "
            "--seed 1");
}

TEST(AttributeOptionsTest, RequestsArePathsOrUrlsOfTheImageAndFaultsNameTheirLine) {
  const std::string file = ::testing::TempDir() + "requests.txt";
  const auto read = [&](const std::string& text) {
    std::ofstream(file) << text;
    return ReadRequests(file, "http://h/iiif/page");
  };
  auto requests = read(
      "# mine\n\n/full/800,/0/default.jpg\n"
      "http://h/iiif/page/0,0,256,256/256,/0/default.jpg\r\n");
  ASSERT_TRUE(requests.ok()) << requests.error().message;
  EXPECT_EQ(*requests, (std::vector<std::string>{"full/800,/0/default.jpg",
                                                 "0,0,256,256/256,/0/default.jpg"}));
  for (const char* text : {"full/800,/0/default.jpg\nhttp://h/iiif/other/full/9,/0/default.jpg",
                           "full/800,/0/default.jpg\nfull/800,/default.jpg"}) {
    auto wrong = read(text);
    ASSERT_FALSE(wrong.ok()) << text;
    EXPECT_NE(wrong.error().message.find("requests.txt:2: "), std::string::npos)
        << wrong.error().message;
  }
  std::remove(file.c_str());
}

TEST(AttributeOptionsTest, TheUrlOfAnImageHasNoEnd) {
  for (const char* url : {"http://h/iiif/p", "http://h/iiif/p/", "http://h/iiif/p/info.json"})
    EXPECT_EQ(ImageUrlOf(url), "http://h/iiif/p");
}

}  // namespace
}  // namespace iiifbench
