#include "kernels/codecs/jp2/t1/code_string.h"

#include <bit>
#include <cstring>

namespace iiifbench::jp2::t1 {
namespace {

uint64_t BigEndian(uint64_t v) {
  return std::endian::native == std::endian::little ? __builtin_bswap64(v) : v;
}

}  // namespace

CodeString Unstuff(std::span<const uint8_t> string, bool raw, std::vector<uint8_t>& bits) {
  if (bits.size() < string.size() + 96) bits.resize(string.size() + 4096);
  uint8_t* const out = bits.data();
  const uint8_t* from = string.data();
  const uint8_t* const end = from + string.size();
  uint64_t held = 0;  // `count` bits at the top
  int count = 0;
  size_t at = 0;
  bool possible = true;
  const auto store = [&](uint64_t v) {
    v = BigEndian(v);
    std::memcpy(out + at, &v, sizeof(v));
  };
  const auto flush = [&] {
    store(held);
    const int whole = count >> 3;
    at += static_cast<size_t>(whole);
    held = whole == 8 ? 0 : held << (8 * whole);
    count &= 7;
  };
  while (from < end) {
    if (end - from >= 8) {
      uint64_t v;
      std::memcpy(&v, from, sizeof(v));
      const uint64_t z = ~v;
      if (((z - 0x0101010101010101u) & ~z & 0x8080808080808080u) == 0) {  // no byte is FF
        v = BigEndian(v);
        held |= v >> count;
        store(held);
        at += 8;
        held = count > 0 ? v << (64 - count) : 0;
        from += 8;
        continue;
      }
    }
    const uint8_t byte = *from++;
    held |= uint64_t{byte} << (56 - count);
    count += 8;
    flush();
    if (byte != 0xFF) continue;
    const uint8_t stuffed = from < end ? *from : 0xFF;
    if (stuffed > 0x8F) break;  // a marker, or the end: ones for ever (T.800 C.3.4)
    ++from;
    if ((stuffed & 0x80) != 0 && !raw) {  // the carry
      const uint64_t before = held;
      held += count > 0 ? uint64_t{1} << (64 - count) : 0;
      bool carry = count == 0 || held < before;
      for (size_t k = at; carry && k > 0;) carry = ++out[--k] == 0;
      possible = possible && !carry;
    }
    held |= uint64_t{stuffed & 0x7Fu} << (57 - count);
    count += 7;
    if (count >= 8) flush();
  }
  held |= count > 0 ? ~uint64_t{0} >> count : ~uint64_t{0};
  store(held);
  at += 8;
  if (!raw) {
    for (size_t k = 0; k < at; k += 8) {
      uint64_t v;
      std::memcpy(&v, out + k, sizeof(v));
      v = ~v;
      std::memcpy(out + k, &v, sizeof(v));
    }
  }
  std::memset(out + at, raw ? 0xFF : 0, 40);
  return {at, possible};
}

}  // namespace iiifbench::jp2::t1
