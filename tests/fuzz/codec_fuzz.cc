// Any bytes as a file of one codec: probe, then a region at a level. No end, no unwritten pixel,
// and the variants agree where both answer.
#include <algorithm>

#include "tests/fuzz/fuzzed_decode.h"

namespace iiifbench {
namespace {

// How far two variants may be apart: wavelets and chroma in floating point round by their order,
// and coefficients of a damaged file may be of any size, so that nothing is promised of them.
bool Exact(const Codec& codec, const ImageInfo& info) {
  return codec.name != "jp2" || info.facts.lossless;
}

void Try(std::span<const uint8_t> input) {
  if (input.size() <= FuzzedRequest::kBytes) return;
  FuzzedRequest ask;
  static_assert(sizeof ask == FuzzedRequest::kBytes);
  std::memcpy(&ask, input.data() + input.size() - sizeof ask, sizeof ask);
  // A copy of the right size, so that a read behind its end is seen.
  const std::vector<uint8_t> file(input.begin(), input.end() - sizeof ask);
  const Codec& codec = *FindCodec(IIIFBENCH_FUZZ_CODEC);
  if (!codec.recognises(std::span(file).first(std::min<size_t>(file.size(), 64)))) return;
  auto source = Source::Borrow(file, "fuzzed");
  const auto info = codec.probe(*source);
  if (!info.ok()) return Demand(!info.error().message.empty(), "an error says why");
  Demand(info->size.width > 0 && info->size.height > 0 && !info->levels.empty() &&
             info->levels[0] == info->size && (info->channels == 1 || info->channels == 3),
         "probe gives a picture");
  DecodeRequest request{.region = FuzzedRegion(ask, info->size),
                        .level = ask.level % static_cast<int>(info->levels.size()),
                        .variant = static_cast<Variant>(ask.variant % 3),
                        .threads = 1 + ask.threads % 2};
  const auto first = FuzzedDecode(codec, *source, *info, request, 0xA5);
  const auto again = FuzzedDecode(codec, *source, *info, request, 0x5A);
  Demand(first.has_value() == again.has_value(), "the same answer twice");
  if (!first) return;
  Demand(Compare(first->view(), again->view()).maximum == 0, "the same pixels twice");
  request.variant = static_cast<Variant>((ask.variant + 1) % 3);
  const auto other = FuzzedDecode(codec, *source, *info, request, 0xA5);
  if (other && Exact(codec, *info))
    Demand(Compare(first->view(), other->view()).maximum == 0, "the same pixels in every variant");
}

}  // namespace
}  // namespace iiifbench

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  iiifbench::Try({data, size});
  return 0;
}
