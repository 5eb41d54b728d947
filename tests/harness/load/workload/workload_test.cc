// Workloads: what is drawn lies in the image, in the stated proportions, the same for the same
// seed.
#include "harness/load/workload/workload.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "harness/load/workload/access_log.h"
#include "kernels/iiif/image_request.h"

namespace iiifbench {
namespace {

using namespace std::chrono_literals;

std::vector<WorkloadImage> Images() {
  return {{.file = "a.tif", .size = {4000, 6000}}, {.file = "b.jpg", .size = {700, 500}}};
}

Workload BuiltIn(std::string_view name) {
  auto parsed = ParseWorkload(BuiltInWorkload(name));
  EXPECT_TRUE(parsed) << parsed.error().message;
  return *parsed;
}

TEST(Workload, EveryBuiltInAsksWhatItsImagesHave) {
  for (std::string_view name : BuiltInWorkloads()) {
    RequestStream stream(BuiltIn(name), Images(), 7);
    for (int i = 0; i < 500; ++i) {
      const auto request = stream.Next();
      ASSERT_TRUE(request);
      if (request->path == "info.json") continue;
      const auto parsed = ParseImageRequest("id/" + request->path, ApiVersion::k2);
      ASSERT_TRUE(parsed) << name << " " << request->path << ": " << parsed.error().message;
      const auto resolved = ResolveRequest(*parsed, Images()[request->image].size);
      EXPECT_TRUE(resolved) << name << " " << request->path << ": " << resolved.error().message;
    }
  }
}

TEST(Workload, SameSeedSameRequests) {
  RequestStream a(BuiltIn("viewer"), Images(), 3), b(BuiltIn("viewer"), Images(), 3),
      other(BuiltIn("viewer"), Images(), 4);
  int differ = 0;
  for (int i = 0; i < 100; ++i) {
    const auto x = a.Next(), y = b.Next(), z = other.Next();
    EXPECT_EQ(x->path, y->path);
    EXPECT_EQ(x->image, y->image);
    differ += x->path != z->path;
  }
  EXPECT_GT(differ, 50);
}

TEST(Workload, ViewersAskInTheRecordedProportions) {
  RequestStream stream(BuiltIn("viewer"), Images(), 1);
  std::map<std::string, int> seen;
  for (int i = 0; i < 20'000; ++i) ++seen[stream.Next()->request_class];
  const double all = 20'000, weights = 21 + 31 + 27 + 13 + 3 + 1 + 2.7 + 0.5;
  EXPECT_NEAR(seen["tile/1"] / all, 21 / weights, 0.012);
  EXPECT_NEAR(seen["tile/2"] / all, 31 / weights, 0.012);
  EXPECT_NEAR(seen["thumbnail"] / all, 2.7 / weights, 0.005);
}

TEST(Workload, LinesComeFromTopToBottomPageByPage) {
  RequestStream stream(BuiltIn("lines"), Images(), 1);
  int last = -1, pages = 0, on_page = 0;
  size_t image = 0;
  for (int i = 0; i < 400; ++i) {
    const auto request = stream.Next();
    const int y = std::atoi(request->path.c_str() + request->path.find(',') + 1);
    if (request->image != image) {
      EXPECT_GE(on_page, 20);
      EXPECT_LE(on_page, 60);
      ++pages, on_page = 0, last = -1, image = request->image;
    }
    ++on_page;
    EXPECT_GE(y + 150, last);  // lines differ in height
    last = y;
  }
  EXPECT_GE(pages, 5);
}

TEST(Workload, FoundingTakesEveryOperationOfEveryImage) {
  RequestStream stream(BuiltIn("founding"), Images(), 1, "max");
  std::set<std::pair<size_t, std::string>> seen;
  std::string full;
  for (int i = 0; i < 10; ++i) {
    const auto request = stream.Next();
    seen.emplace(request->image, request->request_class);
    if (request->request_class == "full") full = request->path;
  }
  EXPECT_EQ(seen.size(), 10U);
  EXPECT_EQ(full, "full/max/0/default.jpg");
}

TEST(Workload, ErrorsNameTheMember) {
  auto message = [](std::string_view text) { return ParseWorkload(text).error().message; };
  EXPECT_NE(message("[").find("not a JSON object"), std::string::npos);
  EXPECT_NE(message(R"({"requests": []})").find("requests: none"), std::string::npos);
  EXPECT_NE(message(R"({"reqests": []})").find("reqests: unknown"), std::string::npos);
  EXPECT_NE(message(R"({"requests": [{"class": "a", "weight": -1}]})").find("requests[0].weight"),
            std::string::npos);
  EXPECT_NE(message(R"({"requests": [{"class": "a", "region": {"width": [9, 3], "height": 1}}]})")
                .find("requests[0].region"),
            std::string::npos);
  EXPECT_NE(message(R"({"requests": [{"class": "a", "region": "f@@@"}]})")
                .find("requests[0].region: region 'f@@@'"),
            std::string::npos);
  EXPECT_NE(message(R"({"requests": [{"class": "a", "size": "0,"}]})").find("requests[0].size"),
            std::string::npos);
  EXPECT_TRUE(ParseWorkload(R"({"requests": [{"class": "a", "size": "^!9,9"}]})").ok());
  EXPECT_NE(message(R"({"requests": [{"size": "full"}]})").find("class: is missing"),
            std::string::npos);
}

TEST(AccessLog, CommonAndCombinedWithTheirTimes) {
  const auto log = ParseAccessLog(
      "1.2.3.4 - - [10/Oct/2000:13:55:36 -0700] \"GET /iiif/2/p.tif/full/600,/0/default.jpg "
      "HTTP/1.0\" 200 "
      "9\n"
      "1.2.3.4 - bob [10/Oct/2000:20:55:36 +0000] \"GET /iiif/2/p.tif/info.json HTTP/1.1\" 200 9 "
      "\"-\" \"x "
      "[y]\"\n"
      "1.2.3.4 - - [10/Oct/2000:13:55:38 -0700] \"GET /iiif/2/p.tif/0,0,256,256/256,/0/default.jpg "
      "HTTP/1.0\" 304 -\n"
      "1.2.3.4 - - [10/Oct/2000:13:55:39 -0700] \"GET /iiif/2/none.tif/info.json HTTP/1.0\" 404 9\n"
      "1.2.3.4 - - [10/Oct/2000:13:55:39 -0700] \"POST /iiif/2/x HTTP/1.0\" 200 9\n"
      "1.2.3.4 - - [10/Oct/2000:13:55:39 -0700] \"GET /index.html HTTP/1.0\" 200 9\n",
      "/iiif/2/");
  ASSERT_TRUE(log) << log.error().message;
  ASSERT_EQ(log->arrivals.size(), 3U);
  EXPECT_EQ(log->arrivals[0].path, "p.tif/full/600,/0/default.jpg");
  EXPECT_EQ(log->arrivals[0].due, 0ns);
  EXPECT_EQ(log->arrivals[1].due, 500ms);  // the same second in another zone: spread
  EXPECT_EQ(log->arrivals[2].due, 2s);
  EXPECT_EQ(log->failed, 1);
  EXPECT_EQ(log->other_methods, 1);
  EXPECT_EQ(log->other_paths, 1);
  EXPECT_EQ(ClassOfPath(log->arrivals[0].path), "full, resized");
  EXPECT_EQ(ClassOfPath(log->arrivals[1].path), "info");
  EXPECT_EQ(ClassOfPath(log->arrivals[2].path), "tile");
}

TEST(AccessLog, WhatIsNoLogIsNamedByLine) {
  const auto log = ParseAccessLog("\nhello\n", "/");
  ASSERT_FALSE(log);
  EXPECT_NE(log.error().message.find("line 2"), std::string::npos);
  EXPECT_FALSE(ParseAccessLog("", "/"));
}

// Found by the fuzz target: a damaged year made dues that no clock can hold.
TEST(AccessLogTest, ADateOfAnotherCenturyIsRefused) {
  const char* const line =
      "h - - [10/Oct/{}:13:55:36 +0000] \"GET /iiif/2/a/info.json HTTP/1.1\" 200 9\n";
  const auto log = ParseAccessLog(
      fmt::format(fmt::runtime(line), "0023") + fmt::format(fmt::runtime(line), 2023), "/iiif/2/");
  ASSERT_FALSE(log.ok());
  EXPECT_NE(log.error().message.find("days after its first"), std::string::npos);
  EXPECT_TRUE(
      ParseAccessLog(fmt::format(fmt::runtime(line), 2022) + fmt::format(fmt::runtime(line), 2023),
                     "/iiif/2/")
          .ok());
}

}  // namespace
}  // namespace iiifbench
