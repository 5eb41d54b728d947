// Which sizes a request allows, and that an answer of another rounding is compared at its own size.
#include "harness/answers/expected_answer.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "harness/http/failure_kind.h"
#include "harness/load/generator/body_check.h"
#include "tests/kernels/codecs/test_pages.h"

namespace iiifbench {
namespace {

constexpr Size kImage{4000, 6000};

std::string Rounding(const std::string& path, Size came, ApiVersion version = ApiVersion::k2) {
  const auto request = ParseImageRequest("id/" + path + "/default.jpg", version);
  if (!request) return request.error().message;
  return AllowedRounding(*request, kImage, came).value_or("wrong");
}

TEST(AllowedRoundingTest, FloorAndCeilingOfTheCalculatedSideAndNothingElse) {
  const std::string w = "0,0,4000,6000/125,/0";
  EXPECT_EQ(Rounding(w, {125, 188}), "");  // ours
  EXPECT_EQ(Rounding(w, {125, 187}), "height 187 is the floor of 187.5");
  for (const Size came :
       {Size{125, 186}, Size{125, 189}, Size{124, 187}, Size{126, 188}, Size{187, 125}})
    EXPECT_EQ(Rounding(w, came), "wrong") << came.width << "x" << came.height;
  EXPECT_EQ(Rounding("full/,125/0", {83, 125}), "");
  EXPECT_EQ(Rounding("full/,125/0", {84, 125}), "width 84 is the ceiling of 83.3333");
  EXPECT_EQ(Rounding("full/,125/0", {82, 125}), "wrong");
  EXPECT_EQ(Rounding("full/!125,200/0", {125, 187}), "height 187 is the floor of 187.5");
  EXPECT_EQ(Rounding("full/!125,187/0", {125, 187}), "");
  EXPECT_EQ(Rounding("full/pct:3.33/0", {134, 199}),
            "width 134 is the ceiling of 133.2, height 199 is the floor of 199.8");
}

TEST(AllowedRoundingTest, AWholeSideHasNoOtherRounding) {
  for (const int off : {-1, 1}) {
    EXPECT_EQ(Rounding("full/1000,/0", {1000, 1500 + off}), "wrong");
    EXPECT_EQ(Rounding("full/125,187/0", {125, 187 + off}), "wrong");
    EXPECT_EQ(Rounding("0,0,101,103/full/0", {101, 103 + off}), "wrong");
    EXPECT_EQ(Rounding("0,0,101,103/max/0", {101 + off, 103}, ApiVersion::k3), "wrong");
  }
  // 6000 * 7 / 3000: binary arithmetic must not make a ceiling of it.
  EXPECT_EQ(Rounding("0,0,3000,6000/7,/0", {7, 15}), "wrong");
}

TEST(AllowedRoundingTest, QuarterTurnsTurnTheSize) {
  EXPECT_EQ(Rounding("full/125,/90", {187, 125}), "height 187 is the floor of 187.5");
  EXPECT_EQ(Rounding("full/125,/90", {125, 187}), "wrong");
  EXPECT_EQ(Rounding("full/125,/180", {125, 187}), "height 187 is the floor of 187.5");
}

class CheckAgainstTest : public ::testing::Test {
 protected:
  void SetUp() override {
    page_ = TestPicture({400, 300}, 3);
    Write(Encoded(*FindCodec("jpeg"), page_, {}));
    auto expected = ExpectAnswer(path_, "full/150,/0/default.jpg", ApiVersion::k2, 90);
    ASSERT_TRUE(expected.ok()) << expected.error().message;
    expected_ = std::move(*expected);
  }
  void TearDown() override { std::filesystem::remove(path_); }
  void Write(const std::vector<uint8_t>& bytes) const {
    std::ofstream(path_, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), std::ssize(bytes));
  }
  Exchange Answer(Size size, bool mirrored = false) const {
    Image picture(size, 3);
    Resize(page_.view(), WholeOf(page_.size()), picture.view(), {.filter = Filter::kBox});
    if (mirrored) {
      for (int y = 0; y < size.height; ++y)
        for (int x = 0; x < size.width / 2; ++x)
          std::swap_ranges(picture.view().row(y) + 3 * x, picture.view().row(y) + 3 * x + 3,
                           picture.view().row(y) + 3 * (size.width - 1 - x));
    }
    Exchange exchange{
        .url = "http://host/default.jpg", .status = 200, .content_type = "image/jpeg"};
    exchange.body = Encoded(*FindCodec("jpeg"), picture, {.quality = 90});
    return exchange;
  }
  template <typename F>
  Image Page(F map) const {
    Image out(page_.size(), 3);
    for (int y = 0; y < out.height(); ++y)
      for (int x = 0; x < 3 * out.width(); ++x)
        out.view().row(y)[x] = map(x / 3, y, x % 3, page_.view().row(y)[x]);
    return out;
  }
  const std::string path_ =
      fmt::format("{}/expected_answer_{}.jpg", ::testing::TempDir(), ::getpid());
  Image page_;
  ExpectedAnswer expected_;
};

TEST_F(CheckAgainstTest, AnotherRoundingIsComparedByPixelsAtItsOwnSize) {
  // 400 x 300 at 150 wide is 112.5 high; ours rounds up.
  ASSERT_EQ(expected_.picture.size(), (Size{150, 113}));
  auto ours = CheckAgainst(expected_, Answer({150, 113}));
  ASSERT_TRUE(ours.ok()) << ours.error().message;
  EXPECT_EQ(ours->rounding, "");
  auto floor = CheckAgainst(expected_, Answer({150, 112}));
  ASSERT_TRUE(floor.ok()) << floor.error().message;
  EXPECT_EQ(floor->rounding, "height 112 is the floor of 112.5");
  // Its pixels are looked at, too.
  const auto mirrored = CheckAgainst(expected_, Answer({150, 112}, true));
  ASSERT_FALSE(mirrored.ok());
  EXPECT_NE(mirrored.error().message.find("the mirrored picture came"), std::string::npos)
      << mirrored.error().message;
  const auto smaller = CheckAgainst(expected_, Answer({150, 111}));
  ASSERT_FALSE(smaller.ok());
  EXPECT_NE(smaller.error().message.find("150x111 pixels came instead of 150x113"),
            std::string::npos)
      << smaller.error().message;
}

TEST_F(CheckAgainstTest, ALoadRunCountsItApartAndItsAnswersStayRight) {
  for (const bool with_source : {true, false}) {
    LoadRun run;
    for (const Size size : {Size{150, 113}, Size{150, 112}, Size{150, 112}, Size{150, 110}}) {
      run.kept.push_back({.sample = run.samples.size(),
                          .path = "full/150,/0/default.jpg",
                          .content_type = "image/jpeg",
                          .body = Answer(size).body});
      run.samples.emplace_back();
    }
    const BodyCheck check = CheckBodies(
        run, {{.file = "page.jpg", .path = with_source ? path_ : "", .size = {400, 300}}}, {});
    EXPECT_EQ(check.checked, 4);
    EXPECT_EQ(check.rounded, 2);
    EXPECT_EQ(check.wrong, 1);
    EXPECT_EQ(check.compared, with_source);
    EXPECT_EQ(check.roundings, std::vector<std::string>{
                                   "full/150,/0/default.jpg: height 112 is the floor of 112.5"});
    EXPECT_EQ(run.samples[1].failure, -1);
    EXPECT_EQ(run.samples[3].failure, 0);
  }
}

// A watermark is named, and a flat picture is neither right nor wrong: it is not among the checked.
TEST_F(CheckAgainstTest, ALoadRunNamesWhatIsChangedAndCountsWhatCannotBeJudgedApart) {
  const Image flat = Page([](int, int, int, uint8_t) { return uint8_t{230}; });
  auto checked = [&](const Image& source, const std::vector<const Image*>& answers) {
    Write(Encoded(*FindCodec("jpeg"), source, {}));
    LoadRun run;
    for (const Image* answer : answers) {
      run.kept.push_back({.sample = run.samples.size(),
                          .path = "full/full/0/default.jpg",
                          .content_type = "image/jpeg",
                          .body = Encoded(*FindCodec("jpeg"), *answer, {.quality = 90})});
      run.samples.emplace_back();
    }
    return CheckBodies(run, {{.file = "page.jpg", .path = path_, .size = {400, 300}}}, {});
  };
  // Bars of grey at a third, over a thirtieth of the picture.
  const Image marked = Page([](int x, int y, int, uint8_t value) {
    const bool inside = x > 100 && x < 165 && y > 100 && y < 165 && x / 6 % 2 == 0;
    return static_cast<uint8_t>(inside ? value * 0.4 + 60 * 0.6 : value);
  });
  const Image darker = Page(
      [](int, int, int, uint8_t value) { return static_cast<uint8_t>(std::max(0, value - 25)); });
  const BodyCheck page = checked(page_, {&page_, &marked, &marked, &darker});
  EXPECT_EQ(page.checked, 4);
  EXPECT_EQ(page.wrong, 0) << testing::PrintToString(page.examples);
  EXPECT_EQ(page.changed, 3);
  ASSERT_EQ(page.changes.size(), 2u);  // each example once, in random order
  for (const char* words : {"a stamp", "darker by about 25"})
    EXPECT_NE(testing::PrintToString(page.changes).find(words), std::string::npos)
        << testing::PrintToString(page.changes);
  EXPECT_EQ(page.doubted, 0);
  EXPECT_EQ(NothingJudged(page), "");
  const BodyCheck blank = checked(flat, {&flat, &flat, &page_});
  EXPECT_EQ(blank.checked, 1);  // the page of another picture
  EXPECT_EQ(blank.wrong, 1);
  EXPECT_EQ(blank.doubted, 2);
  const BodyCheck nothing = checked(flat, {&flat, &flat});
  EXPECT_EQ(nothing.checked, 0);
  EXPECT_EQ(nothing.doubted, 2);
  ASSERT_EQ(nothing.doubts.size(), 1u);
  EXPECT_NE(NothingJudged(nothing).find("none of 2 answers could be judged"), std::string::npos);
}

TEST_F(CheckAgainstTest, AFailedRequestIsNamedByItsKindAndAWrongPictureHasNone) {
  Exchange exchange = Answer({150, 111});
  EXPECT_EQ(FailureOf(exchange), "");
  exchange.body.resize(exchange.body.size() / 2);
  EXPECT_EQ(FailureOf(exchange), "a picture without its end");
  exchange.failure = "cut off";
  EXPECT_EQ(FailureOf(exchange), "cut off");
  exchange = {.url = "http://host/default.jpg", .status = 502};
  EXPECT_EQ(FailureOf(exchange), "status 502");
}

}  // namespace
}  // namespace iiifbench
