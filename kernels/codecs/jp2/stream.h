// jp2/stream: OpenJPEG over a Source.
//
// The stream reads only what the library asks for, so tile-parts that a region does not touch are
// skipped, not read. Errors: OpenJPEG's first message with the file's name; its warnings count as
// errors too, since it warns where it goes on over damage, but for the few that T.800 allows.
// Memory: a buffer of 256 KB; 24 bytes an extent. Threads: one decoder one thread; the library's
// own threads report under its lock.
#pragma once

#include <openjpeg.h>

#include <memory>
#include <string>
#include <vector>

#include "kernels/codecs/jp2/tile_parts.h"

namespace iiifbench::jp2 {

struct CloseStream {
  void operator()(opj_stream_t* s) const { opj_stream_destroy(s); }
};
struct CloseCodec {
  void operator()(opj_codec_t* c) const { opj_destroy_codec(c); }
};
struct CloseImage {
  void operator()(opj_image_t* i) const { opj_image_destroy(i); }
};

// A decoder that has read the header of `source`.
struct Decoder {
  std::unique_ptr<opj_stream_t, CloseStream> stream;
  std::unique_ptr<opj_codec_t, CloseCodec> codec;
  std::unique_ptr<opj_image_t, CloseImage> image;
  std::string message, warning;  // the first of the library
  Source* source = nullptr;
  std::vector<Extent> extents;  // what the library sees, one after the other, and an EOC marker
  std::vector<int64_t> starts;  // of each, in what the library sees
  int64_t length = 0;
  int64_t at = 0;
  size_t Read(uint8_t* into, size_t bytes);
  bool Complained() const;
  Error Failure(std::string_view doing) const;
};
Result<std::unique_ptr<Decoder>> OpenDecoder(Source& source, std::vector<Extent> extents, int level,
                                             int threads);

}  // namespace iiifbench::jp2
