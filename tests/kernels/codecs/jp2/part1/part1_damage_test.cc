// Damaged part 1 files: an error, or a picture, and the same on every run; never a crash or a hang.
#include "kernels/codecs/jp2/part1/region.h"
#include "tests/kernels/codecs/part1_pages.h"

namespace iiifbench {
namespace {

Result<Image> Part1Whole(std::span<const uint8_t> bytes, int threads) {
  auto source = Source::Borrow(bytes, "damaged.j2k");
  auto info = FindCodec("jp2")->probe(*source);
  if (!info) return info.error();
  if (info->size.pixels() > 1 << 20)
    return Fail(ErrorKind::kTooLarge, "{}: damaged sizes", source->name());
  auto header = jp2::ReadHeader(*source);
  if (!header) return header.error();
  Image out(info->size, info->channels);
  const Region whole{0, 0, info->size.width, info->size.height};
  auto done = jp2::part1::DecodeRegion(*source, *header, whole,
                                       {.region = whole, .threads = threads}, out.view());
  if (!done) return done.error();
  return out;
}

std::vector<Part1Coding> DamagedCodings() {
  return {{.size = {150, 120}, .precinct = 64},
          {.size = {150, 120}, .style = 63, .order = 0, .layers = 4},
          {.size = {150, 120},
           .reversible = false,
           .style = jp2::kBypass,
           .order = 1,
           .layers = 6,
           .tile = {75, 60},
           .sop = true,
           .eph = true},
          {.size = {150, 120}, .order = 3, .tile = {64, 64}, .plt = true, .tlm = true},
          {.size = {90, 80}, .precinct = 32, .order = 4, .sop = true, .eph = true, .packed = 'T'},
          {.size = {90, 80}, .precinct = 32, .sop = true, .eph = true, .packed = 'M'},
          {.size = {90, 80}, .layers = 2, .changes = true, .by_component = true}};
}

// A whole file decodes; one that is cut does not, unless only EOC is gone.
TEST(Part1DamageTest, EveryCutIsAnErrorOrTheWholePicture) {
  for (const Part1Coding& coding : DamagedCodings()) {
    SCOPED_TRACE(coding.Name());
    const auto bytes = EncodedPart1(coding, Part1Samples(coding, 1));
    ASSERT_FALSE(bytes.empty());
    const auto whole = Part1Whole(bytes, 1);
    ASSERT_TRUE(whole.ok()) << whole.error().message;
    for (size_t cut = 1; cut < bytes.size(); cut += 1 + bytes.size() / 150) {
      const auto part = Part1Whole(std::span(bytes).first(bytes.size() - cut), 1);
      if (part.ok()) {
        ASSERT_LE(cut, 2u);
        ASSERT_EQ(Compare(part->view(), whole->view()).maximum, 0);
      } else {
        ASSERT_NE(part.error().message.find("damaged.j2k"), std::string::npos);
      }
    }
  }
}

TEST(Part1DamageTest, FlippedBytesAreSafeAndDecideNothingByChance) {
  std::mt19937_64 random(2);
  int errors = 0, pictures = 0;
  for (const Part1Coding& coding : DamagedCodings()) {
    SCOPED_TRACE(coding.Name());
    const auto bytes = EncodedPart1(coding, Part1Samples(coding, 1));
    for (int round = 0; round < 250; ++round) {
      auto damaged = bytes;
      const int changes = 1 + static_cast<int>(random() % 3);
      for (int i = 0; i < changes; ++i) {
        // Half of them in the headers.
        const size_t within =
            round % 2 == 0 ? std::min<size_t>(200, damaged.size()) : damaged.size();
        damaged[random() % within] = random() % 3 == 0 ? 0xFF : static_cast<uint8_t>(random());
      }
      const auto first = Part1Whole(damaged, 1), second = Part1Whole(damaged, 2);
      ASSERT_EQ(first.ok(), second.ok()) << "round " << round;
      if (first.ok()) {
        ASSERT_EQ(Compare(first->view(), second->view()).maximum, 0) << "round " << round;
      }
      ++(first.ok() ? pictures : errors);
    }
  }
  EXPECT_GT(errors, 100);
  EXPECT_GT(pictures, 100);
}

// PLT that says something else is not believed.
TEST(Part1DamageTest, WrongPacketLengthsChangeNothing) {
  const Part1Coding coding{.precinct = 64, .plt = true};
  const auto bytes = EncodedPart1(coding, Part1Samples(coding, 3));
  auto parts = part1_pages::Split(bytes);
  ASSERT_EQ(parts.parts.size(), 1u);
  auto& markers = parts.parts[0].markers;
  ASSERT_EQ(part1_pages::Get(markers, 0, 2), 0xFF58u);
  const auto right = Part1Whole(bytes, 1);
  ASSERT_TRUE(right.ok());
  std::mt19937_64 random(4);
  for (int round = 0; round < 40; ++round) {
    const auto kept = markers;
    // Two neighbours exchange a byte: the sum stays as it is.
    size_t a = 5 + random() % (markers.size() - 6);
    for (int i = 0; i < 20 && ((markers[a] | markers[a + 1]) & 0x80) != 0; ++i)
      a = 5 + random() % (markers.size() - 6);
    if (markers[a] > 0) --markers[a], ++markers[a + 1];
    const auto changed = Part1Whole(part1_pages::Join(parts), 1);
    ASSERT_TRUE(changed.ok()) << changed.error().message;
    ASSERT_EQ(Compare(changed->view(), right->view()).maximum, 0);
    markers = kept;
  }
}

}  // namespace
}  // namespace iiifbench
