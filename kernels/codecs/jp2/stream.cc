#include "kernels/codecs/jp2/stream.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace iiifbench::jp2 {
namespace {

uint32_t Big32(const uint8_t* p) {
  return uint32_t{p[0]} << 24 | uint32_t{p[1]} << 16 | uint32_t{p[2]} << 8 | p[3];
}
uint16_t Big16(const uint8_t* p) { return static_cast<uint16_t>(p[0] << 8 | p[1]); }

// Names of boxes and markers (T.800 tables I.2 and A.2).
constexpr uint32_t kJp2Header = 0x6A703268, kCodestream = 0x6A703263, kPalette = 0x70636C72,
                   kColour = 0x636F6C72;
constexpr uint16_t kSoc = 0xFF4F, kSiz = 0xFF51, kCod = 0xFF52, kCap = 0xFF50, kTlm = 0xFF55,
                   kPpm = 0xFF60, kSot = 0xFF90, kEoc = 0xFFD9;
// HTJ2K shows in the capabilities (Pcap, part 15) and in the style of code-blocks (T.814 A.3 and
// A.4).
constexpr uint32_t kPart15 = uint32_t{1} << (32 - 15);
constexpr uint8_t kHtBlocks = 0x40;

Error Damaged(const Source& source, int64_t at, std::string_view what) {
  return Fail(ErrorKind::kBadInput, "{}: JPEG 2000: {} at byte {}", source.name(), what, at);
}

// Walks the boxes in [at, end); finds the codestream and what the header box says about colour.
Result<void> WalkBoxes(Source& source, int64_t at, int64_t end, Header& header) {
  for (int boxes = 0; at + 8 <= end && boxes < 1000; ++boxes) {
    std::array<uint8_t, 16> head{};
    auto read = source.ReadSome(at, head);
    if (!read) return read.error();
    int64_t length = Big32(head.data());
    const uint32_t type = Big32(head.data() + 4);
    int64_t content = at + 8;
    if (length == 1) {
      if (*read < 16 || head[8] > 0x3F) return Damaged(source, at, "box of impossible length");
      length =
          static_cast<int64_t>(uint64_t{Big32(head.data() + 8)} << 32 | Big32(head.data() + 12));
      content = at + 16;
    }
    if (length == 0) length = end - at;
    if (length < content - at) return Damaged(source, at, "box of impossible length");
    if (type == kJp2Header) {
      auto inner = WalkBoxes(source, content, std::min(end, at + length), header);
      if (!inner) return inner;
    } else if (type == kPalette) {
      header.palette = true;
    } else if (type == kColour) {
      std::array<uint8_t, 7> colour{};
      auto got = source.ReadAt(content, colour);
      if (!got) return got.error();
      if (colour[0] == 1 && header.enumerated_colour == 0)
        header.enumerated_colour = static_cast<int>(Big32(colour.data() + 3));
    } else if (type == kCodestream) {
      header.codestream = content;
      return {};
    }
    at += length;
  }
  return {};
}

Result<void> ParseSiz(const Source& source, int64_t at, std::span<const uint8_t> body,
                      Header& header) {
  if (body.size() < 36) return Damaged(source, at, "short SIZ marker");
  auto word = [&](size_t i) { return static_cast<int64_t>(Big32(body.data() + i)); };
  header.x1 = word(2), header.y1 = word(6), header.x0 = word(10), header.y0 = word(14);
  header.tile_width = word(18), header.tile_height = word(22), header.tile_x0 = word(26),
  header.tile_y0 = word(30);
  header.components = Big16(body.data() + 34);
  if (body.size() < 36 + 3 * static_cast<size_t>(header.components) || header.components == 0) {
    return Damaged(source, at, "SIZ marker without all its components");
  }
  for (int c = 0; c < header.components; ++c) {
    const uint8_t* component = body.data() + 36 + ptrdiff_t{3} * c;
    const int bits = (component[0] & 0x7F) + 1;
    const bool is_signed = (component[0] & 0x80) != 0;
    if (c == 0) header.bits = bits, header.is_signed = is_signed;
    header.same_depth = header.same_depth && bits == header.bits && is_signed == header.is_signed;
    header.subsampled = header.subsampled || component[1] != 1 || component[2] != 1;
  }
  const bool sane = header.x1 > header.x0 && header.y1 > header.y0 && header.tile_width > 0 &&
                    header.tile_height > 0 && header.tile_x0 <= header.x0 &&
                    header.tile_y0 <= header.y0 && header.tile_x0 + header.tile_width > header.x0 &&
                    header.tile_y0 + header.tile_height > header.y0;
  if (!sane || header.x1 - header.x0 > int64_t{1} << 30 ||
      header.y1 - header.y0 > int64_t{1} << 30) {
    return Damaged(
        source, at,
        fmt::format("impossible geometry {}x{} with tiles of {}x{}", header.x1 - header.x0,
                    header.y1 - header.y0, header.tile_width, header.tile_height));
  }
  if (header.tiles_across() * header.tiles_down() > 65535)
    return Damaged(source, at, "more than 65535 tiles");
  return {};
}

}  // namespace

Result<Header> ReadHeader(Source& source) {
  Header header;
  std::array<uint8_t, 12> first{};
  auto got = source.ReadAt(0, first);
  if (!got) return got.error();
  if (Big32(first.data()) == 12) {
    header.codestream = -1;
    auto walked = WalkBoxes(source, 0, source.size(), header);
    if (!walked) return walked.error();
    if (header.codestream < 0)
      return Damaged(source, source.size(), "no codestream box before the end");
  }
  int64_t at = header.codestream;
  std::array<uint8_t, 4> head{};
  got = source.ReadAt(at, std::span(head).first(2));
  if (!got) return got.error();
  if (Big16(head.data()) != kSoc) return Damaged(source, at, "no start of codestream");
  header.main_header.push_back({at, 2});
  at += 2;
  bool size_seen = false, coding_seen = false;
  std::vector<uint8_t> body;
  for (;;) {
    got = source.ReadAt(at, head);
    if (!got) return got.error();
    const uint16_t marker = Big16(head.data()), length = Big16(head.data() + 2);
    if (marker == kSot) break;
    if (marker == kEoc || marker < 0xFF01 || length < 2)
      return Damaged(source, at, fmt::format("unexpected marker {:04X}", marker));
    if (marker == kSiz || marker == kCod || marker == kCap) {
      body.resize(length - size_t{2});
      got = source.ReadAt(at + 4, body);
      if (!got) return got.error();
    }
    if (marker == kSiz) {
      auto parsed = ParseSiz(source, at, body, header);
      if (!parsed) return parsed.error();
      size_seen = true;
    } else if (marker == kCod) {
      if (body.size() < 10) return Damaged(source, at, "short COD marker");
      header.progression = body[1];
      header.layers = Big16(body.data() + 2);
      header.decompositions = body[5];
      header.high_throughput = header.high_throughput || (body[8] & kHtBlocks) != 0;
      header.reversible = body[9] == 1;
      if (header.decompositions > 32)
        return Damaged(source, at, fmt::format("{} decompositions", header.decompositions));
      coding_seen = true;
    } else if (marker == kCap) {
      if (body.size() < 4) return Damaged(source, at, "short CAP marker");
      header.high_throughput = header.high_throughput || (Big32(body.data()) & kPart15) != 0;
    } else if (marker == kPpm) {
      header.packed_headers = true;
    }
    if (marker == kTlm) {
      header.main_header.push_back({at + 2 + length, 0});
    } else {
      header.main_header.back().bytes += 2 + length;
    }
    at += 2 + length;
  }
  if (!size_seen || !coding_seen) return Damaged(source, at, "tile before SIZ and COD markers");
  header.first_tile_part = at;
  return header;
}

Result<std::vector<Extent>> TouchedExtents(Source& source, const Header& header,
                                           int64_t first_column, int64_t last_column,
                                           int64_t first_row, int64_t last_row) {
  const int64_t across = header.tiles_across();
  std::vector<Extent> extents = header.main_header;
  std::vector<bool> seen(static_cast<size_t>(across * header.tiles_down()));
  int64_t missing = (last_column - first_column + 1) * (last_row - first_row + 1);
  std::array<uint8_t, 12> sot{};
  for (int64_t at = header.first_tile_part; at + 12 <= source.size();) {
    auto got = source.ReadAt(at, sot);
    if (!got) return got.error();
    if (Big16(sot.data()) != kSot) break;
    const int64_t tile = Big16(sot.data() + 4);
    int64_t length = Big32(sot.data() + 6);
    if (tile >= static_cast<int64_t>(seen.size())) {
      return Damaged(source, at, fmt::format("tile-part of tile {} of {}", tile, seen.size()));
    }
    const bool to_the_end = length == 0;
    if (to_the_end) length = source.size() - at;
    if (length < 14) return Damaged(source, at, "tile-part of impossible length");
    const int64_t column = tile % across, row = tile / across;
    if (header.packed_headers ||
        (column >= first_column && column <= last_column && row >= first_row && row <= last_row)) {
      if (at + length > source.size()) {
        return Damaged(source, at,
                       fmt::format("tile {} needs {} bytes, the file ends after {}", tile, length,
                                   source.size() - at));
      }
      if (!seen[static_cast<size_t>(tile)]) --missing;
      seen[static_cast<size_t>(tile)] = true;
      if (extents.back().offset + extents.back().bytes == at) {
        extents.back().bytes += length;
      } else {
        extents.push_back({at, length});
      }
    }
    if (to_the_end) break;
    at += length;
  }
  if (missing > 0)
    return Damaged(source, source.size(),
                   fmt::format("{} of the needed tiles are missing before the end", missing));
  return extents;
}

// Serves the extents one after the other, then EOC.
size_t Decoder::Read(uint8_t* into, size_t bytes) {
  size_t done = 0;
  int64_t start = 0;
  for (const Extent& extent : extents) {
    const int64_t inside = at - start;
    if (inside < extent.bytes && done < bytes) {
      const auto count =
          std::min<int64_t>(extent.bytes - inside, static_cast<int64_t>(bytes - done));
      auto read = source->ReadSome(extent.offset + inside,
                                   std::span(into + done, static_cast<size_t>(count)));
      if (!read) return done;
      done += *read;
      at += static_cast<int64_t>(*read);
      if (static_cast<int64_t>(*read) < count) return done;
    }
    start += extent.bytes;
  }
  for (; done < bytes && at < length; ++at) into[done++] = at == length - 2 ? 0xFF : 0xD9;
  return done;
}

Error Decoder::Failure(std::string_view doing) const {
  return Fail(ErrorKind::kBadInput, "OpenJPEG: {}: {}: {}", source->name(), doing,
              message.empty() ? "failed without a message" : message);
}

Result<std::unique_ptr<Decoder>> OpenDecoder(Source& source, std::vector<Extent> extents, int level,
                                             int threads) {
  auto decoder = std::make_unique<Decoder>();
  decoder->source = &source;
  decoder->extents = std::move(extents);
  for (const Extent& extent : decoder->extents) decoder->length += extent.bytes;
  decoder->length += 2;
  decoder->codec.reset(opj_create_decompress(OPJ_CODEC_J2K));
  opj_set_error_handler(
      decoder->codec.get(),
      [](const char* text, void* data) {
        auto* d = static_cast<Decoder*>(data);
        if (!d->message.empty()) return;
        d->message = text;
        while (!d->message.empty() && d->message.back() == '\n') d->message.pop_back();
      },
      decoder.get());
  opj_dparameters_t parameters;
  opj_set_default_decoder_parameters(&parameters);
  parameters.cp_reduce = static_cast<OPJ_UINT32>(level);
  if (!opj_setup_decoder(decoder->codec.get(), &parameters)) return decoder->Failure("set up");
  opj_decoder_set_strict_mode(decoder->codec.get(), OPJ_TRUE);
  if (threads > 1) opj_codec_set_threads(decoder->codec.get(), threads);
  decoder->stream.reset(opj_stream_create(size_t{256} << 10, OPJ_TRUE));
  opj_stream_t* stream = decoder->stream.get();
  opj_stream_set_user_data(stream, decoder.get(), nullptr);
  opj_stream_set_user_data_length(stream, static_cast<OPJ_UINT64>(decoder->length));
  opj_stream_set_read_function(stream, [](void* into, OPJ_SIZE_T bytes, void* data) -> OPJ_SIZE_T {
    const size_t read = static_cast<Decoder*>(data)->Read(static_cast<uint8_t*>(into), bytes);
    return read == 0 ? static_cast<OPJ_SIZE_T>(-1) : read;
  });
  opj_stream_set_skip_function(stream, [](OPJ_OFF_T bytes, void* data) -> OPJ_OFF_T {
    auto* d = static_cast<Decoder*>(data);
    if (d->at + bytes > d->length) return -1;
    d->at += bytes;
    return bytes;
  });
  opj_stream_set_seek_function(stream, [](OPJ_OFF_T to, void* data) -> OPJ_BOOL {
    auto* d = static_cast<Decoder*>(data);
    if (to < 0 || to > d->length) return OPJ_FALSE;
    d->at = to;
    return OPJ_TRUE;
  });
  opj_image_t* image = nullptr;
  if (!opj_read_header(stream, decoder->codec.get(), &image))
    return decoder->Failure("read header");
  decoder->image.reset(image);
  return decoder;
}

}  // namespace iiifbench::jp2
