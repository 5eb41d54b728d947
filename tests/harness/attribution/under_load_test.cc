#include "harness/attribution/waiting/under_load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/corpus.h"
#include "harness/attribution/answering/first_answer.h"
#include "harness/servers/reference/reference_server.h"

namespace iiifbench {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// One worker serves n clients in turn, so each waits for the n - 1 others: the truth is known.
TEST(UnderLoadTest, OneWorkerMakesClientsWaitForEachOther) {
  auto corpus = EnsureCorpus({.small = true, .recipes = {"jpeg_q90"}, .pages = {"map"}});
  ASSERT_TRUE(corpus.ok()) << corpus.error().message;
  FaultPlan plan;
  // Of a thread that sleeps: cores do not matter.
  plan.delay[Stage::kDecode] = std::chrono::milliseconds(15);
  ReferenceOptions reference;
  reference.folder = corpus->image_folder;
  reference.workers = 1;
  reference.faults = plan;
  auto server = ReferenceServer::Start(reference);
  ASSERT_TRUE(server.ok()) << server.error().message;
  const std::string url = fmt::format("http://127.0.0.1:{}/iiif/2/{}/0,0,64,64/64,/0/default.jpg",
                                      (*server)->port(), corpus->entries.front().file);
  for (int attempt = 0;; ++attempt) {  // of latencies, on a machine that others use too
    auto loaded = AskUnderLoad({.url = url, .clients = 4, .budget = std::chrono::seconds(2)});
    ASSERT_TRUE(loaded.ok()) << loaded.error().message;
    const double expected = 3 * loaded->service_ms;
    const bool right = loaded->refusal.empty() && loaded->waiting_ms > 0.85 * expected &&
                       loaded->waiting_ms < 1.15 * expected;
    if (!right && attempt < 3) continue;
    EXPECT_EQ(loaded->refusal, "");
    EXPECT_NEAR(loaded->waiting_ms, expected, 0.15 * expected) << Describe(*loaded);
    EXPECT_NEAR(loaded->at_a_time, 1, 0.15);
    ASSERT_EQ(loaded->findings.size(), 1u);
    EXPECT_THAT(loaded->findings.front(), HasSubstr("served at a time"));
    EXPECT_LE(loaded->low, loaded->waiting_ms);
    EXPECT_GE(loaded->high, loaded->waiting_ms);
    break;
  }
  (*server)->Stop();
}

TEST(UnderLoadTest, NobodyListeningIsAnErrorThatNamesTheUrl) {
  auto loaded = AskUnderLoad(
      {.url = "http://127.0.0.1:1/x", .clients = 2, .budget = std::chrono::seconds(1)});
  ASSERT_FALSE(loaded.ok());
  EXPECT_THAT(loaded.error().message, HasSubstr("http://127.0.0.1:1/x"));
}

TEST(FirstAnswerTest, SaysInPlainWordsWhatStandsOut) {
  const NetworkCost loopback;
  EXPECT_THAT(
      FirstAnswer(
          {.second_to_first = 1, .bottom_to_top = 3.2, .above_level = 1, .pixel_to_small = 40},
          "jpeg", loopback, 12),
      HasSubstr("a tile takes 12.0 ms; a tile at the bottom takes 3.2 times as long as one at the "
                "top: the "
                "file is decoded from its top down to the region; no size is cheaper"));
  EXPECT_THAT(
      FirstAnswer(
          {.second_to_first = 1, .bottom_to_top = 1, .above_level = 1, .pixel_to_small = 100},
          "jpeg", loopback, 0),
      HasSubstr("every request works on the whole page"));
  const std::string levels = FirstAnswer({.second_to_first = 0.3,
                                          .bottom_to_top = 1.1,
                                          .above_level = 2.5,
                                          .pixel_to_small = 2,
                                          .cached = true},
                                         "tiff", {.round_trip_ms = 46, .link = true}, 0);
  EXPECT_THAT(levels, HasSubstr("46 ms of every request are the round trip"));
  EXPECT_THAT(levels, HasSubstr("repeats take 30 % of the first time: a cache answers"));
  EXPECT_THAT(levels, HasSubstr("goes straight to the region"));
  EXPECT_THAT(levels, HasSubstr("smaller levels of the file are used"));
  EXPECT_EQ(FirstAnswer({}, "jp2", loopback, 0), "");
}

// No ladder, or a picture too small for a probe: 0.00 would be a measurement.
TEST(FirstAnswerTest, WhatWasNotMeasuredIsNoNumber) {
  EXPECT_EQ(Describe(Signatures{.second_to_first = 0.98, .bottom_to_top = 1}),
            "signatures: repeat/first 0.98, bottom/top 1.00, 501/500 wide not measured, pixel of "
            "page/of 64 px "
            "not measured, info of page/of 64 px not measured");
}

}  // namespace
}  // namespace iiifbench
