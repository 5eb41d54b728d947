#include "kernels/codecs/jpeg/handles.h"

#include <algorithm>
#include <cstring>

#include "kernels/image/reused.h"
#include "kernels/image/wanted.h"

namespace iiifbench::jpeg {
namespace {

[[noreturn]] void Exit(j_common_ptr info) {
  auto* state = reinterpret_cast<ErrorState*>(info->err);
  (*info->err->format_message)(info, state->message);
  std::longjmp(state->jump, 1);
}

void Emit(j_common_ptr info, int level) {
  if (level >= 0) return;  // a trace message
  const int code = info->err->msg_code;
  // These concern markers, not pixels. Samsung's phones write other numbers than 0 and 63 into the
  // scan header of a sequential picture, where they mean nothing.
  if (code == JWRN_JFIF_MAJOR || code == JWRN_ADOBE_XFORM || code == JWRN_NOT_SEQUENTIAL) return;
  // Before the first scan something between segments is harmless; from then on bits are missing or
  // too many.
  if (code == JWRN_EXTRANEOUS_DATA && info->is_decompressor &&
      reinterpret_cast<j_decompress_ptr>(info)->input_scan_number == 0)
    return;
  Exit(info);
}

void Silent(j_common_ptr) {}

constexpr size_t kBlockBytes = size_t{256} << 10;
constexpr size_t kFirstBytes = size_t{16}
                               << 10;  // headers seldom take more, and a probe reads no more

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
  if (got == 0) {
    // Without a scan there is no picture; behind one, nothing may be missing but EOI (LacksScans).
    // In a scan, a marker where bits are due is a warning, hence an error.
    static constexpr JOCTET kEndOfImage[] = {0xFF, JPEG_EOI};
    if (info->input_scan_number == 0) WARNMS(info, JWRN_JPEG_EOF);  // Emit does not return
    reader->ended = true;
    reader->manager.next_input_byte = kEndOfImage;
    reader->manager.bytes_in_buffer = sizeof kEndOfImage;
    return TRUE;
  }
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

void Attach(j_decompress_ptr info, BlockReader& reader, Source& source,
            std::vector<uint8_t>& block) {
  reader.source = &source;
  reader.ended = false;
  reader.manager.init_source = InitSource;
  reader.manager.fill_input_buffer = Fill;
  reader.manager.skip_input_data = Skip;
  reader.manager.resync_to_restart = jpeg_resync_to_restart;
  reader.manager.term_source = TermSource;
  const auto memory = source.in_memory();
  if (memory.empty()) {
    block.resize(kBlockBytes);
    Poison(block);
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

constexpr int64_t kMostScans = 500, kScansOfAnySize = 32;
constexpr int64_t kMostScanPixels = int64_t{1000} * 1000 * 1000;  // scans x size of the picture

void CountScans(j_common_ptr common) {
  if (!common->is_decompressor) return;
  auto* info = reinterpret_cast<j_decompress_ptr>(common);
  auto* scans = reinterpret_cast<ScanCounter*>(info->progress);
  auto* errors = reinterpret_cast<ErrorState*>(info->err);
  if (!StillWanted()) {
    std::snprintf(errors->message, JMSG_LENGTH_MAX, "the work was given up");
    std::longjmp(errors->jump, 1);
  }
  if (info->input_scan_number == scans->seen) return;
  scans->seen = info->input_scan_number;
  scans->components_seen += info->comps_in_scan;
  const int64_t pixels = int64_t{info->image_width} * info->image_height;
  const int64_t most = std::clamp(kMostScanPixels / pixels, kScansOfAnySize, kMostScans);
  if (scans->seen <= most) return;
  std::snprintf(errors->message, JMSG_LENGTH_MAX,
                "more than %d scans, the limit for a picture of %u x %u", static_cast<int>(most),
                info->image_width, info->image_height);
  std::longjmp(errors->jump, 1);
}

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

void Install(ErrorState& state) {
  jpeg_std_error(&state.manager);
  state.manager.error_exit = Exit;
  state.manager.emit_message = Emit;
  state.manager.output_message = Silent;
}

}  // namespace

Decompressor::Decompressor(Source& source) {
  info.err = &errors.manager;
  Install(errors);
  jpeg_create_decompress(&info);
  Attach(&info, reader, source, Block());
}

bool ReadHeaderOf(Decompressor& d) {
  if (setjmp(d.errors.jump)) return false;
  jpeg_read_header(&d.info, TRUE);
  return true;
}

void LimitScans(Decompressor& d) {
  d.scans.manager.progress_monitor = CountScans;
  d.info.progress = &d.scans.manager;
}

bool LacksScans(const Decompressor& d) {
  if (d.info.progressive_mode == 0)
    return d.scans.seen > 1 && d.scans.components_seen < d.info.num_components;
  if (d.info.coef_bits == nullptr) return false;
  for (int c = 0; c < d.info.num_components; ++c) {
    for (int k = 0; k < DCTSIZE2; ++k) {
      if (d.info.coef_bits[c][k] != 0) return true;
    }
  }
  return false;
}

Error LibraryError(const Source& source, const jpeg_decompress_struct& info, const char* message) {
  int64_t at = 0;
  if (info.src != nullptr) {
    const auto* reader = reinterpret_cast<const BlockReader*>(info.src);
    at = reader->offset - static_cast<int64_t>(info.src->bytes_in_buffer);
  }
  return Fail(ErrorKind::kBadInput, "libjpeg-turbo: {}: {} (near byte {} of {})", source.name(),
              message, at, source.size());
}

Result<void> Supported(const Source& source, const jpeg_decompress_struct& info) {
  if (info.num_components == 1 ||
      (info.num_components == 3 &&
       (info.jpeg_color_space == JCS_YCbCr || info.jpeg_color_space == JCS_RGB)) ||
      (info.num_components == 4 &&
       (info.jpeg_color_space == JCS_CMYK || info.jpeg_color_space == JCS_YCCK))) {
    return {};
  }
  return Fail(ErrorKind::kUnsupported,
              "libjpeg-turbo: {}: JPEG with {} components; grey, YCbCr, RGB, CMYK and YCCK are "
              "supported",
              source.name(), info.num_components);
}

Compressor::Compressor(std::vector<uint8_t>& out) {
  info.err = &errors.manager;
  Install(errors);
  jpeg_create_compress(&info);
  writer.out = &out;
  writer.manager.init_destination = InitDestination;
  writer.manager.empty_output_buffer = Grow;
  writer.manager.term_destination = TermDestination;
  info.dest = &writer.manager;
}

Result<void> FitsFormat(Size size) {
  if (size.width <= JPEG_MAX_DIMENSION && size.height <= JPEG_MAX_DIMENSION) return {};
  return Fail(ErrorKind::kTooLarge, "JPEG: {}x{} is beyond the format's {} in width or height",
              size.width, size.height, JPEG_MAX_DIMENSION);
}

void PrepareCompress(jpeg_compress_struct& info, Size size, J_COLOR_SPACE input,
                     const EncodeOptions& options) {
  const bool colour = input != JCS_GRAYSCALE;
  info.image_width = static_cast<JDIMENSION>(size.width);
  info.image_height = static_cast<JDIMENSION>(size.height);
  info.input_components = colour ? 3 : 1;
  info.in_color_space = input;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, options.quality, TRUE);
  info.dct_method = JDCT_ISLOW;
  info.optimize_coding = options.optimised_huffman ? TRUE : FALSE;
  info.restart_in_rows = options.restart_rows;
  const Subsampling s = options.subsampling;
  info.comp_info[0].h_samp_factor =
      colour && (s == Subsampling::k420 || s == Subsampling::k422) ? 2 : 1;
  info.comp_info[0].v_samp_factor =
      colour && (s == Subsampling::k420 || s == Subsampling::k440) ? 2 : 1;
  if (options.progressive) jpeg_simple_progression(&info);
}

}  // namespace iiifbench::jpeg
