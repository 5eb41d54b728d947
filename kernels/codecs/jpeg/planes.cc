#include "kernels/codecs/jpeg/planes.h"

#include <algorithm>
#include <cstring>

#include "kernels/codecs/jpeg/handles.h"
#include "kernels/image/reused.h"

namespace iiifbench::jpeg {
namespace {

// Of one component in a row of MCUs: T.81 allows factors up to 4.
constexpr int kMostRows = 4 * DCTSIZE;

int UpToBlocks(int samples) { return (samples + DCTSIZE - 1) / DCTSIZE * DCTSIZE; }

Result<Subsampling> SubsamplingOf(const Source& source, const jpeg_decompress_struct& info) {
  if (info.num_components == 1) return Subsampling::kGray;
  const jpeg_component_info* c = info.comp_info;
  const auto plain = [](const jpeg_component_info& chroma) {
    return chroma.h_samp_factor == 1 && chroma.v_samp_factor == 1;
  };
  if (info.jpeg_color_space == JCS_YCbCr && plain(c[1]) && plain(c[2]) && c[0].h_samp_factor <= 2 &&
      c[0].v_samp_factor <= 2) {
    if (c[0].h_samp_factor == 2)
      return c[0].v_samp_factor == 2 ? Subsampling::k420 : Subsampling::k422;
    return c[0].v_samp_factor == 2 ? Subsampling::k440 : Subsampling::k444;
  }
  return Fail(ErrorKind::kUnsupported,
              "{}: planes are decoded of YCbCr with 4:4:4, 4:2:2, 4:2:0 or 4:4:0 only",
              source.name());
}

bool ReadPlanes(Decompressor& d, const std::array<PixelView, 3>& blocks) {
  jpeg_decompress_struct& info = d.info;
  if (setjmp(d.errors.jump)) return false;
  info.raw_data_out = TRUE;
  info.dct_method = JDCT_ISLOW;
  jpeg_start_decompress(&info);
  JSAMPROW rows[3][kMostRows];
  JSAMPARRAY components[3] = {rows[0], rows[1], rows[2]};
  const int mcu_rows = info.max_v_samp_factor * DCTSIZE;
  while (info.output_scanline < info.output_height) {
    const int mcu_row = static_cast<int>(info.output_scanline) / mcu_rows;
    for (int c = 0; c < info.num_components; ++c) {
      const int count = info.comp_info[c].v_samp_factor * DCTSIZE;
      // Blocks below the last one of a component are not written (A.2.4): any row will do.
      for (int y = 0; y < count; ++y)
        rows[c][y] = blocks[c].row(std::min(mcu_row * count + y, blocks[c].height - 1));
    }
    jpeg_read_raw_data(&info, components, static_cast<JDIMENSION>(mcu_rows));
  }
  jpeg_finish_decompress(&info);
  return true;
}

// `padded` has room for kMostRows rows of each plane, rounded up to blocks, or is null where no
// width needs it.
bool WritePlanes(Compressor& c, const Planes& planes, const EncodeOptions& options,
                 uint8_t* padded) {
  jpeg_compress_struct& info = c.info;
  if (setjmp(c.errors.jump)) return false;
  PrepareCompress(info, planes.size, planes.count() == 1 ? JCS_GRAYSCALE : JCS_YCbCr, options);
  info.raw_data_in = TRUE;
  jpeg_start_compress(&info, TRUE);
  JSAMPROW rows[3][kMostRows];
  JSAMPARRAY components[3] = {rows[0], rows[1], rows[2]};
  const int mcu_rows = info.max_v_samp_factor * DCTSIZE;
  for (int mcu_row = 0; info.next_scanline < info.image_height; ++mcu_row) {
    uint8_t* room = padded;
    for (int n = 0; n < planes.count(); ++n) {
      const ConstPixelView& plane = planes.plane[n];
      const int count = info.comp_info[n].v_samp_factor * DCTSIZE;
      const int width = UpToBlocks(plane.width);
      for (int y = 0; y < count; ++y) {
        const uint8_t* row = plane.row(std::min(mcu_row * count + y, plane.height - 1));
        if (width != plane.width) {
          std::memcpy(room, row, static_cast<size_t>(plane.width));
          std::memset(room + plane.width, row[plane.width - 1],
                      static_cast<size_t>(width - plane.width));
          row = room;
          room += width;
        }
        rows[n][y] = const_cast<JSAMPROW>(row);
      }
    }
    jpeg_write_raw_data(&info, components, static_cast<JDIMENSION>(mcu_rows));
  }
  jpeg_finish_compress(&info);
  return true;
}

}  // namespace

Size PlaneSize(Size picture, Subsampling subsampling, int component) {
  const bool half_width = subsampling == Subsampling::k420 || subsampling == Subsampling::k422;
  const bool half_height = subsampling == Subsampling::k420 || subsampling == Subsampling::k440;
  if (component == 0) return picture;
  return {half_width ? (picture.width + 1) / 2 : picture.width,
          half_height ? (picture.height + 1) / 2 : picture.height};
}

Planes PlanarImage::planes() const {
  Planes p{.size = size, .subsampling = subsampling};
  for (int c = 0; c < p.count(); ++c) {
    const Size part = PlaneSize(size, subsampling, c);
    p.plane[c] = blocks[c].view().crop({0, 0, part.width, part.height});
  }
  return p;
}

Result<void> DecodePlanes(Source& source, const DecodeLimits& limits, PlanarImage& out) {
  Decompressor d(source);
  if (!ReadHeaderOf(d)) return LibraryError(source, d.info, d.errors.message);
  auto supported = Supported(source, d.info);
  if (!supported) return supported.error();
  auto subsampling = SubsamplingOf(source, d.info);
  if (!subsampling) return subsampling.error();
  const Size size{static_cast<int>(d.info.image_width), static_cast<int>(d.info.image_height)};
  if (size.pixels() > limits.max_pixels) {
    return Fail(ErrorKind::kTooLarge, "{}: {}x{} pixels are beyond the limit of {}", source.name(),
                size.width, size.height, limits.max_pixels);
  }
  LimitScans(d);
  out.size = size;
  out.subsampling = *subsampling;
  std::array<PixelView, 3> blocks;
  for (int c = 0; c < d.info.num_components; ++c) {
    const Size part = PlaneSize(size, *subsampling, c);
    const Size whole{UpToBlocks(part.width), UpToBlocks(part.height)};
    if (out.blocks[c].size() != whole) out.blocks[c] = Image(whole, 1);
    blocks[c] = out.blocks[c].view();
    Poison({blocks[c].data, static_cast<size_t>(out.blocks[c].bytes())});
  }
  if (!ReadPlanes(d, blocks)) return LibraryError(source, d.info, d.errors.message);
  return {};
}

Result<void> EncodePlanes(const Planes& planes, const EncodeOptions& options,
                          std::vector<uint8_t>& out) {
  auto fits = FitsFormat(planes.size);
  if (!fits) return fits.error();
  size_t room = 0;
  for (int c = 0; c < planes.count(); ++c) {
    const ConstPixelView& plane = planes.plane[c];
    const Size part = PlaneSize(planes.size, planes.subsampling, c);
    IIIFBENCH_CHECK(plane.size() == part && plane.channels == 1, "plane {} is {}x{}x{} for {}x{}",
                    c, plane.width, plane.height, plane.channels, part.width, part.height);
    room += static_cast<size_t>(UpToBlocks(plane.width)) * kMostRows;
  }
  static thread_local std::vector<uint8_t> kept;
  const KeptBytes padded(kept, room);
  EncodeOptions same = options;
  same.subsampling = planes.subsampling;
  Compressor c(out);
  if (!WritePlanes(c, planes, same, padded.data()))
    return Fail(ErrorKind::kBadInput, "libjpeg-turbo: encode: {}", c.errors.message);
  return {};
}

}  // namespace iiifbench::jpeg
