// What the check costs beside the one before it, which decoded the answer and compared both
// pictures reduced 4:1, and beside decoding alone. In turns in one process, by the thread's own
// processor time, so that a busy machine changes little; medians of the turns.
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

bool Decodes(const Exchange& exchange) {
  return DecodeWhole(*Source::Borrow(exchange.body, "answer"), Variant::kLibrary).ok();
}
bool BeforeSaidRight(const Exchange& exchange, ConstPixelView expected) {
  auto source = Source::Borrow(exchange.body, "answer");
  const auto picture = DecodeWhole(*source, Variant::kLibrary);
  return picture &&
         Compare(QuarterOf(picture->view()).view(), QuarterOf(expected).view()).psnr > 24;
}

double MedianOf(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

TEST(ResponseCheckCostTest, IsBelowThreeTimesThatOfTheCheckBefore) {
  constexpr int kTurns = 9;
#ifdef NDEBUG
  constexpr double kMostTimes = 3;
#else
  constexpr double kMostTimes = 12;  // what is not optimised says little, least of all sanitizers
#endif
  for (const PageLook look : {PageLook::kDense, PageLook::kFaint, PageLook::kPhoto}) {
    for (const int side : {256, 640, 1024}) {
      uint64_t seed = 1;
      Image page = SeededPage(look, {side, side}, seed);
      while (page.channels() != 3) page = SeededPage(look, {side, side}, ++seed);
      Exchange exchange{.status = 200, .content_type = "image/jpeg"};
      exchange.body = Encoded(*FindCodec("jpeg"), page, {.quality = 85});
      const int asks = 1024 * 1024 / (side * side);
      std::vector<double> decoded_ms, before_ms, now_ms, times, beside_decoding;
      for (int turn = 0; turn <= kTurns; ++turn) {
        const auto measured = [&](const auto& check) {
          const double start = ThreadMs();
          for (int i = 0; i < asks; ++i) EXPECT_TRUE(check());
          return (ThreadMs() - start) / asks;
        };
        const double decoded = measured([&] { return Decodes(exchange); });
        const double before = measured([&] { return BeforeSaidRight(exchange, page.view()); });
        const double now = measured([&] { return CheckResponse(exchange, page.view()).ok(); });
        if (turn == 0) continue;  // warms up
        decoded_ms.push_back(decoded), before_ms.push_back(before), now_ms.push_back(now);
        times.push_back(now / before), beside_decoding.push_back((now - decoded) / decoded);
      }
      fmt::print(
          "{:<6} {:>4}x{:<4} decoding {:.2f} ms, check before {:.2f}, now {:.2f}: {:.2f} times it; "
          "all but decoding is {:.2f} of decoding\n",
          PageLookName(look), side, side, MedianOf(decoded_ms), MedianOf(before_ms),
          MedianOf(now_ms), MedianOf(times), MedianOf(beside_decoding));
      EXPECT_LT(MedianOf(times), kMostTimes) << PageLookName(look) << " " << side;
    }
  }
}

}  // namespace
}  // namespace iiifbench
