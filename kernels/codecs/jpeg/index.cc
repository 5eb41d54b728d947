#include "kernels/codecs/jpeg/index.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "kernels/image/reused.h"

namespace iiifbench::jpeg {
namespace {

constexpr char kMagic[] = "IIIFJIDX";
constexpr uint32_t kVersion = 1;
constexpr size_t kHeaderBytes = 64;
constexpr size_t kEntryBytes = 16;

void Store(uint8_t* to, uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) to[i] = static_cast<uint8_t>(value >> (8 * i));
}

uint64_t Load(const uint8_t* from, int bytes) {
  uint64_t value = 0;
  for (int i = 0; i < bytes; ++i) value |= static_cast<uint64_t>(from[i]) << (8 * i);
  return value;
}

// Multiply and fold, eight bytes at a time: against accidents, not against forgery.
uint64_t Checksum(const uint8_t* p, size_t count) {
  uint64_t sum = 0x9E3779B97F4A7C15u ^ count;
  for (; count >= 8; p += 8, count -= 8) {
    uint64_t word = 0;
    if constexpr (std::endian::native == std::endian::little) {
      std::memcpy(&word, p, 8);
    } else {
      word = Load(p, 8);
    }
    sum = (sum ^ word) * 0xD6E8FEB86659FD93u;
    sum ^= sum >> 32;
  }
  sum = (sum ^ Load(p, static_cast<int>(count))) * 0xD6E8FEB86659FD93u;
  return sum ^ sum >> 29;
}

constexpr size_t kFirstHead = size_t{16} << 10;

}  // namespace

Result<ParseOutcome> ReadStream(Source& source, Stream& stream, std::span<const uint8_t>& head,
                                std::string& reason) {
  static thread_local std::vector<uint8_t> buffer;
  std::span<const uint8_t> bytes = source.in_memory();
  if (source.size() > 0 && bytes.empty()) {
    size_t wanted = kFirstHead;
    for (;;) {
      if (buffer.size() < wanted) buffer.resize(wanted);
      Poison(std::span(buffer).first(wanted));
      auto got = source.ReadSome(0, std::span(buffer).first(wanted));
      if (!got) return got.error();
      bytes = std::span<const uint8_t>(buffer).first(*got);
      if (*got < wanted || ParseStream(bytes, stream, reason) != ParseOutcome::kTruncated) break;
      wanted *= 4;
    }
  }
  const ParseOutcome outcome = ParseStream(bytes, stream, reason);
  if (outcome == ParseOutcome::kTruncated) reason = "the file ends in its headers";
  if (outcome == ParseOutcome::kOk) head = bytes.first(static_cast<size_t>(stream.data_offset));
  return outcome;
}

Result<std::vector<uint8_t>> BuildIndex(Source& source) {
  Stream stream;
  std::string reason;
  std::span<const uint8_t> head;
  auto parsed = ReadStream(source, stream, head, reason);
  if (!parsed) return parsed.error();
  if (*parsed != ParseOutcome::kOk) {
    return Fail(
        *parsed == ParseOutcome::kTruncated ? ErrorKind::kBadInput : ErrorKind::kUnsupported,
        "{}: no JPEG index for this file: {}", source.name(), reason);
  }
  auto all = source.ReadAll();
  if (!all) return all.error();
  const Bytes bytes{all->data(), 0, static_cast<int64_t>(all->size())};
  const int step = std::max(1, kIndexPixels / (stream.mcu.width * stream.mcu.height));
  const int64_t per_row = (stream.mcus_across + step - 1) / step;
  const int64_t entries = per_row * stream.mcus_down;
  // Hostile sizes: an MCU has at least one bit in the file, so this bounds memory by the file.
  if (stream.mcus() / 8 > source.size()) {
    return Fail(ErrorKind::kBadInput, "{}: {} bytes cannot hold {}x{} pixels", source.name(),
                source.size(), stream.size.width, stream.size.height);
  }
  std::vector<uint8_t> out(kHeaderBytes + static_cast<size_t>(entries) * kEntryBytes);
  const Scanner scanner(stream);
  Cursor cursor = scanner.First(), end = cursor;
  uint8_t* entry = out.data() + kHeaderBytes;
  const auto damaged = [&] {
    return Fail(ErrorKind::kBadInput,
                "{}: no JPEG index: damaged entropy-coded data behind byte {} (MCU {} of {})",
                source.name(), cursor.bit >> 3, cursor.mcu, stream.mcus());
  };
  for (int64_t row = 0; row < stream.mcus_down; ++row) {
    for (int64_t j = 0; j < per_row; ++j, entry += kEntryBytes) {
      Store(entry, static_cast<uint64_t>(cursor.bit), 5);
      for (int c = 0; c < 3; ++c) {
        if (cursor.dc[c] < -32768 || cursor.dc[c] > 32767) return damaged();
        Store(entry + 5 + 2 * c, static_cast<uint16_t>(cursor.dc[c]), 2);
      }
      const int64_t next =
          row * stream.mcus_across + std::min<int64_t>((j + 1) * step, stream.mcus_across);
      if (!scanner.Advance(bytes, cursor, next, &end)) return damaged();
    }
  }
  const int64_t data_end = (end.bit + 7) >> 3;
  if (LeftOver(bytes, data_end) > 0) return damaged();
  for (int64_t n = 0; n < entries; ++n) {
    entry = out.data() + kHeaderBytes + n * static_cast<int64_t>(kEntryBytes);
    const auto first = static_cast<int64_t>(Load(entry, 5) >> 3);
    const int64_t last =
        n + 1 < entries ? static_cast<int64_t>(Load(entry + kEntryBytes, 5) >> 3) + 1 : data_end;
    Store(entry + 12,
          Checksum(bytes.at(first), static_cast<size_t>(std::min(last, data_end) - first)), 4);
  }
  uint8_t* header = out.data();
  std::memcpy(header, kMagic, 8);
  Store(header + 8, kVersion, 4);
  Store(header + 12, static_cast<uint64_t>(step), 4);
  Store(header + 16, static_cast<uint64_t>(source.size()), 8);
  Store(header + 24, Checksum(head.data(), head.size()), 8);
  Store(header + 32, static_cast<uint64_t>(stream.data_offset), 8);
  Store(header + 40, static_cast<uint64_t>(data_end), 8);
  Store(header + 48, static_cast<uint64_t>(stream.mcus_across), 4);
  Store(header + 52, static_cast<uint64_t>(stream.mcus_down), 4);
  Store(header + 56, Checksum(out.data() + kHeaderBytes, out.size() - kHeaderBytes), 8);
  return out;
}

Result<JpegIndex> JpegIndex::Open(std::span<const uint8_t> sidecar, const Source& source,
                                  const Stream& stream, std::span<const uint8_t> head) {
  const auto refuse = [&](std::string_view why) {
    return Fail(ErrorKind::kBadInput, "JPEG index for {}: {}; build it again from this file",
                source.name(), why);
  };
  if (sidecar.size() < kHeaderBytes || std::memcmp(sidecar.data(), kMagic, 8) != 0)
    return refuse("it does not begin with IIIFJIDX");
  const uint8_t* header = sidecar.data();
  if (Load(header + 8, 4) != kVersion)
    return refuse(fmt::format("version {} is unknown", Load(header + 8, 4)));
  if (Load(header + 16, 8) != static_cast<uint64_t>(source.size()))
    return refuse(fmt::format("made for a file of {} bytes, this one has {}", Load(header + 16, 8),
                              source.size()));
  if (Load(header + 24, 8) != Checksum(head.data(), head.size()) ||
      Load(header + 32, 8) != static_cast<uint64_t>(stream.data_offset) ||
      Load(header + 48, 4) != static_cast<uint64_t>(stream.mcus_across) ||
      Load(header + 52, 4) != static_cast<uint64_t>(stream.mcus_down)) {
    return refuse("made for a file with other headers");
  }
  JpegIndex index;
  index.step_ = static_cast<int>(std::min<uint64_t>(Load(header + 12, 4), 65536));
  if (index.step_ < 1) return refuse("no MCUs between entries");
  index.across_ = stream.mcus_across;
  index.per_row_ = (stream.mcus_across + index.step_ - 1) / index.step_;
  index.entries_ = index.per_row_ * stream.mcus_down;
  index.data_end_ = static_cast<int64_t>(Load(header + 40, 8));
  index.body_ = sidecar.subspan(kHeaderBytes);
  if (index.body_.size() != static_cast<size_t>(index.entries_) * kEntryBytes)
    return refuse(fmt::format("{} bytes where {} entries are due", sidecar.size(), index.entries_));
  if (Load(header + 56, 8) != Checksum(index.body_.data(), index.body_.size()))
    return refuse("it is damaged");
  if (index.data_end_ < stream.data_offset || index.data_end_ > source.size())
    return refuse("it is damaged");
  return index;
}

Cursor JpegIndex::Entry(int64_t n) const {
  const uint8_t* entry = body_.data() + n * static_cast<int64_t>(kEntryBytes);
  Cursor cursor{.mcu = n / per_row_ * across_ + n % per_row_ * step_,
                .bit = static_cast<int64_t>(Load(entry, 5))};
  for (int c = 0; c < 3; ++c) cursor.dc[c] = static_cast<int16_t>(Load(entry + 5 + 2 * c, 2));
  return cursor;
}

int64_t JpegIndex::LastByte(int64_t n) const {
  return n + 1 < entries_ ? std::min((Entry(n + 1).bit >> 3) + 1, data_end_) : data_end_;
}

bool JpegIndex::Matches(const Bytes& bytes, int64_t first, int64_t last) const {
  for (int64_t n = first; n < last; ++n) {
    const int64_t begin = FirstByte(n), end = LastByte(n);
    if (begin < bytes.begin || end < begin || end > bytes.end) return false;
    const uint8_t* entry = body_.data() + n * static_cast<int64_t>(kEntryBytes);
    if (static_cast<uint32_t>(Checksum(bytes.at(begin), static_cast<size_t>(end - begin))) !=
        Load(entry + 12, 4))
      return false;
  }
  return true;
}

}  // namespace iiifbench::jpeg
