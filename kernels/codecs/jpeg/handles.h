// jpeg/handles: the library's objects behind ours, shared by library.cc and planes.cc and by
// nothing else.
//
// A function that calls the library through one of these first does `if (setjmp(x.errors.jump))
// return false;` and has trivial locals; the message is then in x.errors. Threads: an object serves
// one thread; what a Decompressor reads goes through a buffer of the thread, so a thread has one
// that reads at a time.
#pragma once

#include <csetjmp>
#include <cstdio>
#include <vector>

extern "C" {
#include <jerror.h>
#include <jpeglib.h>
}

#include "kernels/codecs/codec.h"

namespace iiifbench::jpeg {

// libjpeg's error manager, followed by what our callbacks need.
struct ErrorState {
  jpeg_error_mgr manager;
  std::jmp_buf jump;
  char message[JMSG_LENGTH_MAX];
};

// Reads a Source in blocks; bytes in memory are handed over whole.
struct BlockReader {
  jpeg_source_mgr manager;
  Source* source;
  int64_t offset;  // of the next block
  uint8_t* block;
  size_t block_bytes;
  bool ended;  // the file ended where more was wanted: an EOI was made up
};

// Counts scans while they come.
struct ScanCounter {
  jpeg_progress_mgr manager;
  int seen;             // the last scan that was counted
  int components_seen;  // in all scans so far
};

// A decompressor that is destroyed on every way out.
struct Decompressor {
  jpeg_decompress_struct info{};
  ErrorState errors{};
  BlockReader reader{};
  ScanCounter scans{};
  explicit Decompressor(Source& source);
  ~Decompressor() { jpeg_destroy_decompress(&info); }
  Decompressor(const Decompressor&) = delete;
  Decompressor& operator=(const Decompressor&) = delete;
};

// False when the library refuses; see errors.message.
bool ReadHeaderOf(Decompressor& d);
// A file of more scans than any encoder writes becomes an error: progressive files keep all
// coefficients and may repeat scans without end, a small file can cost minutes. The limit falls
// with the size of the picture, so that passes over all of it are bounded: 500 up to 2 Mpx, 32 from
// 31 Mpx on.
void LimitScans(Decompressor& d);
// Whether a file without EOI lacks parts of the picture: progressive, some coefficient is not
// refined to the end; of several sequential scans, a component has none. After
// jpeg_finish_decompress; calls the library.
bool LacksScans(const Decompressor& d);
// What this codec takes; checked after jpeg_read_header.
Result<void> Supported(const Source& source, const jpeg_decompress_struct& info);
// A library error as ours: where in the file it happened, as far as the input was consumed.
Error LibraryError(const Source& source, const jpeg_decompress_struct& info, const char* message);

// Writes into a vector, whose capacity is used again.
struct VectorWriter {
  jpeg_destination_mgr manager;
  std::vector<uint8_t>* out;
};

// A compressor that is destroyed on every way out.
struct Compressor {
  jpeg_compress_struct info{};
  ErrorState errors{};
  VectorWriter writer{};
  explicit Compressor(std::vector<uint8_t>& out);
  ~Compressor() { jpeg_destroy_compress(&info); }
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;
};

// The format's bound on width and height.
Result<void> FitsFormat(Size size);
// All settings up to jpeg_start_compress; calls the library.
void PrepareCompress(jpeg_compress_struct& info, Size size, J_COLOR_SPACE input,
                     const EncodeOptions& options);

}  // namespace iiifbench::jpeg
