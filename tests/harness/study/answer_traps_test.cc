#include "harness/study/answer_traps.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "data/corpus.h"

namespace iiifbench {
namespace {

std::vector<uint8_t> Encoded(const EncodeOptions& options) {
  Image image({64, 48}, 3);
  for (int64_t i = 0; i < image.bytes(); ++i) image.view().data[i] = static_cast<uint8_t>(i * 7);
  std::vector<uint8_t> bytes;
  EXPECT_TRUE(FindCodec("jpeg")->encode(image.view(), options, bytes).ok());
  return bytes;
}

TEST(AnswerTrapsTest, TheSourceItselfAnotherQualityAndProgressiveAreNamed) {
  const std::string source = fmt::format("{}/source_{}.jpg", ::testing::TempDir(), ::getpid());
  const auto bytes = Encoded({.quality = 90});
  ASSERT_TRUE(WriteFile(source, bytes).ok());
  EXPECT_EQ(AnswerTraps(bytes, source, 90).size(), 1u);
  EXPECT_TRUE(IsStreamedSource(AnswerTraps(bytes, source, 90)[0]));
  EXPECT_TRUE(IsStreamedSource(Finding::Recorded("", std::string(kStreamedSource))));
  const std::string other = fmt::format("{}/other_{}.jpg", ::testing::TempDir(), ::getpid());
  EXPECT_TRUE(AnswerTraps(bytes, other, 90).empty());
  EXPECT_EQ(AnswerTraps(Encoded({.quality = 75}), other, 90),
            (std::vector<Finding>{{"other-quality", "q75 instead of q90"}}));
  EXPECT_EQ(AnswerTraps(Encoded({.quality = 90, .progressive = true}), other, 90),
            (std::vector<Finding>{{"progressive-answer", "progressive"}}));
}

}  // namespace
}  // namespace iiifbench
