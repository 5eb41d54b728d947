// Boxes that say how components become colours.
#include "tests/kernels/codecs/jp2/made_files.h"

namespace iiifbench {
namespace {

const Codec& Jp2Codec() { return *FindCodec("jp2"); }
constexpr Variant kEveryVariant[] = {Variant::kNaive, Variant::kLibrary, Variant::kBest};

// What is dropped or exchanged shows: each component is another ramp.
int Ramp(int c, int x, int y) { return (40 * c + 2 * x + 3 * y) % 256; }
std::vector<MadeComponent> Ramps(int count) {
  std::vector<MadeComponent> components;
  for (int c = 0; c < count; ++c)
    components.push_back({.value = [c](int x, int y) { return Ramp(c, x, y); }});
  return components;
}

// Pixel (x, y) has Ramp(order[c], x, y), in every variant and as a region.
void ExpectRamps(const Bytes& bytes, const std::vector<int>& order) {
  const Region part{13, 7, 20, 22};
  for (const Variant variant : kEveryVariant) {
    const Image whole = Decoded(Jp2Codec(), bytes, {}, 0, variant);
    const Image region = Decoded(Jp2Codec(), bytes, part, 0, variant);
    ASSERT_EQ(whole.channels(), static_cast<int>(order.size()));
    for (int y = 0; y < whole.height(); ++y)
      for (int x = 0; x < whole.width(); ++x)
        for (size_t c = 0; c < order.size(); ++c)
          ASSERT_EQ(whole.view().row(y)[static_cast<size_t>(x) * order.size() + c],
                    Ramp(order[c], x, y))
              << x << "," << y << " channel " << c << " " << VariantName(variant);
    EXPECT_EQ(Compare(region.view(), whole.view().crop(part)).maximum, 0);
  }
}

TEST(Jp2ColoursTest, ChannelDefinitionsAreObeyed) {
  const Bytes three = MadeCodestream({50, 40}, Ramps(3));
  ExpectRamps(MadeJp2(three, EnumeratedColour(16)), {0, 1, 2});
  ExpectRamps(MadeJp2(three, Joined({EnumeratedColour(16), Definitions({{0, 3}, {0, 2}, {0, 1}})})),
              {2, 1, 0});
  ExpectRamps(MadeJp2(three, Joined({EnumeratedColour(16), Definitions({{0, 2}, {0, 3}, {0, 1}})})),
              {2, 0, 1});
  const Bytes four = MadeCodestream({50, 40}, Ramps(4));
  ExpectRamps(
      MadeJp2(four, Joined({EnumeratedColour(16), Definitions({{1, 0}, {0, 1}, {0, 2}, {0, 3}})})),
      {1, 2, 3});
}

TEST(Jp2ColoursTest, WhatIsNoColourIsDroppedAndSaid) {
  struct Case {
    int components;
    Bytes boxes;
    std::vector<int> order;
    const char* said;
  };
  const Case cases[] = {
      {4, EnumeratedColour(16), {0, 1, 2}, "alpha dropped"},
      {4,
       Joined({EnumeratedColour(16), Definitions({{0, 1}, {0, 2}, {0, 3}, {1, 0}})}),
       {0, 1, 2},
       "alpha dropped"},
      {2, Joined({EnumeratedColour(17), Definitions({{0, 1}, {1, 0}})}), {0}, "alpha dropped"},
      {3,
       Joined({EnumeratedColour(17), Definitions({{0, 1}, {65535, 65535}, {65535, 65535}})}),
       {0},
       "2 channels that are no colour dropped"},
      {3, EnumeratedColour(17), {0}, "2 channels"},
      {3,
       Joined({EnumeratedColour(17), Definitions({{65535, 65535}, {0, 1}, {1, 0}})}),
       {1},
       "2 channels"},
      {6, EnumeratedColour(16), {0, 1, 2}, "3 channels"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(fmt::format("{} components, {}", c.components, c.said));
    const Bytes file = MadeJp2(MadeCodestream({50, 40}, Ramps(c.components)), c.boxes);
    ExpectRamps(file, c.order);
    const auto info = Probed(file);
    ASSERT_TRUE(info.ok());
    EXPECT_NE(info->detail.find(c.said), std::string::npos) << info->detail;
  }
}

TEST(Jp2ColoursTest, ColoursThatAreNotThereAreRefused) {
  const Bytes three = MadeCodestream({50, 40}, Ramps(3));
  const auto refused = [&](const Bytes& boxes, ErrorKind kind, const char* words) {
    const auto [was, message] = RefusalOf(MadeJp2(three, boxes));
    EXPECT_EQ(was, kind) << message;
    EXPECT_NE(message.find(words), std::string::npos) << message;
  };
  refused(Joined({EnumeratedColour(16), Definitions({{0, 1}, {0, 2}, {1, 0}})}),
          ErrorKind::kBadInput, "no channel is defined as colour 3");
  refused(Joined({EnumeratedColour(16), Definitions({{0, 1}, {0, 2}})}), ErrorKind::kBadInput,
          "no channel is defined as colour 3");
  refused(EnumeratedColour(14), ErrorKind::kUnsupported, "CIELab");
  refused(EnumeratedColour(12), ErrorKind::kBadInput, "colour 4 is channel 4 of 3");
  refused(EnumeratedColour(0), ErrorKind::kUnsupported, "bi-level");
  Bytes profile(140);
  std::memcpy(profile.data() + 3 + 16, "Lab ", 4);
  profile[0] = 2;
  refused(MadeBox("colr", profile), ErrorKind::kUnsupported, "ICC profile for Lab");
}

TEST(Jp2ColoursTest, PalettesAreExpandedAtFullSize) {
  // 3 columns of 8, 12 and 4 bits; the picture's component is an index.
  Bytes palette = Joined({Big(5, 2), {3, 7, 11, 3}});
  for (int e = 0; e < 5; ++e)
    Append(palette, Joined({Big(50 * e, 1), Big(1000 * e, 2), Big(3 * e, 1)}));
  Bytes mapping;
  for (int c = 0; c < 3; ++c) Append(mapping, Joined({Big(0, 2), {1, static_cast<uint8_t>(c)}}));
  const Bytes codestream = MadeCodestream(
      {50, 40}, {{.value = [](int x, int y) { return (x / 3 + y / 5) % 7; }}});  // beyond the last
  const Bytes file =
      MadeJp2(codestream,
              Joined({EnumeratedColour(16), MadeBox("pclr", palette), MadeBox("cmap", mapping)}));
  const auto info = Probed(file);
  ASSERT_TRUE(info.ok()) << info.error().message;
  EXPECT_EQ(info->levels.size(), 1u);  // means of indices are other colours
  for (const Variant variant : kEveryVariant) {
    const Image image = Decoded(Jp2Codec(), file, {}, 0, variant);
    ASSERT_EQ(image.channels(), 3);
    for (int y = 0; y < 40; ++y) {
      for (int x = 0; x < 50; ++x) {
        const int e = std::min(4, (x / 3 + y / 5) % 7);
        const uint8_t* pixel = image.view().row(y) + ptrdiff_t{3} * x;
        ASSERT_EQ(pixel[0], 50 * e);
        ASSERT_EQ(pixel[1], (1000 * e * 255 + 2047) / 4095);
        ASSERT_EQ(pixel[2], (3 * e * 255 + 7) / 15);
      }
    }
  }
  EXPECT_EQ(RefusalOf(MadeJp2(codestream, Joined({EnumeratedColour(16), MadeBox("pclr", palette)})))
                .first,
            ErrorKind::kBadInput);
  Bytes cut = palette;
  cut.pop_back();
  EXPECT_NE(RefusalOf(MadeJp2(codestream, Joined({MadeBox("pclr", cut), MadeBox("cmap", mapping)})))
                .second.find("palette without all its values"),
            std::string::npos);
  Bytes beyond = mapping;
  beyond[3] = 9;
  EXPECT_EQ(
      RefusalOf(MadeJp2(codestream, Joined({MadeBox("pclr", palette), MadeBox("cmap", beyond)})))
          .first,
      ErrorKind::kBadInput);
}

// Y, Cb, Cr of a smooth picture, by the formula of the standard.
struct YccPicture {
  static int Y(int x, int y) { return 60 + x + y; }
  static int Cb(int x, int y) { return 100 + x / 2 + y / 4; }
  static int Cr(int x, int y) { return 150 - x / 3 - y / 2; }
  static int Red(int x, int y) { return Rounded(Y(x, y) + 1.402 * (Cr(x, y) - 128)); }
  static int Green(int x, int y) {
    return Rounded(Y(x, y) - 0.344136 * (Cb(x, y) - 128) - 0.714136 * (Cr(x, y) - 128));
  }
  static int Blue(int x, int y) { return Rounded(Y(x, y) + 1.772 * (Cb(x, y) - 128)); }
  static int Rounded(double v) { return static_cast<int>(std::clamp(v + 0.5, 0.0, 255.0)); }
};

TEST(Jp2ColoursTest, SyccIsConvertedSubsampledOrNot) {
  for (const auto& [dx, dy] : {std::pair(1, 1), {2, 1}, {2, 2}}) {
    for (const Size offset : {Size{0, 0}, Size{3, 5}}) {
      SCOPED_TRACE(fmt::format("chroma {}x{} at {},{}", dx, dy, offset.width, offset.height));
      // Samples of chroma at the pixel that they stand for.
      const auto chroma = [&, dx = dx, dy = dy](int (*of)(int, int)) {
        return [=](int x, int y) {
          const int x0 = (offset.width + dx - 1) / dx, y0 = (offset.height + dy - 1) / dy;
          return of((x + x0) * dx - offset.width, (y + y0) * dy - offset.height);
        };
      };
      const std::vector<MadeComponent> components = {
          {.value = YccPicture::Y},
          {.dx = dx, .dy = dy, .value = chroma(YccPicture::Cb)},
          {.dx = dx, .dy = dy, .value = chroma(YccPicture::Cr)}};
      const Bytes raw = MadeCodestream({60, 44}, components, {.offset = offset});
      const Bytes file = MadeJp2(raw, EnumeratedColour(18));
      const Image whole = Decoded(Jp2Codec(), file, {}, 0, Variant::kNaive);
      for (int y = 0; y < 44; ++y) {
        for (int x = 0; x < 60; ++x) {
          const uint8_t* pixel = whole.view().row(y) + ptrdiff_t{3} * x;
          // Chroma is repeated, and changes by less than 2 a pixel.
          ASSERT_NEAR(pixel[0], YccPicture::Red(x, y), dx * dy > 1 ? 4 : 1);
          ASSERT_NEAR(pixel[1], YccPicture::Green(x, y), dx * dy > 1 ? 4 : 1);
          ASSERT_NEAR(pixel[2], YccPicture::Blue(x, y), dx * dy > 1 ? 4 : 1);
        }
      }
      ExpectVariantsAgree(Jp2Codec(), file, std::vector{Variant::kLibrary, Variant::kBest}, 6, 3);
      if (dx > 1) {  // nothing else is said: as OpenJPEG's own tool guesses
        EXPECT_EQ(
            Compare(Decoded(Jp2Codec(), raw, {}, 0, Variant::kBest).view(), whole.view()).maximum,
            0);
      }
    }
  }
}

TEST(Jp2ColoursTest, CmykIsConverted) {
  const Bytes file = MadeJp2(MadeCodestream({50, 40}, Ramps(4)), EnumeratedColour(12));
  const Image image = Decoded(Jp2Codec(), file, {}, 0, Variant::kBest);
  ASSERT_EQ(image.channels(), 3);
  for (int y = 0; y < 40; ++y)
    for (int x = 0; x < 50; ++x)
      for (int c = 0; c < 3; ++c)
        ASSERT_EQ(image.view().row(y)[3 * x + c],
                  ((255 - Ramp(c, x, y)) * (255 - Ramp(3, x, y)) + 127) / 255);
  const auto info = Probed(file);
  EXPECT_NE(info->detail.find("CMYK shown as RGB"), std::string::npos) << info->detail;
}

TEST(Jp2ColoursTest, EveryDepthIsScaledToEightBits) {
  for (int bits = 1; bits <= 16; ++bits) {
    for (const bool is_signed : {false, true}) {
      const int top = (1 << bits) - 1, offset = is_signed ? 1 << (bits - 1) : 0;
      const auto value = [=](int x, int y) { return ((x * 977 + y * 61) % (top + 1)) - offset; };
      const Bytes raw =
          MadeCodestream({40, 30}, {{.bits = bits, .is_signed = is_signed, .value = value}});
      for (const Variant variant : kEveryVariant) {
        const Image image = Decoded(Jp2Codec(), raw, {}, 0, variant);
        for (int y = 0; y < 30; ++y)
          for (int x = 0; x < 40; ++x)
            ASSERT_EQ(image.view().row(y)[x], ((value(x, y) + offset) * 255 + top / 2) / top)
                << bits << (is_signed ? " signed" : "") << " bits";
      }
    }
  }
}

TEST(Jp2ColoursTest, ComponentsOfDifferentDepthsAreScaledEachByItsOwn) {
  const std::vector<MadeComponent> components = {
      {.bits = 5, .value = [](int x, int) { return x % 32; }},
      {.bits = 8, .value = [](int x, int y) { return (x + y) % 256; }},
      {.bits = 12, .value = [](int x, int y) { return (40 * x + y) % 4096; }}};
  const Image image =
      Decoded(Jp2Codec(), MadeCodestream({50, 40}, components), {}, 0, Variant::kBest);
  for (int y = 0; y < 40; ++y) {
    for (int x = 0; x < 50; ++x) {
      const uint8_t* pixel = image.view().row(y) + ptrdiff_t{3} * x;
      ASSERT_EQ(pixel[0], (x % 32 * 255 + 15) / 31);
      ASSERT_EQ(pixel[1], (x + y) % 256);
      ASSERT_EQ(pixel[2], ((40 * x + y) % 4096 * 255 + 2047) / 4095);
    }
  }
}

TEST(Jp2ColoursTest, APictureOfSubsampledComponentsOnlyHasTheirSize) {
  const auto value = [](int x, int y) { return (5 * x + 3 * y) % 256; };
  const Bytes raw = MadeCodestream({61, 40}, {{.dx = 2, .dy = 3, .value = value}});
  const Image image = Decoded(Jp2Codec(), raw, {}, 0, Variant::kBest);
  ASSERT_EQ(image.size(), (Size{31, 14}));
  for (int y = 0; y < 14; ++y)
    for (int x = 0; x < 31; ++x) ASSERT_EQ(image.view().row(y)[x], value(x, y));
  ExpectVariantsAgree(Jp2Codec(), raw, kEveryVariant, 6, 4);
}

}  // namespace
}  // namespace iiifbench
