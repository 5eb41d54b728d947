#include "kernels/codecs/jpeg/huffman/split.h"

#include "kernels/codecs/jpeg/index.h"
#include "tests/kernels/codecs/test_pages.h"

namespace iiifbench {
namespace {

// Every target on two threads is where one thread gets to. Returns how often the second pass was
// taken.
int ExpectSameCursors(std::span<const uint8_t> bytes) {
  auto source = Source::Borrow(bytes, "page.jpg");
  jpeg::Stream stream;
  std::span<const uint8_t> head;
  std::string reason;
  auto parsed = jpeg::ReadStream(*source, stream, head, reason);
  EXPECT_TRUE(parsed.ok() && *parsed == jpeg::ParseOutcome::kOk) << reason;
  const jpeg::Scanner scanner(stream);
  const jpeg::Bytes file{bytes.data(), 0, std::ssize(bytes)};
  int taken = 0;
  for (int64_t mcu :
       {int64_t{1}, stream.mcus() / 9, stream.mcus() / 2, stream.mcus() - 3, stream.mcus()}) {
    jpeg::Cursor one = scanner.First(), two = one;
    int64_t joined = 0;
    EXPECT_TRUE(scanner.Advance(file, one, mcu));
    EXPECT_TRUE(jpeg::AdvanceOnTwoThreads(stream, scanner, file, two, mcu, &joined));
    EXPECT_EQ(two.mcu, one.mcu);
    EXPECT_EQ(two.bit, one.bit) << "MCU " << mcu << ", joined at " << joined;
    EXPECT_EQ(two.dc, one.dc) << "MCU " << mcu << ", joined at " << joined;
    taken += joined >= 0 ? 1 : 0;
  }
  return taken;
}

TEST(SplitTest, TwoThreadsGetWhereOneGets) {
  int taken = 0;
  for (Subsampling subsampling : {Subsampling::k420, Subsampling::k444, Subsampling::k422}) {
    for (int quality : {50, 90}) {
      const auto bytes = Encoded(*FindCodec("jpeg"), TestPicture({1500, 1100}, 3),
                                 {.quality = quality, .subsampling = subsampling});
      taken += ExpectSameCursors(bytes);
    }
  }
  const auto gray = Encoded(*FindCodec("jpeg"), TestPicture({1500, 1100}, 1), {});
  taken += ExpectSameCursors(gray);
  // On a busy machine the helper may come late, many times.
  for (int again = 0; taken == 0 && again < 500; ++again) taken += ExpectSameCursors(gray);
  EXPECT_GT(taken, 0);
}

TEST(SplitTest, AnEmptyPageThatRepeatsItselfIsRightToo) {
  Image page({1600, 1600}, 3);
  std::fill_n(page.view().data, page.bytes(), uint8_t{250});
  ExpectSameCursors(Encoded(*FindCodec("jpeg"), page, {}));
}

TEST(SplitTest, DamageIsFound) {
  auto bytes = Encoded(*FindCodec("jpeg"), TestPicture({1500, 1100}, 3), {});
  bytes.resize(bytes.size() * 2 / 3);
  auto source = Source::Borrow(bytes, "page.jpg");
  jpeg::Stream stream;
  std::span<const uint8_t> head;
  std::string reason;
  ASSERT_TRUE(jpeg::ReadStream(*source, stream, head, reason).ok());
  const jpeg::Scanner scanner(stream);
  jpeg::Cursor cursor = scanner.First();
  EXPECT_FALSE(jpeg::AdvanceOnTwoThreads(stream, scanner, {bytes.data(), 0, std::ssize(bytes)},
                                         cursor, stream.mcus()));
}

}  // namespace
}  // namespace iiifbench
