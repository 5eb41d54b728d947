#include "harness/attribution/evidence/perf/stage_rules.h"

#include <array>

namespace iiifbench {
namespace {

// By any frame, before all others: work on the whole file for each request. ImageIO walks through
// all of a JPEG for its metadata and for the number of pictures in it, byte by byte and with reads
// of its own; no pixel of the answer comes of it, an info.json costs it too, and so the fit counts
// it to the overhead.
constexpr std::array kWhole = {
    StageRule{"", "imageio.plugins.jpeg.JPEGMetadata.", "overhead"},
    StageRule{"", "imageio.plugins.jpeg.JPEGImageReader.getNumImages", "overhead"},
};

// The first rule that fits a frame counts: special before general.
constexpr std::array kSymbols = {
    // The kernel: what it works on says more than the call.
    StageRule{"[kernel", "sock_", "network"},
    StageRule{"[kernel", "tcp_", "network"},
    StageRule{"[kernel", "unix_stream", "network"},
    StageRule{"[kernel", "ep_poll", "network"},
    // A decoder in another process: what it hands over is the price of it, not the source's
    // reading.
    StageRule{"[kernel", "pipe_read", "decode"},
    StageRule{"[kernel", "pipe_write", "decode"},
    StageRule{"[kernel", "filemap_read", "read"},
    StageRule{"[kernel", "ext4_file_read", "read"},
    StageRule{"[kernel", "ext4_mpage_readpages", "read"},
    StageRule{"[kernel", "vfs_read", "read"},
    StageRule{"[kernel", "do_sys_open", "read"},
    // libc: calls that cross into the kernel.
    StageRule{"libc.so", "pread", "read"},
    StageRule{"libc.so", "writev", "network"},
    StageRule{"libc.so", "sendmsg", "network"},
    StageRule{"libc.so", "sendto", "network"},
    StageRule{"libc.so", "recv", "network"},
    // Our kernels, by name.
    StageRule{"", "iiifbench::FileSource::", "read"},
    StageRule{"", "iiifbench::Source::Open", "read"},
    StageRule{"", "iiifbench::Resize", "resize"},
    StageRule{"", "iiifbench::N_", "resize"},
    StageRule{"", "iiifbench::ToGray", "convert"},
    StageRule{"", "iiifbench::Rotate", "convert"},
    StageRule{"", "iiifbench::PackPlanes", "decode"},
    StageRule{"", "iiifbench::UndoPredictor", "decode"},
    // libjpeg and libjpeg-turbo.
    StageRule{"", "jpeg_read_", "decode"},
    StageRule{"", "jpeg_skip_scanlines", "decode"},
    StageRule{"", "jpeg_crop_scanline", "decode"},
    StageRule{"", "jpeg_start_decompress", "decode"},
    StageRule{"", "jpeg_finish_decompress", "decode"},
    StageRule{"", "jpeg_consume_input", "decode"},
    StageRule{"", "tjDecompress", "decode"},
    StageRule{"", "TJDecompressor", "decode"},
    StageRule{"", "jsimd_idct", "decode"},
    StageRule{"", "jsimd_ycc_", "decode"},
    StageRule{"", "_fancy_upsample", "decode"},
    StageRule{"", "decode_mcu", "decode"},
    StageRule{"", "jpeg_write_", "encode"},
    StageRule{"", "jpeg_start_compress", "encode"},
    StageRule{"", "jpeg_finish_compress", "encode"},
    StageRule{"", "tjCompress", "encode"},
    StageRule{"", "TJCompressor", "encode"},
    StageRule{"", "jsimd_fdct", "encode"},
    StageRule{"", "jsimd_quantize", "encode"},
    StageRule{"", "jsimd_huff_encode", "encode"},
    StageRule{"", "jsimd_rgb_ycc", "encode"},
    StageRule{"", "encode_mcu", "encode"},
    // OpenJPEG, libtiff, zlib, libpng, libwebp.
    StageRule{"", "opj_encode", "encode"},
    StageRule{"", "opj_compress", "encode"},
    StageRule{"", "opj_", "decode"},
    StageRule{"", "TIFFRead", "decode"},
    StageRule{"", "TIFFOpen", "decode"},
    StageRule{"", "TIFFClientOpen", "decode"},
    StageRule{"", "TIFFFillTile", "decode"},
    StageRule{"", "TIFFFillStrip", "decode"},
    StageRule{"libz.so", "inflate", "decode"},
    StageRule{"libz.so", "deflate", "encode"},
    StageRule{"", "png_write", "encode"},
    StageRule{"", "png_read", "decode"},
    StageRule{"", "WebPEncode", "encode"},
    // libvips.
    StageRule{"", "vips_foreign_load", "decode"},
    StageRule{"", "vips_foreign_save", "encode"},
    StageRule{"", "vips_reduce", "resize"},
    StageRule{"", "vips_shrink", "resize"},
    StageRule{"", "vips_colour", "convert"},
    // IIPSrv's pixel loops have no symbols; OpenMP runs them. Resize, and greyscale where it is
    // asked for.
    StageRule{"", "GOMP_parallel", "resize"},
    // Pillow.
    StageRule{"_imaging", "ImagingResample", "resize"},
    StageRule{"_imaging", "ImagingReduce", "resize"},
    StageRule{"_imaging", "ImagingScaleAffine", "resize"},
    StageRule{"_imaging", "ImagingTransform", "resize"},
    StageRule{"_imaging", "Encode", "encode"},
    StageRule{"_imaging", "Decode", "decode"},
    StageRule{"_imaging", "ImagingConvert", "convert"},
    // The region of a picture that was decoded whole, as ImageMagick's CropImage.
    StageRule{"_imaging", "ImagingCrop", "decode"},
    StageRule{"_imaging", "ImagingRotate", "convert"},
    StageRule{"_imaging", "ImagingTranspose", "convert"},
    // Go.
    StageRule{"", "image/jpeg.(*decoder)", "decode"},
    StageRule{"", "image/jpeg.Decode", "decode"},
    StageRule{"", "image/jpeg.(*encoder)", "encode"},
    StageRule{"", "image/jpeg.Encode", "encode"},
    StageRule{"", "image/jpeg.fdct", "encode"},
    StageRule{"", "image/jpeg.idct", "decode"},
    StageRule{"", "image/jpeg.toYCbCr", "encode"},
    StageRule{"", "image/jpeg.rgbaToYCbCr", "encode"},
    StageRule{"", "compress/lzw", "decode"},
    StageRule{"", "x/image/draw", "resize"},
    StageRule{"", "nfnt/resize", "resize"},
    StageRule{"", "disintegration/imaging", "resize"},
    StageRule{"", "image/draw", "convert"},
    StageRule{"", "net/http.(*response)", "network"},
    StageRule{"", "net/http.(*conn).Write", "network"},
    StageRule{"", "net/http.(*conn).readRequest", "network"},
    StageRule{"", "internal/poll.(*FD)", "network"},
    // RAIS: what stands around its calls of OpenJPEG or ImageMagick belongs to the decode.
    StageRule{"", "rais/src/transform.Scale", "resize"},
    StageRule{"", "rais/src/transform.", "convert"},
    StageRule{"", "rais/src/openjpeg.", "decode"},
    // ImageMagick.
    StageRule{"", "ReadImage", "decode"},
    StageRule{"", "PingImage", "overhead"},
    StageRule{"", "ResizeImage", "resize"},
    StageRule{"", "ScaleImage", "resize"},
    StageRule{"", "SampleImage", "resize"},
    StageRule{"", "CropImage", "decode"},
    StageRule{"", "DestroyImage", "decode"},  // the pages of the decoded picture go back
    StageRule{"", "ExportImagePixels", "decode"},
    // The JVM: ImageIO's native parts, Java2D's loops, the collector's Java side.
    StageRule{"", "JPEGImageReader", "decode"},
    StageRule{"", "JPEGImageWriter", "encode"},
    StageRule{"", "com.sun.imageio.plugins.tiff", "decode"},
    StageRule{"", "Lcom/sun/imageio/plugins/tiff", "decode"},
    StageRule{"", "java.util.zip.Inflater", "decode"},
    StageRule{"", "Java_java_util_zip_Inflater", "decode"},
    StageRule{"", "cantaloupe.processor.resample", "resize"},
    StageRule{"", "cantaloupe.processor.Java2DUtil.scale", "resize"},
    StageRule{"", "cantaloupe.processor.codec.jpeg.JPEGImageReader", "decode"},
    StageRule{"", "cantaloupe.processor.codec.jpeg.TurboJPEGImageWriter", "encode"},
    StageRule{"", "cantaloupe.processor.codec.AbstractIIOImageReader.read", "decode"},
    StageRule{"", "sun/java2d", "resize"},
    StageRule{"", "sun.java2d", "resize"},
    StageRule{"", "java.awt.image.AffineTransformOp", "resize"},
    StageRule{"", "Lsun/nio/ch", "network"},
};

// The start of a process costs the same whatever it decodes: overhead, as a fit sees it.
constexpr std::array kStarts = {
    StageRule{"[kernel", "execve", "overhead"},
    StageRule{"[kernel", "load_elf_binary", "overhead"},
    StageRule{"ld-linux", "", "overhead"},
};

// By thread: work that no request asked for.
constexpr std::array kThreads = {
    StageRule{"GC Thread", "", "overhead"},
    StageRule{"G1 ", "", kBackground},
    StageRule{"C1 Compiler", "", kBackground},
    StageRule{"C2 Compiler", "", kBackground},
    StageRule{"VM Thread", "", "overhead"},
    StageRule{"lighttpd", "", "overhead"},
    StageRule{"nginx", "", "overhead"},
    // A decoder in a process of its own: its page faults and what it writes are the price of it.
    StageRule{"opj_decompress", "", "decode"},
    StageRule{"kdu_expand", "", "decode"},
    StageRule{"mkfifo", "", "overhead"},
};

constexpr std::array kObjects = {
    StageRule{"libopenjp2", "", "decode"},     StageRule{"libtiff", "", "decode"},
    StageRule{"libjpeg", "", kEitherJpeg},     StageRule{"libturbojpeg", "", kEitherJpeg},
    StageRule{"libjavajpeg", "", kEitherJpeg}, StageRule{"libz.so", "", "decode"},
    StageRule{"libdeflate", "", "decode"},     StageRule{"liblzw", "", "decode"},
    StageRule{"libzstd", "", "decode"},        StageRule{"libLerc", "", "decode"},
    StageRule{"libmlib_image", "", "resize"},  StageRule{"libawt", "", "resize"},
    StageRule{"_imaging", "", kNearest},       StageRule{"libjvm", "", "overhead"},
    StageRule{"libpython", "", "overhead"},    StageRule{"/python3", "", "overhead"},
    StageRule{"libfcgi", "", "overhead"},      StageRule{"liblog4j", "", "overhead"},
    StageRule{"coders/", "", "decode"},
};

// What is left: a language's runtime, or the kernel's scheduler.
constexpr std::array kLast = {
    StageRule{"", "runtime.", "overhead"},
    StageRule{"", "net/http.", "overhead"},
    StageRule{"", "main.", "overhead"},
    StageRule{"", "Interpreter", "overhead"},
    StageRule{"", "java.", "overhead"},
    StageRule{"libjava.so", "", "overhead"},
    StageRule{"libnio", "", "network"},
    StageRule{"libnet.so", "", "network"},
    StageRule{"", "basic_filebuf", "overhead"},
    StageRule{"", "std::ostream", "overhead"},
    StageRule{"[kernel", "futex", "overhead"},
    StageRule{"[kernel", "nanosleep", "overhead"},
    StageRule{"[kernel", "execve", "overhead"},
    StageRule{"[kernel", "clone", "overhead"},
    StageRule{"[kernel", "do_exit", "overhead"},
    StageRule{"[kernel", "do_wait", "overhead"},
    // IIPSrv has no symbols: what is left of it moves pixels between tile, region and strip.
    StageRule{"iipsrv.fcgi", "", kNearest},
};

bool Fits(const StageRule& rule, const PerfFrame& frame) {
  return frame.object.find(rule.object) != std::string::npos &&
         frame.symbol.find(rule.symbol) != std::string::npos;
}

std::string Search(std::span<const StageRule> rules, const PerfSample& sample) {
  for (const PerfFrame& frame : sample.frames) {
    for (const StageRule& rule : rules) {
      if (Fits(rule, frame)) return std::string(rule.stage);
    }
  }
  return {};
}

}  // namespace

std::span<const StageRule> SymbolRules() { return kSymbols; }
std::span<const StageRule> ObjectRules() { return kObjects; }

std::string StageOfSample(const PerfSample& sample, bool jpeg_source) {
  std::string stage = Search(kWhole, sample);
  if (stage.empty()) stage = Search(kSymbols, sample);
  if (stage.empty()) stage = Search(kStarts, sample);
  if (!stage.empty()) return stage;
  for (const StageRule& rule : kThreads) {
    if (sample.program.starts_with(rule.object)) return std::string(rule.stage);
  }
  stage = Search(kObjects, sample);
  if (stage.empty()) stage = Search(kLast, sample);
  if (stage == kEitherJpeg && !jpeg_source) return "encode";
  return stage;
}

}  // namespace iiifbench
