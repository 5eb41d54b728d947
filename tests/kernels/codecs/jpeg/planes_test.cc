// JPEG planes against libjpeg-turbo's own ways with interleaved YCbCr, which upsample, downsample
// and complete blocks themselves.
#include "kernels/codecs/jpeg/planes.h"

#include <cstdio>
#include <cstdlib>

#include <jpeglib.h>

#include "tests/kernels/codecs/test_pages.h"

namespace iiifbench {
namespace {

constexpr Subsampling kAll[] = {Subsampling::k420, Subsampling::k444, Subsampling::k422,
                                Subsampling::k440, Subsampling::kGray};
constexpr Size kSizes[] = {{1, 1},   {2, 1},   {7, 9},     {8, 8},   {9, 17},
                           {15, 33}, {16, 16}, {331, 257}, {640, 48}};

std::vector<uint8_t> Stored(Size size, Subsampling subsampling, EncodeOptions options = {}) {
  options.subsampling = subsampling;
  return Encoded(*FindCodec("jpeg"), TestPicture(size, subsampling == Subsampling::kGray ? 1 : 3),
                 options);
}

jpeg::PlanarImage PlanesOf(std::span<const uint8_t> bytes) {
  auto source = Source::Borrow(bytes, "memory");
  jpeg::PlanarImage planar;
  auto done = jpeg::DecodePlanes(*source, {}, planar);
  EXPECT_TRUE(done.ok()) << (done.ok() ? "" : done.error().message);
  return planar;
}

// Each pixel with the chroma sample that lies over it.
Image Repeated(const jpeg::Planes& planes) {
  Image out(planes.size, planes.count());
  for (int c = 0; c < planes.count(); ++c) {
    const ConstPixelView& plane = planes.plane[c];
    const int x_step = plane.width == planes.size.width ? 1 : 2;
    const int y_step = plane.height == planes.size.height ? 1 : 2;
    for (int y = 0; y < planes.size.height; ++y)
      for (int x = 0; x < planes.size.width; ++x)
        out.view().row(y)[x * planes.count() + c] = plane.row(y / y_step)[x / x_step];
  }
  return out;
}

// The library's decode without colour conversion and without smooth upsampling.
Image YccOf(std::span<const uint8_t> bytes) {
  jpeg_decompress_struct info{};
  jpeg_error_mgr errors{};
  info.err = jpeg_std_error(&errors);
  jpeg_create_decompress(&info);
  jpeg_mem_src(&info, bytes.data(), bytes.size());
  jpeg_read_header(&info, TRUE);
  info.out_color_space = info.jpeg_color_space;
  info.do_fancy_upsampling = FALSE;
  info.dct_method = JDCT_ISLOW;
  jpeg_start_decompress(&info);
  Image out({static_cast<int>(info.output_width), static_cast<int>(info.output_height)},
            info.num_components);
  while (info.output_scanline < info.output_height) {
    JSAMPROW row = out.view().row(static_cast<int>(info.output_scanline));
    jpeg_read_scanlines(&info, &row, 1);
  }
  jpeg_finish_decompress(&info);
  jpeg_destroy_decompress(&info);
  return out;
}

// The library's encode of interleaved YCbCr: it averages chroma and completes blocks.
std::vector<uint8_t> EncodedYcc(ConstPixelView ycc, Subsampling s, const EncodeOptions& options) {
  jpeg_compress_struct info{};
  jpeg_error_mgr errors{};
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* memory = nullptr;
  unsigned long count = 0;
  jpeg_mem_dest(&info, &memory, &count);
  info.image_width = static_cast<JDIMENSION>(ycc.width);
  info.image_height = static_cast<JDIMENSION>(ycc.height);
  info.input_components = ycc.channels;
  info.in_color_space = ycc.channels == 1 ? JCS_GRAYSCALE : JCS_YCbCr;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, options.quality, TRUE);
  info.dct_method = JDCT_ISLOW;
  info.optimize_coding = options.optimised_huffman ? TRUE : FALSE;
  info.restart_in_rows = options.restart_rows;
  info.comp_info[0].h_samp_factor = s == Subsampling::k420 || s == Subsampling::k422 ? 2 : 1;
  info.comp_info[0].v_samp_factor = s == Subsampling::k420 || s == Subsampling::k440 ? 2 : 1;
  if (options.progressive) jpeg_simple_progression(&info);
  jpeg_start_compress(&info, TRUE);
  while (info.next_scanline < info.image_height) {
    auto* row = const_cast<JSAMPROW>(ycc.row(static_cast<int>(info.next_scanline)));
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  std::vector<uint8_t> bytes(memory, memory + count);
  jpeg_destroy_compress(&info);
  std::free(memory);
  return bytes;
}

TEST(PlanesTest, DecodedPlanesAreTheSamplesThatTheLibraryRepeats) {
  for (const Size size : kSizes) {
    for (const Subsampling s : kAll) {
      for (const bool progressive : {false, true}) {
        const auto bytes = Stored(size, s, {.progressive = progressive});
        const Image ours = Repeated(PlanesOf(bytes).planes());
        EXPECT_EQ(Compare(ours.view(), YccOf(bytes).view()).maximum, 0)
            << size.width << "x" << size.height << " subsampling " << static_cast<int>(s);
      }
    }
  }
}

TEST(PlanesTest, BytesAreThoseOfTheLibraryFromInterleavedSamples) {
  const EncodeOptions options[] = {{.quality = 75},
                                   {.quality = 90, .restart_rows = 1},
                                   {.quality = 90, .progressive = true},
                                   {.quality = 40, .optimised_huffman = true}};
  for (const Size size : kSizes) {
    for (const Subsampling s : kAll) {
      const auto planar = PlanesOf(Stored(size, s));
      const Image ycc = Repeated(planar.planes());
      for (const EncodeOptions& o : options) {
        std::vector<uint8_t> bytes;
        auto done = jpeg::EncodePlanes(planar.planes(), o, bytes);
        ASSERT_TRUE(done.ok()) << done.error().message;
        EXPECT_EQ(bytes, EncodedYcc(ycc.view(), s, o))
            << size.width << "x" << size.height << " subsampling " << static_cast<int>(s);
      }
    }
  }
}

// A crop of planes has a stride of its own, and memory of another picture is used again.
TEST(PlanesTest, CropsAndReusedMemory) {
  jpeg::PlanarImage planar;
  for (const Size size : {Size{331, 257}, Size{64, 80}}) {
    const auto bytes = Stored(size, Subsampling::k420);
    auto source = Source::Borrow(bytes, "memory");
    ASSERT_TRUE(jpeg::DecodePlanes(*source, {}, planar).ok());
    jpeg::Planes part = planar.planes();
    part.size = {37, 21};
    part.plane[0] = part.plane[0].crop({6, 8, 37, 21});
    for (int c : {1, 2}) part.plane[c] = part.plane[c].crop({3, 4, 19, 11});
    std::vector<uint8_t> out;
    ASSERT_TRUE(jpeg::EncodePlanes(part, {}, out).ok());
    EXPECT_EQ(out, EncodedYcc(Repeated(part).view(), Subsampling::k420, {}));
  }
}

TEST(PlanesTest, RefusesWhatItCannotDo) {
  const auto bytes = Stored({64, 64}, Subsampling::k420);
  jpeg::PlanarImage planar;
  auto half = Source::Borrow(std::span(bytes).first(bytes.size() / 2), "half");
  EXPECT_FALSE(jpeg::DecodePlanes(*half, {}, planar).ok());
  auto whole = Source::Borrow(bytes, "whole");
  auto large = jpeg::DecodePlanes(*whole, {.max_pixels = 100}, planar);
  ASSERT_FALSE(large.ok());
  EXPECT_EQ(large.error().kind, ErrorKind::kTooLarge);
}

}  // namespace
}  // namespace iiifbench
