// A page of the corpus, small, and what a codec leaves of it.
#pragma once

#include <gtest/gtest.h>

#include "data/page.h"
#include "kernels/codecs/codec.h"

namespace iiifbench {

inline Image SmallPage(const char* kind) { return FindPageKind(kind)->make({640, 900}, 1); }

inline Image Through(ConstPixelView picture, const char* codec, const EncodeOptions& options) {
  std::vector<uint8_t> bytes;
  auto encoded = FindCodec(codec)->encode(picture, options, bytes);
  EXPECT_TRUE(encoded.ok()) << (encoded ? "" : encoded.error().message);
  auto source = Source::Borrow(bytes, codec);
  auto out = DecodeWhole(*source);
  EXPECT_TRUE(out.ok()) << (out ? "" : out.error().message);
  return std::move(*out);
}

}  // namespace iiifbench
