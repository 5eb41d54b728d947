#include "kernels/codecs/jpeg/library.h"

#include <csetjmp>
#include <cstdio>
#include <cstring>

extern "C" {
#include <jerror.h>
#include <jpeglib.h>
}

#include <algorithm>

#include "kernels/codecs/jpeg/entropy.h"

namespace iiifbench::jpeg {
namespace {

// libjpeg's error manager, followed by what our callbacks need.
struct ErrorState {
  jpeg_error_mgr manager;
  std::jmp_buf jump;
  char message[JMSG_LENGTH_MAX];
};

[[noreturn]] void Exit(j_common_ptr info) {
  auto* state = reinterpret_cast<ErrorState*>(info->err);
  (*info->err->format_message)(info, state->message);
  std::longjmp(state->jump, 1);
}

void Emit(j_common_ptr info, int level) {
  if (level >= 0) return;  // a trace message
  const int code = info->err->msg_code;
  // These concern markers, not pixels.
  if (code == JWRN_EXTRANEOUS_DATA || code == JWRN_JFIF_MAJOR || code == JWRN_ADOBE_XFORM) return;
  Exit(info);
}

void Silent(j_common_ptr) {}

void Install(ErrorState& state) {
  jpeg_std_error(&state.manager);
  state.manager.error_exit = Exit;
  state.manager.emit_message = Emit;
  state.manager.output_message = Silent;
}

// Reads a Source in blocks; bytes in memory are handed over whole.
struct BlockReader {
  jpeg_source_mgr manager;
  Source* source;
  int64_t offset;  // of the next block
  uint8_t* block;
  size_t block_bytes;
  char* error;  // of ErrorState::message's size
};

constexpr size_t kBlockBytes = size_t{256} << 10;
constexpr size_t kFirstBytes = size_t{16} << 10;  // headers seldom take more, and a probe reads no more

void InitSource(j_decompress_ptr) {}
void TermSource(j_decompress_ptr) {}

boolean Fill(j_decompress_ptr info) {
  auto* reader = reinterpret_cast<BlockReader*>(info->src);
  size_t got = 0;
  if (reader->offset < reader->source->size()) {
    const size_t wanted = reader->offset == 0 ? kFirstBytes : reader->block_bytes;
    auto read = reader->source->ReadSome(reader->offset, std::span(reader->block, wanted));
    if (read) got = *read;
  }
  if (got == 0) WARNMS(info, JWRN_JPEG_EOF);  // Emit does not return for this one
  reader->offset += static_cast<int64_t>(got);
  reader->manager.next_input_byte = reader->block;
  reader->manager.bytes_in_buffer = got;
  return TRUE;
}

void Skip(j_decompress_ptr info, long bytes) {
  auto* reader = reinterpret_cast<BlockReader*>(info->src);
  if (bytes <= 0) return;
  const auto count = static_cast<size_t>(bytes);
  if (count <= reader->manager.bytes_in_buffer) {
    reader->manager.next_input_byte += count;
    reader->manager.bytes_in_buffer -= count;
    return;
  }
  reader->offset += static_cast<int64_t>(count - reader->manager.bytes_in_buffer);
  reader->manager.bytes_in_buffer = 0;
}

void Attach(j_decompress_ptr info, BlockReader& reader, Source& source, std::vector<uint8_t>& block) {
  reader.source = &source;
  reader.manager.init_source = InitSource;
  reader.manager.fill_input_buffer = Fill;
  reader.manager.skip_input_data = Skip;
  reader.manager.resync_to_restart = jpeg_resync_to_restart;
  reader.manager.term_source = TermSource;
  const auto memory = source.in_memory();
  if (memory.empty()) {
    block.resize(kBlockBytes);
    reader.block = block.data();
    reader.block_bytes = block.size();
    reader.offset = 0;
    reader.manager.next_input_byte = nullptr;
    reader.manager.bytes_in_buffer = 0;
  } else {
    reader.offset = source.size();
    reader.manager.next_input_byte = memory.data();
    reader.manager.bytes_in_buffer = memory.size();
  }
  info->src = &reader.manager;
}

std::vector<uint8_t>& Block() {
  static thread_local std::vector<uint8_t> block;
  return block;
}

// A library error as ours: where in the file it happened, as far as the input was consumed.
Error LibraryError(const Source& source, const jpeg_decompress_struct& info, const char* message) {
  int64_t at = 0;
  if (info.src != nullptr) {
    const auto* reader = reinterpret_cast<const BlockReader*>(info.src);
    at = reader->offset - static_cast<int64_t>(info.src->bytes_in_buffer);
  }
  return Fail(ErrorKind::kBadInput, "libjpeg-turbo: {}: {} (near byte {} of {})", source.name(), message, at,
              source.size());
}

// What this codec takes; checked after jpeg_read_header.
Result<void> Supported(const Source& source, const jpeg_decompress_struct& info) {
  if (info.num_components == 1 || (info.num_components == 3 && (info.jpeg_color_space == JCS_YCbCr ||
                                                                info.jpeg_color_space == JCS_RGB))) {
    return {};
  }
  return Fail(ErrorKind::kUnsupported,
              "{}: JPEG with {} components ({}); grey and YCbCr or RGB are supported", source.name(),
              info.num_components,
              info.jpeg_color_space == JCS_CMYK   ? "CMYK"
              : info.jpeg_color_space == JCS_YCCK ? "YCCK"
                                                  : "unknown");
}

// A decompressor that is destroyed on every way out.
struct Decompressor {
  jpeg_decompress_struct info{};
  ErrorState errors{};
  BlockReader reader{};
  explicit Decompressor(Source& source) {
    info.err = &errors.manager;
    Install(errors);
    jpeg_create_decompress(&info);
    Attach(&info, reader, source, Block());
  }
  ~Decompressor() { jpeg_destroy_decompress(&info); }
  Decompressor(const Decompressor&) = delete;
  Decompressor& operator=(const Decompressor&) = delete;
};

bool ReadHeaderOf(Decompressor& d) {
  if (setjmp(d.errors.jump)) return false;
  jpeg_read_header(&d.info, TRUE);
  return true;
}

// Progressive files keep all coefficients and may repeat scans without end: a small file can cost minutes.
constexpr int kMaxScans = 500;

void CountScans(j_common_ptr common) {
  auto* info = reinterpret_cast<j_decompress_ptr>(common);
  if (info->is_decompressor && info->input_scan_number > kMaxScans) {
    std::snprintf(reinterpret_cast<ErrorState*>(info->err)->message, JMSG_LENGTH_MAX, "more than %d scans",
                  kMaxScans);
    std::longjmp(reinterpret_cast<ErrorState*>(info->err)->jump, 1);
  }
}

// Smooth upsampling reads one chroma sample beyond; libjpeg-turbo's crop and skip treat the cut as an edge of
// the picture. One iMCU to each side and two rows of them above cover both, see the identity tests.
bool DecodeRows(Decompressor& d, const Region& wanted, Extent extent, EntropyDecoder* entropy, PixelView out,
                uint8_t* scratch, ptrdiff_t scratch_stride) {
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
    if (entropy != nullptr) entropy->KeepPixels(static_cast<int>(left), static_cast<int>(left + width));
  } else {
    left = 0;
  }
  const int above = std::max(0, wanted.y - 2 * imcu_height);
  if (extent == Extent::kRegion && above > 0) jpeg_skip_scanlines(&info, static_cast<JDIMENSION>(above));
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
      std::memcpy(out.row(y), scratch + static_cast<size_t>(wanted.x - static_cast<int>(left)) * out.channels,
                  row_bytes);
    }
  }
  jpeg_abort_decompress(&info);
  return true;
}

}  // namespace

Result<Header> ReadHeader(Source& source) {
  Decompressor d(source);
  if (!ReadHeaderOf(d)) return LibraryError(source, d.info, d.errors.message);
  auto supported = Supported(source, d.info);
  if (!supported) return supported.error();
  Header header{.size = {static_cast<int>(d.info.image_width), static_cast<int>(d.info.image_height)},
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
  jpeg_progress_mgr progress{};
  progress.progress_monitor = CountScans;
  info.progress = &progress;
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
  if (!DecodeRows(d, wanted, extent, entropy, out, scratch.data(), static_cast<ptrdiff_t>(stride))) {
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

struct VectorWriter {
  jpeg_destination_mgr manager;
  std::vector<uint8_t>* out;
};

void InitDestination(j_compress_ptr info) {
  auto* writer = reinterpret_cast<VectorWriter*>(info->dest);
  if (writer->out->capacity() < 4096) writer->out->reserve(size_t{64} << 10);
  writer->out->resize(writer->out->capacity());
  writer->manager.next_output_byte = writer->out->data();
  writer->manager.free_in_buffer = writer->out->size();
}

boolean Grow(j_compress_ptr info) {
  auto* writer = reinterpret_cast<VectorWriter*>(info->dest);
  const size_t used = writer->out->size();
  writer->out->resize(used * 2);
  writer->manager.next_output_byte = writer->out->data() + used;
  writer->manager.free_in_buffer = writer->out->size() - used;
  return TRUE;
}

void TermDestination(j_compress_ptr info) {
  auto* writer = reinterpret_cast<VectorWriter*>(info->dest);
  writer->out->resize(writer->out->size() - writer->manager.free_in_buffer);
}

struct Compressor {
  jpeg_compress_struct info{};
  ErrorState errors{};
  VectorWriter writer{};
  explicit Compressor(std::vector<uint8_t>& out) {
    info.err = &errors.manager;
    Install(errors);
    jpeg_create_compress(&info);
    writer.out = &out;
    writer.manager.init_destination = InitDestination;
    writer.manager.empty_output_buffer = Grow;
    writer.manager.term_destination = TermDestination;
    info.dest = &writer.manager;
  }
  ~Compressor() { jpeg_destroy_compress(&info); }
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;
};

bool EncodeRows(Compressor& c, ConstPixelView image, const EncodeOptions& options) {
  jpeg_compress_struct& info = c.info;
  if (setjmp(c.errors.jump)) return false;
  info.image_width = static_cast<JDIMENSION>(image.width);
  info.image_height = static_cast<JDIMENSION>(image.height);
  info.input_components = image.channels;
  info.in_color_space = image.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, options.quality, TRUE);
  info.dct_method = JDCT_ISLOW;
  info.optimize_coding = options.optimised_huffman ? TRUE : FALSE;
  info.restart_in_rows = options.restart_rows;
  if (image.channels == 3) {
    const bool half_width =
        options.subsampling == Subsampling::k420 || options.subsampling == Subsampling::k422;
    const bool half_height =
        options.subsampling == Subsampling::k420 || options.subsampling == Subsampling::k440;
    info.comp_info[0].h_samp_factor = half_width ? 2 : 1;
    info.comp_info[0].v_samp_factor = half_height ? 2 : 1;
  } else {
    info.comp_info[0].h_samp_factor = info.comp_info[0].v_samp_factor = 1;
  }
  if (options.progressive) jpeg_simple_progression(&info);
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
  if (image.width > JPEG_MAX_DIMENSION || image.height > JPEG_MAX_DIMENSION) {
    return Fail(ErrorKind::kTooLarge, "JPEG: {}x{} is beyond the format's {} in width or height", image.width,
                image.height, JPEG_MAX_DIMENSION);
  }
  Compressor c(out);
  if (!EncodeRows(c, image, options))
    return Fail(ErrorKind::kBadInput, "libjpeg-turbo: encode: {}", c.errors.message);
  return {};
}

}  // namespace iiifbench::jpeg
