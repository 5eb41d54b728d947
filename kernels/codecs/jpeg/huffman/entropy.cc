#include "kernels/codecs/jpeg/huffman/entropy.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstdio>
#include <memory>

extern "C" {
#include <jerror.h>
#include <jpeglib.h>
}

#include "kernels/codecs/jpeg/huffman/bits.h"
#include "kernels/codecs/jpeg/library.h"

// What jpeglib.h declares and keeps to itself; only the first two members are used, see the header.
struct jpeg_entropy_decoder {
  void (*start_pass)(j_decompress_ptr info);
  boolean (*decode_mcu)(j_decompress_ptr info, JBLOCKROW* blocks);
};

namespace iiifbench::jpeg {

namespace {
constexpr int kValueBits = 12;
constexpr uint32_t kSecond = 1u << 27;      // there are two symbols
constexpr uint32_t kEndOfBlock = 1u << 28;  // the last one ends the block
}  // namespace

// For each window up to two symbols: bits 0-5 length of all with extra bits, 6-10 length of the
// first, 11-14 run and 15-18 extra bits of the first, 19-22 and 23-26 those of the second. 0: the
// first code is longer than the window.
struct EntropyDecoder::ValueTable {
  std::array<uint32_t, 1 << kValueBits> entries;
};

namespace {

// T.81 figure A.6, from zigzag order to rows; sixteen more for runs beyond the block.
constexpr std::array<uint8_t, 80> kNaturalOrder = {
    0,  1,  8,  16, 9,  2,  3,  10, 17, 24, 32, 25, 18, 11, 4,  5,  12, 19, 26, 33,
    40, 48, 41, 34, 27, 20, 13, 6,  7,  14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36,
    29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54,
    47, 55, 62, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63};

bool Ends(int symbol) { return (symbol & 15) == 0 && symbol != 0xF0; }
// Ends a block though it is not the standard's end-of-block: libjpeg takes it so, and so does the
// slow way here.
bool Odd(int symbol) { return Ends(symbol) && symbol != 0; }

void BuildValues(const LengthTable& lengths, EntropyDecoder::ValueTable& table) {
  for (uint32_t index = 0; index < table.entries.size(); ++index) {
    table.entries[index] = 0;
    const uint16_t first = lengths.single[index >> (kValueBits - kPeekBits)];
    const int first_symbol = first >> 8, first_size = first_symbol & 15;
    if (first == 0) continue;
    const int first_length = (first & 31) + first_size;
    uint32_t entry = static_cast<uint32_t>(first_length) << 6 |
                     static_cast<uint32_t>(first_symbol >> 4) << 11 |
                     static_cast<uint32_t>(first_size) << 15;
    int length = first_length;
    if (first_symbol == 0) entry |= kEndOfBlock;
    if (!Ends(first_symbol) && first_length < kValueBits) {
      const uint32_t rest = (index << first_length) & ((1u << kValueBits) - 1);
      const uint16_t second = lengths.single[rest >> (kValueBits - kPeekBits)];
      if (second != 0 && first_length + (second & 31) <= kValueBits && !Odd(second >> 8)) {
        const int symbol = second >> 8;
        length += (second & 31) + (symbol & 15);
        entry |= symbol == 0 ? kEndOfBlock
                             : kSecond | static_cast<uint32_t>(symbol >> 4) << 19 |
                                   static_cast<uint32_t>(symbol & 15) << 23;
      }
    }
    if (Odd(first_symbol)) continue;
    table.entries[index] = entry | static_cast<uint32_t>(length);
  }
}

const EntropyDecoder::ValueTable* CachedValues(const HuffmanSpec& spec, const LengthTable& lengths,
                                               int slot) {
  struct Entry {
    HuffmanSpec spec;
    EntropyDecoder::ValueTable table;
  };
  static thread_local std::array<std::unique_ptr<Entry>, 4> cache;
  auto& entry = cache[slot];
  if (entry == nullptr) entry = std::make_unique<Entry>();
  if (!entry->spec.present || entry->spec.counts != spec.counts ||
      entry->spec.symbols != spec.symbols) {
    entry->spec = spec;
    BuildValues(lengths, entry->table);
  }
  return &entry->table;
}

// The value of `size` extra bits that end `length` bits into the window: T.81 F.2.2.1 without a
// branch; size 0 gives 0.
inline JCOEF ExtraBits(uint64_t window, uint32_t length, uint32_t size) {
  const uint64_t extra = window << (length - size);
  const auto magnitude = static_cast<int32_t>(extra >> 1 >> (63 - size));
  const int32_t below =
      ~static_cast<int32_t>(static_cast<int64_t>(extra) >> 63) & (1 - (1 << size));
  return static_cast<JCOEF>(magnitude + below);
}

inline bool DecodeAc(const EntropyDecoder::ValueTable& values, const LengthTable& lengths,
                     BitReader& in, JCOEF* block) {
  uint32_t k = 1;
  do {
    if (in.bits < 32) in.Refill();
    const uint32_t entry = values.entries[in.window >> (64 - kValueBits)];
    const uint32_t first = k + ((entry >> 11) & 15), second = first + 1 + ((entry >> 19) & 15);
    if (entry != 0 && second < 64) [[likely]] {
      // Both are stored without asking whether they are there: what is not is a zero at a place not
      // reached yet.
      const uint32_t length = entry & 63;
      block[kNaturalOrder[first]] = ExtraBits(in.window, (entry >> 6) & 31, (entry >> 15) & 15);
      block[kNaturalOrder[second]] = ExtraBits(in.window, length, (entry >> 23) & 15);
      in.Drop(static_cast<int>(length));
      if (entry & kEndOfBlock) return true;
      k = second + ((entry & kSecond) != 0 ? 1 : 0);
      continue;
    }
    int length = 0, symbol = 0;
    Symbol(lengths, in.window, length, symbol);
    if (length == 0) [[unlikely]]
      return false;
    in.Drop(length);
    const int run = symbol >> 4, size = symbol & 15;
    if (size == 0 && run != 15) return true;
    k += static_cast<uint32_t>(run);
    if (size != 0) {
      const int32_t value = Extend(in.window, size);
      in.Drop(size);
      block[kNaturalOrder[k]] = static_cast<JCOEF>(value);
    }
    ++k;
  } while (k < 64);
  return true;
}

}  // namespace

// The function that the library calls, and what it may touch.
struct EntropyHook {
  static void Load(EntropyDecoder& d, const Bytes& bytes, const Cursor& from) {
    d.bytes_ = bytes;
    BitReader in(bytes, from.bit);
    d.p_ = in.p;
    d.window_ = in.window;
    d.bits_ = in.bits;
    d.padded_ = in.padded;
    for (size_t c = 0; c < 3; ++c) d.dc_[c] = static_cast<uint32_t>(from.dc[c]);
    d.file_mcu_ = from.mcu;
    const int64_t interval = d.stream_->restart_interval;
    d.next_restart_ = interval == 0 ? INT64_MAX : (from.mcu / interval + 1) * interval;
  }

  // `first`, `second`: the numbers in the message of `code`, where it has any.
  [[noreturn]] static void Stop(j_decompress_ptr info, const uint8_t* at, const EntropyDecoder& d,
                                int code, int first = 0, int second = 0) {
    if (d.in_file_) {
      info->src->next_input_byte = at;
      info->src->bytes_in_buffer =
          static_cast<size_t>(d.bytes_.data + (d.bytes_.end - d.bytes_.begin) - at);
    }
    info->err->msg_code = code;
    info->err->msg_parm.i[0] = first;
    info->err->msg_parm.i[1] = second;
    (*info->err->error_exit)(reinterpret_cast<j_common_ptr>(info));
    __builtin_unreachable();
  }

  static BitReader Reader(const EntropyDecoder& d) {
    BitReader in;
    in.p = d.p_;
    in.begin = d.bytes_.data;
    in.end = d.bytes_.data + (d.bytes_.end - d.bytes_.begin);
    in.window = d.window_;
    in.bits = d.bits_;
    in.padded = d.padded_;
    return in;
  }

  // Behind a restart marker, which must follow at once.
  static bool Restart(EntropyDecoder& d) {
    const BitReader in = Reader(d);
    const int64_t marker = PassFill(d.bytes_, (in.Bit(d.bytes_) + 7) >> 3);
    if (marker + 2 > d.bytes_.end) return false;
    const uint8_t* p = d.bytes_.at(marker);
    const int64_t number = d.file_mcu_ / d.stream_->restart_interval - 1;
    if (p[0] != 0xFF || p[1] != 0xD0 + (number & 7)) return false;
    Load(d, d.bytes_, {.mcu = d.file_mcu_, .bit = (marker + 2) * 8});
    return true;
  }

  // Something else stands where a restart marker is due.
  [[noreturn]] static void StopAtRestart(j_decompress_ptr info, const EntropyDecoder& d) {
    const int64_t at = PassFill(d.bytes_, (Reader(d).Bit(d.bytes_) + 7) >> 3);
    const auto number = static_cast<int>((d.file_mcu_ / d.stream_->restart_interval - 1) & 7);
    if (at + 2 > d.bytes_.end) Stop(info, Reader(d).Position(), d, JWRN_HIT_MARKER);
    const uint8_t* p = d.bytes_.at(at);
    if (p[0] == 0xFF && p[1] != 0) Stop(info, p, d, JWRN_MUST_RESYNC, p[1], number);
    Stop(info, p, d, JWRN_EXTRANEOUS_DATA, 1, 0xD0 + number);
  }

  static boolean DecodeMcu(j_decompress_ptr info, JBLOCKROW* blocks) {
    auto& d = *static_cast<EntropyDecoder*>(info->client_data);
    if (d.column_ == 0 && !d.rows_.empty()) {
      if (d.row_ >= static_cast<int>(d.rows_.size())) Stop(info, d.p_, d, JWRN_HIT_MARKER);
      const RowStart& row = d.rows_[static_cast<size_t>(d.row_)];
      Load(d, row.bytes, row.from);
    } else if (d.file_mcu_ == d.next_restart_) {
      if (!Restart(d)) StopAtRestart(info, d);
    }
    BitReader in = Reader(d);
    const bool keep = blocks != nullptr && d.column_ >= d.first_kept_ && d.column_ < d.last_kept_;
    const Stream& s = *d.stream_;
    for (int block = 0; block < s.blocks_in_mcu; ++block) {
      const int c = s.block_component[block];
      int32_t difference = 0;
      if (!Dc(d.scanner_->dc_table(c), in, difference))
        Stop(info, in.Position(), d, JWRN_HUFF_BAD_CODE);
      d.dc_[c] += static_cast<uint32_t>(difference);
      if (!keep) {
        if (!Ac(d.scanner_->ac_table(c), in)) Stop(info, in.Position(), d, JWRN_HUFF_BAD_CODE);
        continue;
      }
      JCOEF* coefficients = *blocks[block];
      coefficients[0] = static_cast<JCOEF>(d.dc_[c]);
      const bool good = d.values_[c] == nullptr
                            ? Ac(d.scanner_->ac_table(c), in)
                            : DecodeAc(*d.values_[c], d.scanner_->ac_table(c), in, coefficients);
      if (!good) Stop(info, in.Position(), d, JWRN_HUFF_BAD_CODE);
    }
    if (in.overrun()) Stop(info, in.p, d, JWRN_HIT_MARKER);
    d.p_ = in.p;
    d.window_ = in.window;
    d.bits_ = in.bits;
    d.padded_ = in.padded;
    ++d.file_mcu_;
    if (++d.column_ == d.across_) {
      d.column_ = 0;
      ++d.row_;
    }
    if (d.file_mcu_ == s.mcus()) {
      const int64_t behind = (in.Bit(d.bytes_) + 7) >> 3;
      const int left_over = LeftOver(d.bytes_, behind);
      d.library_decides_ = left_over > 0 && left_over <= kMostUnseen;
      if (left_over > 0)
        Stop(info, d.bytes_.at(behind), d, JWRN_EXTRANEOUS_DATA, left_over, JPEG_EOI);
      // The library reads on there, to the end of the image.
      if (d.in_file_) {
        const uint8_t* at = d.bytes_.at(behind);
        info->src->next_input_byte = at;
        info->src->bytes_in_buffer = static_cast<size_t>(in.end - at);
      }
    }
    return TRUE;
  }
};

EntropyDecoder::EntropyDecoder(const Stream& stream, const Scanner& scanner, const Bytes& bytes)
    : EntropyDecoder(stream, scanner, bytes, scanner.First()) {
  in_file_ = true;
}

EntropyDecoder::EntropyDecoder(const Stream& stream, const Scanner& scanner, const Bytes& bytes,
                               const Cursor& start)
    : stream_(&stream),
      scanner_(&scanner),
      bytes_(bytes),
      start_(start),
      across_(stream.mcus_across) {}

EntropyDecoder::EntropyDecoder(const Stream& stream, const Scanner& scanner,
                               std::span<const RowStart> rows, int mcus_across)
    : stream_(&stream), scanner_(&scanner), rows_(rows), across_(mcus_across) {}

void EntropyDecoder::Attach(jpeg_decompress_struct& info) {
  mcu_width_ = std::max(1, stream_->max_h * info.min_DCT_scaled_size);
  for (size_t c = 0; c < stream_->components.size(); ++c) {
    const int slot = stream_->components[c].ac_table;
    // At one sample per block only DC counts.
    values_[c] =
        info.comp_info[c].DCT_scaled_size == 1
            ? nullptr
            : CachedValues(stream_->ac[slot], scanner_->ac_table(static_cast<int>(c)), slot);
  }
  if (rows_.empty()) EntropyHook::Load(*this, bytes_, start_);
  info.client_data = this;
  info.entropy->decode_mcu = EntropyHook::DecodeMcu;
}

namespace {

const void* ObjectOf(const void* address) {
  Dl_info info{};
  return dladdr(address, &info) != 0 ? info.dli_fbase : nullptr;
}

// Whether the two pointers where we expect functions of the library are such.
bool LayoutHolds(std::span<const uint8_t> file) {
  jpeg_decompress_struct info{};
  jpeg_error_mgr errors{};
  info.err = jpeg_std_error(&errors);
  jpeg_create_decompress(&info);
  jpeg_mem_src(&info, file.data(), file.size());
  jpeg_read_header(&info, TRUE);
  jpeg_start_decompress(&info);
  const void* library = ObjectOf(reinterpret_cast<const void*>(&jpeg_read_header));
  const bool holds = library != nullptr && info.entropy != nullptr &&
                     ObjectOf(reinterpret_cast<const void*>(info.entropy->start_pass)) == library &&
                     ObjectOf(reinterpret_cast<const void*>(info.entropy->decode_mcu)) == library;
  jpeg_abort_decompress(&info);
  jpeg_destroy_decompress(&info);
  return holds;
}

bool TakesOver() {
  Image picture({40, 24}, 3);
  for (int y = 0; y < picture.height(); ++y) {
    for (int i = 0; i < picture.width() * 3; ++i)
      picture.view().row(y)[i] = static_cast<uint8_t>(i * (y + 3) + (i % 7) * y);
  }
  std::vector<uint8_t> file;
  Stream stream;
  std::string reason;
  if (!Encode(picture.view(), {}, file) || !LayoutHolds(file) ||
      ParseStream(file, stream, reason) != ParseOutcome::kOk) {
    return false;
  }
  const Scanner scanner(stream);
  EntropyDecoder ours(stream, scanner, {file.data(), 0, static_cast<int64_t>(file.size())});
  auto source = Source::Borrow(file, "self-test");
  const Region all{0, 0, picture.width(), picture.height()};
  Image a(picture.size(), 3), b(picture.size(), 3);
  return Decode(*source, all, 0, Extent::kWhole, {}, a.view()).ok() &&
         Decode(*source, all, 0, Extent::kWhole, {}, b.view(), &ours).ok() &&
         Compare(a.view(), b.view()).maximum == 0;
}

}  // namespace

bool EntropyDecoder::Available() {
  static const bool available = TakesOver();
  return available;
}

}  // namespace iiifbench::jpeg
