#include "kernels/codecs/tiff/tile.h"

#include <fmt/format.h>
#include <libdeflate.h>
#include <tiff.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "kernels/image/reused.h"

namespace iiifbench::tiff {
namespace {

constexpr size_t kSlack = 64;  // 8-byte copies may write past the end
constexpr int kClear = 256, kEnd = 257, kFirst = 258, kCodes = 4096, kLate = 1023;

// A string of the code table: where it stands, relative to the start of the tile, and its length.
struct String {
  int32_t at;
  int32_t length;
};

uint64_t LoadBigEndian(const uint8_t* bytes) {
  uint64_t value = 0;
  std::memcpy(&value, bytes, 8);
  return __builtin_bswap64(value);
}

// Codes of growing width, most significant bit first.
class CodeReader {
 public:
  explicit CodeReader(std::span<const uint8_t> bytes) : bytes_(bytes) {}
  // The next `width` bits; -1 at the end.
  int Next(int width) {
    const size_t byte = position_ >> 3;
    uint64_t window = 0;
    if (byte + 8 <= bytes_.size()) {
      window = LoadBigEndian(bytes_.data() + byte);
    } else {
      if (position_ + static_cast<size_t>(width) > bytes_.size() * 8) return -1;
      uint8_t rest[8] = {};
      std::memcpy(rest, bytes_.data() + byte, bytes_.size() - byte);
      window = LoadBigEndian(rest);
    }
    const int code = static_cast<int>((window << (position_ & 7)) >> (64 - width));
    position_ += static_cast<size_t>(width);
    return code;
  }

 private:
  std::span<const uint8_t> bytes_;
  size_t position_ = 0;  // in bits
};

Result<void> Lzw(std::span<const uint8_t> stored, uint8_t* tile, size_t wanted) {
  thread_local String table[kCodes + 1];
  // The literals stand in front of the tile, so that they are strings like any other.
  for (int i = 0; i < 256; ++i) {
    tile[i - 256] = static_cast<uint8_t>(i);
    table[i] = {i - 256, 1};
  }
  CodeReader codes(stored);
  size_t at = 0;
  int width = 9, next = kFirst;
  String previous{0, 0};
  while (at < wanted) {
    const int code = codes.Next(width);
    if (code < 0)
      return Fail(ErrorKind::kBadInput, "LZW data ends after {} of {} bytes", at, wanted);
    if (code == kClear) {
      width = 9;
      next = kFirst;
      previous.length = 0;
      continue;
    }
    if (code == kEnd)
      return Fail(ErrorKind::kBadInput, "LZW end code after {} of {} bytes", at, wanted);
    // The string that this step defines: the previous one and the first byte of this one, which
    // follows it in the output.
    if (previous.length != 0) {
      // Some writers clear late. The table is full then: what they add has no code (libtiff reads
      // up to kLate more of them).
      if (next >= kCodes + kLate)
        return Fail(ErrorKind::kBadInput, "LZW table overflows at byte {}", at);
      if (next < kCodes) table[next] = {previous.at, previous.length + 1};
      ++next;
    }
    if (code >= next)
      return Fail(ErrorKind::kBadInput, "LZW code {} is not defined at byte {}", code, at);
    const String string = table[code];
    const auto length = static_cast<size_t>(string.length);
    const uint8_t* from = tile + string.at;
    uint8_t* to = tile + at;
    if (at + length > wanted + kSlack / 2 || to - from < 8) {
      // The end of what is wanted, or a string that overlaps itself.
      const size_t count = std::min(length, wanted - at);
      for (size_t i = 0; i < count; ++i) to[i] = from[i];
      if (count < length) return {};
    } else {
      for (size_t i = 0; i < length; i += 8) std::memcpy(to + i, from + i, 8);
    }
    previous = {static_cast<int32_t>(at), string.length};
    at += length;
    if (next + 1 >= (1 << width) && width < 12) ++width;
  }
  return {};
}

// The first `total` bytes of a stream that goes on: libdeflate has no way to stop in the middle.
Result<void> DeflatePrefix(std::span<const uint8_t> stored, uint8_t* tile, size_t total) {
  z_stream stream{};
  if (inflateInit(&stream) != Z_OK)
    return Fail(ErrorKind::kBadInput, "deflate: zlib does not start");
  stream.next_in = const_cast<uint8_t*>(stored.data());
  stream.avail_in = static_cast<uInt>(std::min<size_t>(stored.size(), UINT32_MAX));
  stream.next_out = tile;
  stream.avail_out = static_cast<uInt>(total);
  const int status = inflate(&stream, Z_SYNC_FLUSH);
  const size_t got = total - stream.avail_out;
  inflateEnd(&stream);
  if ((status == Z_OK || status == Z_STREAM_END) && got == total) return {};
  return Fail(ErrorKind::kBadInput, "deflate data is damaged after {} of {} bytes", got, total);
}

Result<void> Deflate(std::span<const uint8_t> stored, uint8_t* tile, size_t total) {
  struct Free {
    void operator()(libdeflate_decompressor* d) const { libdeflate_free_decompressor(d); }
  };
  thread_local const std::unique_ptr<libdeflate_decompressor, Free> decompressor(
      libdeflate_alloc_decompressor());
  size_t got = 0;
  const auto status = libdeflate_zlib_decompress(decompressor.get(), stored.data(), stored.size(),
                                                 tile, total, &got);
  if (status == LIBDEFLATE_SUCCESS && got == total) return {};
  // Some writers fill the last strip of a picture up to the full height: what is too much is
  // ignored.
  if (status == LIBDEFLATE_INSUFFICIENT_SPACE) return DeflatePrefix(stored, tile, total);
  return status == LIBDEFLATE_SUCCESS || status == LIBDEFLATE_SHORT_OUTPUT
             ? Fail(ErrorKind::kBadInput, "deflate data ends after {} of {} bytes", got, total)
             : Fail(ErrorKind::kBadInput, "deflate data is damaged");
}

Result<void> Zstd(std::span<const uint8_t> stored, uint8_t* tile, size_t total) {
  struct Free {
    void operator()(ZSTD_DCtx* d) const { ZSTD_freeDCtx(d); }
  };
  thread_local const std::unique_ptr<ZSTD_DCtx, Free> context(ZSTD_createDCtx());
  size_t got = ZSTD_decompressDCtx(context.get(), tile, total, stored.data(), stored.size());
  if (ZSTD_isError(got) && ZSTD_getErrorCode(got) == ZSTD_error_dstSize_tooSmall) {
    // More than the tile holds, as with deflate: the stream stops where the output is full.
    ZSTD_DCtx_reset(context.get(), ZSTD_reset_session_only);
    ZSTD_outBuffer out{tile, total, 0};
    ZSTD_inBuffer in{stored.data(), stored.size(), 0};
    got = ZSTD_decompressStream(context.get(), &out, &in);
    if (!ZSTD_isError(got)) got = out.pos;
  }
  if (ZSTD_isError(got)) return Fail(ErrorKind::kBadInput, "zstd: {}", ZSTD_getErrorName(got));
  if (got != total)
    return Fail(ErrorKind::kBadInput, "zstd data ends after {} of {} bytes", got, total);
  return {};
}

}  // namespace

void TileScratch::Release() {
  for (std::vector<uint8_t>* kept : {&room, &row, &samples}) DropLarge(*kept);
}

std::string_view DecoderOf(uint16_t compression) {
  switch (compression) {
    case COMPRESSION_LZW:
      return "own LZW reader";
    case COMPRESSION_ZSTD:
      return "libzstd";
    case COMPRESSION_NONE:
      return "own reader";
    default:
      return "libdeflate";
  }
}

bool DecodesItself(uint16_t compression) {
  return compression == COMPRESSION_NONE || compression == COMPRESSION_LZW ||
         compression == COMPRESSION_ADOBE_DEFLATE || compression == COMPRESSION_DEFLATE ||
         compression == COMPRESSION_ZSTD;
}

bool IsOldLzw(std::span<const uint8_t> stored) {
  return stored.size() >= 2 && stored[0] == 0 && (stored[1] & 1) != 0;
}

Result<void> DecodeStored(uint16_t compression, TileScratch& scratch, size_t wanted, size_t total) {
  // What the bytes cannot hold is not waited for, nor is a buffer made for it: a match of deflate
  // gives at most 258 bytes for 2 bits, a code of LZW 3838 for 9.
  const size_t most = compression == COMPRESSION_LZW    ? 4096
                      : compression == COMPRESSION_ZSTD ? SIZE_MAX
                      : compression == COMPRESSION_NONE ? 1
                                                        : 1032 + 8;
  if (most != SIZE_MAX && wanted / most > scratch.stored.size())
    return Fail(ErrorKind::kBadInput, "{} bytes cannot hold {}", scratch.stored.size(), wanted);
  const size_t needed = TileScratch::kFront + total + kSlack;
  if (scratch.samples.size() < needed) {
    scratch.samples.clear();  // nothing of it is copied
    scratch.samples.resize(needed);
  }
  Poison(std::span(scratch.samples).first(needed));
  switch (compression) {
    case COMPRESSION_LZW:
      return Lzw(scratch.stored, scratch.tile(), wanted);
    case COMPRESSION_ADOBE_DEFLATE:
    case COMPRESSION_DEFLATE:
      return Deflate(scratch.stored, scratch.tile(), total);
    case COMPRESSION_ZSTD:
      return Zstd(scratch.stored, scratch.tile(), total);
    default:
      if (scratch.stored.size() < wanted)
        return Fail(ErrorKind::kBadInput, "{} of {} bytes are stored", scratch.stored.size(),
                    wanted);
      std::memcpy(scratch.tile(), scratch.stored.data(), wanted);
      return {};
  }
}

}  // namespace iiifbench::tiff
