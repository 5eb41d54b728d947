#include "harness/answers/encoder_facts.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <vector>

namespace iiifbench {
namespace {

// T.81 table K.1, in zigzag order as a DQT segment holds it.
constexpr std::array<int, 64> kLuminance = {
    16, 11, 12,  14,  12,  10, 16, 14,  13,  14,  18,  17,  16, 19,  24,  40,
    26, 24, 22,  22,  24,  49, 35, 37,  29,  40,  58,  51,  61, 60,  57,  51,
    56, 55, 64,  72,  92,  78, 64, 68,  87,  69,  55,  56,  80, 109, 81,  87,
    95, 98, 103, 104, 103, 62, 77, 113, 121, 112, 100, 120, 92, 101, 103, 99};

// T.81 figure A.6: where each coefficient of the zigzag stands, row by row.
constexpr std::array<uint8_t, 64> kRowByRow = {
    0,  1,  8,  16, 9,  2,  3,  10, 17, 24, 32, 25, 18, 11, 4,  5,  12, 19, 26, 33, 40, 48,
    41, 34, 27, 20, 13, 6,  7,  14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23,
    30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63};

// The distance of a table to that of a quality.
int Distance(const std::array<int, 64>& table, int quality) {
  int sum = 0;
  for (size_t i = 0; i < 64; ++i)
    sum += std::abs(table[i] - LuminanceStep(quality, static_cast<int>(i)));
  return sum;
}

int Word(std::span<const uint8_t> jpeg, size_t at) { return jpeg[at] << 8 | jpeg[at + 1]; }

// Returns the number of tables.
int ReadQuantisation(std::span<const uint8_t> segment, EncoderFacts& facts) {
  int tables = 0;
  while (segment.size() >= 65) {
    const bool wide = segment[0] >> 4 != 0;
    const size_t length = wide ? 129 : 65;
    if (segment.size() < length) break;
    ++tables;
    if ((segment[0] & 15) == 0) {
      std::array<int, 64> table;
      for (size_t i = 0; i < 64; ++i) table[i] = wide ? Word(segment, 1 + 2 * i) : segment[1 + i];
      int best = 1;
      for (int quality = 2; quality <= 100; ++quality) {
        if (Distance(table, quality) < Distance(table, best)) best = quality;
      }
      facts.options.quality = best;
      facts.exact_quality = Distance(table, best) == 0;
    }
    segment = segment.subspan(length);
  }
  return tables;
}

void ReadFrame(std::span<const uint8_t> segment, EncoderFacts& facts) {
  if (segment.size() < 6) return;
  facts.size = {Word(segment, 3), Word(segment, 1)};
  const int components = segment[5];
  if (components == 1) {
    facts.options.subsampling = Subsampling::kGray;
  } else if (segment.size() >= 6 + 3 * static_cast<size_t>(components)) {
    const int luma = segment[7];
    facts.options.subsampling = luma == 0x22   ? Subsampling::k420
                                : luma == 0x21 ? Subsampling::k422
                                : luma == 0x12 ? Subsampling::k440
                                               : Subsampling::k444;
  }
}

// The tables of annex K.3 have 12 DC and 162 AC symbols; others were made for this picture.
// Returns the number of tables.
int ReadHuffman(std::span<const uint8_t> segment, EncoderFacts& facts) {
  int tables = 0;
  while (segment.size() >= 17) {
    size_t symbols = 0;
    for (size_t i = 1; i <= 16; ++i) symbols += segment[i];
    const size_t usual = segment[0] >> 4 == 0 ? 12 : 162;
    if (symbols != usual) facts.options.optimised_huffman = true;
    if (segment.size() < 17 + symbols) break;
    segment = segment.subspan(17 + symbols);
    ++tables;
  }
  return tables;
}

// An APP2 segment that holds a chunk of an ICC profile: it begins with these words and a zero.
bool HasProfile(std::span<const uint8_t> segment) {
  constexpr std::string_view kBegins("ICC_PROFILE\0", 12);
  return segment.size() >= kBegins.size() &&
         std::equal(kBegins.begin(), kBegins.end(), segment.begin());
}

}  // namespace

int LuminanceStep(int quality, int zigzag) {
  const int scale = quality < 50 ? 5000 / quality : 200 - 2 * quality;
  return std::clamp((kLuminance[static_cast<size_t>(zigzag)] * scale + 50) / 100, 1, 255);
}

Result<EncoderFacts> ReadEncoderFacts(std::span<const uint8_t> jpeg) {
  if (jpeg.size() < 4 || Word(jpeg, 0) != 0xFFD8)
    return Fail(ErrorKind::kBadInput, "answer: not a JPEG, no SOI at offset 0");
  EncoderFacts facts;
  bool apart = true;    // one table per segment, on libjpeg's side of the frame header
  bool joined = false;  // several Huffman tables in one segment
  size_t at = 2;
  while (at + 4 <= jpeg.size()) {
    if (jpeg[at] != 0xFF) {  // inside a scan
      const auto next = std::find(jpeg.begin() + static_cast<ptrdiff_t>(at), jpeg.end(), 0xFF);
      facts.entropy_bytes += next - (jpeg.begin() + static_cast<ptrdiff_t>(at));
      at = static_cast<size_t>(next - jpeg.begin());
      continue;
    }
    const int marker = jpeg[at + 1];
    if (marker == 0x00 || marker == 0xFF || (marker >= 0xD0 && marker <= 0xD7)) {
      facts.entropy_bytes += 2;
      at += marker == 0xFF ? 1 : 2;
      continue;
    }
    if (marker == 0xD9) break;
    const auto length = static_cast<size_t>(Word(jpeg, at + 2));
    if (length < 2 || at + 2 + length > jpeg.size())
      return Fail(ErrorKind::kBadInput, "answer: JPEG marker {:#x} at offset {} runs over the end",
                  marker, at);
    const auto segment = jpeg.subspan(at + 4, length - 2);
    const bool framed = facts.size.width > 0;
    if (marker == 0xDB && (ReadQuantisation(segment, facts) > 1 || framed)) apart = false;
    if (marker == 0xC0 || marker == 0xC1 || marker == 0xC2) ReadFrame(segment, facts);
    if (marker == 0xC2) facts.options.progressive = true;
    if (marker == 0xE2 && HasProfile(segment))
      facts.profile_bytes += static_cast<int64_t>(2 + length);
    if (marker == 0xC4) {
      joined = ReadHuffman(segment, facts) > 1 || joined;
      if (!framed) apart = false;
    }
    at += 2 + length;
  }
  if (facts.size.width == 0)
    return Fail(ErrorKind::kBadInput, "answer: a JPEG without a frame header");
  facts.like_libjpeg = apart && (!joined || facts.options.progressive);
  facts.other_bytes = static_cast<int64_t>(jpeg.size()) - facts.entropy_bytes;
  return facts;
}

Result<DctSteps> ReadLuminance(std::span<const uint8_t> jpeg) {
  // Segments up to the first scan.
  for (size_t at = 2; at + 4 <= jpeg.size() && jpeg[at] == 0xFF && jpeg[at + 1] != 0xDA;) {
    const auto length = static_cast<size_t>(Word(jpeg, at + 2));
    if (length < 2 || length > jpeg.size() - at - 2) break;
    auto segment = jpeg.subspan(at + 4, length - 2);
    while (jpeg[at + 1] == 0xDB && !segment.empty()) {
      const bool wide = segment[0] >> 4 != 0;
      const size_t bytes = wide ? 129 : 65;
      if (segment.size() < bytes) break;
      if ((segment[0] & 15) == 0) {
        DctSteps steps;
        for (size_t i = 0; i < 64; ++i)
          steps[kRowByRow[i]] =
              static_cast<uint16_t>(wide ? Word(segment, 1 + 2 * i) : segment[1 + i]);
        return steps;
      }
      segment = segment.subspan(bytes);
    }
    at += 2 + length;
  }
  return Fail(ErrorKind::kBadInput, "answer: a JPEG without a luminance table before its scans");
}

std::string Describe(const EncoderFacts& facts) {
  static constexpr std::string_view kNames[] = {"4:4:4", "4:2:2", "4:2:0", "4:4:0", "grey"};
  return fmt::format(
      "q{}{} {}{}{}{}", facts.options.quality, facts.exact_quality ? "" : "?",
      kNames[static_cast<size_t>(facts.options.subsampling)],
      facts.options.progressive ? " progressive" : "",
      facts.options.optimised_huffman && !facts.options.progressive ? " optimised" : "",
      facts.like_libjpeg ? "" : ", not by libjpeg");
}

}  // namespace iiifbench
