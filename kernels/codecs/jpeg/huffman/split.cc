#include "kernels/codecs/jpeg/huffman/split.h"

#include <algorithm>
#include <atomic>
#include <limits>
#include <vector>

#include "kernels/image/parallel.h"

namespace iiifbench::jpeg {
namespace {

constexpr int kFirstMcus = 1024;  // of the second pass: where the first may join it
constexpr int kStep = 256;  // MCUs between two cursors later on, and between two looks at `last`

// The second pass. Its cursors count MCUs and DC from wherever it began.
struct Ahead {
  std::vector<Cursor> first;  // read by the first thread once `ready`
  std::vector<Cursor> later;  // read when both have ended
  std::atomic<bool> ready{false};
  std::atomic<int64_t> last{std::numeric_limits<int64_t>::max()};  // its MCU to stop at
};

void RunAhead(const Scanner& scanner, const Bytes& bytes, int64_t byte, Ahead& ahead) {
  // A byte behind 0xFF may be a stuffed one.
  while (byte < bytes.end && *bytes.at(byte - 1) == 0xFF) ++byte;
  Cursor at{.mcu = 0, .bit = byte * 8};
  while (at.mcu < kFirstMcus) {
    if (ahead.last < at.mcu || at.bit >= bytes.end * 8) return;
    ahead.first.push_back(at);
    if (scanner.Advance(bytes, at, at.mcu + 1)) continue;
    // No code begins here, so the pass is not in step: once more from the next byte.
    ahead.first.clear();
    at = {.mcu = 0, .bit = (at.bit / 8 + 1) * 8};
    while (at.bit < bytes.end * 8 && *bytes.at(at.bit / 8 - 1) == 0xFF) at.bit += 8;
  }
  ahead.later.push_back(at);
  ahead.ready = true;
  while (at.mcu + kStep <= ahead.last && scanner.Advance(bytes, at, at.mcu + kStep))
    ahead.later.push_back(at);
}

// The last of `cursors`, in order of their MCUs, at or before `mcu`; null when there is none.
const Cursor* LastBefore(const std::vector<Cursor>& cursors, int64_t mcu) {
  const auto behind =
      std::upper_bound(cursors.begin(), cursors.end(), mcu,
                       [](int64_t wanted, const Cursor& cursor) { return wanted < cursor.mcu; });
  return behind == cursors.begin() ? nullptr : &*(behind - 1);
}

// Passes MCUs one by one until one begins where one of the second pass begins; null when none does.
const Cursor* Join(const Scanner& scanner, const Bytes& bytes, const Ahead& ahead, Cursor& cursor,
                   int64_t mcu, bool& damaged) {
  auto other = ahead.first.begin();
  while (cursor.mcu < mcu) {
    while (other != ahead.first.end() && other->bit < cursor.bit) ++other;
    if (other == ahead.first.end()) return nullptr;
    if (other->bit == cursor.bit) return &*other;
    damaged = !scanner.Advance(bytes, cursor, cursor.mcu + 1);
    if (damaged) return nullptr;
  }
  return nullptr;
}

}  // namespace

bool AdvanceOnTwoThreads(const Stream& stream, const Scanner& scanner, const Bytes& bytes,
                         Cursor& cursor, int64_t mcu, int64_t* joined) {
  if (joined != nullptr) *joined = -1;
  const int64_t begin = cursor.bit / 8;
  const double share =
      static_cast<double>(mcu - cursor.mcu) / static_cast<double>(stream.mcus() - cursor.mcu);
  const auto half = static_cast<int64_t>(static_cast<double>(bytes.end - begin) * share / 2);
  const int64_t middle = begin + half;
  if (stream.restart_interval != 0 || half < 1) return scanner.Advance(bytes, cursor, mcu);
  Ahead ahead;
  const Cursor* met = nullptr;
  bool damaged = false;
  auto ran = ForEachPiece(2, 2, [&](int piece) -> Result<void> {
    if (piece == 1) {
      RunAhead(scanner, bytes, middle, ahead);
      return {};
    }
    while (!damaged && cursor.mcu < mcu && cursor.bit < middle * 8)
      damaged = !scanner.Advance(bytes, cursor, std::min(mcu, cursor.mcu + kStep));
    if (!damaged && ahead.ready) met = Join(scanner, bytes, ahead, cursor, mcu, damaged);
    ahead.last = met == nullptr ? -1 : mcu - cursor.mcu + met->mcu;
    // Alone: the second thread stops at its next look.
    if (!damaged && met == nullptr) damaged = !scanner.Advance(bytes, cursor, mcu);
    return {};
  });
  if (!ran || damaged) return false;
  if (met == nullptr) return true;
  const int64_t wanted = mcu - cursor.mcu + met->mcu;
  const Cursor* from = LastBefore(ahead.later, wanted);
  if (from == nullptr || from->mcu < met->mcu) from = LastBefore(ahead.first, wanted);
  Cursor rest = *from;
  if (!scanner.Advance(bytes, rest, wanted)) return false;
  if (joined != nullptr) *joined = cursor.mcu;
  for (size_t c = 0; c < cursor.dc.size(); ++c) {
    // Unsigned, as they are summed.
    cursor.dc[c] =
        static_cast<int32_t>(static_cast<uint32_t>(cursor.dc[c]) +
                             static_cast<uint32_t>(rest.dc[c]) - static_cast<uint32_t>(met->dc[c]));
  }
  cursor.bit = rest.bit;
  cursor.mcu = mcu;
  return true;
}

}  // namespace iiifbench::jpeg
