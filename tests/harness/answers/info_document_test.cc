#include "harness/answers/info_document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace iiifbench {
namespace {

using ::testing::HasSubstr;

Exchange Answer(std::string_view body, long status = 200, std::string type = "application/json") {
  Exchange exchange{.status = status, .content_type = std::move(type)};
  exchange.body.assign(body.begin(), body.end());
  return exchange;
}

TEST(InfoDocumentTest, BothVersionsAreRead) {
  const auto two = ParseInfo(Answer(R"({"@context":"http://iiif.io/api/image/2/context.json",
    "width":6000,"height":4000,"profile":["http://iiif.io/api/image/2/level2.json",
    {"maxWidth":2000,"formats":["jpg","png"]}],
    "sizes":[{"width":750,"height":500}],"tiles":[{"width":256,"scaleFactors":[1,2,4]}]})"));
  ASSERT_TRUE(two.ok()) << two.error().message;
  EXPECT_EQ(two->size, (Size{6000, 4000}));
  EXPECT_EQ(two->version, ApiVersion::k2);
  EXPECT_EQ(two->level, 2);
  EXPECT_EQ(two->max_width, 2000);
  EXPECT_EQ(two->sizes, (std::vector<Size>{{750, 500}}));
  ASSERT_EQ(two->tiles.size(), 1U);
  EXPECT_EQ(two->tiles[0].height, 256);
  EXPECT_EQ(two->tiles[0].scale_factors, (std::vector<int>{1, 2, 4}));
  const auto three = ParseInfo(Answer(
      R"({"type":"ImageService3","profile":"level0","width":10,"height":20,"maxArea":100})"));
  ASSERT_TRUE(three.ok());
  EXPECT_EQ(three->version, ApiVersion::k3);
  EXPECT_EQ(three->level, 0);
  EXPECT_EQ(three->max_area, 100);
}

// Types that the standard does not give are an error where they matter, and passed over elsewhere;
// none of them ends the program.
TEST(InfoDocumentTest, OddTypesAreNamed) {
  for (const char* width :
       {"\"6000\"", "null", "[6000]", "{}", "-5", "0", "1.5", "1e300", "true"}) {
    const auto info = ParseInfo(Answer(fmt::format(R"({{"width":{},"height":4000}})", width)));
    ASSERT_FALSE(info.ok()) << width;
    EXPECT_THAT(info.error().message, HasSubstr("width")) << width;
  }
  for (const char* odd : {R"("type":["x"])", R"("type":7)", R"("sizes":"none")",
                          R"("tiles":[7,{"width":"a"}])", R"("profile":7)", R"("@context":{"a":1})",
                          R"("tiles":[{"width":9,"scaleFactors":["a",-1]}])"}) {
    const auto info = ParseInfo(Answer(fmt::format(R"({{"width":6,"height":4,{}}})", odd)));
    EXPECT_TRUE(info.ok()) << odd;
  }
}

TEST(InfoDocumentTest, EachStatusHasItsSentence) {
  const auto words = [](long status) {
    Exchange exchange = Answer("sorry", status, "text/plain");
    exchange.location = "http://other/iiif/i/info.json";
    exchange.retry_after = "30";
    exchange.authenticate = "Basic realm=\"x\"";
    return ParseInfo(exchange).error().message;
  };
  EXPECT_THAT(words(301), HasSubstr("http://other/iiif/i/info.json"));
  EXPECT_THAT(words(401), HasSubstr("header"));
  EXPECT_THAT(words(403), HasSubstr("forbids"));
  EXPECT_THAT(words(404), HasSubstr("spells"));
  EXPECT_THAT(words(429), HasSubstr("30"));
  EXPECT_THAT(words(503), HasSubstr("30"));
  EXPECT_THAT(words(500), HasSubstr("log"));
  EXPECT_THAT(words(429), testing::Not(HasSubstr("spells")));
}

TEST(InfoDocumentTest, OtherDocumentsAreNamed) {
  EXPECT_THAT(ParseInfo(Answer("<html>x", 200, "text/html")).error().message, HasSubstr("HTML"));
  EXPECT_THAT(ParseInfo(Answer("\x1F\x8B\x08")).error().message, HasSubstr("no JSON"));
  EXPECT_THAT(ParseInfo(Answer(R"({"type":"Manifest","items":[]})")).error().message,
              HasSubstr("manifest"));
  EXPECT_THAT(
      ParseInfo(
          Answer(
              R"({"@context":"http://library.stanford.edu/iiif/image-api/1.1/context.json","width":6,"height":4})"))
          .error()
          .message,
      HasSubstr("1.1"));
}

}  // namespace
}  // namespace iiifbench
