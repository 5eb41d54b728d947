#include "kernels/image/reused.h"

#include <atomic>
#include <cstring>

namespace iiifbench {
namespace {
std::atomic<int> poison{-1};
}

KeptBytes::KeptBytes(std::vector<uint8_t>& kept, size_t bytes) {
  std::vector<uint8_t>& buffer = bytes > kMostKept ? own_ : kept;
  if (buffer.size() < bytes) {
    buffer.clear();  // nothing of it is copied
    buffer.resize(bytes);
  }
  bytes_ = std::span(buffer).first(bytes);
  Poison(bytes_);
}

void DropLarge(std::vector<uint8_t>& kept) {
  if (kept.capacity() > kMostKept) std::vector<uint8_t>().swap(kept);
}

void PoisonReused(int byte) { poison = byte; }

void Poison(std::span<uint8_t> bytes) {
  const int byte = poison.load(std::memory_order_relaxed);
  if (byte >= 0 && !bytes.empty()) std::memset(bytes.data(), byte, bytes.size());
}

}  // namespace iiifbench
