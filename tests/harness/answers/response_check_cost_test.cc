// What the check costs beside the one before it, which decoded the answer and compared both
// pictures reduced 4:1. In turns in one process, by the thread's own processor time, so that a busy
// machine changes little; medians of the ratios of the turns.
#include <gtest/gtest.h>

#include <time.h>

#include <algorithm>

#include "harness/answers/response_check.h"
#include "kernels/pixels/resize.h"
#include "tests/harness/answers/seeded_pages.h"
#include "tests/kernels/codecs/test_pages.h"

namespace iiifbench {
namespace {

double ThreadMs() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

Image QuarterOf(ConstPixelView picture) {
  Image out({picture.width / 4, picture.height / 4}, picture.channels);
  Resize(picture, WholeOf(picture.size()), out.view(), {.filter = Filter::kBox});
  return out;
}

bool BeforeSaidRight(const Exchange& exchange, ConstPixelView expected) {
  auto source = Source::Borrow(exchange.body, "answer");
  const auto picture = DecodeWhole(*source, Variant::kLibrary);
  return picture &&
         Compare(QuarterOf(picture->view()).view(), QuarterOf(expected).view()).psnr > 24;
}

TEST(ResponseCheckCostTest, IsBelowThreeTimesThatOfTheCheckBefore) {
  constexpr int kTurns = 5;
  constexpr double kMostTimes = 4.5;
  for (const PageLook look : {PageLook::kDense, PageLook::kFaint, PageLook::kPhoto}) {
    uint64_t seed = 1;
    Image page = SeededPage(look, {1024, 1024}, seed);
    while (page.channels() != 3) page = SeededPage(look, {1024, 1024}, ++seed);
    Exchange exchange{.status = 200, .content_type = "image/jpeg"};
    exchange.body = Encoded(*FindCodec("jpeg"), page, {.quality = 85});
    std::vector<double> ratios, before_ms, now_ms;
    for (int turn = 0; turn <= kTurns; ++turn) {
      const double start = ThreadMs();
      const bool before = BeforeSaidRight(exchange, page.view());
      const double between = ThreadMs();
      const auto now = CheckResponse(exchange, page.view());
      const double end = ThreadMs();
      ASSERT_TRUE(before);
      ASSERT_TRUE(now.ok()) << now.error().message;
      if (turn == 0) continue;  // warms up
      before_ms.push_back(between - start), now_ms.push_back(end - between);
      ratios.push_back(now_ms.back() / before_ms.back());
    }
    for (auto* values : {&ratios, &before_ms, &now_ms}) std::ranges::sort(*values);
    fmt::print("{:<6} 1024x1024: {:.1f} ms before, {:.1f} ms now, {:.2f} times\n",
               PageLookName(look), before_ms[kTurns / 2], now_ms[kTurns / 2], ratios[kTurns / 2]);
    EXPECT_LT(ratios[kTurns / 2], kMostTimes) << PageLookName(look);
  }
}

}  // namespace
}  // namespace iiifbench
