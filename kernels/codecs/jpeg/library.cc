#include "kernels/codecs/jpeg/library.h"

#include <algorithm>
#include <cstring>

#include "kernels/codecs/jpeg/handles.h"
#include "kernels/codecs/jpeg/huffman/entropy.h"

namespace iiifbench::jpeg {
namespace {

// Smooth upsampling reads one chroma sample beyond; libjpeg-turbo's crop and skip treat the cut as
// an edge of the picture. One iMCU to each side and two rows of them above cover both, see the
// identity tests.
bool DecodeRows(Decompressor& d, const Region& wanted, Extent extent, EntropyDecoder* entropy,
                PixelView out, uint8_t* scratch, ptrdiff_t scratch_stride) {
  jpeg_decompress_struct& info = d.info;
  if (setjmp(d.errors.jump)) return false;
  jpeg_start_decompress(&info);
  if (entropy != nullptr) entropy->Attach(info);
  if (extent == Extent::kWhole) {
    while (info.output_scanline < info.output_height) {
      JSAMPROW row = scratch + ptrdiff_t{scratch_stride} * info.output_scanline;
      jpeg_read_scanlines(&info, &row, 1);
    }
    jpeg_finish_decompress(&info);
    return true;
  }
  const int imcu_width = info.max_h_samp_factor * info.min_DCT_scaled_size;
  const int imcu_height = info.max_v_samp_factor * info.min_DCT_scaled_size;
  JDIMENSION left = static_cast<JDIMENSION>(std::max(0, wanted.x - imcu_width));
  JDIMENSION width = static_cast<JDIMENSION>(
      std::min<int64_t>(info.output_width, int64_t{wanted.right()} + imcu_width) - left);
  if (extent == Extent::kRegion && width < info.output_width) {
    jpeg_crop_scanline(&info, &left, &width);
    if (entropy != nullptr)
      entropy->KeepPixels(static_cast<int>(left), static_cast<int>(left + width));
  } else {
    left = 0;
  }
  const int above = std::max(0, wanted.y - 2 * imcu_height);
  if (extent == Extent::kRegion && above > 0)
    jpeg_skip_scanlines(&info, static_cast<JDIMENSION>(above));
  JSAMPROW row = scratch;
  while (static_cast<int>(info.output_scanline) < wanted.y) jpeg_read_scanlines(&info, &row, 1);
  const size_t row_bytes = static_cast<size_t>(wanted.width) * static_cast<size_t>(out.channels);
  const bool direct =
      static_cast<int>(left) == wanted.x && static_cast<int>(info.output_width) == wanted.width;
  for (int y = 0; y < wanted.height; ++y) {
    if (direct) {
      row = out.row(y);
      jpeg_read_scanlines(&info, &row, 1);
    } else {
      jpeg_read_scanlines(&info, &row, 1);
      std::memcpy(out.row(y),
                  scratch + static_cast<size_t>(wanted.x - static_cast<int>(left)) * out.channels,
                  row_bytes);
    }
  }
  jpeg_abort_decompress(&info);
  return true;
}

}  // namespace

namespace {

// EXIF 2.3 clause 4.6.4 A: the tag 274 of the first directory; 1 where there is none.
int OrientationOf(std::span<const uint8_t> exif) {
  constexpr size_t kTiff = 6;  // behind "Exif\0\0"
  if (exif.size() < kTiff + 8) return 1;
  const auto tiff = exif.subspan(kTiff);
  const bool little = tiff[0] == 'I';
  const auto word = [&](size_t at) -> size_t {
    if (at + 2 > tiff.size()) return 0;
    return little ? tiff[at] | tiff[at + 1] << 8 : tiff[at] << 8 | tiff[at + 1];
  };
  const size_t first = little ? word(4) | word(6) << 16 : word(4) << 16 | word(6);
  if (first > tiff.size()) return 1;
  const size_t count = word(first);
  for (size_t n = 0; n < count && first + 2 + 12 * n + 12 <= tiff.size(); ++n) {
    const size_t entry = first + 2 + 12 * n;
    const size_t value = word(entry + 8);
    if (word(entry) == 274) return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return 1;
}

// What stands in application segments.
void ReadSegments(const jpeg_decompress_struct& info, Header& header) {
  for (const jpeg_marker_struct* m = info.marker_list; m != nullptr; m = m->next) {
    constexpr size_t kIccHead = 14;  // "ICC_PROFILE\0", number and count
    const std::span<const uint8_t> data(m->data, m->data_length);
    if (m->marker == JPEG_APP0 + 2 && data.size() >= kIccHead &&
        std::memcmp(data.data(), "ICC_PROFILE", 12) == 0)
      header.icc_bytes += static_cast<int64_t>(m->original_length - kIccHead);
    if (m->marker == JPEG_APP0 + 1 && data.size() >= 6 &&
        std::memcmp(data.data(), "Exif\0", 6) == 0)
      header.orientation = OrientationOf(data);
  }
}

}  // namespace

Result<Header> ReadHeader(Source& source) {
  Decompressor d(source);
  // As much of each segment as is read.
  jpeg_save_markers(&d.info, JPEG_APP0 + 1, 1024);
  jpeg_save_markers(&d.info, JPEG_APP0 + 2, 16);
  if (!ReadHeaderOf(d)) return LibraryError(source, d.info, d.errors.message);
  auto supported = Supported(source, d.info);
  if (!supported) return supported.error();
  Header header{
      .size = {static_cast<int>(d.info.image_width), static_cast<int>(d.info.image_height)},
      .components = d.info.num_components,
      .progressive = d.info.progressive_mode != 0,
      .arithmetic = d.info.arith_code != 0,
      .restart_interval = static_cast<int>(d.info.restart_interval)};
  for (int c = 0; c < d.info.num_components; ++c) {
    header.max_h = std::max(header.max_h, d.info.comp_info[c].h_samp_factor);
    header.max_v = std::max(header.max_v, d.info.comp_info[c].v_samp_factor);
  }
  if (d.info.num_components == 3) {
    header.chroma_h = d.info.comp_info[1].h_samp_factor;
    header.chroma_v = d.info.comp_info[1].v_samp_factor;
  }
  ReadSegments(d.info, header);
  return header;
}

Result<DecodeReport> Decode(Source& source, const Region& wanted, int level, Extent extent,
                            const DecodeLimits& limits, PixelView out, EntropyDecoder* entropy) {
  Decompressor d(source);
  if (!ReadHeaderOf(d)) return LibraryError(source, d.info, d.errors.message);
  auto supported = Supported(source, d.info);
  if (!supported) return supported.error();
  jpeg_decompress_struct& info = d.info;
  const int64_t pixels = int64_t{info.image_width} * info.image_height;
  if (pixels > limits.max_pixels) {
    return Fail(ErrorKind::kTooLarge, "{}: {}x{} pixels are beyond the limit of {}", source.name(),
                info.image_width, info.image_height, limits.max_pixels);
  }
  LimitScans(d);
  info.out_color_space = info.num_components == 1 ? JCS_GRAYSCALE : JCS_RGB;
  info.scale_num = 1;
  info.scale_denom = 1u << level;
  info.dct_method = JDCT_ISLOW;
  jpeg_calc_output_dimensions(&info);
  static thread_local std::vector<uint8_t> scratch;
  const size_t stride = size_t{info.output_width} * static_cast<size_t>(out.channels);
  const bool whole = extent == Extent::kWhole;
  const size_t needed = whole ? stride * info.output_height : stride;
  if (scratch.size() < needed) scratch.resize(needed);
  if (!DecodeRows(d, wanted, extent, entropy, out, scratch.data(),
                  static_cast<ptrdiff_t>(stride))) {
    return LibraryError(source, info, d.errors.message);
  }
  if (whole) {
    const ConstPixelView all{scratch.data(), static_cast<int>(info.output_width),
                             static_cast<int>(info.output_height), out.channels,
                             static_cast<ptrdiff_t>(stride)};
    CopyPixels(all.crop(wanted), out);
    return DecodeReport{.pixels_decoded = all.size().pixels()};
  }
  // Everything above is entropy-decoded; that is what amplification counts.
  return DecodeReport{.pixels_decoded = int64_t{info.output_width} * wanted.bottom()};
}

namespace {

bool EncodeRows(Compressor& c, ConstPixelView image, const EncodeOptions& options) {
  jpeg_compress_struct& info = c.info;
  if (setjmp(c.errors.jump)) return false;
  PrepareCompress(info, image.size(), image.channels == 1 ? JCS_GRAYSCALE : JCS_RGB, options);
  jpeg_start_compress(&info, TRUE);
  while (info.next_scanline < info.image_height) {
    auto* row = const_cast<JSAMPROW>(image.row(static_cast<int>(info.next_scanline)));
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  return true;
}

}  // namespace

Result<void> Encode(ConstPixelView image, const EncodeOptions& options, std::vector<uint8_t>& out) {
  IIIFBENCH_CHECK(image.channels == 1 || image.channels == 3, "{} channels", image.channels);
  auto fits = FitsFormat(image.size());
  if (!fits) return fits.error();
  Compressor c(out);
  if (!EncodeRows(c, image, options))
    return Fail(ErrorKind::kBadInput, "libjpeg-turbo: encode: {}", c.errors.message);
  return {};
}

}  // namespace iiifbench::jpeg
