#include "harness/attribution/findings/packet_search.h"

#include <gtest/gtest.h>

#include "data/corpus.h"

namespace iiifbench {
namespace {

TEST(Jp2PointersTest, TellsAFileWithPacketLengthsFromOneWithout) {
  auto corpus = EnsureCorpus(
      {.small = true, .recipes = {"jp2_lossless", "jp2_lossless_noplt"}, .pages = {"map"}});
  ASSERT_TRUE(corpus.ok()) << corpus.error().message;
  for (const auto& entry : corpus->entries) {
    auto source = Source::Open(entry.path);
    ASSERT_TRUE(source.ok());
    auto pointers = PointersOf(**source);
    ASSERT_TRUE(pointers.ok()) << pointers.error().message;
    EXPECT_EQ(pointers->packet_lengths, entry.recipe == "jp2_lossless") << entry.recipe;
  }
  const std::vector<uint8_t> noise(100, 7);
  auto source = Source::Borrow(noise, "noise");
  EXPECT_FALSE(PointersOf(*source).ok());
}

}  // namespace
}  // namespace iiifbench
