// What an answer tells of its encoder: markers moved and merged as other encoders write them.
#include "harness/answers/encoder_facts.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <functional>
#include <vector>

#include "tests/kernels/codecs/test_pages.h"

namespace iiifbench {
namespace {

using Bytes = std::vector<uint8_t>;

struct Segment {
  int marker = 0;
  Bytes body;  // without its length
};

// Segments up to the scan, and all from there on.
std::vector<Segment> Split(const Bytes& jpeg, Bytes& rest) {
  std::vector<Segment> out;
  size_t at = 2;
  while (jpeg[at + 1] != 0xDA) {
    const size_t length = static_cast<size_t>(jpeg[at + 2] << 8 | jpeg[at + 3]);
    out.push_back({jpeg[at + 1], Bytes(jpeg.begin() + static_cast<ptrdiff_t>(at + 4),
                                       jpeg.begin() + static_cast<ptrdiff_t>(at + 2 + length))});
    at += 2 + length;
  }
  rest.assign(jpeg.begin() + static_cast<ptrdiff_t>(at), jpeg.end());
  return out;
}

Bytes Join(const std::vector<Segment>& segments, const Bytes& rest) {
  Bytes out = {0xFF, 0xD8};
  for (const auto& [marker, body] : segments) {
    const size_t length = body.size() + 2;
    out.insert(out.end(), {0xFF, static_cast<uint8_t>(marker), static_cast<uint8_t>(length >> 8),
                           static_cast<uint8_t>(length & 255)});
    out.insert(out.end(), body.begin(), body.end());
  }
  out.insert(out.end(), rest.begin(), rest.end());
  return out;
}

class EncoderFactsTest : public testing::Test {
 protected:
  EncoderFactsTest() {
    const EncodeOptions options{.quality = 83, .subsampling = Subsampling::k420};
    segments_ = Split(Encoded(*FindCodec("jpeg"), TestPicture({64, 48}, 3), options), rest_);
  }
  EncoderFacts Facts() const { return *ReadEncoderFacts(Join(segments_, rest_)); }
  void Drop(int marker) {
    std::erase_if(segments_, [&](const Segment& s) { return s.marker == marker; });
  }
  // All segments of a kind become one.
  void Merge(int marker) {
    Segment* first = nullptr;
    for (auto& segment : segments_) {
      if (segment.marker != marker) continue;
      if (first == nullptr) {
        first = &segment;
        continue;
      }
      first->body.insert(first->body.end(), segment.body.begin(), segment.body.end());
      segment.marker = 0;
    }
    Drop(0);
  }
  std::vector<Segment> segments_;
  Bytes rest_;
};

// A profile may lie in several segments; other APP2 segments (of pictures in a picture, say) are
// none.
TEST_F(EncoderFactsTest, AProfileIsCountedWithItsMarkers) {
  EXPECT_EQ(Facts().profile_bytes, 0);
  const int64_t others = Facts().other_bytes;
  const auto begin = segments_.begin();
  Bytes chunk = {'I', 'C', 'C', '_', 'P', 'R', 'O', 'F', 'I', 'L', 'E', 0, 1, 2};
  chunk.resize(3000);
  segments_.insert(begin, {{0xE2, chunk}, {0xE2, chunk}, {0xE2, {'M', 'P', 'F', 0}}, {0xE2, {}}});
  EXPECT_EQ(Facts().profile_bytes, 2 * 3004);
  EXPECT_EQ(Facts().other_bytes, others + 2 * 3004 + 8 + 4);
  EXPECT_EQ(Facts().options.quality, 83);
}

TEST_F(EncoderFactsTest, SettingsAreReadBack) {
  const EncoderFacts facts = Facts();
  EXPECT_EQ(facts.options.quality, 83);
  EXPECT_TRUE(facts.exact_quality);
  EXPECT_EQ(facts.options.subsampling, Subsampling::k420);
  EXPECT_EQ(facts.size, (Size{64, 48}));
  EXPECT_TRUE(facts.like_libjpeg);
}

// libvips saves by libjpeg with its JFIF marker switched off.
TEST_F(EncoderFactsTest, AnAnswerWithoutJfifMayBeLibjpegs) {
  Drop(0xE0);
  EXPECT_TRUE(Facts().like_libjpeg);
}

// Go's image/jpeg: one segment of quantisation tables, one of Huffman tables.
TEST_F(EncoderFactsTest, TablesInOneSegmentAreNotLibjpegs) {
  const std::vector<Segment> whole = segments_;
  Merge(0xDB);
  EXPECT_FALSE(Facts().like_libjpeg);
  segments_ = whole;
  Merge(0xC4);
  EXPECT_FALSE(Facts().like_libjpeg);
  EXPECT_EQ(Facts().options.quality, 83);
}

TEST_F(EncoderFactsTest, TheFrameBeforeItsQuantisationIsNotLibjpegs) {
  std::ranges::stable_sort(segments_, std::greater<>(),
                           [](const Segment& s) { return s.marker != 0xDB; });
  EXPECT_FALSE(Facts().like_libjpeg);
  EXPECT_TRUE(Facts().exact_quality);
}

}  // namespace
}  // namespace iiifbench
