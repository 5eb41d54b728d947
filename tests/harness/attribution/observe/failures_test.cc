// A failure takes nothing from what was answered rightly, and is told from a wrong picture.
#include "harness/attribution/observe/failures.h"

#include <gtest/gtest.h>

namespace iiifbench {
namespace {

Exchange Picture(std::vector<uint8_t> body = {0xFF, 0xD8, 1, 0xFF, 0xD9}) {
  return {.url = "http://h/id/full/9,/0/default.jpg",
          .status = 200,
          .content_type = "image/jpeg",
          .body = std::move(body)};
}
Exchange Status(long status) {
  Exchange exchange = Picture({'n', 'o'});
  exchange.status = status, exchange.content_type = "text/html";
  return exchange;
}

TEST(FailuresTest, AreTransfersAndStatusesAndNoPicturesThatChanged) {
  const CheckedAnswer none, known{.body = Picture().body};
  EXPECT_EQ(FailureToday(Picture(), none), "");
  EXPECT_EQ(FailureToday(Status(502), known), "status 502");
  Exchange cut = Picture();
  cut.error = "Transferred a partial file", cut.failure = "cut off";
  EXPECT_EQ(FailureToday(cut, known), "cut off");
  // A whole picture that is another one is judged by its pixels, and so is what comes each time.
  EXPECT_EQ(FailureToday(Picture({0xFF, 0xD8, 2, 0xFF, 0xD9}), known), "");
  EXPECT_EQ(FailureToday(Picture({0xFF, 0xD8, 1}), none), "");
  EXPECT_EQ(FailureToday(Picture({0xFF, 0xD8, 1}), known), "a picture without its end");
}

TEST(FailuresTest, GoodSamplesStayAndARequestThatWasNeverAnsweredIsLeftOut) {
  const ObserveOptions options;
  Prober prober(options);
  Observed observed;
  observed.cases.resize(3);
  prober.answers.resize(3);
  observed.cases[0].samples_ms = {5, 6};
  const auto fail = [&](size_t number, long status) {
    TakeFailure(prober, observed, number, Status(status), fmt::format("status {}", status));
  };
  for (int i = 0; i < 5; ++i) fail(0, 502);
  EXPECT_EQ(prober.answers[0].wrong, "");
  EXPECT_FALSE(Stopped(prober));
  fail(1, 502), fail(1, 502);
  EXPECT_EQ(prober.answers[1].wrong, "");
  fail(1, 502);
  EXPECT_EQ(prober.answers[1].wrong, "status 502: no");
  fail(2, 501);  // will not pass
  EXPECT_EQ(prober.answers[2].wrong, "status 501: no");
  EXPECT_EQ(observed.failures.at("status 502"), 8);
  TakeSuccess(prober, 0);
  EXPECT_EQ(prober.failing, 0);
  DropWrongAnswers(prober, observed);
  ASSERT_EQ(observed.cases.size(), 1u);
  EXPECT_EQ(observed.cases[0].samples_ms.size(), 2u);
}

TEST(FailuresTest, NothingElseForTooLongEndsTheProbing) {
  const ObserveOptions options{.budget = std::chrono::milliseconds(200)};
  Prober prober(options);
  Observed observed;
  observed.cases.resize(1);
  prober.answers.resize(1);
  observed.cases[0].samples_ms = {5};
  for (int i = 0; i < 20 && !Stopped(prober); ++i)
    TakeFailure(prober, observed, 0, Status(503), "status 503");
  EXPECT_TRUE(Stopped(prober));
  EXPECT_EQ(observed.cases[0].samples_ms.size(), 1u);
}

}  // namespace
}  // namespace iiifbench
