// Nobody else's pixels: damaged files are decoded after other pictures, with other remains in every
// buffer that outlives a request. The answers, or the errors, must be the same.
#include <tiffio.h>

#include <algorithm>
#include <cstring>
#include <fstream>

#include "kernels/iiif/render.h"
#include "kernels/image/reused.h"
#include "tests/kernels/codecs/test_pages.h"

namespace iiifbench {
namespace {

// Poison off, whatever ends the test.
struct PoisonOff {
  ~PoisonOff() { PoisonReused(-1); }
};

// libtiff into memory, by way of a file: for what our own encoder does not write.
struct TiffShape {
  uint16_t compression = COMPRESSION_CCITTFAX4;
  uint16_t bits = 1;
  uint16_t samples = 1;
  uint16_t photometric = PHOTOMETRIC_MINISWHITE;
  uint32_t rows_per_strip = 40;
  bool tiled = false;
  uint16_t planar = PLANARCONFIG_CONTIG;
};

std::vector<uint8_t> Written(const TiffShape& shape, Size size, uint64_t seed) {
  const std::string path = fmt::format("{}poison_test_{}.tif", testing::TempDir(), ::getpid());
  TIFF* tiff = TIFFOpen(path.c_str(), "w");
  EXPECT_NE(tiff, nullptr);
  TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, size.width);
  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, size.height);
  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, shape.bits);
  TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, shape.samples);
  TIFFSetField(tiff, TIFFTAG_COMPRESSION, shape.compression);
  TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, shape.photometric);
  TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, shape.planar);
  if (shape.tiled) {
    TIFFSetField(tiff, TIFFTAG_TILEWIDTH, 64);
    TIFFSetField(tiff, TIFFTAG_TILELENGTH, 64);
  } else {
    TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, shape.rows_per_strip);
  }
  if (shape.photometric == PHOTOMETRIC_YCBCR && shape.compression == COMPRESSION_JPEG)
    TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
  std::mt19937_64 random(seed);
  const tmsize_t bytes = shape.tiled ? TIFFTileSize(tiff) : TIFFStripSize(tiff);
  const uint32_t units = shape.tiled ? TIFFNumberOfTiles(tiff) : TIFFNumberOfStrips(tiff);
  std::vector<uint8_t> unit(static_cast<size_t>(bytes));
  for (uint32_t n = 0; n < units; ++n) {
    uint8_t value = 0;
    for (uint8_t& byte : unit) {
      // Runs of some length, as a page has them.
      if (random() % 7 == 0) value = static_cast<uint8_t>(random());
      byte = shape.bits == 1 ? (value > 128 ? 0xFF : 0x00) : value;
    }
    if (shape.tiled) {
      TIFFWriteEncodedTile(tiff, n, unit.data(), bytes);
    } else {
      const auto height = static_cast<uint32_t>(size.height);
      const uint32_t down = (height + shape.rows_per_strip - 1) / shape.rows_per_strip;
      const uint32_t rows =
          std::min(shape.rows_per_strip, height - n % down * shape.rows_per_strip);
      TIFFWriteEncodedStrip(tiff, n, unit.data(), TIFFVStripSize(tiff, rows));
    }
  }
  TIFFClose(tiff);
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// What one question was answered with.
struct Answer {
  std::string error;
  std::vector<uint8_t> pixels;
  friend bool operator==(const Answer&, const Answer&) = default;
};

Answer Ask(const Codec& codec, std::span<const uint8_t> bytes, const ImageInfo& info,
           const Region& region, int level, Variant variant) {
  auto source = Source::Borrow(bytes, "damaged.img");
  Image out(LevelRegion(info, region, level).size(), info.channels);
  auto report =
      codec.decode(*source, {.region = region, .level = level, .variant = variant}, out.view());
  if (!report) return {.error = report.error().message};
  return {.pixels = {out.view().data, out.view().data + out.bytes()}};
}

int Count(const std::string& text, const std::string& part) {
  int count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

int refused = 0, answered = 0;

// Every variant, whole and a part, after two other pictures and two poisons.
void ExpectOneAnswer(const Codec& codec, std::span<const uint8_t> bytes,
                     std::span<const std::vector<uint8_t>> others) {
  auto source = Source::Borrow(bytes, "damaged.img");
  auto info = codec.probe(*source);
  if (!info) return;
  const Size size = info->size;
  if (size.pixels() > 1'000'000) return;
  const Region whole{0, 0, size.width, size.height};
  const Region part{size.width / 3, size.height / 2, (size.width + 2) / 3, (size.height + 3) / 4};
  const int last = static_cast<int>(info->levels.size()) - 1;
  for (const Variant variant : {Variant::kNaive, Variant::kLibrary, Variant::kBest}) {
    for (const auto& [region, level] :
         {std::pair(whole, 0), std::pair(part, 0), std::pair(part, last)}) {
      Answer answers[2];
      for (int n = 0; n < 2; ++n) {
        PoisonReused(-1);
        auto other = Source::Borrow(others[static_cast<size_t>(n)], "other");
        (void)DecodeWhole(*other, variant);
        PoisonReused(n == 0 ? 0xA5 : 0x5A);
        answers[n] = Ask(codec, bytes, *info, region, level, variant);
      }
      ASSERT_EQ(answers[0].error, answers[1].error) << VariantName(variant);
      ASSERT_TRUE(answers[0].pixels == answers[1].pixels)
          << VariantName(variant) << " level " << level << " of " << info->detail;
      ++(answers[0].error.empty() ? answered : refused);
      EXPECT_EQ(answers[0].error.find("-1 bytes"), std::string::npos) << answers[0].error;
      EXPECT_LE(Count(answers[0].error, "damaged.img"), 1) << answers[0].error;
    }
  }
}

// Cuts the file, and changes single bytes and stretches of it.
template <typename Check>
void ForEachDamage(const std::vector<uint8_t>& bytes, uint64_t seed, int rounds, Check check) {
  std::mt19937_64 random(seed);
  for (int round = 0; round < rounds; ++round) {
    auto damaged = bytes;
    const size_t at = random() % bytes.size();
    switch (round % 3) {
      case 0:  // the data ends: zeros follow, so that directories behind it stay
        std::fill_n(damaged.begin() + static_cast<ptrdiff_t>(at),
                    std::min<size_t>(bytes.size() - at, 1 + random() % 4000), uint8_t{0});
        break;
      case 1:
        damaged[at] ^= static_cast<uint8_t>(1u << random() % 8);
        break;
      default:
        damaged.resize(at);
    }
    check(damaged);
    if (testing::Test::HasFatalFailure()) return;
  }
}

constexpr int kRounds = 18;

TEST(PoisonTest, DamagedTiffHoldsNothingOfTheLastPicture) {
  const PoisonOff off;
  refused = answered = 0;
  const Size size{203, 150};
  const TiffShape shapes[] = {
      {.compression = COMPRESSION_CCITTFAX4},
      {.compression = COMPRESSION_CCITTFAX4, .rows_per_strip = 150},
      {.compression = COMPRESSION_CCITTFAX3},
      {.compression = COMPRESSION_CCITTRLE},
      {.compression = COMPRESSION_PACKBITS, .bits = 8, .photometric = PHOTOMETRIC_MINISBLACK},
      {.compression = COMPRESSION_LZW, .bits = 8, .samples = 3, .photometric = PHOTOMETRIC_RGB},
      {.compression = COMPRESSION_LZW,
       .bits = 8,
       .samples = 3,
       .photometric = PHOTOMETRIC_RGB,
       .planar = PLANARCONFIG_SEPARATE},
      {.compression = COMPRESSION_ADOBE_DEFLATE,
       .bits = 16,
       .samples = 4,
       .photometric = PHOTOMETRIC_RGB,
       .tiled = true},
      {.compression = COMPRESSION_ZSTD,
       .bits = 8,
       .photometric = PHOTOMETRIC_MINISBLACK,
       .tiled = true},
      {.compression = COMPRESSION_NONE, .bits = 8, .photometric = PHOTOMETRIC_MINISBLACK},
      {.compression = COMPRESSION_JPEG, .bits = 8, .photometric = PHOTOMETRIC_MINISBLACK},
      {.compression = COMPRESSION_JPEG,
       .bits = 8,
       .samples = 3,
       .photometric = PHOTOMETRIC_YCBCR,
       .tiled = true},
      {.compression = COMPRESSION_JPEG,
       .bits = 8,
       .samples = 4,
       .photometric = PHOTOMETRIC_SEPARATED},
      {.compression = COMPRESSION_ADOBE_DEFLATE,
       .bits = 8,
       .samples = 3,
       .photometric = PHOTOMETRIC_CIELAB},
  };
  for (const TiffShape& shape : shapes) {
    if (!TIFFIsCODECConfigured(shape.compression)) continue;
    SCOPED_TRACE(
        fmt::format("compression {}, {} x {} bits", shape.compression, shape.samples, shape.bits));
    const auto bytes = Written(shape, size, 1);
    const std::vector<uint8_t> others[] = {Written(shape, size, 2), Written(shape, size, 3)};
    ExpectOneAnswer(*FindCodec("tiff"), bytes, others);
    ForEachDamage(bytes, shape.compression, kRounds, [&](const std::vector<uint8_t>& damaged) {
      ExpectOneAnswer(*FindCodec("tiff"), damaged, others);
    });
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(refused, 200);
  EXPECT_GT(answered, 200);
}

TEST(PoisonTest, DamagedJpegHoldsNothingOfTheLastPicture) {
  const PoisonOff off;
  refused = answered = 0;
  const Codec& codec = *FindCodec("jpeg");
  for (const Recipe& recipe : codec.recipes) {
    SCOPED_TRACE(std::string(recipe.name));
    const auto bytes = Encoded(codec, TestPicture({203, 150}, 3, 1), recipe.options);
    const std::vector<uint8_t> others[] = {
        Encoded(codec, TestPicture({203, 150}, 3, 2), recipe.options),
        Encoded(codec, TestPicture({203, 150}, 3, 3), recipe.options)};
    ForEachDamage(bytes, 5, 2 * kRounds, [&](const std::vector<uint8_t>& damaged) {
      ExpectOneAnswer(codec, damaged, others);
    });
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(refused, 100);
  EXPECT_GT(answered, 50);
}

// The poison itself: what is not written shows, else the tests above could not fail.
TEST(PoisonTest, ShowsWhatIsNotWritten) {
  const PoisonOff off;
  std::vector<uint8_t> kept;
  for (const int poison : {0xA5, 0x5A}) {
    PoisonReused(poison);
    const KeptBytes bytes(kept, 100);
    std::memset(bytes.data(), 0, 60);
    EXPECT_EQ(bytes.data()[59], 0);
    EXPECT_EQ(bytes.data()[60], poison);
    EXPECT_EQ(Image({10, 10}, 1).view().row(9)[9], poison);
  }
  EXPECT_GT(KeptBytes(kept, kMostKept + 1).size(), kMostKept);
  EXPECT_LE(kept.capacity(), size_t{200});
}

}  // namespace
}  // namespace iiifbench
