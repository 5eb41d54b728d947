#include "harness/study/effective/read_back.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace iiifbench {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(ReadBackTest, RequestsAtOnceAreDoneByWorkersAndCores) {
  EXPECT_THAT(CompletionsAtOnce(4, 1, 2), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(CompletionsAtOnce(4, 2, 2), ElementsAre(1, 1, 2, 2));
  EXPECT_THAT(CompletionsAtOnce(4, 4, 2), ElementsAre(2, 2, 2, 2));
  EXPECT_THAT(CompletionsAtOnce(4, 4, 1), ElementsAre(4, 4, 4, 4));
  EXPECT_THAT(CompletionsAtOnce(3, 2, 1), ElementsAre(2, 2, 3));
}

TEST(ReadBackTest, TheWorkersAreFoundAgainUnderNoise) {
  for (int workers = 1; workers <= 4; ++workers) {
    auto done = CompletionsAtOnce(4, workers, std::min(workers, 2));
    for (size_t i = 0; i < done.size(); ++i) done[i] *= i % 2 == 0 ? 1.06 : 0.97;
    EXPECT_EQ(WorkersThatFit(done, 2).front(), workers);
  }
  // One worker, whose crop alone was timed too short: by the figures as they stand, two on one core
  // fit better.
  const std::vector<double> late = {1.4, 2.3, 3.6, 4.5};
  EXPECT_THAT(WorkersThatFit(late, 2), ElementsAre(1));
  const std::vector<double> nonsense = {0.1, 0.1, 9, 30};
  EXPECT_THAT(WorkersThatFit(nonsense, 2), IsEmpty());
}

TEST(ReadBackTest, OnlyWhatIsSurelyAnotherSettingDiffers) {
  StudyServer server;
  server.intended = {{"cache", "off (that of metadata is on)"},
                     {"workers", "2 (processes)"},
                     {"jpeg_quality", "90"},
                     {"heap", "4 GB"}};
  server.effective = {
      {"cache", "off (0.98)"}, {"workers", "1 or 2 (figures)"}, {"jpeg_quality", "91"}};
  EXPECT_THAT(Differences(server), IsEmpty());
  server.effective["workers"] = "cannot tell (figures)";
  EXPECT_THAT(Differences(server), IsEmpty());
  server.effective["workers"] = "4 or more (figures)";
  ASSERT_THAT(IdsOf(Differences(server)), ElementsAre("setting-differs"));
  EXPECT_TRUE(Differences(server)[0].text.starts_with("workers "));
  server.effective = {{"cache", "on (0.1)"}};
  ASSERT_THAT(IdsOf(Differences(server)), ElementsAre("setting-differs"));
  EXPECT_TRUE(Differences(server)[0].text.starts_with("cache "));
  server.effective = {{"jpeg_quality", "75"}};
  ASSERT_THAT(IdsOf(Differences(server)), ElementsAre("setting-differs"));
  EXPECT_TRUE(Differences(server)[0].text.starts_with("jpeg_quality "));
}

}  // namespace
}  // namespace iiifbench
