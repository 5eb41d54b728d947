#include "kernels/codecs/jp2/ht/blocks.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "kernels/codecs/jp2/ht/block_stream.h"

#if IIIFBENCH_OPENJPH
#include <openjph/ojph_arch.h>
#include <openjph/ojph_codestream.h>
#include <openjph/ojph_file.h>
#include <openjph/ojph_mem.h>
#include <openjph/ojph_params.h>

#include <stdexcept>

#include "kernels/codecs/jp2/openjph.h"
#endif

namespace iiifbench::jp2 {
namespace {

constexpr int64_t kPadding = 32;  // samples behind a row

int64_t StrideOf(const Rect& rect) { return (rect.x.size() + kPadding + 15) / 16 * 16; }

}  // namespace

int64_t PlaneBytes(const Rect& rect) {
  return rect.empty() ? 0 : StrideOf(rect) * rect.y.size() * static_cast<int64_t>(sizeof(int32_t));
}

Plane MakePlane(const Rect& rect) {
  Plane plane{.rect = rect};
  if (rect.empty()) return plane;
  plane.stride = StrideOf(rect);
  plane.samples.reset(new int32_t[static_cast<size_t>(plane.stride * rect.y.size())]);
  return plane;
}

#if IIIFBENCH_OPENJPH
namespace {

// Serves a block stream to the library.
struct BlockFile : ojph::infile_base {
  Source* source = nullptr;
  const TileData* data = nullptr;
  const BlockStream* stream = nullptr;
  int64_t at = 0;
  size_t body = 0;  // the one that was read last

  // As much of [at, ...) as one piece of the stream has.
  size_t ReadPiece(std::span<uint8_t> to) {
    const auto front = static_cast<int64_t>(stream->front.size());
    if (at < front) {
      const auto count = std::min(static_cast<size_t>(front - at), to.size());
      std::memcpy(to.data(), stream->front.data() + at, count);
      return count;
    }
    if (at >= stream->length - 2) {
      to[0] = at == stream->length - 2 ? 0xFF : 0xD9;
      return 1;
    }
    const std::vector<BlockStream::Body>& bodies = stream->bodies;
    if (at < bodies[body].start) body = 0;
    while (at >= bodies[body].start + bodies[body].bytes) ++body;
    const int64_t inside = at - bodies[body].start;
    const auto count = std::min(static_cast<size_t>(bodies[body].bytes - inside), to.size());
    return data->Read(*source, bodies[body].at + inside, to.first(count)) ? count : 0;
  }
  size_t read(void* into, size_t bytes) override {
    const std::span to(static_cast<uint8_t*>(into), bytes);
    size_t done = 0;
    while (done < bytes && at < stream->length) {
      const size_t count = ReadPiece(to.subspan(done));
      if (count == 0) break;
      done += count, at += static_cast<int64_t>(count);
    }
    return done;
  }
  int seek(ojph::si64 offset, enum infile_base::seek origin) override {
    const int64_t to = offset + (origin == OJPH_SEEK_CUR   ? at
                                 : origin == OJPH_SEEK_END ? stream->length
                                                           : int64_t{0});
    if (to < 0 || to > stream->length) return -1;
    at = to;
    return 0;
  }
  ojph::si64 tell() override { return at; }
  bool eof() override { return at >= stream->length; }
};

void PullRows(BlockFile& file, const Coding& coding, const BandBlocks& band, Plane& to) {
  ojph::codestream codestream;
  codestream.read_headers(&file);
  codestream.set_planar(false);
  codestream.create();
  const Rect& rect = file.stream->rect;
  const ojph::param_siz siz = codestream.access_siz();
  if (siz.get_recon_width(0) != rect.x.size() || siz.get_recon_height(0) != rect.y.size())
    throw std::runtime_error("code-blocks come out in another size");
  const Rect stored = Intersect(rect, band.needed);
  const float half_step = coding.step[Coding::BandIndex(band.resolution, band.band)] * 0.5F;
  for (int64_t y = rect.y.from; y < stored.y.to; ++y) {
    ojph::ui32 component = 0;
    const ojph::line_buf* line = codestream.pull(component);
    if (line == nullptr || component != 0)
      throw std::runtime_error("fewer rows than code-blocks have");
    if (y < stored.y.from) continue;
    const int32_t* from = line->i32 + (stored.x.from - rect.x.from);
    int32_t* row = to.At(stored.x.from, y);
    const auto width = static_cast<size_t>(stored.x.size());
    if (coding.reversible) {
      std::memcpy(row, from, width * sizeof(int32_t));
    } else {
      for (size_t x = 0; x < width; ++x)
        row[x] = std::bit_cast<int32_t>(static_cast<float>(from[x]) * half_step);
    }
  }
}

}  // namespace

Result<void> DecodeBlocks(Source& source, const TileData& data, const Coding& coding,
                          const BandBlocks& band, int first_row, int rows, Plane& to) {
  const int planes = coding.bit_planes[Coding::BandIndex(band.resolution, band.band)];
  auto stream = WriteBlockStream(source, coding, band, first_row, rows,
                                 coding.reversible ? planes : planes + 1);
  if (!stream) return stream.error();
  if (stream->bodies.empty()) {
    const Rect stored = Intersect(stream->rect, band.needed);
    for (int64_t y = stored.y.from; y < stored.y.to; ++y)
      std::memset(to.At(stored.x.from, y), 0,
                  static_cast<size_t>(stored.x.size()) * sizeof(int32_t));
    return {};
  }
  BlockFile file;
  file.source = &source, file.data = &data, file.stream = &*stream;
  return GuardOpenJph(source.name(), ErrorKind::kBadInput,
                      [&] { PullRows(file, coding, band, to); });
}

#else

Result<void> DecodeBlocks(Source& source, const TileData& /*data*/, const Coding& /*coding*/,
                          const BandBlocks& /*band*/, int /*first_row*/, int /*rows*/,
                          Plane& /*to*/) {
  return Fail(ErrorKind::kUnsupported, "{}: this build has no OpenJPH", source.name());
}

#endif

}  // namespace iiifbench::jp2
