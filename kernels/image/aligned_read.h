// aligned_read: where in a buffer a file's bytes should be read to.
//
// Why: pread copies from the page cache, where a byte stands at its offset modulo 4096. Zen 3 and 4
// copy (rep movsb) at a ninth of their speed, 3 instead of 30 GB/s, where the target lies 1 to 15
// bytes behind the source modulo 4096. A tile at offset 8 read into memory of malloc, at 16 modulo
// 4096, meets exactly that, and so do all tiles of an uncompressed TIFF, whose sizes are multiples
// of 4096: chance made a region 3 times slower. Address and offset that agree modulo 64 never meet
// it. Bound: the copy, benchmarks/read. Memory: 63 bytes more; the buffer only grows. Threads: none
// of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace iiifbench {

// `bytes` within `buffer` for what stands at `offset` of a file; valid until the next call with
// this buffer.
std::span<uint8_t> AlignedRead(std::vector<uint8_t>& buffer, int64_t offset, size_t bytes);

}  // namespace iiifbench
