#include "harness/servers/reference/reference_server.h"

#include <gtest/gtest.h>
#include <httplib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/kernels/codecs/test_pages.h"

namespace iiifbench {
namespace {

class ReferenceServerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/iiifbench-test-XXXXXX";
    folder_ = ::mkdtemp(name);
    for (const char* recipe : {"jpeg_q90", "jp2_lossless", "tiff_deflate"}) {
      const Codec* codec = nullptr;
      const Recipe* r = FindRecipe(recipe, &codec);
      auto bytes = Encoded(*codec, TestPicture({640, 480}, 3), r->options);
      Write(std::string("page.") + std::string(r->extension), bytes);
      bytes.resize(bytes.size() / 3);
      Write(std::string("cut.") + std::string(r->extension), bytes);
    }
    Write("a b.jpg", Encoded(*FindCodec("jpeg"), TestPicture({64, 48}, 3), {}));
    auto server = ReferenceServer::Start({.folder = folder_});
    ASSERT_TRUE(server.ok()) << server.error().message;
    server_ = std::move(*server);
    client_ = std::make_unique<httplib::Client>("127.0.0.1", server_->port());
    client_->set_keep_alive(true);
  }
  void TearDown() override {
    client_.reset();
    server_.reset();
    std::filesystem::remove_all(folder_);
  }
  void Write(const std::string& name, const std::vector<uint8_t>& bytes) const {
    std::ofstream(folder_ + "/" + name)
        .write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
  }
  httplib::Result Get(const std::string& path) { return client_->Get(path.c_str()); }

  std::string folder_;
  std::unique_ptr<ReferenceServer> server_;
  std::unique_ptr<httplib::Client> client_;
};

TEST_F(ReferenceServerTest, AnIndexBesideTheFileIsUsedAndAStaleOneRefusedWithTheSameAnswer) {
  const std::string path = "/iiif/2/page.jpg/100,50,301,200/150,/0/default.jpg";
  const auto without = Get(path);
  ASSERT_TRUE(without);
  EXPECT_FALSE(without->has_header("X-Mcu-Index"));
  const auto ask_with = [&](const std::string& indexed_file) {
    auto source = Source::Open(folder_ + "/" + indexed_file);
    ASSERT_TRUE(source.ok());
    auto index = FindCodec("jpeg")->build_index(**source);
    ASSERT_TRUE(index.ok()) << index.error().message;
    Write("page.jpg.mcuindex", *index);
    const auto answer = Get(path);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200) << answer->body;
    EXPECT_EQ(answer->body, without->body);
    EXPECT_EQ(answer->get_header_value("X-Mcu-Index"),
              indexed_file == "page.jpg" ? "used" : "refused");
  };
  ask_with("page.jpg");
  ask_with("a b.jpg");
}

TEST_F(ReferenceServerTest, ImagesOfEveryFormatWithServerTiming) {
  for (const char* name : {"page.jpg", "page.jp2", "page.tif"}) {
    auto answer = Get(std::string("/iiif/2/") + name + "/100,50,301,200/150,/0/default.jpg");
    ASSERT_TRUE(answer) << name;
    ASSERT_EQ(answer->status, 200) << answer->body;
    EXPECT_EQ(answer->get_header_value("Content-Type"), "image/jpeg");
    const std::string timing = answer->get_header_value("Server-Timing");
    for (const char* stage :
         {"read;dur=", "decode;dur=", "resize;dur=", "convert;dur=", "encode;dur="}) {
      EXPECT_NE(timing.find(stage), std::string::npos) << timing;
    }
    auto source = Source::Borrow(
        std::span(reinterpret_cast<const uint8_t*>(answer->body.data()), answer->body.size()),
        "answer");
    auto image = DecodeWhole(*source);
    ASSERT_TRUE(image.ok());
    EXPECT_EQ(image->size(), (Size{150, 100}));
  }
}

TEST_F(ReferenceServerTest, InfoOfBothVersions) {
  auto two = Get("/iiif/2/page.tif/info.json");
  ASSERT_TRUE(two);
  const auto info2 = nlohmann::json::parse(two->body);
  EXPECT_EQ(info2["width"], 640);
  EXPECT_EQ(info2["@context"], "http://iiif.io/api/image/2/context.json");
  EXPECT_EQ(info2["profile"][0], "http://iiif.io/api/image/2/level2.json");
  EXPECT_EQ(info2["tiles"][0]["width"], 256);
  auto three = Get("/iiif/3/page.tif/info.json");
  ASSERT_TRUE(three);
  const auto info3 = nlohmann::json::parse(three->body);
  EXPECT_EQ(info3["type"], "ImageService3");
  EXPECT_EQ(info3["height"], 480);
  EXPECT_EQ(three->get_header_value("Access-Control-Allow-Origin"), "*");
  auto base = Get("/iiif/2/page.tif");
  ASSERT_TRUE(base);
  EXPECT_EQ(base->status, 303);
}

TEST_F(ReferenceServerTest, ErrorsHaveTheirStatusAndSayWhy) {
  const std::tuple<const char*, int, const char*> cases[] = {
      {"/iiif/2/page.jpg/640,0,10,10/max/0/default.jpg", 400, "outside"},
      {"/iiif/2/page.jpg/full/0,/0/default.jpg", 400, "size"},
      {"/iiif/3/page.jpg/full/2000,/0/default.jpg", 400, "enlarge"},
      {"/iiif/2/page.jpg/full/max/45/default.jpg", 501, "45"},
      {"/iiif/2/page.jpg/full/max/0/default.gif", 501, "gif"},
      {"/iiif/2/page.jpg/full/50000,50000/0/default.jpg", 413, "limit"},
      {"/iiif/2/absent.jpg/full/max/0/default.jpg", 404, "absent.jpg"},
      {"/iiif/2/..%2Fpage.jpg/full/max/0/default.jpg", 400, "identifier"},
      {"/iiif/2/%2Fetc%2Fpasswd/full/max/0/default.jpg", 400, "identifier"},
      {"/iiif/2/../page.jpg/info.json", 400, "expected"},
      {"/iiif/2/cut.jpg/full/100,/0/default.jpg", 500, "cut.jpg"},
      {"/iiif/2/cut.jp2/full/max/0/default.jpg", 500, "cut.jp2"},
      {"/iiif/2/cut.tif/full/max/0/default.jpg", 500, "cut.tif"},
      {"/elsewhere", 404, "/iiif/2/"},
  };
  for (const auto& [path, status, word] : cases) {
    auto answer = Get(path);
    ASSERT_TRUE(answer) << path;
    EXPECT_EQ(answer->status, status) << path << ": " << answer->body;
    EXPECT_NE(answer->body.find(word), std::string::npos) << path << ": " << answer->body;
  }
}

TEST_F(ReferenceServerTest, EncodedNamesHeadAndOptions) {
  auto spaced = Get("/iiif/2/a%20b.jpg/full/max/0/default.jpg");
  ASSERT_TRUE(spaced);
  EXPECT_EQ(spaced->status, 200);
  auto head = client_->Head("/iiif/2/page.jpg/info.json");
  ASSERT_TRUE(head);
  EXPECT_EQ(head->status, 200);
  auto options = client_->Options("/iiif/2/page.jpg/info.json");
  ASSERT_TRUE(options);
  EXPECT_EQ(options->status, 204);
}

}  // namespace
}  // namespace iiifbench
