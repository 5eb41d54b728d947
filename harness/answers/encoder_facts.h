// encoder_facts: what a JPEG answer tells about the encoder that made it, so that the encode kernel
// can run with the same settings and nothing about them has to be fitted.
//
// Standard: ITU-T T.81, annex B (markers) and K.1 (the tables that a quality of 1-100 scales, as in
// the IJG's library). Quality: the one whose scaled luminance table is nearest to the answer's;
// exact for libjpeg and its kin. Units: bytes. Errors: kBadInput with the offset.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "kernels/codecs/codec.h"
#include "kernels/pixels/dct_quantise.h"

namespace iiifbench {

struct EncoderFacts {
  EncodeOptions options;      // quality, subsampling, progressive, optimised_huffman
  bool exact_quality = true;  // the tables are those of a quality of the IJG's library
  // Tables as libjpeg writes them: one DQT segment per table before the frame header, one DHT
  // segment per table after it. JFIF and Adobe markers say nothing: a caller switches them off
  // (libvips does). Others (Go's image/jpeg, say: both tables in one segment) have another cost per
  // pixel and per bit.
  bool like_libjpeg = true;
  Size size;
  int64_t entropy_bytes = 0;  // of the scans
  int64_t other_bytes = 0;    // headers, profiles
  int64_t profile_bytes = 0;  // of these, the segments of an ICC profile (ICC.1 B.4)
};
Result<EncoderFacts> ReadEncoderFacts(std::span<const uint8_t> jpeg);
// The steps of the luminance table alone. Errors: kBadInput where there is none.
Result<DctSteps> ReadLuminance(std::span<const uint8_t> jpeg);
// The step of the luminance table of a quality, 1-100, for a coefficient in zigzag order, 0-63.
int LuminanceStep(int quality, int zigzag);
// "q90 4:2:0 progressive"
std::string Describe(const EncoderFacts& facts);

}  // namespace iiifbench
