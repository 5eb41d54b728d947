#include "kernels/codecs/jp2/header.h"

#include <algorithm>

namespace iiifbench::jp2 {
namespace {

uint32_t Word(const uint8_t* p) {
  return uint32_t{p[0]} << 24 | uint32_t{p[1]} << 16 | uint32_t{p[2]} << 8 | p[3];
}
uint16_t Half(const uint8_t* p) { return static_cast<uint16_t>(p[0] << 8 | p[1]); }

constexpr uint16_t kSoc = 0xFF4F, kCap = 0xFF50, kSiz = 0xFF51, kCod = 0xFF52, kCoc = 0xFF53,
                   kTlm = 0xFF55, kQcd = 0xFF5C, kQcc = 0xFF5D, kPpm = 0xFF60, kSot = 0xFF90,
                   kEoc = 0xFFD9;
// What else a decoder needs: QCC, RGN, POC; of part 2, which OpenJPEG knows, MCT, MCC, MCO, CBD.
constexpr uint16_t kNeeded[] = {kQcc, 0xFF5E, 0xFF5F, 0xFF74, 0xFF75, 0xFF77, 0xFF78};
// What changes no pixel: TLM, PRF, PLM, CPF, CRG, COM, and T.810's protection EPC, EPB, ESD, RED.
constexpr uint16_t kHarmless[] = {kTlm,   0xFF56, 0xFF57, 0xFF59, 0xFF63,
                                  0xFF64, 0xFF68, 0xFF66, 0xFF67, 0xFF69};
// HTJ2K shows in the capabilities (Pcap, part 15) and in the style of code-blocks.
constexpr uint32_t kPart15 = uint32_t{1} << (32 - 15);
constexpr uint8_t kHtBlocks = 0x40;
constexpr uint16_t kNeedsPart2 = 0x8000;
constexpr int kMostMarkers = 100000;

bool Among(std::span<const uint16_t> markers, uint16_t marker) {
  return std::find(markers.begin(), markers.end(), marker) != markers.end();
}

Error WrongMarker(const Source& source, int64_t at, std::string_view what) {
  return Fail(ErrorKind::kBadInput, "{}: JPEG 2000: {} at byte {}", source.name(), what, at);
}

Result<void> ParseSiz(const Source& source, int64_t at, std::span<const uint8_t> body,
                      Header& header) {
  if (body.size() < 36) return WrongMarker(source, at, "short SIZ marker");
  auto word = [&](size_t i) { return static_cast<int64_t>(Word(body.data() + i)); };
  header.part2 = (Half(body.data()) & kNeedsPart2) != 0;
  header.x1 = word(2), header.y1 = word(6), header.x0 = word(10), header.y0 = word(14);
  header.tile_width = word(18), header.tile_height = word(22), header.tile_x0 = word(26),
  header.tile_y0 = word(30);
  header.components = Half(body.data() + 34);
  if (body.size() < 36 + 3 * static_cast<size_t>(header.components) || header.components == 0 ||
      header.components > 16384)
    return WrongMarker(source, at, "SIZ marker without all its components");
  for (int c = 0; c < header.components; ++c) {
    const uint8_t* field = body.data() + 36 + ptrdiff_t{3} * c;
    const Component component = {.bits = (field[0] & 0x7F) + 1,
                                 .is_signed = (field[0] & 0x80) != 0,
                                 .dx = field[1],
                                 .dy = field[2]};
    if (component.dx == 0 || component.dy == 0 || component.bits > 38)
      return WrongMarker(source, at,
                         fmt::format("component {} of {} bits at {}x{}", c, component.bits,
                                     component.dx, component.dy));
    if (c == 0) header.bits = component.bits, header.is_signed = component.is_signed;
    header.same_depth = header.same_depth && component.bits == header.bits &&
                        component.is_signed == header.is_signed;
    header.subsampled = header.subsampled || component.dx != 1 || component.dy != 1;
    header.component.push_back(component);
  }
  const bool sane = header.x1 > header.x0 && header.y1 > header.y0 && header.tile_width > 0 &&
                    header.tile_height > 0 && header.tile_x0 <= header.x0 &&
                    header.tile_y0 <= header.y0 && header.tile_x0 + header.tile_width > header.x0 &&
                    header.tile_y0 + header.tile_height > header.y0;
  // Libraries place samples in 31 bits.
  if (!sane || header.x1 > INT32_MAX || header.y1 > INT32_MAX ||
      header.x1 - header.x0 > int64_t{1} << 30 || header.y1 - header.y0 > int64_t{1} << 30)
    return WrongMarker(
        source, at,
        fmt::format("impossible geometry {}x{} with tiles of {}x{}", header.x1 - header.x0,
                    header.y1 - header.y0, header.tile_width, header.tile_height));
  if (header.tiles_across() * header.tiles_down() > 65535)
    return WrongMarker(source, at, "more than 65535 tiles");
  return {};
}

// Bands that a QCD or QCC marker has values for; behind `at` bytes of its body (T.800 A.6.4).
Result<int> BandsOf(const Source& source, int64_t marker_at, std::span<const uint8_t> body,
                    size_t at) {
  if (body.size() < at + 2) return WrongMarker(source, marker_at, "short quantisation marker");
  const int style = body[at] & 31, values = static_cast<int>(body.size() - at - 1);
  if (style > 2)
    return WrongMarker(source, marker_at, fmt::format("quantisation of style {}", style));
  if (style == 0) return values;
  return style == 1 ? 3 * 32 + 1 : values / 2;
}

// By component, -1 for those without their own.
using Quantised = std::map<int, int>;

Result<void> ParseQuantisation(const Source& source, int64_t at, uint16_t marker,
                               std::span<const uint8_t> body, const Header& header,
                               Quantised& bands) {
  int component = -1;
  size_t behind = 0;
  if (marker == kQcc) {
    behind = header.components < 257 ? 1 : 2;
    if (body.size() < behind) return WrongMarker(source, at, "short QCC marker");
    component = behind == 1 ? body[0] : Half(body.data());
    if (component >= header.components)
      return WrongMarker(source, at, fmt::format("QCC marker of component {}", component));
  }
  auto count = BandsOf(source, at, body, behind);
  if (!count) return count.error();
  bands[component] = *count;
  return {};
}

// A decoder that finds fewer takes zeros, or ends the process.
Result<void> CompareToBands(const Source& source, const Header& header, const Quantised& bands) {
  for (int c = 0; c < header.components; ++c) {
    const auto own = bands.find(c);
    const int count = own == bands.end() ? bands.at(-1) : own->second;
    const int needed = 3 * header.style.Of(c).decompositions + 1;
    if (count < needed)
      return Fail(ErrorKind::kBadInput,
                  "{}: JPEG 2000: QCD marker without all its bands: {} of {} for component {}",
                  source.name(), count, needed, c);
  }
  return {};
}

// One marker segment of the main header.
Result<void> ParseMarker(Source& source, int64_t at, uint16_t marker, std::span<const uint8_t> body,
                         Header& header) {
  switch (marker) {
    case kSiz:
      if (header.components != 0) return WrongMarker(source, at, "a second SIZ marker");
      return ParseSiz(source, at, body, header);
    case kCod: {
      auto read = ReadCodMarker(source, at, body, header.style);
      if (!read) return read;
      header.progression = body[1];
      header.layers = header.style.layers;
      header.decompositions = header.style.all.decompositions;
      header.reversible = header.style.all.reversible;
      header.high_throughput =
          header.high_throughput || (header.style.all.block_style & kHtBlocks) != 0;
      return {};
    }
    case kCoc:
      return ReadCocMarker(source, at, body, header.components, header.style);
    case kCap:
      if (body.size() < 4) return WrongMarker(source, at, "short CAP marker");
      header.high_throughput = header.high_throughput || (Word(body.data()) & kPart15) != 0;
      return {};
    case kPpm:
      header.packed_headers = true;
      return {};
    default:
      return {};
  }
}

// ihdr repeats the size (T.800 I.5.3.1): a file that says two sizes is damaged.
Result<void> CompareToBoxes(const Source& source, const Header& header) {
  if (!header.boxes.header) return {};
  const ImageHeader& said = *header.boxes.header;
  if (said.components != header.components)
    return Fail(ErrorKind::kBadInput,
                "{}: JPEG 2000: the header box says {} components, the codestream {}",
                source.name(), said.components, header.components);
  if (said.width != header.x1 - header.x0 || said.height != header.y1 - header.y0)
    return Fail(ErrorKind::kBadInput,
                "{}: JPEG 2000: the header box says {}x{}, the codestream {}x{}", source.name(),
                said.width, said.height, header.x1 - header.x0, header.y1 - header.y0);
  return {};
}

}  // namespace

Result<BlockCoding> ReadBlockCoding(const Source& source, int64_t at, bool own_precincts,
                                    std::span<const uint8_t> parameters) {
  if (parameters.size() < 5) return WrongMarker(source, at, "short coding style marker");
  BlockCoding coding{.decompositions = parameters[0],
                     .block_width_log = parameters[1] + 2,
                     .block_height_log = parameters[2] + 2,
                     .block_style = parameters[3],
                     .reversible = parameters[4] == 1};
  if (coding.decompositions > 32)
    return WrongMarker(source, at, fmt::format("{} decompositions", coding.decompositions));
  if (parameters[1] > 8 || parameters[2] > 8 || parameters[1] + parameters[2] > 8)
    return WrongMarker(source, at, "code-blocks of impossible size");
  const auto resolutions = static_cast<size_t>(coding.decompositions) + 1;
  if (own_precincts && parameters.size() < 5 + resolutions)
    return WrongMarker(source, at, "coding style marker without all its precincts");
  for (size_t r = 0; r < resolutions; ++r) {
    const uint8_t both = own_precincts ? parameters[5 + r] : 0xFF;
    coding.precinct_width_log[r] = both & 15, coding.precinct_height_log[r] = both >> 4;
    if (r > 0 && ((both & 15) == 0 || both >> 4 == 0))
      return WrongMarker(source, at, "precincts of no size");
  }
  return coding;
}

Result<void> ReadCodMarker(const Source& source, int64_t at, std::span<const uint8_t> body,
                           CodingStyle& style) {
  if (body.size() < 10) return WrongMarker(source, at, "short COD marker");
  if (body[1] > 4) return WrongMarker(source, at, fmt::format("progression order {}", body[1]));
  style.layers = Half(body.data() + 2);
  if (style.layers == 0) return WrongMarker(source, at, "no quality layer");
  auto coding = ReadBlockCoding(source, at, (body[0] & 1) != 0, body.subspan(5));
  if (!coding) return coding.error();
  style.all = *coding;
  return {};
}

Result<void> ReadCocMarker(const Source& source, int64_t at, std::span<const uint8_t> body,
                           int components, CodingStyle& style) {
  const size_t wide = components < 257 ? 1 : 2;
  if (body.size() < wide + 1) return WrongMarker(source, at, "short COC marker");
  const int component = wide == 1 ? body[0] : Half(body.data());
  if (component >= components)
    return WrongMarker(source, at, fmt::format("COC marker of component {}", component));
  auto coding = ReadBlockCoding(source, at, (body[wide] & 1) != 0, body.subspan(wide + 1));
  if (!coding) return coding.error();
  style.own[component] = *coding;
  return {};
}

Result<Header> ReadHeader(Source& source) {
  Header header;
  auto boxes = ReadBoxes(source);
  if (!boxes) return boxes.error();
  header.boxes = std::move(*boxes);
  header.codestream = header.boxes.codestream;
  header.codestream_end = header.boxes.codestream_end;
  int64_t at = header.codestream;
  std::array<uint8_t, 4> head{};
  auto got = source.ReadAt(at, std::span(head).first(2));
  if (!got) return got.error();
  if (Half(head.data()) != kSoc) return WrongMarker(source, at, "no start of codestream");
  header.main_header.push_back({at, 2});
  at += 2;
  bool coding_seen = false;
  Quantised bands;
  std::vector<uint8_t> body;
  for (int markers = 0;; ++markers) {
    // A marker and its length in one read, but for one at the very end.
    got = source.ReadAt(at, std::span(head).first(at + 4 <= source.size() ? 4 : 2));
    if (!got) return got.error();
    const uint16_t marker = Half(head.data());
    if (marker == kSot) break;
    if (markers > kMostMarkers) return WrongMarker(source, at, "too many markers");
    if (marker == kEoc || marker < 0xFF01)
      return WrongMarker(source, at, fmt::format("unexpected marker {:04X}", marker));
    if (StandsAlone(marker)) {
      at += 2;
      header.main_header.push_back({at, 0});
      continue;
    }
    const int length = at + 4 <= source.size() ? Half(head.data() + 2) : 0;
    if (length < 2 || at + 2 + length > header.codestream_end)
      return WrongMarker(source, at, fmt::format("marker {:04X} of length {}", marker, length));
    // T.800 A.5.1: SIZ follows SOC at once.
    if ((header.components == 0) != (marker == kSiz))
      return WrongMarker(source, at, fmt::format("marker {:04X} out of place", marker));
    if (marker == kSiz || marker == kCod || marker == kCoc || marker == kCap || marker == kQcd ||
        marker == kQcc) {
      body.resize(static_cast<size_t>(length) - 2);
      got = source.ReadAt(at + 4, body);
      if (!got) return got.error();
    }
    auto parsed = ParseMarker(source, at, marker, body, header);
    if (!parsed) return parsed.error();
    coding_seen = coding_seen || marker == kCod;
    if (marker == kQcd || marker == kQcc) {
      auto quantised = ParseQuantisation(source, at, marker, body, header, bands);
      if (!quantised) return quantised.error();
    }
    const bool needed = marker == kSiz || marker == kCod || marker == kCoc || marker == kCap ||
                        marker == kQcd || marker == kPpm || Among(kNeeded, marker);
    // It may change pixels, or be a known one with a damaged bit.
    if (!needed && !Among(kHarmless, marker))
      return Fail(ErrorKind::kUnsupported, "{}: JPEG 2000: marker {:04X} at byte {}", source.name(),
                  marker, at);
    if (needed) {
      header.main_header.back().bytes += 2 + length;
    } else {
      header.main_header.push_back({at + 2 + length, 0});
    }
    at += 2 + length;
  }
  if (!coding_seen || !bands.contains(-1))
    return WrongMarker(source, at, "tile before SIZ, COD and QCD markers");
  auto compared = CompareToBands(source, header, bands);
  if (!compared) return compared.error();
  header.first_tile_part = at;
  for (const auto& [component, coding] : header.style.own)
    header.high_throughput = header.high_throughput || (coding.block_style & kHtBlocks) != 0;
  compared = CompareToBoxes(source, header);
  if (!compared) return compared.error();
  return header;
}

}  // namespace iiifbench::jp2
