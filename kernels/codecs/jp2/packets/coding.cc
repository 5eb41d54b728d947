#include "kernels/codecs/jp2/packets/coding.h"

#include <algorithm>
#include <cmath>

namespace iiifbench::jp2 {
namespace {

constexpr uint16_t kCod = 0xFF52, kQcd = 0xFF5C;
// What changes packets or pixels beside them: COC, QCC, RGN, POC, PPM, and MCT, MCC, MCO, CBD.
constexpr uint16_t kOther[] = {0xFF53, 0xFF5D, 0xFF5E, 0xFF5F, 0xFF60,
                               0xFF74, 0xFF75, 0xFF77, 0xFF78};
constexpr uint8_t kHtBlocks = 0x40, kVerticallyCausal = 0x08;

Error Damaged(const Source& source, std::string_view what) {
  return Fail(ErrorKind::kBadInput, "{}: JPEG 2000: {}", source.name(), what);
}
Error Unsupported(const Source& source, std::string_view what) {
  return Fail(ErrorKind::kUnsupported, "{}: HTJ2K regions: {}", source.name(), what);
}

Result<void> ReadCod(const Source& source, std::span<const uint8_t> body, Coding& coding) {
  if (body.size() < 10) return Damaged(source, "short COD marker");
  if (body[0] > 7) return Unsupported(source, fmt::format("coding style {:02X}", body[0]));
  coding.sop = (body[0] & 2) != 0, coding.eph = (body[0] & 4) != 0;
  coding.progression = body[1];
  if (coding.progression > 4)
    return Damaged(source, fmt::format("progression order {}", coding.progression));
  if (body[2] != 0 || body[3] != 1) return Unsupported(source, "several quality layers");
  if (body[4] > 1)
    return Unsupported(source, fmt::format("multiple component transformation {}", body[4]));
  coding.colour_transform = body[4] == 1;
  coding.decompositions = body[5];
  if (coding.decompositions > kMostDecompositions)
    return Damaged(source, fmt::format("{} decompositions", coding.decompositions));
  if (body[6] > 8 || body[7] > 8 || body[6] + body[7] > 8)
    return Damaged(source, "code-blocks of impossible size");
  coding.block_width_log = body[6] + 2, coding.block_height_log = body[7] + 2;
  coding.block_style = body[8];
  if ((coding.block_style & ~kVerticallyCausal) != kHtBlocks)
    return Unsupported(source, fmt::format("code-blocks of style {:02X}", coding.block_style));
  if (body[9] > 1) return Unsupported(source, fmt::format("wavelet {}", body[9]));
  coding.reversible = body[9] == 1;
  const auto resolutions = static_cast<size_t>(coding.decompositions) + 1;
  const bool own_precincts = (body[0] & 1) != 0;
  if (body.size() != 10 + (own_precincts ? resolutions : 0))
    return Damaged(source, "COD marker of wrong length");
  for (size_t r = 0; r < resolutions; ++r) {
    const uint8_t both = own_precincts ? body[10 + r] : 0xFF;
    coding.precinct_width_log[r] = both & 15, coding.precinct_height_log[r] = both >> 4;
    if (r > 0 && ((both & 15) == 0 || both >> 4 == 0))
      return Damaged(source, "precincts of no size");
  }
  return {};
}

// T.800 E.1: step = 2^(bits + log2 gain - exponent) (1 + mantissa / 2^11), gain 1, 2, 2, 4.
Result<void> ReadQcd(const Source& source, std::span<const uint8_t> body, int bits,
                     Coding& coding) {
  if (body.empty()) return Damaged(source, "short QCD marker");
  const int guard = body[0] >> 5, style = body[0] & 31;
  if (style != 0 && style != 2)
    return Unsupported(source, fmt::format("quantisation of style {}", style));
  if ((style == 0) != coding.reversible)
    return Unsupported(source, "5/3 with quantisation or 9/7 without");
  const auto bands = static_cast<size_t>(3 * coding.decompositions + 1);
  const size_t each = style == 0 ? 1 : 2;
  if (body.size() < 1 + each * bands) return Damaged(source, "QCD marker without all its bands");
  coding.qcd.assign(body.begin(), body.begin() + static_cast<ptrdiff_t>(1 + each * bands));
  for (size_t b = 0; b < bands; ++b) {
    const uint8_t* at = body.data() + 1 + each * b;
    const int exponent = at[0] >> 3;
    const int planes = guard + exponent - 1;
    // OpenJPH decodes into 31 bits, one of which is half a step.
    if (planes < 1 || planes > 30) return Unsupported(source, fmt::format("{} bit-planes", planes));
    coding.bit_planes[b] = static_cast<uint8_t>(planes);
    if (style == 0) continue;
    const int mantissa = (at[0] & 7) << 8 | at[1];
    const int gain = b == 0 ? 0 : (b - 1) % 3 == 2 ? 2 : 1;
    coding.step[b] =
        std::ldexp(static_cast<float>(mantissa + 2048) / 2048.0F, bits + gain - exponent);
  }
  return {};
}

}  // namespace

Range Intersect(const Range& a, const Range& b) {
  return {std::max(a.from, b.from), std::min(a.to, b.to)};
}
Rect Intersect(const Rect& a, const Rect& b) { return {Intersect(a.x, b.x), Intersect(a.y, b.y)}; }

Result<Coding> ReadCoding(Source& source, const Header& header) {
  Coding coding;
  std::vector<uint8_t> cod, qcd;
  std::array<uint8_t, 4> head{};
  if (header.part2) return Unsupported(source, "extensions of part 2");
  // ReadHeader has walked these markers, so they end at the first tile-part.
  int64_t at = header.codestream + 2;
  while (at + 4 <= header.first_tile_part) {
    auto got = source.ReadAt(at, head);
    if (!got) return got.error();
    const auto marker = static_cast<uint16_t>(head[0] << 8 | head[1]);
    if (StandsAlone(marker)) {
      at += 2;
      continue;
    }
    const int length = head[2] << 8 | head[3];
    if (length < 2) return Damaged(source, "impossible marker in the main header");
    if (marker == kCod || marker == kQcd) {
      std::vector<uint8_t>& body = marker == kCod ? cod : qcd;
      if (!body.empty()) return Unsupported(source, "a second COD or QCD marker");
      body.resize(static_cast<size_t>(length) - 2);
      got = source.ReadAt(at + 4, body);
      if (!got) return got.error();
    } else if (std::find(std::begin(kOther), std::end(kOther), marker) != std::end(kOther)) {
      return Unsupported(source, fmt::format("marker {:04X}", marker));
    }
    at += 2 + length;
  }
  auto read = ReadCod(source, cod, coding);
  if (read) read = ReadQcd(source, qcd, header.bits, coding);
  if (!read) return read.error();
  if (coding.colour_transform && header.components < 3)
    return Damaged(source, "a colour transformation of fewer than three components");
  coding.cod = std::move(cod);
  return coding;
}

Rect ResolutionRect(const Rect& tile, int decompositions, int resolution) {
  const int shift = decompositions - resolution;
  const auto up = [shift](int64_t v) { return (v + (int64_t{1} << shift) - 1) >> shift; };
  return {{up(tile.x.from), up(tile.x.to)}, {up(tile.y.from), up(tile.y.to)}};
}

Rect BandRect(const Rect& rect, int band) {
  const auto half = [](const Range& r, bool high) {
    return high ? Range{r.from >> 1, r.to >> 1} : Range{(r.from + 1) >> 1, (r.to + 1) >> 1};
  };
  return {half(rect.x, (band & 1) != 0), half(rect.y, (band & 2) != 0)};
}

Rect WithMargin(const Rect& wanted, const Rect& all, bool reversible) {
  const int64_t margin = reversible ? 2 : 4;
  return Intersect(Rect{{wanted.x.from - margin, wanted.x.to + margin},
                        {wanted.y.from - margin, wanted.y.to + margin}},
                   all);
}

int BlockWidthLog(const Coding& coding, int resolution) {
  const int precinct =
      coding.precinct_width_log[static_cast<size_t>(resolution)] - (resolution > 0 ? 1 : 0);
  return std::min(coding.block_width_log, precinct);
}
int BlockHeightLog(const Coding& coding, int resolution) {
  const int precinct =
      coding.precinct_height_log[static_cast<size_t>(resolution)] - (resolution > 0 ? 1 : 0);
  return std::min(coding.block_height_log, precinct);
}

}  // namespace iiifbench::jp2
