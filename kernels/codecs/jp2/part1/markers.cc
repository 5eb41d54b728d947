#include "kernels/codecs/jp2/part1/markers.h"

#include <algorithm>
#include <cmath>

namespace iiifbench::jp2::part1 {
namespace {

constexpr uint16_t kCod = 0xFF52, kCoc = 0xFF53, kRgn = 0xFF5E, kQcd = 0xFF5C, kQcc = 0xFF5D,
                   kPoc = 0xFF5F, kPlt = 0xFF58, kPpm = 0xFF60, kPpt = 0xFF61, kSod = 0xFF93;
// They change nothing for packets or pixels: SIZ, PRF, CPF, TLM, PLM, CRG, COM.
constexpr uint16_t kHarmless[] = {0xFF51, 0xFF56, 0xFF59, 0xFF55, 0xFF57, 0xFF63, 0xFF64};
constexpr int kMostComponents = 16;
constexpr size_t kMostPocs = 32;

Error Damaged(const Source& source, std::string_view what) {
  return Fail(ErrorKind::kBadInput, "{}: JPEG 2000: {}", source.name(), what);
}
Error Unsupported(const Source& source, std::string_view what) {
  return Fail(ErrorKind::kUnsupported, "{}: JPEG 2000 part 1 here: {}", source.name(), what);
}

// Stores a marker's body; the number of its component or its own number is cut off.
Result<void> Keep(const Source& source, const Header& header, uint16_t marker, bool tile_part,
                  Bytes body, Markers& markers) {
  const size_t component_bytes = header.components < 257 ? 1 : 2;
  const auto cut = [&](size_t count) -> int {
    if (body.size() < count) return -1;
    const int number = count == 1 ? body[0] : body[0] << 8 | body[1];
    body.erase(body.begin(), body.begin() + static_cast<ptrdiff_t>(count));
    return number;
  };
  const auto once = [&](Bytes& to) -> Result<void> {
    if (!to.empty()) return Unsupported(source, fmt::format("a second marker {:04X}", marker));
    if (body.empty()) return Damaged(source, fmt::format("empty marker {:04X}", marker));
    to = std::move(body);
    return {};
  };
  switch (marker) {
    case kCod:
      return once(markers.cod);
    case kQcd:
      return once(markers.qcd);
    case kCoc:
    case kQcc: {
      const int c = cut(component_bytes);
      if (c < 0 || c >= header.components) return Damaged(source, "marker of a component beyond");
      return once((marker == kCoc ? markers.coc : markers.qcc)[c]);
    }
    case kRgn: {
      const int c = cut(component_bytes);
      if (c < 0 || c >= header.components || body.size() != 2)
        return Damaged(source, "RGN marker of wrong length or component");
      if (body[0] != 0) return Unsupported(source, fmt::format("RGN of style {}", body[0]));
      markers.region_shift[c] = body[1];
      return {};
    }
    case kPoc:
      if (markers.poc.size() >= kMostPocs) return Unsupported(source, "too many POC markers");
      markers.poc.push_back(std::move(body));
      return {};
    case kPlt:
    case kPpm:
    case kPpt: {
      if ((marker == kPpm) == tile_part)
        return Damaged(source, fmt::format("marker {:04X} in the wrong header", marker));
      const int number = cut(1);
      if (number < 0) return Damaged(source, "short marker of packet headers or lengths");
      auto& to = marker == kPlt ? markers.packet_lengths : markers.packed_headers;
      if (!to.emplace(number, std::move(body)).second)
        return Damaged(source, fmt::format("marker {:04X} number {} twice", marker, number));
      return {};
    }
    default:
      if (std::find(std::begin(kHarmless), std::end(kHarmless), marker) == std::end(kHarmless))
        return Unsupported(source, fmt::format("marker {:04X}", marker));
      return {};
  }
}

bool NeedsBody(uint16_t marker) {
  return std::find(std::begin(kHarmless), std::end(kHarmless), marker) == std::end(kHarmless);
}

// T.800 table A.15 from the number of decompositions on.
Result<void> ReadBlocks(const Source& source, std::span<const uint8_t> body, bool own_precincts,
                        Coding& coding) {
  coding.decompositions = body[0];
  if (coding.decompositions > kMostDecompositions)
    return Damaged(source, fmt::format("{} decompositions", coding.decompositions));
  if (body[1] > 8 || body[2] > 8 || body[1] + body[2] > 8)
    return Damaged(source, "code-blocks of impossible size");
  coding.block_width_log = body[1] + 2, coding.block_height_log = body[2] + 2;
  coding.block_style = body[3];
  if (coding.block_style > 63)
    return Unsupported(source, fmt::format("code-blocks of style {:02X}", coding.block_style));
  if (body[4] > 1) return Unsupported(source, fmt::format("wavelet {}", body[4]));
  coding.reversible = body[4] == 1;
  const auto resolutions = static_cast<size_t>(coding.decompositions) + 1;
  if (body.size() < 5 + (own_precincts ? resolutions : 0))
    return Damaged(source, "COD or COC marker without all its precincts");
  for (size_t r = 0; r < resolutions; ++r) {
    const uint8_t both = own_precincts ? body[5 + r] : 0xFF;
    coding.precinct_width_log[r] = both & 15, coding.precinct_height_log[r] = both >> 4;
    if (r > 0 && ((both & 15) == 0 || both >> 4 == 0))
      return Damaged(source, "precincts of no size");
  }
  return {};
}

// T.800 E.1: step = 2^(bits + log2 gain - exponent) (1 + mantissa / 2^11), gain 1, 2, 2, 4.
Result<void> ReadSteps(const Source& source, std::span<const uint8_t> body, int bits,
                       Coding& coding) {
  if (body.empty()) return Damaged(source, "short QCD or QCC marker");
  const int guard = body[0] >> 5, style = body[0] & 31;
  if (style > 2) return Unsupported(source, fmt::format("quantisation of style {}", style));
  if (style != 0 && coding.reversible) return Unsupported(source, "5/3 with quantisation");
  const auto bands = static_cast<size_t>(3 * coding.decompositions + 1);
  const size_t each = style == 0 ? 1 : 2;
  if (body.size() < 1 + each * (style == 1 ? 1 : bands))
    return Damaged(source, "QCD or QCC marker without all its bands");
  for (size_t b = 0; b < bands; ++b) {
    const uint8_t* at = body.data() + 1 + (style == 1 ? 0 : each * b);
    int exponent = at[0] >> 3;
    // Derived (E-5): one less for each resolution above the first two.
    if (style == 1 && b > 0) exponent = std::max(0, exponent - static_cast<int>((b - 1) / 3));
    coding.bit_planes[b] = static_cast<uint8_t>(std::max(0, guard + exponent - 1));
    if (coding.reversible) continue;
    const int mantissa = style == 0 ? 0 : (at[0] & 7) << 8 | at[1];
    const int gain = b == 0 ? 0 : (b - 1) % 3 == 2 ? 2 : 1;
    coding.step[b] =
        std::ldexp(static_cast<float>(mantissa + 2048) / 2048.0F, bits + gain - exponent);
  }
  return {};
}

// T.800 table A.32.
Result<void> ReadVolumes(const Source& source, const Header& header, std::span<const uint8_t> body,
                         TileCoding& coding) {
  const size_t c = header.components < 257 ? 1 : 2, each = 5 + 2 * c;
  if (body.empty() || body.size() % each != 0) return Damaged(source, "POC marker of wrong length");
  for (size_t at = 0; at < body.size(); at += each) {
    const auto number = [&](size_t offset, size_t bytes) {
      const uint8_t* p = body.data() + at + offset;
      return bytes == 1 ? int{p[0]} : p[0] << 8 | p[1];
    };
    Volume v{.order = number(each - 1, 1),
             .layers = std::min(number(1 + c, 2), coding.layers),
             .first_resolution = number(0, 1),
             .end_resolution = std::min(number(3 + c, 1), kMostDecompositions + 1),
             .first_component = number(1, c),
             .end_component = number(4 + c, c)};
    // 0 stands for 256 where one byte cannot (A.6.6).
    if (v.end_component == 0) v.end_component = 256;
    v.end_component = std::min(v.end_component, header.components);
    if (v.order > 4) return Damaged(source, fmt::format("progression order {}", v.order));
    coding.volumes.push_back(v);
  }
  return {};
}

}  // namespace

Result<int64_t> ReadMarkers(Source& source, const Header& header, int64_t from, int64_t to,
                            bool tile_part, Markers& markers) {
  std::array<uint8_t, 4> head{};
  Bytes body;
  for (int64_t at = from; at + 2 <= to;) {
    auto got = source.ReadSome(at, head);
    if (!got) return got.error();
    const auto marker = static_cast<uint16_t>(head[0] << 8 | head[1]);
    if (tile_part && marker == kSod) return at + 2;
    if (marker >= 0xFF30 && marker <= 0xFF3F) {  // they have no length (A.1.3)
      at += 2;
      continue;
    }
    const int length = head[2] << 8 | head[3];
    if (*got < 4 || length < 2 || marker < 0xFF01 || at + 2 + length > to)
      return Fail(ErrorKind::kBadInput, "{}: JPEG 2000: marker {:04X} of impossible length at {}",
                  source.name(), marker, at);
    body.clear();
    if (NeedsBody(marker)) {
      body.resize(static_cast<size_t>(length) - 2);
      auto read = source.ReadAt(at + 4, body);
      if (!read) return read.error();
    }
    auto kept = Keep(source, header, marker, tile_part, std::move(body), markers);
    if (!kept) return kept.error();
    at += 2 + length;
  }
  if (tile_part)
    return Fail(ErrorKind::kBadInput, "{}: JPEG 2000: no SOD marker in the tile-part at byte {}",
                source.name(), from - 12);
  return to;
}

Result<TileCoding> ResolveCoding(const Source& source, const Header& header, const Markers& main,
                                 const Markers& tile) {
  TileCoding coding;
  const Bytes& cod = tile.cod.empty() ? main.cod : tile.cod;
  if (cod.size() < 10) return Damaged(source, "no COD marker, or a short one");
  if (header.components > kMostComponents)
    return Unsupported(source, fmt::format("{} components", header.components));
  const int order = cod[1];
  coding.sop = (cod[0] & 2) != 0, coding.eph = (cod[0] & 4) != 0;
  coding.layers = cod[2] << 8 | cod[3];
  if (cod[0] > 7) return Unsupported(source, fmt::format("coding style {:02X}", cod[0]));
  if (order > 4) return Damaged(source, fmt::format("progression order {}", order));
  if (coding.layers == 0) return Damaged(source, "no layers");
  if (cod[4] > 1) return Unsupported(source, fmt::format("component transformation {}", cod[4]));
  coding.colour_transform = cod[4] == 1 && header.components >= 3;
  for (int c = 0; c < header.components; ++c) {
    Coding& component = coding.components.emplace_back();
    const auto of = [c](const std::map<int, Bytes>& bodies) -> const Bytes* {
      const auto at = bodies.find(c);
      return at == bodies.end() ? nullptr : &at->second;
    };
    const Bytes* own = of(tile.coc);
    if (own == nullptr && tile.cod.empty()) own = of(main.coc);
    if (own != nullptr && own->size() < 6) return Damaged(source, "short COC marker");
    const std::span<const uint8_t> blocks =
        own != nullptr ? std::span(*own).subspan(1) : std::span(cod).subspan(5);
    auto read =
        ReadBlocks(source, blocks, ((own != nullptr ? (*own)[0] : cod[0]) & 1) != 0, component);
    if (!read) return read.error();
    const Bytes* steps = of(tile.qcc);
    if (steps == nullptr && !tile.qcd.empty()) steps = &tile.qcd;
    if (steps == nullptr) steps = of(main.qcc);
    if (steps == nullptr) steps = &main.qcd;
    read = ReadSteps(source, *steps, header.bits, component);
    if (!read) return read.error();
    for (const Markers* m : {&main, &tile})
      if (const auto at = m->region_shift.find(c); at != m->region_shift.end())
        component.region_shift = at->second;
  }
  const std::vector<Bytes>& poc = tile.poc.empty() ? main.poc : tile.poc;
  for (const Bytes& body : poc) {
    auto read = ReadVolumes(source, header, body, coding);
    if (!read) return read.error();
  }
  if (poc.empty())
    coding.volumes.push_back({.order = order,
                              .layers = coding.layers,
                              .end_resolution = kMostDecompositions + 1,
                              .end_component = header.components});
  return coding;
}

}  // namespace iiifbench::jp2::part1
