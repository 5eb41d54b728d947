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
#include <new>
#include <stdexcept>

#include "kernels/codecs/jp2/packets/packets.h"
#include "kernels/image/parallel.h"
#include "kernels/image/wanted.h"
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

// About 100 bytes each.
constexpr int64_t kMostBlocksOfATile = int64_t{1} << 23;

// One tile as a codestream of its own: a front of our making, the packets, EOC.
struct TileStream : ojph::infile_base {
  Source* source = nullptr;
  const TileData* data = nullptr;
  std::vector<uint8_t> front;
  int64_t at = 0;
  int64_t length() const { return static_cast<int64_t>(front.size()) + data->bytes + 2; }

  size_t read(void* into, size_t bytes) override {
    auto* to = static_cast<uint8_t*>(into);
    const auto behind = static_cast<int64_t>(front.size());
    size_t done = 0;
    if (at < behind) {
      done = std::min(static_cast<size_t>(behind - at), bytes);
      std::memcpy(to, front.data() + at, done);
      at += static_cast<int64_t>(done);
    }
    if (at >= behind && at < behind + data->bytes && done < bytes) {
      const auto count = std::min(static_cast<size_t>(behind + data->bytes - at), bytes - done);
      if (!data->Read(*source, at - behind, std::span(to + done, count))) return done;
      done += count, at += static_cast<int64_t>(count);
    }
    for (; done < bytes && at >= behind + data->bytes && at < length(); ++at)
      to[done++] = at == length() - 2 ? 0xFF : 0xD9;
    return done;
  }
  int seek(ojph::si64 offset, enum infile_base::seek origin) override {
    const int64_t to = offset + (origin == OJPH_SEEK_CUR   ? at
                                 : origin == OJPH_SEEK_END ? length()
                                                           : int64_t{0});
    if (to < 0 || to > length()) return -1;
    at = to;
    return 0;
  }
  ojph::si64 tell() override { return at; }
  bool eof() override { return at >= length(); }
};

void PutBig(std::vector<uint8_t>& out, int64_t value, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) out.push_back(static_cast<uint8_t>(value >> (8 * i)));
}
void PutMarker(std::vector<uint8_t>& out, int marker, std::span<const uint8_t> body) {
  PutBig(out, marker, 2), PutBig(out, static_cast<int64_t>(body.size()) + 2, 2);
  out.insert(out.end(), body.begin(), body.end());
}

// The markers before the packets of `tile`, of what was read and found right: SIZ of just this
// tile, CAP of part 15, COD and QCD; one tile-part.
std::vector<uint8_t> FrontOf(const Header& h, const Coding& coding, const Tile& tile,
                             int64_t packet_bytes) {
  std::vector<uint8_t> siz, front;
  PutBig(siz, 0x4000, 2);
  for (const int64_t field :
       {tile.x1, tile.y1, tile.x0, tile.y0, h.tile_width, h.tile_height, tile.grid_x, tile.grid_y})
    PutBig(siz, field, 4);
  PutBig(siz, h.components, 2);
  for (const Component& c : h.component)
    PutBig(siz, (c.bits - 1) | (c.is_signed ? 0x80 : 0), 1), PutBig(siz, c.dx, 1),
        PutBig(siz, c.dy, 1);
  static constexpr uint8_t kPart15[] = {0, 2, 0, 0, 0, 0};
  PutBig(front, 0xFF4F, 2);
  PutMarker(front, 0xFF51, siz), PutMarker(front, 0xFF50, kPart15);
  PutMarker(front, 0xFF52, coding.cod), PutMarker(front, 0xFF5C, coding.qcd);
  PutBig(front, 0xFF90, 2), PutBig(front, 10, 2), PutBig(front, 0, 2);
  PutBig(front, 14 + packet_bytes, 4), PutBig(front, 1, 2), PutBig(front, 0xFF93, 2);
  return front;
}

// Every packet of the tile and every code-block that the level needs, as our own reader sees them:
// what it finds wrong never reaches the library, whose assertions would end the process.
Result<void> CheckPackets(Source& source, const TileData& data, const Coding& coding,
                          const Tile& tile, int components, int level) {
  const Rect grid = {{tile.x0, tile.x1}, {tile.y0, tile.y1}};
  std::vector<BandBlocks> bands;
  int64_t blocks = 0;
  for (int c = 0; c < components; ++c) {
    for (int r = 0; r <= coding.decompositions; ++r) {
      const Rect all = ResolutionRect(grid, coding.decompositions, r);
      for (int band = r == 0 ? 0 : 1; band <= (r == 0 ? 0 : 3); ++band) {
        const Rect rect = r == 0 ? all : BandRect(all, band);
        bands.push_back(BlocksTouching(coding, c, r, band, rect, rect));
        blocks += int64_t{bands.back().columns} * bands.back().rows;
      }
    }
  }
  if (blocks > kMostBlocksOfATile)
    return Fail(ErrorKind::kTooLarge, "{}: JPEG 2000: {} code-blocks in a tile, the limit is {}",
                source.name(), blocks, kMostBlocksOfATile);
  for (BandBlocks& band : bands) MakeBlocks(band);
  auto walked = WalkPackets(source, data, coding, grid, components, coding.decompositions, bands);
  if (!walked) return walked;
  std::vector<uint8_t> body;
  for (const BandBlocks& band : bands) {
    if (band.resolution > coding.decompositions - level) continue;  // passed over by the library
    for (const Block& block : band.blocks) {
      if (block.passes == 0) continue;
      const size_t bytes = size_t{block.cleanup_bytes} + block.refinement_bytes;
      if (body.size() < bytes) body.resize(bytes);
      auto read = data.ReadBody(source, block.at, std::span(body).first(bytes));
      if (!read) return read;
    }
  }
  return {};
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
      if (!StillWanted()) throw std::runtime_error("the work was given up");
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
  } catch (const std::bad_alloc&) {
    return Fail(ErrorKind::kTooLarge, "OpenJPH: {}: more memory than there is", name);
  } catch (const std::exception& e) {
    thrown = e.what();
  } catch (const char* text) {
    thrown = text;
  } catch (...) {
    thrown = "stopped with a code and no message";
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
  auto coding = ReadCoding(source, h);
  if (!coding) return coding.error();
  const TouchedTiles touched = TilesTouching(h, wanted, level);
  const std::vector<Tile>& tiles = touched.tiles;
  auto extents = TouchedExtents(source, h, touched.first_column, touched.last_column,
                                touched.first_row, touched.last_row);
  if (!extents) return extents.error();
  auto data = FindTileData(source, h, *extents);
  if (!data) return data.error();
  auto done = ForEachWantedPiece(
      static_cast<int>(tiles.size()), threads, source.name(), [&](int n) -> Result<void> {
        const Tile& tile = tiles[static_cast<size_t>(n)];
        const TileData& packets = data->at(tile.number);
        if (packets.bytes > INT32_MAX)
          return Fail(ErrorKind::kUnsupported, "{}: OpenJPH: a tile of {} bytes", source.name(),
                      packets.bytes);
        auto checked = CheckPackets(source, packets, *coding, tile, h.components, level);
        if (!checked) return checked;
        TileStream stream;
        stream.source = &source, stream.data = &packets;
        stream.front = FrontOf(h, *coding, tile, packets.bytes);
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
