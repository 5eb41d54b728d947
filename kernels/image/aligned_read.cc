#include "kernels/image/aligned_read.h"

#include "kernels/image/reused.h"

namespace iiifbench {

std::span<uint8_t> AlignedRead(std::vector<uint8_t>& buffer, int64_t offset, size_t bytes) {
  constexpr size_t kLine = 64;
  if (buffer.size() < bytes + kLine - 1) buffer.resize(bytes + kLine - 1);
  const auto address = reinterpret_cast<uintptr_t>(buffer.data());
  const size_t front = (static_cast<size_t>(offset) - address) % kLine;
  const auto room = std::span(buffer).subspan(front, bytes);
  Poison(room);
  return room;
}

}  // namespace iiifbench
