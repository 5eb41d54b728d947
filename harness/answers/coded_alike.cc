#include "harness/answers/coded_alike.h"

#include <algorithm>
#include <vector>

#include "harness/answers/encoder_facts.h"
#include "harness/answers/webp_quality.h"
#include "kernels/codecs/codec.h"
#include "kernels/pixels/to_gray.h"

namespace iiifbench {
namespace {

Image CopyOf(ConstPixelView picture) {
  Image copy(picture.size(), picture.channels);
  CopyPixels(picture, copy.view());
  return copy;
}

// Without the Huffman codes, which cost most and change nothing.
Image ThroughJpeg(ConstPixelView gray, std::span<const uint8_t> answer) {
  const auto steps = ReadLuminance(answer);
  if (!steps) return CopyOf(gray);
  Image out(gray.size(), 1);
  QuantiseDct(gray, out.view(), *steps);
  return out;
}

Image ThroughWebp(ConstPixelView gray, std::span<const uint8_t> answer) {
  const Codec* webp = FindCodec("webp");
  const auto quality = WebpQuality(answer);
  std::vector<uint8_t> bytes;
  if (webp == nullptr || webp->encode == nullptr || !quality) return CopyOf(gray);
  // Not below this, or the few bytes of one flat colour would excuse it.
  constexpr int kLeastQuality = 20;
  if (!webp->encode(gray, {.quality = std::max(*quality, kLeastQuality)}, bytes))
    return CopyOf(gray);
  auto source = Source::Borrow(bytes, "our rendering, coded like the answer");
  auto coded = DecodeWhole(*source, Variant::kLibrary);
  if (!coded || coded->size() != gray.size() || coded->channels() != 3) return CopyOf(gray);
  Image out(gray.size(), 1);
  ToGray(coded->view(), out.view());
  return out;
}

}  // namespace

Image CodedAlike(ConstPixelView gray, std::span<const uint8_t> answer) {
  auto source = Source::Borrow(answer, "answer");
  const auto codec = CodecOf(*source);
  if (codec && (*codec)->name == "jpeg") return ThroughJpeg(gray, answer);
  if (codec && (*codec)->name == "webp") return ThroughWebp(gray, answer);
  return CopyOf(gray);
}

}  // namespace iiifbench
