#include "harness/stats/hdr_histogram.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <optional>

namespace iiifbench {
namespace {

constexpr uint32_t kPayloadCookie = 0x1c849303, kCompressedCookie = 0x1c849304;
constexpr uint32_t kWordSize = 0x10;  // set by all writers of V2; readers leave it out of account
constexpr size_t kHeaderBytes = 40;
constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void PutBigEndian(std::string& out, uint64_t value, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
    out.push_back(static_cast<char>(value >> shift));
}

uint64_t BigEndian(std::string_view bytes) {
  uint64_t value = 0;
  for (char c : bytes) value = value << 8 | static_cast<uint8_t>(c);
  return value;
}

void PutZigzag(std::string& out, int64_t value) {
  uint64_t left = static_cast<uint64_t>(value) << 1 ^ static_cast<uint64_t>(value >> 63);
  for (int i = 0; i < 8; ++i, left >>= 7) {
    if (left < 0x80) return out.push_back(static_cast<char>(left));
    out.push_back(static_cast<char>(left | 0x80));
  }
  out.push_back(static_cast<char>(left));  // the ninth byte carries eight bits
}

std::optional<int64_t> TakeZigzag(std::string_view& bytes) {
  uint64_t value = 0;
  for (int i = 0; i < 9; ++i) {
    if (bytes.empty()) return {};
    const auto byte = static_cast<uint8_t>(bytes.front());
    bytes.remove_prefix(1);
    const bool last = i == 8 || byte < 0x80;
    value |= static_cast<uint64_t>(i == 8 ? byte : byte & 0x7f) << (7 * i);
    if (last) break;
  }
  return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
}

std::string ToBase64(std::string_view bytes) {
  std::string out;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const size_t n = std::min<size_t>(3, bytes.size() - i);
    const uint64_t bits = BigEndian(bytes.substr(i, n)) << (8 * (3 - n));
    for (size_t k = 0; k < 4; ++k)
      out.push_back(k <= n ? kAlphabet[bits >> (18 - 6 * k) & 63] : '=');
  }
  return out;
}

std::optional<std::string> FromBase64(std::string_view text) {
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  std::string out;
  uint32_t bits = 0;
  int have = 0;
  for (char c : text) {
    const size_t digit = kAlphabet.find(c);
    if (digit == std::string_view::npos) return {};
    bits = bits << 6 | static_cast<uint32_t>(digit);
    have += 6;
    if (have < 8) continue;
    have -= 8;
    out.push_back(static_cast<char>(bits >> have));
  }
  return out;
}

bool Sensible(const HdrRange& range) {
  return range.digits >= 1 && range.digits <= 5 && range.lowest >= 1 &&
         range.highest >= 2 * range.lowest && range.highest <= int64_t{1} << 50;
}

}  // namespace

HdrHistogram::HdrHistogram(const HdrRange& range) : range_(range) {
  IIIFBENCH_CHECK(Sensible(range), "lowest {}, highest {}, digits {}", range.lowest, range.highest,
                  range.digits);
  unit_ = std::bit_width(static_cast<uint64_t>(range.lowest)) - 1;
  const double steps = 2 * std::pow(10.0, range.digits);
  half_ = static_cast<int>(std::ceil(std::log2(steps))) - 1;
  int buckets = 1;
  for (int64_t limit = int64_t{1} << (half_ + 1 + unit_); limit <= range.highest; limit *= 2)
    ++buckets;
  counts_.resize(static_cast<size_t>(buckets + 1) << half_);
}

size_t HdrHistogram::IndexOf(int64_t value) const {
  const uint64_t mask = ((uint64_t{2} << half_) - 1) << unit_;
  const int bucket = std::bit_width(static_cast<uint64_t>(value) | mask) - unit_ - half_ - 1;
  const auto sub = static_cast<size_t>(value >> (bucket + unit_));
  return (static_cast<size_t>(bucket) << half_) + sub;
}

int64_t HdrHistogram::StepAt(size_t index) const {
  const int bucket = std::max(0, static_cast<int>(index >> half_) - 1);
  return int64_t{1} << (bucket + unit_);
}

int64_t HdrHistogram::LeastAt(size_t index) const {
  const size_t bucket = index >> half_;
  const size_t sub =
      bucket == 0 ? index : (index & ((size_t{1} << half_) - 1)) + (size_t{1} << half_);
  return static_cast<int64_t>(sub) * StepAt(index);
}

void HdrHistogram::Record(int64_t value, int64_t count) {
  IIIFBENCH_CHECK(value >= 0 && count >= 0, "value {}, count {}", value, count);
  if (value > range_.highest) {
    clipped_ += count;
    value = range_.highest;
  }
  counts_[IndexOf(value)] += count;
  total_ += count;
}

void HdrHistogram::Merge(const HdrHistogram& other) {
  IIIFBENCH_CHECK(range_ == other.range_, "histograms of different ranges");
  for (size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
  total_ += other.total_;
  clipped_ += other.clipped_;
}

int64_t HdrHistogram::At(double p) const {
  if (total_ == 0) return 0;
  // Just below, so that 0.9 of 10 samples, which is 9.000...2 in floating point, stays the ninth.
  const double rank = std::ceil(std::nextafter(p * static_cast<double>(total_), 0.0));
  const int64_t wanted = std::clamp<int64_t>(static_cast<int64_t>(rank), 1, total_);
  int64_t seen = 0;
  for (size_t i = 0; i < counts_.size(); ++i) {
    seen += counts_[i];
    if (seen >= wanted) return LeastAt(i) + StepAt(i) - 1;
  }
  return 0;
}

int64_t HdrHistogram::Least() const {
  for (size_t i = 0; i < counts_.size(); ++i) {
    if (counts_[i] > 0) return LeastAt(i);
  }
  return 0;
}

double HdrHistogram::Mean() const {
  double sum = 0;
  for (size_t i = 0; i < counts_.size(); ++i) {
    if (counts_[i] > 0)
      sum += static_cast<double>(counts_[i]) * static_cast<double>(LeastAt(i) + StepAt(i) / 2);
  }
  return total_ == 0 ? 0 : sum / static_cast<double>(total_);
}

std::vector<HdrHistogram::Bucket> HdrHistogram::Buckets() const {
  std::vector<Bucket> out;
  for (size_t i = 0; i < counts_.size(); ++i) {
    if (counts_[i] > 0) out.push_back({LeastAt(i) + StepAt(i) - 1, counts_[i]});
  }
  return out;
}

std::string HdrHistogram::Encode() const {
  std::string counts;
  const auto used =
      std::find_if(counts_.rbegin(), counts_.rend(), [](int64_t n) { return n != 0; });
  const auto end = static_cast<size_t>(counts_.rend() - used);
  for (size_t i = 0; i < end;) {
    size_t zeros = 0;
    while (counts_[i + zeros] == 0) ++zeros;  // ends: the last count of the used ones is not zero
    PutZigzag(counts, zeros > 1 ? -static_cast<int64_t>(zeros) : counts_[i]);
    i += std::max<size_t>(1, zeros);
  }
  std::string payload;
  PutBigEndian(payload, kPayloadCookie | kWordSize, 4);
  PutBigEndian(payload, counts.size(), 4);
  PutBigEndian(payload, 0, 4);
  PutBigEndian(payload, static_cast<uint64_t>(range_.digits), 4);
  PutBigEndian(payload, static_cast<uint64_t>(range_.lowest), 8);
  PutBigEndian(payload, static_cast<uint64_t>(range_.highest), 8);
  PutBigEndian(payload, std::bit_cast<uint64_t>(1.0), 8);
  payload += counts;
  std::string packed(compressBound(payload.size()), '\0');
  uLongf size = packed.size();
  const int status =
      compress(reinterpret_cast<Bytef*>(packed.data()), &size,
               reinterpret_cast<const Bytef*>(payload.data()), static_cast<uLong>(payload.size()));
  IIIFBENCH_CHECK(status == Z_OK, "zlib: {}", status);
  std::string all;
  PutBigEndian(all, kCompressedCookie | kWordSize, 4);
  PutBigEndian(all, size, 4);
  return ToBase64(all.append(packed, 0, size));
}

Result<HdrHistogram> HdrHistogram::Decode(std::string_view base64) {
  const auto bad = [](std::string_view what) {
    return Fail(ErrorKind::kBadInput, "HDR histogram: {}", what);
  };
  const auto all = FromBase64(base64);
  if (!all) return bad("not base64");
  const std::string_view outer = *all;
  if (outer.size() < 8 || (BigEndian(outer.substr(0, 4)) & ~0xf0ULL) != kCompressedCookie)
    return bad("no cookie of the compressed V2 format");
  const uint64_t packed_size = BigEndian(outer.substr(4, 4));
  if (packed_size > outer.size() - 8) return bad("truncated");
  // The largest legal payload: every count of the widest range in nine bytes. Read as far as it
  // goes.
  std::string payload(size_t{16} << 20, '\0');
  uLongf size = payload.size();
  if (uncompress(reinterpret_cast<Bytef*>(payload.data()), &size,
                 reinterpret_cast<const Bytef*>(outer.data()) + 8, packed_size) != Z_OK)
    return bad("its zlib stream is damaged");
  std::string_view left(payload.data(), size);
  if (size < kHeaderBytes || (BigEndian(left.substr(0, 4)) & ~0xf0ULL) != kPayloadCookie)
    return bad("no cookie of a V2 payload");
  const uint64_t length = BigEndian(left.substr(4, 4));
  if (BigEndian(left.substr(8, 4)) != 0) return bad("a normalising offset is not handled");
  const HdrRange range{.lowest = static_cast<int64_t>(BigEndian(left.substr(16, 8))),
                       .highest = static_cast<int64_t>(BigEndian(left.substr(24, 8))),
                       .digits = static_cast<int>(BigEndian(left.substr(12, 4)))};
  if (!Sensible(range)) return bad("its range is out of bounds");
  left.remove_prefix(kHeaderBytes);
  if (length > left.size()) return bad("truncated counts");
  left = left.substr(0, length);
  HdrHistogram out(range);
  for (size_t i = 0; !left.empty();) {
    const auto value = TakeZigzag(left);
    if (!value) return bad("truncated counts");
    const uint64_t steps = *value < 0 ? 0 - static_cast<uint64_t>(*value) : 1;
    if (steps > out.counts_.size() - i) return bad("more counts than its range has");
    if (*value > 0) {
      out.counts_[i] = *value;
      out.total_ += *value;
    }
    i += steps;
  }
  return out;
}

}  // namespace iiifbench
