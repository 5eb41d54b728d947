#include "harness/attribution/observe/answer_cache.h"

#include <gtest/gtest.h>

namespace iiifbench {
namespace {

TEST(AnswerCacheTest, AKeptAnswerCostsWhatAnInfoCosts) {
  const std::vector<RepeatedRequest> kept = {{"pixel", 0.6, 0.2},
                                             {"equal:256", 5, 0.3},
                                             {"full:500", 9, 0.4},
                                             {"ladder:64", 0.7, 0.2},
                                             {"full:501", 9, 0.3}};
  EXPECT_TRUE(CacheAnswers(kept, 0.2));
  EXPECT_TRUE(CacheAnswers(kept, 15));  // only info.json is slow
}

// The first of each request read the file from a disk: faster the second time, and yet made anew.
TEST(AnswerCacheTest, FasterRepeatsThatCostAPictureAreNoCache) {
  const std::vector<RepeatedRequest> warm = {
      {"pixel", 155, 82}, {"equal:256", 160, 82}, {"full:500", 170, 90}, {"full:501", 150, 85}};
  EXPECT_FALSE(CacheAnswers(warm, 0.2));
  const std::vector<RepeatedRequest> one = {{"equal:256", 5, 0.3}};
  EXPECT_FALSE(CacheAnswers(one, 0.2));  // one is no rule
}

// A script that takes 30 ms for every request, kept answers and info.json too.
TEST(AnswerCacheTest, ADelayOfEveryRequestHidesNoCache) {
  const std::vector<RepeatedRequest> kept = {
      {"equal:256", 75, 30.3}, {"full:500", 90, 30.4}, {"full:501", 91, 30.2}, {"pixel", 31, 30.1}};
  EXPECT_TRUE(CacheAnswers(kept, 30.2));
}

}  // namespace
}  // namespace iiifbench
