// Kinds of TIFF that our encoder does not write, made by libtiff: depths, inks, planes, palettes,
// other pages, left-out tiles, and lies about sizes.
#include <tiffio.h>

#include <cstring>
#include <fstream>
#include <functional>

#include "tests/kernels/codecs/test_pages.h"

namespace iiifbench {
namespace {

const Codec& TiffCodec() { return *FindCodec("tiff"); }
constexpr Variant kEvery[] = {Variant::kNaive, Variant::kLibrary, Variant::kBest};

std::vector<uint8_t> ByLibtiff(const std::function<void(TIFF*)>& write) {
  const std::string path = fmt::format("{}tiff_kinds_test_{}.tif", testing::TempDir(), ::getpid());
  TIFF* tiff = TIFFOpen(path.c_str(), "w");
  EXPECT_NE(tiff, nullptr);
  write(tiff);
  TIFFClose(tiff);
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void Head(TIFF* tiff, Size size, int bits, int samples, int photometric,
          int compression = COMPRESSION_ADOBE_DEFLATE) {
  TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, size.width);
  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, size.height);
  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, bits);
  TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, samples);
  if (photometric >= 0) TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, photometric);
  TIFFSetField(tiff, TIFFTAG_COMPRESSION, compression);
  TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
  TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, 16);
}

// Rows of packed samples; `value` gives sample `c` of a pixel as stored.
void Rows(TIFF* tiff, Size size, int bits, int samples,
          const std::function<uint32_t(int x, int y, int c)>& value) {
  for (int y = 0; y < size.height; ++y) {
    std::vector<uint8_t> row(static_cast<size_t>(size.width * samples * bits + 7) / 8);
    for (int i = 0; i < size.width * samples; ++i) {
      const uint32_t v = value(i / samples, y, i % samples);
      if (bits == 16) {
        const auto word = static_cast<uint16_t>(v);
        std::memcpy(row.data() + 2 * i, &word, 2);
        continue;
      }
      for (int b = 0; b < bits; ++b) {
        const int at = i * bits + b;
        row[static_cast<size_t>(at / 8)] |=
            static_cast<uint8_t>((v >> (bits - 1 - b) & 1u) << (7 - at % 8));
      }
    }
    TIFFWriteScanline(tiff, row.data(), static_cast<uint32_t>(y));
  }
}

void ExpectShows(const std::vector<uint8_t>& bytes, const Image& page, int tolerance = 0) {
  for (const Variant variant : kEvery) {
    const Image image = Decoded(TiffCodec(), bytes, {}, 0, variant);
    ASSERT_EQ(image.size(), page.size());
    ASSERT_EQ(image.channels(), page.channels());
    EXPECT_LE(Compare(image.view(), page.view()).maximum, tolerance) << VariantName(variant);
  }
  const Variant variants[] = {Variant::kLibrary, Variant::kBest};
  ExpectVariantsAgree(TiffCodec(), bytes, variants, 4, 5);
}

const Size kPage{101, 77};

TEST(TiffKindsTest, AlphaIsDropped) {
  for (const int colours : {1, 3}) {
    const Image page = TestPicture(kPage, colours);
    const auto bytes = ByLibtiff([&](TIFF* tiff) {
      Head(tiff, kPage, 8, colours + 1, colours == 1 ? PHOTOMETRIC_MINISBLACK : PHOTOMETRIC_RGB);
      const uint16_t alpha = EXTRASAMPLE_UNASSALPHA;
      TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, 1, &alpha);
      Rows(tiff, kPage, 8, colours + 1, [&](int x, int y, int c) -> uint32_t {
        return c == colours ? static_cast<uint32_t>(x) : page.view().row(y)[x * colours + c];
      });
    });
    ExpectShows(bytes, page);
  }
}

TEST(TiffKindsTest, EveryDepthIsScaledToEight) {
  for (const int bits : {1, 2, 3, 4, 6, 8, 10, 12, 14, 16}) {
    for (const int samples : {1, 3}) {
      for (const bool white : {false, true}) {
        if (white && samples == 3) continue;
        SCOPED_TRACE(fmt::format("{} samples of {} bits", samples, bits));
        const uint32_t top = (1u << bits) - 1;
        const auto stored = [&](int x, int y, int c) {
          return static_cast<uint32_t>(x * 131 + y * 17 + c * 911) * 77u & top;
        };
        Image page(kPage, samples);
        for (int y = 0; y < kPage.height; ++y) {
          for (int x = 0; x < kPage.width; ++x) {
            for (int c = 0; c < samples; ++c) {
              const auto v = static_cast<uint32_t>(stored(x, y, c) * 255.0 / top + 0.5);
              page.view().row(y)[x * samples + c] = static_cast<uint8_t>(white ? 255 - v : v);
            }
          }
        }
        const auto bytes = ByLibtiff([&](TIFF* tiff) {
          Head(tiff, kPage, bits, samples,
               samples == 3 ? PHOTOMETRIC_RGB
               : white      ? PHOTOMETRIC_MINISWHITE
                            : PHOTOMETRIC_MINISBLACK);
          Rows(tiff, kPage, bits, samples, stored);
        });
        ExpectShows(bytes, page);
      }
    }
  }
}

TEST(TiffKindsTest, PalettesAndInksBecomeRgb) {
  for (const int bits : {1, 2, 4, 8}) {
    const auto index = [&](int x, int y) {
      return static_cast<uint32_t>(x * 3 + y) & ((1u << bits) - 1);
    };
    Image page(kPage, 3);
    uint16_t map[3][256];
    for (int i = 0; i < 256; ++i)
      for (int c = 0; c < 3; ++c) map[c][i] = static_cast<uint16_t>((i * 37 + c * 91) % 256 * 257);
    for (int y = 0; y < kPage.height; ++y)
      for (int x = 0; x < kPage.width; ++x)
        for (int c = 0; c < 3; ++c)
          page.view().row(y)[3 * x + c] = static_cast<uint8_t>(map[c][index(x, y)] >> 8);
    const auto bytes = ByLibtiff([&](TIFF* tiff) {
      Head(tiff, kPage, bits, 1, PHOTOMETRIC_PALETTE);
      TIFFSetField(tiff, TIFFTAG_COLORMAP, map[0], map[1], map[2]);
      Rows(tiff, kPage, bits, 1, [&](int x, int y, int) { return index(x, y); });
    });
    ExpectShows(bytes, page);
  }
  const Image page = TestPicture(kPage, 3);
  const auto bytes = ByLibtiff([&](TIFF* tiff) {
    Head(tiff, kPage, 8, 4, PHOTOMETRIC_SEPARATED);
    Rows(tiff, kPage, 8, 4, [&](int x, int y, int c) -> uint32_t {
      return c == 3 ? 0 : 255u - page.view().row(y)[3 * x + c];
    });
  });
  ExpectShows(bytes, page);
}

// Lab white is light in every channel (libtiff does not adapt D50 to sRGB's white).
TEST(TiffKindsTest, LabGoesThroughLibtiff) {
  const auto bytes = ByLibtiff([&](TIFF* tiff) {
    Head(tiff, kPage, 8, 3, PHOTOMETRIC_CIELAB);
    Rows(tiff, kPage, 8, 3, [](int, int, int c) -> uint32_t { return c == 0 ? 255 : 0; });
  });
  const Image image = Decoded(TiffCodec(), bytes, {}, 0, Variant::kBest);
  for (int c = 0; c < 3; ++c) EXPECT_GT(image.view().row(40)[c], 200);
}

TEST(TiffKindsTest, OnlyMarkedPagesAreLevels) {
  const Image page = TestPicture(kPage, 1), other = TestPicture({50, 38}, 1, 9);
  for (const uint32_t type : {0u, uint32_t{FILETYPE_REDUCEDIMAGE}, uint32_t{FILETYPE_MASK}}) {
    const auto bytes = ByLibtiff([&](TIFF* tiff) {
      Head(tiff, kPage, 8, 1, PHOTOMETRIC_MINISBLACK);
      Rows(tiff, kPage, 8, 1, [&](int x, int y, int) -> uint32_t { return page.view().row(y)[x]; });
      TIFFWriteDirectory(tiff);
      Head(tiff, other.size(), 8, 1, PHOTOMETRIC_MINISBLACK);
      TIFFSetField(tiff, TIFFTAG_SUBFILETYPE, type);
      Rows(tiff, other.size(), 8, 1,
           [&](int x, int y, int) -> uint32_t { return other.view().row(y)[x]; });
    });
    auto source = Source::Borrow(bytes, "pages.tif");
    auto info = TiffCodec().probe(*source);
    ASSERT_TRUE(info.ok());
    EXPECT_EQ(info->levels.size(), type == FILETYPE_REDUCEDIMAGE ? 2u : 1u);
  }
}

TEST(TiffKindsTest, TheFirstPageSaysWhatItsSamplesAre) {
  for (const int first : {SAMPLEFORMAT_UINT, SAMPLEFORMAT_VOID, SAMPLEFORMAT_INT}) {
    const auto bytes = ByLibtiff([&](TIFF* tiff) {
      for (const int format : {first, SAMPLEFORMAT_UINT, SAMPLEFORMAT_INT}) {
        Head(tiff, kPage, 8, 1, PHOTOMETRIC_MINISBLACK);
        TIFFSetField(tiff, TIFFTAG_SAMPLEFORMAT, format);
        Rows(tiff, kPage, 8, 1, [](int x, int, int) -> uint32_t { return x & 255; });
        TIFFWriteDirectory(tiff);
      }
    });
    auto source = Source::Borrow(bytes, "pages.tif");
    EXPECT_EQ(TiffCodec().probe(*source).ok(), first != SAMPLEFORMAT_INT) << first;
  }
}

TEST(TiffKindsTest, AFaxWithoutPhotometricIsBlackOnWhite) {
  const auto make = [&](int photometric) {
    return ByLibtiff([&](TIFF* tiff) {
      Head(tiff, kPage, 1, 1, photometric, COMPRESSION_CCITTFAX4);
      Rows(tiff, kPage, 1, 1,
           [](int x, int y, int) -> uint32_t { return (x / 7 + y / 5) % 4 == 0; });
    });
  };
  const auto stated = make(PHOTOMETRIC_MINISWHITE), silent = make(-1);
  ExpectShows(silent, Decoded(TiffCodec(), stated, {}, 0, Variant::kNaive));
}

TEST(TiffKindsTest, LeftOutTilesAreZero) {
  for (const int photometric : {PHOTOMETRIC_MINISBLACK, PHOTOMETRIC_MINISWHITE}) {
    const auto bytes = ByLibtiff([&](TIFF* tiff) {
      Head(tiff, {128, 64}, 8, 1, photometric);
      TIFFUnsetField(tiff, TIFFTAG_ROWSPERSTRIP);
      TIFFSetField(tiff, TIFFTAG_TILEWIDTH, 64);
      TIFFSetField(tiff, TIFFTAG_TILELENGTH, 64);
      std::vector<uint8_t> tile(64 * 64, 200);
      TIFFWriteEncodedTile(tiff, 1, tile.data(), static_cast<tmsize_t>(tile.size()));
    });
    for (const Variant variant : kEvery) {
      const Image image = Decoded(TiffCodec(), bytes, {}, 0, variant);
      const bool white = photometric == PHOTOMETRIC_MINISWHITE;
      EXPECT_EQ(image.view().row(9)[9], white ? 255 : 0);
      EXPECT_EQ(image.view().row(9)[99], white ? 55 : 200);
    }
  }
}

TEST(TiffKindsTest, TablesThatHoldAPictureAreRefused) {
  const auto picture = Encoded(*FindCodec("jpeg"), TestPicture({16, 8}, 3), {});
  const auto bytes = ByLibtiff([&](TIFF* tiff) {
    Head(tiff, {512, 512}, 8, 3, PHOTOMETRIC_YCBCR, COMPRESSION_JPEG);
    TIFFUnsetField(tiff, TIFFTAG_ROWSPERSTRIP);
    TIFFSetField(tiff, TIFFTAG_TILEWIDTH, 512);
    TIFFSetField(tiff, TIFFTAG_TILELENGTH, 512);
    TIFFSetField(tiff, TIFFTAG_JPEGTABLES, static_cast<uint32_t>(picture.size()), picture.data());
    auto tile = Encoded(*FindCodec("jpeg"), TestPicture({512, 512}, 3), {});
    TIFFWriteRawTile(tiff, 0, tile.data(), static_cast<tmsize_t>(tile.size()));
  });
  for (const Variant variant : kEvery) {
    auto source = Source::Borrow(bytes, "tables.tif");
    auto image = DecodeWhole(*source, variant);
    ASSERT_FALSE(image.ok());
    EXPECT_NE(image.error().message.find("ogus JPEGTables"), std::string::npos)
        << image.error().message;
  }
}

// A directory by hand: what it claims costs nothing before it is refused.
TEST(TiffKindsTest, ClaimsAreCountedBeforeMemoryIsTaken) {
  const auto claim = [](uint32_t width, uint32_t height, uint32_t rows) {
    std::vector<uint8_t> bytes = {'I', 'I', 42, 0, 8, 0, 0, 0, 8, 0};
    const uint32_t entries[8][4] = {{256, 4, 1, width}, {257, 4, 1, height}, {258, 3, 1, 8},
                                    {259, 3, 1, 1},     {262, 3, 1, 1},      {273, 4, 1, 8},
                                    {278, 4, 1, rows},  {279, 4, 1, 8}};
    for (const auto& [tag, type, count, value] : entries) {
      for (const auto& [number, length] :
           {std::pair(tag, 2), std::pair(type, 2), std::pair(count, 4), std::pair(value, 4)})
        for (int n = 0; n < length; ++n) bytes.push_back(static_cast<uint8_t>(number >> 8 * n));
    }
    bytes.insert(bytes.end(), 4, 0);
    return bytes;
  };
  const auto tall = claim(1, 1u << 30, 1), wide = claim(200000, 200000, 200000);
  for (const auto* bytes : {&tall, &wide}) {
    for (const Variant variant : {Variant::kLibrary, Variant::kBest}) {
      auto source = Source::Borrow(*bytes, "claim.tif");
      Image out({1, 1}, 1);
      auto done =
          TiffCodec().decode(*source, {.region = {0, 0, 1, 1}, .variant = variant}, out.view());
      ASSERT_FALSE(done.ok());
      EXPECT_EQ(done.error().kind, ErrorKind::kTooLarge) << done.error().message;
    }
  }
}

}  // namespace
}  // namespace iiifbench
