// Any bytes as a JPEG and as its index: an index of this file gives the pixels of the library; a
// damaged one gives an error or pixels, never an end.
#include "tests/fuzz/fuzzed_decode.h"

namespace iiifbench {
namespace {

// Input: the file, an index of `size` bytes or none, two bytes of that size, what is asked.
void Try(std::span<const uint8_t> input) {
  constexpr size_t kTail = FuzzedRequest::kBytes + 2;
  if (input.size() <= kTail) return;
  FuzzedRequest ask;
  std::memcpy(&ask, input.data() + input.size() - sizeof ask, sizeof ask);
  const uint8_t* bytes = input.data() + input.size() - kTail;
  const size_t index_bytes = size_t{bytes[0]} << 8 | bytes[1];
  if (index_bytes + kTail >= input.size()) return;
  const size_t file_bytes = input.size() - kTail - index_bytes;
  const std::vector<uint8_t> file(input.begin(),
                                  input.begin() + static_cast<ptrdiff_t>(file_bytes));
  const std::vector<uint8_t> given(input.begin() + static_cast<ptrdiff_t>(file_bytes),
                                   input.end() - kTail);
  const Codec& codec = *FindCodec("jpeg");
  auto source = Source::Borrow(file, "fuzzed");
  const auto info = codec.probe(*source);
  if (!info.ok()) return;
  DecodeRequest request{.region = FuzzedRegion(ask, info->size),
                        .level = ask.level % static_cast<int>(info->levels.size()),
                        .variant = Variant::kIndexed,
                        .threads = 1 + ask.threads % 2};
  if (!given.empty()) {
    request.index = given;
    static_cast<void>(FuzzedDecode(codec, *source, *info, request, 0xA5));
  }
  if (info->size.pixels() > kFuzzedPixels) return;
  const auto made = codec.build_index(*source);
  if (!made.ok()) return;
  request.index = *made;
  const auto indexed = FuzzedDecode(codec, *source, *info, request, 0xA5);
  request.variant = Variant::kLibrary;
  const auto library = FuzzedDecode(codec, *source, *info, request, 0x5A);
  if (indexed && library)
    Demand(Compare(indexed->view(), library->view()).maximum == 0,
           "the pixels of the library by an index");
}

}  // namespace
}  // namespace iiifbench

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  iiifbench::Try({data, size});
  return 0;
}
