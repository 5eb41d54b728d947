#include <gtest/gtest.h>

#include <random>

#include "kernels/codecs/jp2/t1/decode.h"
#include "kernels/codecs/jp2/t1/expand.h"
#include "tests/kernels/codecs/t1_reference.h"
#include "tests/kernels/pixels/each_target.h"

namespace iiifbench {
namespace {

struct Sizes {
  int width, height;
};

// A block of bytes that nobody coded: an MQ decoder decodes anything, and so meets more states than
// a coder would bring about.
struct MadeBlock {
  std::vector<uint8_t> data;
  std::vector<jp2::Segment> segments;
  std::vector<int32_t> samples;
  jp2::CodeBlock block;
  bool possible = true;
};

MadeBlock Make(std::mt19937_64& random, Sizes size, int style) {
  const auto draw = [&](uint64_t most) { return static_cast<int>(random() % (most + 1)); };
  MadeBlock made;
  jp2::CodeBlock& b = made.block;
  b.width = size.width, b.height = size.height, b.style = style;
  b.band = draw(3);
  b.planes = 1 + draw(draw(3) == 0 ? 29 : 11);
  b.passes = 1 + draw(static_cast<uint64_t>(3 * b.planes - 3));
  // Few ones: few samples become significant early, as in a picture; many: all states at once.
  const int density = draw(3);
  for (int pass = 0; pass < b.passes;) {
    const int passes = std::min(jp2::PassesOfSegment(style, pass), b.passes - pass);
    const int bytes = draw(3) == 0 ? draw(7) : draw(static_cast<uint64_t>(b.width * b.height));
    for (int i = 0; i < bytes; ++i) {
      int v = draw(255);
      if (density > 0 && draw(3) < density) v &= draw(255);
      if (draw(40) == 0) v = 0xFF;
      made.data.push_back(static_cast<uint8_t>(v));
    }
    made.segments.push_back({static_cast<uint32_t>(bytes), passes});
    pass += passes;
  }
  b.out.left = draw(3) == 0 ? draw(static_cast<uint64_t>(b.width - 1)) : 0;
  b.out.top = draw(3) == 0 ? draw(static_cast<uint64_t>(b.height - 1)) : 0;
  b.out.right = draw(3) == 0
                    ? b.out.left + 1 + draw(static_cast<uint64_t>(b.width - b.out.left - 1))
                    : b.width;
  b.out.bottom = draw(3) == 0
                     ? b.out.top + 1 + draw(static_cast<uint64_t>(b.height - b.out.top - 1))
                     : b.height;
  b.out.half_step = draw(1) == 0 ? 0.0F : 0.37F;
  if (draw(5) == 0) b.out.region_shift = 1 + draw(12);
  return made;
}

// Moving a MadeBlock moves its vectors, so pointers are set at the end.
void Point(MadeBlock& made) {
  jp2::CodeBlock& b = made.block;
  b.data = made.data.data(), b.segments = made.segments;
  b.out.stride = b.out.right - b.out.left + 3;
  made.samples.assign(static_cast<size_t>(b.out.stride * (b.out.bottom - b.out.top)), 77);
  b.out.to = made.samples.data();
}

void ExpectAsReference(std::mt19937_64& random, const std::vector<Sizes>& sizes, int style) {
  std::vector<MadeBlock> made;
  for (const Sizes& size : sizes) made.push_back(Make(random, size, style));
  for (MadeBlock& m : made) {
    Point(m);
    ASSERT_TRUE(jp2::IsSound(m.block));
    m.possible = ReferenceBlock(m.block).Decode();
  }
  const std::vector<MadeBlock> expected = made;
  for (const jp2::BlockTarget target : jp2::BlockTargets()) {
    SCOPED_TRACE(jp2::BlockTargetName(target));
    std::vector<jp2::CodeBlock> blocks;
    for (MadeBlock& m : made) {
      Point(m);
      blocks.push_back(m.block);
    }
    const bool possible =
        std::all_of(made.begin(), made.end(), [](const MadeBlock& m) { return m.possible; });
    ASSERT_EQ(jp2::DecodeCodeBlocks(blocks, target), possible);
    for (size_t i = 0; i < made.size(); ++i) {
      if (!made[i].possible) continue;
      const jp2::CodeBlock& b = made[i].block;
      ASSERT_EQ(made[i].samples, expected[i].samples)
          << "block " << i << ": " << b.width << "x" << b.height << ", band " << b.band << ", "
          << b.planes << " planes, " << b.passes << " passes, style " << b.style << ", step "
          << b.out.half_step << ", region " << b.out.region_shift << ", " << made[i].data.size()
          << " bytes from " << (made[i].data.empty() ? -1 : made[i].data[0]);
    }
  }
}

TEST(Tier1Test, EveryStyleAsTheFlowCharts) {
  std::mt19937_64 random(1);
  for (int style = 0; style < 64; ++style)
    for (int round = 0; round < 4; ++round)
      ExpectAsReference(random, {{64, 64}, {32, 32}, {64, 64}, {17, 13}}, style);
}

TEST(Tier1Test, EverySize) {
  std::mt19937_64 random(2);
  for (const Sizes& size : std::vector<Sizes>{{1, 1},
                                              {1, 1024},
                                              {1024, 1},
                                              {4, 1024},
                                              {1024, 4},
                                              {3, 5},
                                              {8, 4},
                                              {9, 5},
                                              {7, 512},
                                              {512, 8},
                                              {63, 65},
                                              {16, 256},
                                              {256, 15},
                                              {2, 2}})
    for (const int style : {0, 0, jp2::kVerticallyCausal, jp2::kBypass, 63})
      ExpectAsReference(random, {size, size, {64, 64}}, style);
  for (int round = 0; round < 60; ++round) {
    const int width = 1 + static_cast<int>(random() % 64),
              height = 1 + static_cast<int>(random() % 64);
    ExpectAsReference(random, {{width, height}, {height, width}}, 0);
  }
}

TEST(Tier1Test, ManyAtOnce) {
  std::mt19937_64 random(3);
  for (const size_t count : {1, 2, 3, 7, 8, 9, 15, 16, 17, 40})
    ExpectAsReference(random, std::vector<Sizes>(count, {64, 64}), 0);
  std::vector<Sizes> sizes;
  for (int i = 0; i < 50; ++i)
    sizes.push_back({1 + static_cast<int>(random() % 64), 1 + static_cast<int>(random() % 64)});
  ExpectAsReference(random, sizes, 0);
  ExpectAsReference(random, sizes, jp2::kSegmentationSymbols);
}

TEST(Tier1Test, PlanesAreExpandedAsByTheLetterOnEachTarget) {
  std::mt19937_64 random(4);
  for (int round = 0; round < 60; ++round) {
    jp2::CodeBlock block{.width = 1 + static_cast<int>(random() % 70),
                         .height = 1 + static_cast<int>(random() % 40)};
    const ptrdiff_t words = (block.width + 7) / 8, stripes = (block.height + 3) / 4;
    jp2::BitPlanes bits{.count = 2 + static_cast<int>(random() % 30),
                        .first = 1,
                        .stripe = words + 1,
                        .lane = round % 2 == 0 ? 1 : 8};
    bits.shift = static_cast<int>(random() % static_cast<uint64_t>(32 - bits.count));
    std::vector<std::vector<uint64_t>> planes(
        33, std::vector<uint64_t>(static_cast<size_t>(((words + 1) * stripes + 2) * bits.lane)));
    for (auto& plane : planes)
      for (auto& w : plane) w = random() & random();
    for (size_t p = 0; p < bits.planes.size(); ++p) bits.planes[p] = planes[p].data();
    bits.negative = planes[32].data();
    const int w = block.width, h = block.height;
    block.out = {.stride = 80,
                 .left = w / 4,
                 .top = h / 5,
                 .right = w - w / 7,
                 .bottom = h - h / 9,
                 .half_step = round % 3 == 0 ? 0.25F : 0.0F,
                 .region_shift = round % 5 == 0 ? 7 : 0};
    std::vector<int32_t> expected(80 * 40), got;
    block.out.to = expected.data();
    jp2::ExpandBlockScalar(bits, block);
    OnEachTarget([&] {
      got.assign(80 * 40, 0);
      block.out.to = got.data();
      jp2::ExpandBlock(bits, block);
      ASSERT_EQ(got, expected) << bits.count << " planes of " << w << "x" << h;
    });
  }
}

// A block that disagrees with itself is seen before a decoder sees it.
TEST(Tier1Test, Soundness) {
  std::mt19937_64 random(5);
  MadeBlock made = Make(random, {64, 64}, 0);
  Point(made);
  const jp2::CodeBlock good = made.block;
  ASSERT_TRUE(jp2::IsSound(good));
  const auto unsound = [&](auto change) {
    jp2::CodeBlock b = good;
    change(b);
    return !jp2::IsSound(b);
  };
  EXPECT_TRUE(unsound([](auto& b) { b.width = 65; }));
  EXPECT_TRUE(unsound([](auto& b) { b.height = 0; }));
  EXPECT_TRUE(unsound([](auto& b) { b.planes = 31; }));
  EXPECT_TRUE(unsound([](auto& b) { b.passes = 3 * b.planes - 1; }));
  EXPECT_TRUE(unsound([](auto& b) { b.segments = {}; }));
  EXPECT_TRUE(
      unsound([](auto& b) { b.style = jp2::kTerminateAll, b.passes += b.passes == 1 ? 1 : 0; }) ||
      good.passes == 1);
  EXPECT_TRUE(unsound([](auto& b) { b.out.right = 65; }));
}

}  // namespace
}  // namespace iiifbench
