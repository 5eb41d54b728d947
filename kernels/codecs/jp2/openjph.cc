#include "kernels/codecs/jp2/openjph.h"

#include <algorithm>

#if IIIFBENCH_OPENJPH
#include <openjph/ojph_arch.h>
#include <openjph/ojph_codestream.h>
#include <openjph/ojph_file.h>
#include <openjph/ojph_mem.h>
#include <openjph/ojph_message.h>
#include <openjph/ojph_params.h>
#include <openjph/ojph_version.h>

#include <cstdio>
#include <cstring>
#include <stdexcept>

#include "kernels/image/parallel.h"
#include "kernels/pixels/pack_planes.h"
#endif

namespace iiifbench::jp2 {

int64_t PixelsFromTheTop(std::span<const Tile> tiles, const Region& wanted) {
  int64_t pixels = 0;
  for (const Tile& tile : tiles)
    pixels +=
        int64_t{tile.level.width} * (std::min(wanted.bottom(), tile.level.bottom()) - tile.level.y);
  return pixels;
}

#if IIIFBENCH_OPENJPH
namespace {

// What the library has reported on this thread since GuardOpenJph began.
thread_local std::string reported;

// Once per process, before any thread: where reports go, and the tables that the first codestream
// fills in. configure_error and configure_warning of 0.9.0 do nothing, so reports are caught at
// their stream.
void PrepareLibrary() {
  static const bool done = [] {
    cookie_io_functions_t to_string{};
    to_string.write = [](void* /*cookie*/, const char* text, size_t size) -> ssize_t {
      reported.append(text, size);
      return static_cast<ssize_t>(size);
    };
    std::FILE* reports = fopencookie(nullptr, "w", to_string);
    IIIFBENCH_CHECK(reports != nullptr, "no memory for a stream");
    std::setvbuf(reports, nullptr, _IONBF, 0);
    ojph::set_error_stream(reports);
    ojph::set_warning_stream(reports);
    const ojph::codestream first;
    return true;
  }();
  static_cast<void>(done);
}

void PutBig32(uint8_t* to, int64_t value) {
  for (int i = 0; i < 4; ++i) to[i] = static_cast<uint8_t>(value >> (24 - 8 * i));
}

// Bytes of the file with some replaced in front.
struct Piece {
  std::vector<uint8_t> replaced;  // then
  Extent extent;
  int64_t bytes() const { return static_cast<int64_t>(replaced.size()) + extent.bytes; }
};

// One tile as a codestream of its own.
struct TileStream : ojph::infile_base {
  Source* source = nullptr;
  std::vector<Piece> pieces;
  int64_t at = 0, length = 0;

  size_t read(void* into, size_t bytes) override {
    auto* to = static_cast<uint8_t*>(into);
    size_t done = 0;
    int64_t start = 0;
    for (const Piece& piece : pieces) {
      int64_t inside = at - start;
      start += piece.bytes();
      const auto front = static_cast<int64_t>(piece.replaced.size());
      if (inside < front && done < bytes) {
        const size_t count = std::min(static_cast<size_t>(front - inside), bytes - done);
        std::memcpy(to + done, piece.replaced.data() + inside, count);
        done += count, at += static_cast<int64_t>(count), inside += static_cast<int64_t>(count);
      }
      if (inside >= front && inside < piece.bytes() && done < bytes) {
        const size_t count = std::min(static_cast<size_t>(piece.bytes() - inside), bytes - done);
        auto got =
            source->ReadSome(piece.extent.offset + inside - front, std::span(to + done, count));
        if (!got) return done;
        done += *got, at += static_cast<int64_t>(*got);
        if (*got < count) return done;
      }
    }
    return done;
  }
  int seek(ojph::si64 offset, enum infile_base::seek origin) override {
    const int64_t to = offset + (origin == OJPH_SEEK_CUR   ? at
                                 : origin == OJPH_SEEK_END ? length
                                                           : 0);
    if (to < 0 || to > length) return -1;
    at = to;
    return 0;
  }
  ojph::si64 tell() override { return at; }
  bool eof() override { return at >= length; }
};

// The main header with a SIZ marker of just this tile.
Result<std::vector<uint8_t>> HeaderOf(Source& source, const Header& header, const Tile& tile) {
  std::vector<uint8_t> bytes;
  for (const Extent& extent : header.main_header) {
    const size_t before = bytes.size();
    bytes.resize(before + static_cast<size_t>(extent.bytes));
    auto got = source.ReadAt(extent.offset, std::span(bytes).subspan(before));
    if (!got) return got.error();
  }
  // T.800 A.5.1: SIZ follows SOC at once.
  if (bytes.size() < 40 || bytes[2] != 0xFF || bytes[3] != 0x51)
    return Fail(ErrorKind::kBadInput, "{}: JPEG 2000: no SIZ marker behind SOC", source.name());
  const int64_t fields[] = {tile.x1,     tile.y1,           tile.x0,
                            tile.y0,     header.tile_width, header.tile_height,
                            tile.grid_x, tile.grid_y};
  for (size_t i = 0; i < std::size(fields); ++i) PutBig32(bytes.data() + 8 + 4 * i, fields[i]);
  return bytes;
}

// The tile-parts of the touched tiles, by tile number.
Result<std::vector<std::vector<Piece>>> TilePartsOf(Source& source,
                                                    const std::vector<Extent>& extents,
                                                    const Header& header,
                                                    std::span<const Tile> tiles) {
  std::vector<std::vector<Piece>> parts(tiles.size());
  for (const Extent& extent : extents) {
    int64_t at = std::max(extent.offset, header.first_tile_part);
    while (at + 12 <= extent.offset + extent.bytes) {
      Piece piece{.replaced = std::vector<uint8_t>(12)};
      auto got = source.ReadAt(at, piece.replaced);
      if (!got) return got.error();
      uint8_t* sot = piece.replaced.data();
      int64_t length = int64_t{sot[6]} << 24 | sot[7] << 16 | sot[8] << 8 | sot[9];
      if (length == 0) length = extent.offset + extent.bytes - at;
      const int64_t number = sot[4] << 8 | sot[5];
      sot[4] = sot[5] = 0;
      PutBig32(sot + 6, length);
      piece.extent = {at + 12, length - 12};
      for (size_t i = 0; i < tiles.size(); ++i)
        if (tiles[i].number == number) parts[i].push_back(piece);
      at += length;
    }
  }
  return parts;
}

// Pulls rows of one tile until the region's last and packs those that it covers.
void PullTile(TileStream& stream, const Header& header, const Tile& tile, const Region& wanted,
              int level, PixelView out) {
  ojph::codestream codestream;
  codestream.read_headers(&stream);
  codestream.restrict_input_resolution(static_cast<ojph::ui32>(level),
                                       static_cast<ojph::ui32>(level));
  codestream.set_planar(false);
  codestream.create();
  const ojph::param_siz siz = codestream.access_siz();
  for (int c = 0; c < out.channels; ++c) {
    if (static_cast<int>(siz.get_recon_width(static_cast<ojph::ui32>(c))) != tile.level.width ||
        static_cast<int>(siz.get_recon_height(static_cast<ojph::ui32>(c))) != tile.level.height)
      throw std::runtime_error("a tile comes out in another size");
  }
  const int left = std::max(wanted.x, tile.level.x),
            right = std::min(wanted.right(), tile.level.right());
  const int top = std::max(wanted.y, tile.level.y),
            bottom = std::min(wanted.bottom(), tile.level.bottom());
  const auto width = static_cast<size_t>(right - left);
  // The library gives one component's row at a time, in a buffer that it uses again.
  std::vector<int32_t> rows(width * static_cast<size_t>(out.channels));
  Planes planes{.bits = header.bits, .is_signed = header.is_signed};
  for (size_t c = 0; c < static_cast<size_t>(out.channels); ++c)
    planes.data[c] = rows.data() + c * width;
  for (int y = tile.level.y; y < bottom; ++y) {
    for (int c = 0; c < out.channels; ++c) {
      ojph::ui32 component = 0;
      const ojph::line_buf* line = codestream.pull(component);
      if (line == nullptr || component != static_cast<ojph::ui32>(c))
        throw std::runtime_error("rows come in another order");
      if (y >= top)
        std::memcpy(rows.data() + static_cast<size_t>(c) * width, line->i32 + (left - tile.level.x),
                    width * sizeof(int32_t));
    }
    if (y < top) continue;
    PackPlanes(planes, out.crop({left - wanted.x, y - wanted.y, right - left, 1}));
  }
}

}  // namespace

Result<void> GuardOpenJph(const std::string& name, ErrorKind kind,
                          const std::function<void()>& work) {
  PrepareLibrary();
  reported.clear();
  std::string thrown;
  try {
    work();
    if (reported.empty()) return {};
  } catch (const std::exception& e) {
    thrown = e.what();
  } catch (...) {  // also codes and texts
    thrown = "failed without a message";
  }
  // "ojph error 0x000300A1 at file.cpp:4067: Error decoding a codeblock"
  const std::string text = reported.empty() ? thrown : reported.substr(0, reported.find('\n'));
  return Fail(kind, "OpenJPH: {}: {}", name, text);
}

std::string OpenJphVersion() {
  return fmt::format("OpenJPH {}.{}.{}", OPENJPH_VERSION_MAJOR, OPENJPH_VERSION_MINOR,
                     OPENJPH_VERSION_PATCH);
}

Result<int64_t> DecodeByOpenJph(Source& source, const Header& h, const Region& wanted, int level,
                                int threads, PixelView out) {
  if (h.packed_headers)
    return Fail(ErrorKind::kUnsupported, "{}: OpenJPH reads no packed packet headers",
                source.name());
  const TouchedTiles touched = TilesTouching(h, wanted, level);
  const std::vector<Tile>& tiles = touched.tiles;
  auto extents = TouchedExtents(source, h, touched.first_column, touched.last_column,
                                touched.first_row, touched.last_row);
  if (!extents) return extents.error();
  auto parts = TilePartsOf(source, *extents, h, tiles);
  if (!parts) return parts.error();
  auto done = ForEachPiece(static_cast<int>(tiles.size()), threads, [&](int n) -> Result<void> {
    const Tile& tile = tiles[static_cast<size_t>(n)];
    auto header = HeaderOf(source, h, tile);
    if (!header) return header.error();
    TileStream stream;
    stream.source = &source;
    stream.pieces.push_back({.replaced = std::move(*header)});
    for (Piece& piece : (*parts)[static_cast<size_t>(n)]) stream.pieces.push_back(std::move(piece));
    stream.pieces.push_back({.replaced = {0xFF, 0xD9}});
    for (const Piece& piece : stream.pieces) stream.length += piece.bytes();
    return GuardOpenJph(source.name(), ErrorKind::kBadInput,
                        [&] { PullTile(stream, h, tile, wanted, level, out); });
  });
  if (!done) return done.error();
  return PixelsFromTheTop(tiles, wanted);
}

#else

std::string OpenJphVersion() { return ""; }

Result<int64_t> DecodeByOpenJph(Source& source, const Header& /*header*/, const Region& /*wanted*/,
                                int /*level*/, int /*threads*/, PixelView /*out*/) {
  return Fail(ErrorKind::kUnsupported, "{}: this build has no OpenJPH", source.name());
}

#endif

}  // namespace iiifbench::jp2
