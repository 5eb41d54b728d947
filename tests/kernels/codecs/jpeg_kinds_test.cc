// Kinds of JPEG that our encoder does not write: odd sampling, CMYK, cut and odd files.
#include <cstdio>
#include <cstdlib>
#include <functional>

extern "C" {
#include <jpeglib.h>
}

#include "tests/kernels/codecs/test_pages.h"

namespace iiifbench {
namespace {

const Codec& JpegCodec() { return *FindCodec("jpeg"); }

// Written by libjpeg with settings of any kind.
std::vector<uint8_t> ByLibjpeg(const Image& image, J_COLOR_SPACE space,
                               const std::function<void(jpeg_compress_struct&)>& settings) {
  jpeg_compress_struct info{};
  jpeg_error_mgr errors{};
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* bytes = nullptr;
  unsigned long count = 0;
  jpeg_mem_dest(&info, &bytes, &count);
  info.image_width = static_cast<JDIMENSION>(image.width());
  info.image_height = static_cast<JDIMENSION>(image.height());
  info.input_components = image.channels();
  info.in_color_space = space;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, 90, TRUE);
  settings(info);
  jpeg_start_compress(&info, TRUE);
  while (info.next_scanline < info.image_height) {
    auto* row = const_cast<JSAMPROW>(image.view().row(static_cast<int>(info.next_scanline)));
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  std::vector<uint8_t> out(bytes, bytes + count);
  std::free(bytes);
  return out;
}

// Where the marker 0xFF `code` stands, each time.
std::vector<size_t> Markers(const std::vector<uint8_t>& bytes, uint8_t code) {
  std::vector<size_t> at;
  for (size_t n = 0; n + 1 < bytes.size(); ++n) {
    if (bytes[n] == 0xFF && bytes[n + 1] == code) at.push_back(n);
  }
  return at;
}

std::string RefusalOf(std::span<const uint8_t> bytes, Variant variant) {
  auto source = Source::Borrow(bytes, "kind.jpg");
  auto image = DecodeWhole(*source, variant);
  return image.ok() ? "" : image.error().message;
}

constexpr Variant kAllVariants[] = {Variant::kNaive, Variant::kLibrary, Variant::kBest};

TEST(JpegKindsTest, RegionsOfEverySamplingAreTheCropOfTheWhole) {
  const Variant variants[] = {Variant::kLibrary, Variant::kBest};
  const Image page = TestPicture({213, 171}, 3);
  uint64_t seed = 1;
  for (int h = 1; h <= 4; ++h) {
    for (int v = 1; v <= 4; ++v) {
      for (const auto& [ch, cv] : {std::pair(1, 1), std::pair(2, 1), std::pair(1, 2)}) {
        // Whole ratios, at most ten blocks in an MCU.
        if (h % ch != 0 || v % cv != 0 || h * v + 2 * ch * cv > 10) continue;
        SCOPED_TRACE(fmt::format("luma {}x{}, chroma {}x{}", h, v, ch, cv));
        const int chroma_h = ch, chroma_v = cv;
        const auto bytes = ByLibjpeg(page, JCS_RGB, [&](jpeg_compress_struct& info) {
          info.comp_info[0].h_samp_factor = h;
          info.comp_info[0].v_samp_factor = v;
          for (int c = 1; c < 3; ++c) {
            info.comp_info[c].h_samp_factor = chroma_h;
            info.comp_info[c].v_samp_factor = chroma_v;
          }
        });
        ExpectVariantsAgree(JpegCodec(), bytes, variants, 5, ++seed);
      }
    }
  }
}

TEST(JpegKindsTest, PartsOfAFileWithOnlyItsFirstScansAreTheCropOfTheWhole) {
  const auto bytes = Encoded(JpegCodec(), TestPicture({213, 171}, 3), {.progressive = true});
  const auto scans = Markers(bytes, 0xDA);
  ASSERT_GT(scans.size(), 5u);
  const Variant variants[] = {Variant::kLibrary, Variant::kBest};
  for (size_t kept = 1; kept < scans.size(); ++kept) {
    // Tables may stand between two scans: what is left of them does no harm.
    std::vector<uint8_t> cut(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(scans[kept]));
    EXPECT_NE(RefusalOf(cut, Variant::kBest), "") << "the end of the file cut scans off";
    cut.insert(cut.end(), {0xFF, 0xD9});
    ExpectVariantsAgree(JpegCodec(), cut, variants, 5, kept);
  }
}

TEST(JpegKindsTest, AMissingEndOfImageIsNoLoss) {
  for (const bool progressive : {false, true}) {
    auto bytes = Encoded(JpegCodec(), TestPicture({213, 171}, 3), {.progressive = progressive});
    const Image whole = Decoded(JpegCodec(), bytes, {}, 0, Variant::kNaive);
    bytes.resize(bytes.size() - 2);
    for (const Variant variant : kAllVariants) {
      ASSERT_EQ(RefusalOf(bytes, variant), "");
      const Image same = Decoded(JpegCodec(), bytes, {}, 0, variant);
      EXPECT_EQ(Compare(same.view(), whole.view()).maximum, 0);
    }
    bytes.resize(bytes.size() - 40);
    for (const Variant variant : kAllVariants) EXPECT_NE(RefusalOf(bytes, variant), "");
  }
}

TEST(JpegKindsTest, BitsThatAreLeftOverAreDamage) {
  for (const int rows : {0, 1}) {
    auto bytes = Encoded(JpegCodec(), TestPicture({213, 171}, 3), {.restart_rows = rows});
    // The library may read a few bytes into its register without a word: it decides for all.
    for (int n = 1; n <= 8; ++n) {
      bytes.insert(bytes.end() - 2, 0x34);
      const bool refused = !RefusalOf(bytes, Variant::kNaive).empty();
      for (const Variant variant : kAllVariants)
        EXPECT_EQ(!RefusalOf(bytes, variant).empty(), refused);
    }
    bytes.insert(bytes.end() - 2, 20, 0x56);
    for (const Variant variant : kAllVariants)
      EXPECT_NE(RefusalOf(bytes, variant).find("extraneous"), std::string::npos)
          << VariantName(variant);
    auto source = Source::Borrow(bytes, "kind.jpg");
    EXPECT_FALSE(JpegCodec().build_index(*source).ok());
  }
}

TEST(JpegKindsTest, FillBytesBeforeRestartMarkersAreLegal) {
  auto bytes = Encoded(JpegCodec(), TestPicture({213, 171}, 3), {.restart_rows = 1});
  const Image whole = Decoded(JpegCodec(), bytes, {}, 0, Variant::kNaive);
  const auto at = Markers(bytes, 0xD2);
  ASSERT_FALSE(at.empty());
  bytes.insert(bytes.begin() + static_cast<ptrdiff_t>(at[0]), {0xFF, 0xFF});
  for (const Variant variant : kAllVariants) {
    const Image same = Decoded(JpegCodec(), bytes, {}, 0, variant);
    EXPECT_EQ(Compare(same.view(), whole.view()).maximum, 0);
  }
  auto source = Source::Borrow(bytes, "kind.jpg");
  EXPECT_TRUE(JpegCodec().build_index(*source).ok());
}

TEST(JpegKindsTest, AMissingRestartMarkerIsNamed) {
  auto bytes = Encoded(JpegCodec(), TestPicture({213, 171}, 3), {.restart_rows = 1});
  const auto at = Markers(bytes, 0xD2);
  ASSERT_FALSE(at.empty());
  bytes[at[0] + 1] = 0xD5;
  for (const Variant variant : kAllVariants) {
    const std::string message = RefusalOf(bytes, variant);
    EXPECT_NE(message.find("0xd5 instead of RST2"), std::string::npos) << message;
  }
}

TEST(JpegKindsTest, NumbersInASequentialScanHeaderMeanNothing) {
  auto bytes = Encoded(JpegCodec(), TestPicture({213, 171}, 3), {});
  const Image whole = Decoded(JpegCodec(), bytes, {}, 0, Variant::kNaive);
  const auto at = Markers(bytes, 0xDA);
  ASSERT_EQ(at.size(), 1u);
  bytes[at[0] + 12] = 0;  // Se
  for (const Variant variant : kAllVariants) {
    const Image same = Decoded(JpegCodec(), bytes, {}, 0, variant);
    EXPECT_EQ(Compare(same.view(), whole.view()).maximum, 0);
  }
}

TEST(JpegKindsTest, InksBecomeLight) {
  const Image page = TestPicture({213, 171}, 3);
  Image inks(page.size(), 4);
  for (int y = 0; y < page.height(); ++y) {
    for (int x = 0; x < page.width(); ++x) {
      for (int c = 0; c < 3; ++c)
        inks.view().row(y)[4 * x + c] = page.view().row(y)[3 * x + c];  // inverted, as Adobe does
      inks.view().row(y)[4 * x + 3] = 255;
    }
  }
  for (const J_COLOR_SPACE stored : {JCS_CMYK, JCS_YCCK}) {
    const auto bytes = ByLibjpeg(inks, JCS_CMYK, [&](jpeg_compress_struct& info) {
      jpeg_set_colorspace(&info, stored);
      jpeg_set_quality(&info, 97, TRUE);
    });
    const Variant variants[] = {Variant::kLibrary, Variant::kBest};
    ExpectVariantsAgree(JpegCodec(), bytes, variants, 5, 3);
    EXPECT_LT(Compare(Decoded(JpegCodec(), bytes, {}, 0, Variant::kBest).view(), page.view()).mean,
              4);
  }
}

TEST(JpegKindsTest, ScansWithoutEndAreRefused) {
  // A last scan that sends all of one component, and again and again.
  const std::vector<jpeg_scan_info> script = {{3, {0, 1, 2}, 0, 0, 0, 0},
                                              {1, {0}, 1, 63, 0, 0},
                                              {1, {1}, 1, 63, 0, 0},
                                              {1, {2}, 1, 63, 0, 0}};
  auto bytes = ByLibjpeg(TestPicture({64, 64}, 3), JCS_RGB, [&](jpeg_compress_struct& info) {
    info.scan_info = script.data();
    info.num_scans = static_cast<int>(script.size());
  });
  const auto scans = Markers(bytes, 0xDA);
  const std::vector<uint8_t> last(bytes.begin() + static_cast<ptrdiff_t>(scans.back()),
                                  bytes.end() - 2);
  bytes.resize(bytes.size() - 2);
  for (int n = 0; n < 400; ++n) bytes.insert(bytes.end(), last.begin(), last.end());
  auto few = bytes;
  few.insert(few.end(), {0xFF, 0xD9});
  EXPECT_EQ(RefusalOf(few, Variant::kBest), "");
  for (int n = 0; n < 200; ++n) bytes.insert(bytes.end(), last.begin(), last.end());
  bytes.insert(bytes.end(), {0xFF, 0xD9});
  for (const Variant variant : kAllVariants)
    EXPECT_NE(RefusalOf(bytes, variant).find("more than 500 scans"), std::string::npos);
}

}  // namespace
}  // namespace iiifbench
