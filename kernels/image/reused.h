// reused: memory that outlives a request, in one place, so that a test can poison all of it.
//
// Why: a buffer that is kept for the next request holds pixels of the last one. Where a decoder
// writes less than it says, these pixels would be the answer: somebody else's picture. So every
// buffer that is kept comes from KeptBytes, and the poison shows what was read and not written:
// answers must be the same whatever the poison is (tests/kernels/codecs/poison_test.cc).
// Memory: what is larger than kMostKept is not kept, else every thread would hold the largest
// picture that it ever met. Threads: a buffer belongs to one thread; PoisonReused is for tests,
// before the requests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace iiifbench {

inline constexpr size_t kMostKept = size_t{64} << 20;

// Bytes for one use: of `kept`, which only grows, or of an own buffer where that would be too much.
// Their content is whatever was there, or poison.
class KeptBytes {
 public:
  KeptBytes(std::vector<uint8_t>& kept, size_t bytes);
  uint8_t* data() const { return bytes_.data(); }
  size_t size() const { return bytes_.size(); }
  std::span<uint8_t> span() const { return bytes_; }

 private:
  std::vector<uint8_t> own_;
  std::span<uint8_t> bytes_;
};

// Gives back what is larger than kMostKept.
void DropLarge(std::vector<uint8_t>& kept);

// From now on all such memory, and every new Image, is filled with `byte` before it is used; -1
// ends it. Costs one load of a flag where it is off.
void PoisonReused(int byte);
// Fills `bytes` with the poison, if there is one.
void Poison(std::span<uint8_t> bytes);

}  // namespace iiifbench
