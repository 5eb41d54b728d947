#include "harness/answers/coded_alike.h"

#include <vector>

#include "harness/answers/encoder_facts.h"
#include "kernels/codecs/codec.h"
#include "kernels/pixels/to_gray.h"

namespace iiifbench {
namespace {

Image CopyOf(ConstPixelView picture) {
  Image copy(picture.size(), picture.channels);
  CopyPixels(picture, copy.view());
  return copy;
}

Image ThroughJpeg(ConstPixelView gray, std::span<const uint8_t> answer) {
  const Codec* jpeg = FindCodec("jpeg");
  const auto facts = ReadEncoderFacts(answer);
  std::vector<uint8_t> bytes;
  if (jpeg == nullptr || !facts) return CopyOf(gray);
  const EncodeOptions options{.quality = facts->options.quality, .subsampling = Subsampling::kGray};
  if (!jpeg->encode(gray, options, bytes)) return CopyOf(gray);
  auto source = Source::Borrow(bytes, "our rendering, coded like the answer");
  auto coded = DecodeWhole(*source, Variant::kLibrary);
  if (!coded || coded->size() != gray.size() || coded->channels() != 1) return CopyOf(gray);
  return std::move(*coded);
}

// Its quality is in no header: four steps of halving find it. Not below 30, or the few bytes of one
// flat colour would excuse it.
Image ThroughWebp(ConstPixelView gray, std::span<const uint8_t> answer) {
  const Codec* webp = FindCodec("webp");
  if (webp == nullptr || webp->encode == nullptr) return CopyOf(gray);
  Image colour(gray.size(), 3);
  for (int y = 0; y < gray.height; ++y) {
    const uint8_t* from = gray.row(y);
    uint8_t* to = colour.view().row(y);
    for (int x = 0; x < 3 * gray.width; ++x) to[x] = from[x / 3];
  }
  std::vector<uint8_t> bytes;
  int low = 30, high = 95;
  for (int step = 0; step < 4; ++step) {
    const int quality = (low + high) / 2;
    if (!webp->encode(colour.view(), {.quality = quality}, bytes)) return CopyOf(gray);
    (bytes.size() > answer.size() ? high : low) = quality;
  }
  if (!webp->encode(colour.view(), {.quality = low}, bytes)) return CopyOf(gray);
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
