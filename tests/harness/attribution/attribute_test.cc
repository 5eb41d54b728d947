// The pipeline: which steps run is what its options say.
#include "harness/attribution/attribute.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/corpus.h"
#include "data/write_file.h"
#include "harness/servers/reference/reference_server.h"
#include "tests/harness/servers/test_folder.h"
#include "tests/kernels/codecs/test_pages.h"

namespace iiifbench {
namespace {

using ::testing::HasSubstr;

class AttributeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto corpus = EnsureCorpus({.small = true, .recipes = {"jpeg_q90"}, .pages = {"map"}});
    ASSERT_TRUE(corpus.ok()) << corpus.error().message;
    auto server = ReferenceServer::Start({.folder = corpus->image_folder});
    ASSERT_TRUE(server.ok()) << server.error().message;
    server_ = std::move(*server);
    const CorpusEntry& entry = corpus->entries.front();
    options_.observe = {
        .url = fmt::format("http://127.0.0.1:{}/iiif/2/{}", server_->port(), entry.file),
        .source = entry.path,
        .requests = {"0,0,256,256/256,/0/default.jpg"},
        .budget = std::chrono::seconds(2)};
  }
  void TearDown() override { server_.reset(); }
  std::unique_ptr<ReferenceServer> server_;
  AttributionOptions options_;
};

TEST_F(AttributeTest, NoStepRunsThatIsNotAskedFor) {
  auto plain = Attribute(options_);
  ASSERT_TRUE(plain.ok()) << plain.error().message;
  EXPECT_TRUE(plain->attribution.not_offered.empty());
  EXPECT_EQ(plain->attribution.url, options_.observe.url);
  for (const auto& [path, methods] : plain->observed.methods) {
    EXPECT_EQ(methods.count("fresh"), 0u);
    EXPECT_EQ(methods.count("cold"), 0u);
  }
}

TEST_F(AttributeTest, EveryStepThatIsAskedForLeavesItsTrace) {
  options_.fresh_connections = options_.cold_pass = options_.check_still_answers = true;
  options_.not_offered = true;
  options_.clients = 2;
  auto all = Attribute(options_);
  ASSERT_TRUE(all.ok()) << all.error().message;
  EXPECT_EQ(all->lost, "");
  EXPECT_FALSE(all->attribution.not_offered.empty());
  const auto& methods = all->observed.methods[options_.observe.requests.front()];
  EXPECT_EQ(methods.count("fresh"), 1u);
  for (const auto& request : all->attribution.requests) EXPECT_TRUE(request.loaded);
}

TEST_F(AttributeTest, AStopEndsItWithARefusalThatSaysSo) {
  std::atomic<bool> stop{false};
  options_.observe.stop = &stop;
  options_.observe.progress = [&](const std::string& line) {
    if (line.starts_with("warm after")) stop = true;
  };
  options_.fresh_connections = true;
  auto stopped = Attribute(options_);
  ASSERT_TRUE(stopped.ok()) << stopped.error().message;
  EXPECT_THAT(IdsOf(stopped->attribution.refusals), ::testing::Contains("stopped-early"));
  for (const auto& [path, methods] : stopped->observed.methods)
    EXPECT_EQ(methods.count("fresh"), 0u);
}

// The server's file beside the one that it is compared with: what a server's settings would do.
struct ChangedBy {
  TestFolder folder;
  AttributionOptions options;
  std::unique_ptr<ReferenceServer> server;
  ChangedBy(const Image& source, const Image& served) {
    const Codec& jpeg = *FindCodec("jpeg");
    const auto write = [&](const std::string& name, const Image& picture) {
      const auto bytes = Encoded(jpeg, picture, {.quality = 95});
      EXPECT_TRUE(WriteFile(folder.path / name, bytes).ok());
    };
    std::filesystem::create_directory(folder.path / "served");
    write("page.jpg", source);
    write("served/page.jpg", served);
    auto started = ReferenceServer::Start({.folder = folder.path / "served"});
    EXPECT_TRUE(started.ok());
    server = std::move(*started);
    options.observe = {.url = fmt::format("http://127.0.0.1:{}/iiif/2/page.jpg", server->port()),
                       .source = folder.path / "page.jpg",
                       .requests = {"0,0,256,256/256,/0/default.jpg"},
                       .budget = std::chrono::seconds(2)};
  }
};

TEST(AttributeChangedTest, AnswersThatTheServerChangesAreNamedWithWhatToDo) {
  const Image page = TestPicture({700, 600}, 3);
  Image darker(page.size(), 3);
  for (int64_t i = 0; i < page.bytes(); ++i)
    darker.view().data[i] = static_cast<uint8_t>(std::max(0, page.view().data[i] - 25));
  ChangedBy set(page, darker);
  const auto done = Attribute(set.options);
  ASSERT_TRUE(done.ok()) << done.error().message;
  const auto found = std::ranges::find(done->attribution.findings, "changed-answers", &Finding::id);
  ASSERT_NE(found, done->attribution.findings.end());
  EXPECT_THAT(found->text, HasSubstr("darker by about"));
}

TEST(AttributeChangedTest, ABlankPageIsRefusedSinceNoneOfItsAnswersCanBeJudged) {
  Image blank({700, 600}, 3);
  std::fill_n(blank.view().data, blank.bytes(), uint8_t{225});
  ChangedBy set(blank, blank);
  const auto done = Attribute(set.options);
  ASSERT_TRUE(done.ok()) << done.error().message;
  EXPECT_THAT(IdsOf(done->attribution.refusals), ::testing::Contains("no-picture-judged"));
}

TEST_F(AttributeTest, AServerThatIsGoneIsAnErrorOfTheFirstStep) {
  server_.reset();
  auto gone = Attribute(options_);
  ASSERT_FALSE(gone.ok());
  EXPECT_THAT(gone.error().message, HasSubstr("info.json"));
}

TEST_F(AttributeTest, WithoutTheFileThePictureIsFetchedAndNothingIsSaidThatIsNotKnown) {
  options_.observe.source.clear();
  options_.observe.budget = std::chrono::seconds(8);
  options_.cold_pass = true;
  auto alone = Attribute(options_);
  ASSERT_TRUE(alone.ok()) << alone.error().message;
  const Attribution& attribution = alone->attribution;
  ASSERT_TRUE(attribution.stored);
  EXPECT_THAT(attribution.stored->fetched, HasSubstr("800x1200"));
  EXPECT_FALSE(attribution.stored->cannot_say.empty());
  ASSERT_FALSE(attribution.requests.empty());
  const auto& format = attribution.stored->fields.front();
  EXPECT_EQ(format.what, "format");
  if (format.identified) {
    EXPECT_EQ(format.value, "JPEG");
    EXPECT_NE(format.by, "");
  } else {
    EXPECT_THAT(format.candidates, ::testing::Contains("JPEG"));
    EXPECT_EQ(attribution.requests.front().floor_ms.count(Stage::kDecode), 0u);
    EXPECT_THAT(attribution.stored->next, HasSubstr("iiifbench attribute http"));
  }
  for (const auto& [path, methods] : alone->observed.methods) EXPECT_EQ(methods.count("cold"), 0u);
}

}  // namespace
}  // namespace iiifbench
