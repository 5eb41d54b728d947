#include "kernels/image/parallel.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <thread>

namespace iiifbench {
namespace {

TEST(ParallelTest, EveryPieceRunsOnceAlsoNestedAndFromSeveralCallers) {
  std::array<std::atomic<int>, 600> runs{};
  const auto caller = [&](int first) {
    auto done = ForEachPiece(10, 3, [&](int outer) {
      return ForEachPiece(20, 4, [&, outer](int inner) -> Result<void> {
        ++runs[static_cast<size_t>(first + outer * 20 + inner)];
        return {};
      });
    });
    EXPECT_TRUE(done.ok());
  };
  std::thread second(caller, 200), third(caller, 400);
  caller(0);
  second.join();
  third.join();
  for (const auto& count : runs) EXPECT_EQ(count, 1);
}

TEST(ParallelTest, TheFirstErrorEndsTheRest) {
  std::atomic<int> runs = 0;
  auto done = ForEachPiece(1'000'000, 2, [&](int piece) -> Result<void> {
    ++runs;
    if (piece >= 10) return Fail(ErrorKind::kBadInput, "piece {}", piece);
    return {};
  });
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().message.find("piece 1"), 0u) << done.error().message;
  EXPECT_LT(runs, 1'000'000);
}

// The helper that joined a call is in it until the end, so two pieces that wait for each other
// finish.
TEST(ParallelTest, TwoThreadsWorkAtTheSameTime) {
  std::atomic<int> there = 0;
  auto done = ForEachPiece(2, 2, [&](int) -> Result<void> {
    ++there;
    while (there < 2) std::this_thread::yield();
    return {};
  });
  EXPECT_TRUE(done.ok());
}

}  // namespace
}  // namespace iiifbench
