// Manifests as servers write them, in both versions, and what must not be taken for one.
#include "harness/answers/manifest/manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace iiifbench {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

json Canvas2(const std::string& image, int width, int height) {
  return {{"@type", "sc:Canvas"},
          {"label", "f. " + image},
          {"width", 2 * width},
          {"height", 2 * height},
          {"images",
           {{{"@type", "oa:Annotation"},
             {"resource",
              {{"@id", "http://a.example/iiif/" + image + "/full/full/0/default.jpg"},
               {"width", width},
               {"height", height},
               {"service",
                {{"@context", "http://iiif.io/api/image/2/context.json"},
                 {"@id", "http://a.example/iiif/" + image + "/"},
                 {"profile", "http://iiif.io/api/image/2/level1.json"}}}}}}}}};
}

json Canvas3(const std::string& image, int width, int height) {
  const json service = {{{"id", "http://a.example/auth"}, {"type", "AuthCookieService1"}},
                        {{"id", "http://a.example/iiif/3/" + image},
                         {"type", "ImageService3"},
                         {"profile", "level1"}}};
  const json body = {{"id", "http://a.example/x.jpg"},
                     {"type", "Image"},
                     {"width", width},
                     {"height", height},
                     {"service", service}};
  const json annotation = {{"type", "Annotation"}, {"body", body}};
  const json page = {{"type", "AnnotationPage"}, {"items", json::array({annotation})}};
  return {
      {"type", "Canvas"}, {"label", {{"de", {"Seite " + image}}}}, {"items", json::array({page})}};
}

TEST(ManifestTest, PagesOfVersion2) {
  const json manifest = {
      {"@type", "sc:Manifest"},
      {"sequences", {{{"canvases", {Canvas2("one", 300, 400), Canvas2("two", 30, 40)}}}}}};
  const auto read = ParseManifest(manifest.dump());
  ASSERT_TRUE(read.ok()) << read.error().message;
  ASSERT_THAT(read->pages, SizeIs(2));
  EXPECT_EQ(read->pages[0].url, "http://a.example/iiif/one");
  EXPECT_EQ(read->pages[0].size, (Size{300, 400})) << "the image's size, not the canvas'";
  EXPECT_EQ(read->pages[1].label, "f. two");
}

TEST(ManifestTest, PagesOfVersion3AmongOtherServices) {
  const json manifest = {{"type", "Manifest"}, {"items", {Canvas3("a%2Fb", 300, 400)}}};
  const auto read = ParseManifest(manifest.dump());
  ASSERT_TRUE(read.ok()) << read.error().message;
  ASSERT_THAT(read->pages, SizeIs(1));
  EXPECT_EQ(read->pages[0].url, "http://a.example/iiif/3/a%2Fb");
  EXPECT_EQ(read->pages[0].label, "Seite a%2Fb");
}

TEST(ManifestTest, OfAChoiceTheFirst) {
  json canvas = Canvas3("base", 300, 400);
  json& body = canvas["items"][0]["items"][0]["body"];
  json other = body;
  other["service"][1]["id"] = "http://a.example/iiif/3/infrared";
  body = {{"type", "Choice"}, {"items", {body, other}}};
  const auto read = ParseManifest(json{{"type", "Manifest"}, {"items", {canvas}}}.dump());
  ASSERT_TRUE(read.ok());
  ASSERT_THAT(read->pages, SizeIs(1));
  EXPECT_EQ(read->pages[0].url, "http://a.example/iiif/3/base");
}

TEST(ManifestTest, CollectionsNameManifests) {
  const auto second = ParseManifest(
      R"({"@type":"sc:Collection","manifests":[{"@id":"http://a/1"},{"@id":"http://a/2"}],
          "collections":[{"@id":"http://a/3"}]})");
  ASSERT_TRUE(second.ok());
  EXPECT_THAT(second->manifests, ElementsAre("http://a/1", "http://a/2", "http://a/3"));
  const auto third = ParseManifest(
      R"({"type":"Collection","items":[{"id":"http://a/1","type":"Manifest"},{"id":7}, 3]})");
  ASSERT_TRUE(third.ok());
  EXPECT_THAT(third->manifests, ElementsAre("http://a/1"));
}

TEST(ManifestTest, WhatIsNoManifestIsRefused) {
  for (const char* text : {"", "<html>", "[]", "7", "{}", R"({"type":7})",
                           R"({"type":"ImageService3","width":3})", "{\"type\":\"Mani\xff\"}"}) {
    EXPECT_FALSE(ParseManifest(text).ok()) << text;
  }
  EXPECT_THAT(ParseManifest(R"({"type":"Canvas"})").error().message, HasSubstr("'Canvas'"));
}

TEST(ManifestTest, EveryMemberMayHaveAnotherType) {
  const json whole = {{"type", "Manifest"},
                      {"sequences", {{{"canvases", {Canvas2("one", 300, 400)}}}}},
                      {"items", {Canvas3("two", 300, 400)}}};
  const json flat = whole.flatten();
  for (const auto& [path, value] : flat.items()) {
    for (json other : {json(), json(7), json("x"), json::array(), json::object(), json(1e300)}) {
      json changed = whole;
      for (json::json_pointer at(path); !at.empty(); at = at.parent_pointer()) {
        if (at == json::json_pointer("/type")) break;
        changed = whole;
        changed[at] = other;
        EXPECT_TRUE(ParseManifest(changed.dump()).ok()) << at.to_string() << other;
      }
    }
  }
}

TEST(ManifestTest, PagesOfClearlyOtherSizesAreChosen) {
  const auto page = [](const char* url, int width) {
    return ManifestPage{.url = url, .size = {width, width * 4 / 3}};
  };
  const auto url = [](const char* name) { return Field(&ManifestPage::url, name); };
  EXPECT_THAT(PagesOfOtherSizes({page("a", 500), page("b", 2500), page("c", 2400), page("d", 1000),
                                 page("e", 0)}),
              ElementsAre(url("b"), url("d"), url("a")));
  EXPECT_THAT(PagesOfOtherSizes({page("a", 1000), page("b", 1010), page("c", 990)}),
              ElementsAre(url("b")));
  EXPECT_THAT(PagesOfOtherSizes({page("a", 0)}), IsEmpty());
}

}  // namespace
}  // namespace iiifbench
