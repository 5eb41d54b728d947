// What is answered within the limits, beyond them, and from the cache.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "harness/servers/reference/info_json.h"
#include "tests/harness/servers/reference/served_folder.h"

namespace iiifbench {
namespace {

using nlohmann::json;

class AnswersTest : public ServedFolder {
 protected:
  Size SizeOf(const std::string& path) const {
    const auto answer = Ask(port(), path);
    EXPECT_EQ(answer.status, 200) << path << ": " << answer.body;
    auto source = Source::Borrow(
        std::span(reinterpret_cast<const uint8_t*>(answer.body.data()), answer.body.size()),
        "answer");
    auto image = DecodeWhole(*source);
    return image ? image->size() : Size{};
  }
  int Status(const std::string& path) const { return Ask(port(), path).status; }
};

TEST_F(AnswersTest, LimitsOfWidthHeightAndAreaAreSaidAndHeld) {
  ReferenceOptions options;
  options.max_width = 400;
  options.max_height = 200;
  options.render.max_output_pixels = 50'000;
  Serve(options);
  const auto two = json::parse(Ask(port(), "/iiif/2/page.jpg/info.json").body);
  EXPECT_EQ(two["profile"][1]["maxWidth"], 400);
  EXPECT_EQ(two["profile"][1]["maxHeight"], 200);
  EXPECT_EQ(two["profile"][1]["maxArea"], 50'000);
  const auto three = json::parse(Ask(port(), "/iiif/3/page.jpg/info.json").body);
  EXPECT_EQ(three["maxWidth"], 400);
  EXPECT_EQ(three["maxHeight"], 200);
  EXPECT_EQ(three["maxArea"], 50'000);
  for (const auto& info : {two, three}) {
    EXPECT_FALSE(info["sizes"].empty());
    for (const auto& size : info["sizes"])
      EXPECT_EQ(SizeOf(fmt::format("/iiif/3/page.jpg/full/{},{}/0/default.jpg",
                                   size["width"].get<int>(), size["height"].get<int>())),
                (Size{size["width"], size["height"]}));
  }
  // 4.2: the largest size that is available, 258x193 by the area.
  const Size most{258, 193};
  EXPECT_EQ(SizeOf("/iiif/2/page.jpg/full/max/0/default.jpg"), most);
  EXPECT_EQ(SizeOf("/iiif/3/page.jpg/full/max/0/default.png"), most);
  EXPECT_EQ(SizeOf("/iiif/3/page.jpg/0,0,100,50/max/0/default.jpg"), (Size{100, 50}));
  for (const char* size : {"full", "401,10", "10,201", "300,200", "pct:100", "640,"})
    EXPECT_EQ(Status(std::string("/iiif/2/page.jpg/full/") + size + "/0/default.jpg"), 413) << size;
  EXPECT_EQ(Status("/iiif/2/page.jpg/full/1,100000000/0/default.jpg"), 413);
  EXPECT_EQ(Status("/iiif/2/page.jpg/full/100000000,1/0/default.jpg"), 413);
}

TEST_F(AnswersTest, DecodingHasALimitOfItsOwn) {
  ReferenceOptions options;
  options.render.limits.max_pixels = 100'000;
  Serve(options);
  EXPECT_EQ(Status("/iiif/2/page.jpg/full/max/0/default.jpg"), 413);
  EXPECT_EQ(Status("/iiif/2/page.jpg/0,0,600,300/600,/0/default.jpg"), 413);
  EXPECT_EQ(Status("/iiif/2/page.jpg/info.json"), 200);
}

TEST_F(AnswersTest, WhatIsNotOfferedIs501OrTheClientsFault) {
  // A TIFF whose PhotometricInterpretation says CMYK: legal, not handled.
  const Codec* tiff = FindCodec("tiff");
  auto bytes = Encoded(*tiff, TestPicture({64, 48}, 3), {});
  const std::vector<uint8_t> photometric = {0x06, 0x01, 3, 0, 1, 0, 0, 0};  // tag, SHORT, one
  auto at = bytes.begin();
  int changed = 0;
  while ((at = std::search(at, bytes.end(), photometric.begin(), photometric.end())) !=
         bytes.end()) {
    at += static_cast<int64_t>(photometric.size());
    *at = 5;
    ++changed;
  }
  ASSERT_GT(changed, 0);
  Write("cmyk.tif", bytes);
  std::ofstream(folder_.path / "words.txt") << "just words";
  Serve();
  for (const char* path :
       {"/iiif/2/cmyk.tif/info.json", "/iiif/2/cmyk.tif/full/max/0/default.jpg",
        "/iiif/2/words.txt/info.json", "/iiif/2/words.txt/full/max/0/default.jpg",
        "/iiif/2/page.jpg/full/max/22.5/default.jpg", "/iiif/2/page.jpg/full/max/0/default.gif",
        "/iiif/3/page.jpg/full/max/0/default.pdf"})
    EXPECT_EQ(Status(path), 501) << path;
  EXPECT_EQ(Status("/iiif/2/page.jpg/full/max/0/default.xyz"), 400);
  EXPECT_EQ(Status("/iiif/2/a/b/full/max/0/default.jpg"), 404);
  RawClient client(port());
  client.Get("/iiif/2/page.jpg/info.json", "Accept: application/ld+json\r\n");
  EXPECT_EQ(client.Read().Field("Content-Type"), "application/ld+json");
}

TEST_F(AnswersTest, TheCacheAnswersWhatWasAsked) {
  ReferenceOptions options;
  options.faults.cache = true;
  Serve(options);
  for (const char* format : {"jpg", "png", "webp", "tif"}) {
    const std::string path = std::string("/iiif/2/page.jpg/full/64,/0/default.") + format;
    const auto first = Ask(port(), path), second = Ask(port(), path);
    EXPECT_NE(first.Field("Server-Timing"), "") << format;
    EXPECT_EQ(second.Field("Server-Timing"), "") << format;  // from the cache
    EXPECT_EQ(second.Field("Content-Type"), first.Field("Content-Type")) << format;
    EXPECT_EQ(second.body, first.body) << format;
  }
  EXPECT_EQ(Ask(port(), "/iiif/2/page.jpg/full/64,/0/default.png").Field("Content-Type"),
            "image/png");
  // 3.0 forbids what 2.1 allows and the cache holds.
  EXPECT_EQ(Status("/iiif/2/page.jpg/full/700,/0/default.jpg"), 200);
  EXPECT_EQ(Status("/iiif/3/page.jpg/full/700,/0/default.jpg"), 400);
}

TEST(OutputLimitsTest, MaxIsTheLargestThatFits) {
  const auto size = [](const char* path, Size image, const OutputLimits& limits) {
    const auto request = ParseImageRequest(path, ApiVersion::k3);
    const auto resolved = ResolveRequest(WithinLimits(*request, image, limits), image);
    EXPECT_TRUE(resolved.ok()) << path;
    return resolved.ok() ? resolved->size : Size{};
  };
  const char* max = "a/full/max/0/default.jpg";
  const char* larger = "a/full/^max/0/default.jpg";
  EXPECT_EQ(size(max, {100, 50}, {}), (Size{100, 50}));
  EXPECT_EQ(size(larger, {100, 50}, {}), (Size{100, 50}));
  EXPECT_EQ(size(larger, {100, 50}, {.max_width = 10}), (Size{10, 5}));
  EXPECT_EQ(size(max, {100, 50}, {.max_height = 10}), (Size{20, 10}));
  EXPECT_EQ(size(max, {100000, 1}, {.max_width = 10}), (Size{10, 1}));
  EXPECT_EQ(size(max, {30000, 30000}, {.max_area = 100'000'000}), (Size{10000, 10000}));
  for (int width = 1; width < 400; ++width) {
    const OutputLimits limits{.max_width = 97, .max_height = 53, .max_area = 3001};
    EXPECT_TRUE(Fits(size(max, {width, 401 - width}, limits), limits)) << width;
    EXPECT_TRUE(Fits(size(larger, {width, 401 - width}, limits), limits)) << width;
  }
}

}  // namespace
}  // namespace iiifbench
