#include "kernels/iiif/image_request.h"

#include <gtest/gtest.h>

namespace iiifbench {
namespace {

// The examples of the specification: an image of 300 x 200 (clause 4.1, 4.2).
struct Case {
  std::string path;  // region/size/rotation/quality.format
  Region region;
  Size size;
};

void ExpectResolved(const Case& c, ApiVersion version, Size image) {
  SCOPED_TRACE(c.path);
  auto request = ParseImageRequest("id/" + c.path, version);
  ASSERT_TRUE(request.ok()) << request.error().message;
  auto resolved = ResolveRequest(*request, image);
  ASSERT_TRUE(resolved.ok()) << resolved.error().message;
  EXPECT_EQ(resolved->region, c.region);
  EXPECT_EQ(resolved->size, c.size);
}

TEST(ImageRequestTest, ExamplesOfTheSpecificationInVersion2) {
  const Case cases[] = {
      {"full/full/0/default.jpg", {0, 0, 300, 200}, {300, 200}},
      {"full/max/0/default.jpg", {0, 0, 300, 200}, {300, 200}},
      {"square/max/0/default.jpg", {50, 0, 200, 200}, {200, 200}},
      {"125,15,120,140/max/0/default.jpg", {125, 15, 120, 140}, {120, 140}},
      {"pct:41.6,7.5,40,70/max/0/default.jpg", {125, 15, 120, 140}, {120, 140}},
      {"125,15,200,200/max/0/default.jpg", {125, 15, 175, 185}, {175, 185}},
      {"pct:41.6,7.5,66.6,100/max/0/default.jpg", {125, 15, 175, 185}, {175, 185}},
      {"full/150,/0/default.jpg", {0, 0, 300, 200}, {150, 100}},
      {"full/,150/0/default.jpg", {0, 0, 300, 200}, {225, 150}},
      {"full/pct:50/0/default.jpg", {0, 0, 300, 200}, {150, 100}},
      {"full/225,100/0/default.jpg", {0, 0, 300, 200}, {225, 100}},
      {"full/!225,100/0/default.jpg", {0, 0, 300, 200}, {150, 100}},
      {"full/600,/0/default.jpg", {0, 0, 300, 200}, {600, 400}},
  };
  for (const Case& c : cases) ExpectResolved(c, ApiVersion::k2, {300, 200});
}

TEST(ImageRequestTest, Version3EnlargesOnlyWithACaret) {
  ExpectResolved({"full/^360,/0/default.jpg", {0, 0, 300, 200}, {360, 240}}, ApiVersion::k3,
                 {300, 200});
  ExpectResolved({"full/^pct:120/0/default.jpg", {0, 0, 300, 200}, {360, 240}}, ApiVersion::k3,
                 {300, 200});
  ExpectResolved({"full/%5E!600,600/0/default.jpg", {0, 0, 300, 200}, {600, 400}}, ApiVersion::k3,
                 {300, 200});
  ExpectResolved({"full/!600,600/0/default.jpg", {0, 0, 300, 200}, {300, 200}}, ApiVersion::k3,
                 {300, 200});
  for (const char* path : {"id/full/360,/0/default.jpg", "id/full/,300/0/default.jpg",
                           "id/full/301,200/0/default.jpg"}) {
    auto request = ParseImageRequest(path, ApiVersion::k3);
    ASSERT_TRUE(request.ok()) << path;
    auto resolved = ResolveRequest(*request, {300, 200});
    ASSERT_FALSE(resolved.ok()) << path;
    EXPECT_EQ(resolved.error().kind, ErrorKind::kBadRequest);
  }
  EXPECT_FALSE(ParseImageRequest("id/full/pct:120/0/default.jpg", ApiVersion::k3).ok());
  EXPECT_FALSE(ParseImageRequest("id/full/full/0/default.jpg", ApiVersion::k3).ok());
}

TEST(ImageRequestTest, BadSyntaxNamesTheParameter) {
  const std::pair<const char*, const char*> cases[] = {
      {"id/fulll/max/0/default.jpg", "region"},
      {"id/1,2,3/max/0/default.jpg", "region"},
      {"id/0,0,0,10/max/0/default.jpg", "region"},
      {"id/-1,0,10,10/max/0/default.jpg", "region"},
      {"id/1.5,0,10,10/max/0/default.jpg", "region"},
      {"id/pct:1,2,3,x/max/0/default.jpg", "region"},
      {"id/full/0,/0/default.jpg", "size"},
      {"id/full/,/0/default.jpg", "size"},
      {"id/full/!5,/0/default.jpg", "size"},
      {"id/full/pct:0/0/default.jpg", "size"},
      {"id/full/max/361/default.jpg", "rotation"},
      {"id/full/max/abc/default.jpg", "rotation"},
      {"id/full/max/0/colour.jpg", "quality"},
      {"id/full/max/0/default", "quality.format"},
      {"id/full/^200,/0/default.jpg", "size"},
      {"id/full/max/default.jpg", "expected"},
      {"id/full/1e3,/0/default.jpg", "size"},
      {"id/full/99999999999,/0/default.jpg", "size"},
  };
  for (const auto& [path, word] : cases) {
    auto request = ParseImageRequest(path, ApiVersion::k2);
    ASSERT_FALSE(request.ok()) << path;
    EXPECT_EQ(request.error().kind, ErrorKind::kBadRequest);
    EXPECT_NE(request.error().message.find(word), std::string::npos)
        << path << ": " << request.error().message;
  }
}

TEST(ImageRequestTest, RegionOutsideTheImageIsRefused) {
  auto request = ParseImageRequest("id/300,0,10,10/max/0/default.jpg", ApiVersion::k2);
  ASSERT_TRUE(request.ok());
  EXPECT_FALSE(ResolveRequest(*request, {300, 200}).ok());
}

TEST(ImageRequestTest, CanonicalForms) {
  const std::tuple<const char*, ApiVersion, const char*> cases[] = {
      {"id/full/max/0/default.jpg", ApiVersion::k2, "full/full/0/default.jpg"},
      {"id/0,0,300,200/150,100/0/default.jpg", ApiVersion::k2, "full/150,/0/default.jpg"},
      {"id/pct:41.6,7.5,40,70/pct:50/!90.0/gray.png", ApiVersion::k2,
       "125,15,120,140/60,/!90/gray.png"},
      {"id/full/225,100/0/default.jpg", ApiVersion::k2, "full/225,100/0/default.jpg"},
      {"id/full/300,/0/default.jpg", ApiVersion::k3, "full/max/0/default.jpg"},
      {"id/square/100,/0/default.jpg", ApiVersion::k3, "50,0,200,200/100,100/0/default.jpg"},
      {"id/full/^600,/0/default.jpg", ApiVersion::k3, "full/^600,400/0/default.jpg"},
  };
  for (const auto& [path, version, expected] : cases) {
    auto request = ParseImageRequest(path, version);
    ASSERT_TRUE(request.ok()) << path;
    EXPECT_EQ(CanonicalPath(*request, {300, 200}), expected);
  }
}

// A width that follows from the height, and that no limit lets pass.
TEST(ImageRequestTest, TheCanonicalFormOfAnEnormousAnswerIsLegal) {
  for (const char* path :
       {"id/1,24,30,1/,514999998/0/gray.jpg", "id/0,0,1,90/1999999999,/0/gray.jpg",
        "id/full/pct:2000000000/0/gray.jpg"}) {
    const auto request = ParseImageRequest(path, ApiVersion::k2);
    ASSERT_TRUE(request.ok()) << path;
    const auto again =
        ParseImageRequest("id/" + CanonicalPath(*request, {300, 200}), ApiVersion::k2);
    ASSERT_TRUE(again.ok()) << path << ": " << again.error().message;
    EXPECT_EQ(ResolveRequest(*again, {300, 200})->size, ResolveRequest(*request, {300, 200})->size);
  }
}

TEST(ImageRequestTest, IdentifiersAreDecodedOnce) {
  auto request = ParseImageRequest("a%2Fb%20c%25/full/max/0/default.jpg", ApiVersion::k2);
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(request->identifier, "a/b c%");
  EXPECT_EQ(PercentEncode("a/b c%"), "a%2Fb%20c%25");
}

}  // namespace
}  // namespace iiifbench
