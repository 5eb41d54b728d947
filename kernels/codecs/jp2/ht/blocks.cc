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

// Serves bytes to the library.
struct BytesFile : ojph::infile_base {
  std::vector<uint8_t> bytes;
  size_t at = 0;

  size_t read(void* into, size_t count) override {
    count = std::min(count, bytes.size() - at);
    std::memcpy(into, bytes.data() + at, count);
    at += count;
    return count;
  }
  int seek(ojph::si64 offset, enum infile_base::seek origin) override {
    const auto size = static_cast<int64_t>(bytes.size());
    const int64_t to = offset + (origin == OJPH_SEEK_CUR   ? static_cast<int64_t>(at)
                                 : origin == OJPH_SEEK_END ? size
                                                           : int64_t{0});
    if (to < 0 || to > size) return -1;
    at = static_cast<size_t>(to);
    return 0;
  }
  ojph::si64 tell() override { return static_cast<ojph::si64>(at); }
  bool eof() override { return at >= bytes.size(); }
};

// The whole stream: its front, the bodies, EOC.
Result<void> Fill(Source& source, const TileData& data, const BlockStream& stream,
                  std::vector<uint8_t>& bytes) {
  bytes.resize(static_cast<size_t>(stream.length));
  std::copy(stream.front.begin(), stream.front.end(), bytes.begin());
  for (const BlockStream::Body& body : stream.bodies) {
    auto read = data.ReadBody(
        source, body.at,
        std::span(bytes).subspan(static_cast<size_t>(body.start), static_cast<size_t>(body.bytes)));
    if (!read) return read;
  }
  bytes[bytes.size() - 2] = 0xFF, bytes[bytes.size() - 1] = 0xD9;
  return {};
}

void PullRows(BytesFile& file, const Rect& rect, const Coding& coding, const BandBlocks& band,
              Plane& to) {
  ojph::codestream codestream;
  codestream.read_headers(&file);
  codestream.set_planar(false);
  codestream.create();
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
  BytesFile file;
  auto filled = Fill(source, data, *stream, file.bytes);
  if (!filled) return filled;
  return GuardOpenJph(source.name(), ErrorKind::kBadInput,
                      [&] { PullRows(file, stream->rect, coding, band, to); });
}

#else

Result<void> DecodeBlocks(Source& source, const TileData& /*data*/, const Coding& /*coding*/,
                          const BandBlocks& /*band*/, int /*first_row*/, int /*rows*/,
                          Plane& /*to*/) {
  return Fail(ErrorKind::kUnsupported, "{}: this build has no OpenJPH", source.name());
}

#endif

}  // namespace iiifbench::jp2
