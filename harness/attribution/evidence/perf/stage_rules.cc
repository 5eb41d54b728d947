#include "harness/attribution/evidence/perf/stage_rules.h"

#include <array>

namespace iiifbench {
namespace {

// By any frame, before all others: work on the whole file for each request. ImageIO walks through
// all of a JPEG for its metadata and for the number of pictures in it, byte by byte and with reads
// of its own; no pixel of the answer comes of it, an info.json costs it too, and so the fit counts
// it to the overhead.
constexpr std::array kWhole = {
    StageRule{"", "imageio.plugins.jpeg.JPEGMetadata.", Stage::kOverhead},
    StageRule{"", "imageio.plugins.jpeg.JPEGImageReader.getNumImages", Stage::kOverhead},
};

// The first rule that fits a frame counts: special before general.
constexpr std::array kSymbols = {
    // The kernel: what it works on says more than the call.
    StageRule{"[kernel", "sock_", Stage::kNetwork},
    StageRule{"[kernel", "tcp_", Stage::kNetwork},
    StageRule{"[kernel", "unix_stream", Stage::kNetwork},
    StageRule{"[kernel", "ep_poll", Stage::kNetwork},
    // A decoder in another process: what it hands over is the price of it, not the source's
    // reading.
    StageRule{"[kernel", "pipe_read", Stage::kDecode},
    StageRule{"[kernel", "pipe_write", Stage::kDecode},
    StageRule{"[kernel", "filemap_read", Stage::kRead},
    StageRule{"[kernel", "ext4_file_read", Stage::kRead},
    StageRule{"[kernel", "ext4_mpage_readpages", Stage::kRead},
    StageRule{"[kernel", "vfs_read", Stage::kRead},
    StageRule{"[kernel", "do_sys_open", Stage::kRead},
    // libc: calls that cross into the kernel.
    StageRule{"libc.so", "pread", Stage::kRead},
    StageRule{"libc.so", "writev", Stage::kNetwork},
    StageRule{"libc.so", "sendmsg", Stage::kNetwork},
    StageRule{"libc.so", "sendto", Stage::kNetwork},
    StageRule{"libc.so", "recv", Stage::kNetwork},
    // Our kernels, by name.
    StageRule{"", "iiifbench::FileSource::", Stage::kRead},
    StageRule{"", "iiifbench::Source::Open", Stage::kRead},
    StageRule{"", "iiifbench::Resize", Stage::kResize},
    StageRule{"", "iiifbench::N_", Stage::kResize},
    StageRule{"", "iiifbench::ToGray", Stage::kConvert},
    StageRule{"", "iiifbench::Rotate", Stage::kConvert},
    StageRule{"", "iiifbench::PackPlanes", Stage::kDecode},
    StageRule{"", "iiifbench::UndoPredictor", Stage::kDecode},
    // libjpeg and libjpeg-turbo.
    StageRule{"", "jpeg_read_", Stage::kDecode},
    StageRule{"", "jpeg_skip_scanlines", Stage::kDecode},
    StageRule{"", "jpeg_crop_scanline", Stage::kDecode},
    StageRule{"", "jpeg_start_decompress", Stage::kDecode},
    StageRule{"", "jpeg_finish_decompress", Stage::kDecode},
    StageRule{"", "jpeg_consume_input", Stage::kDecode},
    StageRule{"", "tjDecompress", Stage::kDecode},
    StageRule{"", "TJDecompressor", Stage::kDecode},
    StageRule{"", "jsimd_idct", Stage::kDecode},
    StageRule{"", "jsimd_ycc_", Stage::kDecode},
    StageRule{"", "_fancy_upsample", Stage::kDecode},
    StageRule{"", "decode_mcu", Stage::kDecode},
    StageRule{"", "jpeg_write_", Stage::kEncode},
    StageRule{"", "jpeg_start_compress", Stage::kEncode},
    StageRule{"", "jpeg_finish_compress", Stage::kEncode},
    StageRule{"", "tjCompress", Stage::kEncode},
    StageRule{"", "TJCompressor", Stage::kEncode},
    StageRule{"", "jsimd_fdct", Stage::kEncode},
    StageRule{"", "jsimd_quantize", Stage::kEncode},
    StageRule{"", "jsimd_huff_encode", Stage::kEncode},
    StageRule{"", "jsimd_rgb_ycc", Stage::kEncode},
    StageRule{"", "encode_mcu", Stage::kEncode},
    // OpenJPEG, libtiff, zlib, libpng, libwebp.
    StageRule{"", "opj_encode", Stage::kEncode},
    StageRule{"", "opj_compress", Stage::kEncode},
    StageRule{"", "opj_", Stage::kDecode},
    StageRule{"", "TIFFRead", Stage::kDecode},
    StageRule{"", "TIFFOpen", Stage::kDecode},
    StageRule{"", "TIFFClientOpen", Stage::kDecode},
    StageRule{"", "TIFFFillTile", Stage::kDecode},
    StageRule{"", "TIFFFillStrip", Stage::kDecode},
    StageRule{"libz.so", "inflate", Stage::kDecode},
    StageRule{"libz.so", "deflate", Stage::kEncode},
    StageRule{"", "png_write", Stage::kEncode},
    StageRule{"", "png_read", Stage::kDecode},
    StageRule{"", "WebPEncode", Stage::kEncode},
    // libvips.
    StageRule{"", "vips_foreign_load", Stage::kDecode},
    StageRule{"", "vips_foreign_save", Stage::kEncode},
    StageRule{"", "vips_reduce", Stage::kResize},
    StageRule{"", "vips_shrink", Stage::kResize},
    StageRule{"", "vips_colour", Stage::kConvert},
    // IIPSrv's pixel loops have no symbols; OpenMP runs them. Resize, and greyscale where it is
    // asked for.
    StageRule{"", "GOMP_parallel", Stage::kResize},
    // Pillow.
    StageRule{"_imaging", "ImagingResample", Stage::kResize},
    StageRule{"_imaging", "ImagingReduce", Stage::kResize},
    StageRule{"_imaging", "ImagingScaleAffine", Stage::kResize},
    StageRule{"_imaging", "ImagingTransform", Stage::kResize},
    StageRule{"_imaging", "Encode", Stage::kEncode},
    StageRule{"_imaging", "Decode", Stage::kDecode},
    StageRule{"_imaging", "ImagingConvert", Stage::kConvert},
    // The region of a picture that was decoded whole, as ImageMagick's CropImage.
    StageRule{"_imaging", "ImagingCrop", Stage::kDecode},
    StageRule{"_imaging", "ImagingRotate", Stage::kConvert},
    StageRule{"_imaging", "ImagingTranspose", Stage::kConvert},
    // Go.
    StageRule{"", "image/jpeg.(*decoder)", Stage::kDecode},
    StageRule{"", "image/jpeg.Decode", Stage::kDecode},
    StageRule{"", "image/jpeg.(*encoder)", Stage::kEncode},
    StageRule{"", "image/jpeg.Encode", Stage::kEncode},
    StageRule{"", "image/jpeg.fdct", Stage::kEncode},
    StageRule{"", "image/jpeg.idct", Stage::kDecode},
    StageRule{"", "image/jpeg.toYCbCr", Stage::kEncode},
    StageRule{"", "image/jpeg.rgbaToYCbCr", Stage::kEncode},
    StageRule{"", "compress/lzw", Stage::kDecode},
    StageRule{"", "x/image/draw", Stage::kResize},
    StageRule{"", "nfnt/resize", Stage::kResize},
    StageRule{"", "disintegration/imaging", Stage::kResize},
    StageRule{"", "image/draw", Stage::kConvert},
    StageRule{"", "net/http.(*response)", Stage::kNetwork},
    StageRule{"", "net/http.(*conn).Write", Stage::kNetwork},
    StageRule{"", "net/http.(*conn).readRequest", Stage::kNetwork},
    StageRule{"", "internal/poll.(*FD)", Stage::kNetwork},
    // RAIS: what stands around its calls of OpenJPEG or ImageMagick belongs to the decode.
    StageRule{"", "rais/src/transform.Scale", Stage::kResize},
    StageRule{"", "rais/src/transform.", Stage::kConvert},
    StageRule{"", "rais/src/openjpeg.", Stage::kDecode},
    // ImageMagick.
    StageRule{"", "ReadImage", Stage::kDecode},
    StageRule{"", "PingImage", Stage::kOverhead},
    StageRule{"", "ResizeImage", Stage::kResize},
    StageRule{"", "ScaleImage", Stage::kResize},
    StageRule{"", "SampleImage", Stage::kResize},
    StageRule{"", "CropImage", Stage::kDecode},
    StageRule{"", "DestroyImage", Stage::kDecode},  // the pages of the decoded picture go back
    StageRule{"", "ExportImagePixels", Stage::kDecode},
    // The JVM: ImageIO's native parts, Java2D's loops, the collector's Java side.
    StageRule{"", "JPEGImageReader", Stage::kDecode},
    StageRule{"", "JPEGImageWriter", Stage::kEncode},
    StageRule{"", "com.sun.imageio.plugins.tiff", Stage::kDecode},
    StageRule{"", "Lcom/sun/imageio/plugins/tiff", Stage::kDecode},
    StageRule{"", "java.util.zip.Inflater", Stage::kDecode},
    StageRule{"", "Java_java_util_zip_Inflater", Stage::kDecode},
    StageRule{"", "cantaloupe.processor.resample", Stage::kResize},
    StageRule{"", "cantaloupe.processor.Java2DUtil.scale", Stage::kResize},
    StageRule{"", "cantaloupe.processor.codec.jpeg.JPEGImageReader", Stage::kDecode},
    StageRule{"", "cantaloupe.processor.codec.jpeg.TurboJPEGImageWriter", Stage::kEncode},
    StageRule{"", "cantaloupe.processor.codec.AbstractIIOImageReader.read", Stage::kDecode},
    StageRule{"", "sun/java2d", Stage::kResize},
    StageRule{"", "sun.java2d", Stage::kResize},
    StageRule{"", "java.awt.image.AffineTransformOp", Stage::kResize},
    StageRule{"", "Lsun/nio/ch", Stage::kNetwork},
};

// The start of a process costs the same whatever it decodes: overhead, as a fit sees it.
constexpr std::array kStarts = {
    StageRule{"[kernel", "execve", Stage::kOverhead},
    StageRule{"[kernel", "load_elf_binary", Stage::kOverhead},
    StageRule{"ld-linux", "", Stage::kOverhead},
};

// By thread: work that no request asked for.
constexpr std::array kThreads = {
    StageRule{"GC Thread", "", Stage::kOverhead},
    StageRule{"G1 ", "", OtherPart::kBackground},
    StageRule{"C1 Compiler", "", OtherPart::kBackground},
    StageRule{"C2 Compiler", "", OtherPart::kBackground},
    StageRule{"VM Thread", "", Stage::kOverhead},
    StageRule{"lighttpd", "", Stage::kOverhead},
    StageRule{"nginx", "", Stage::kOverhead},
    // A decoder in a process of its own: its page faults and what it writes are the price of it.
    StageRule{"opj_decompress", "", Stage::kDecode},
    StageRule{"kdu_expand", "", Stage::kDecode},
    StageRule{"mkfifo", "", Stage::kOverhead},
};

constexpr std::array kObjects = {
    StageRule{"libopenjp2", "", Stage::kDecode},
    StageRule{"libtiff", "", Stage::kDecode},
    StageRule{"libjpeg", "", OtherPart::kEitherJpeg},
    StageRule{"libturbojpeg", "", OtherPart::kEitherJpeg},
    StageRule{"libjavajpeg", "", OtherPart::kEitherJpeg},
    StageRule{"libz.so", "", Stage::kDecode},
    StageRule{"libdeflate", "", Stage::kDecode},
    StageRule{"liblzw", "", Stage::kDecode},
    StageRule{"libzstd", "", Stage::kDecode},
    StageRule{"libLerc", "", Stage::kDecode},
    StageRule{"libmlib_image", "", Stage::kResize},
    StageRule{"libawt", "", Stage::kResize},
    StageRule{"_imaging", "", OtherPart::kNearest},
    StageRule{"libjvm", "", Stage::kOverhead},
    StageRule{"libpython", "", Stage::kOverhead},
    StageRule{"/python3", "", Stage::kOverhead},
    StageRule{"libfcgi", "", Stage::kOverhead},
    StageRule{"liblog4j", "", Stage::kOverhead},
    StageRule{"coders/", "", Stage::kDecode},
};

// What is left: a language's runtime, or the kernel's scheduler.
constexpr std::array kLast = {
    StageRule{"", "runtime.", Stage::kOverhead},
    StageRule{"", "net/http.", Stage::kOverhead},
    StageRule{"", "main.", Stage::kOverhead},
    StageRule{"", "Interpreter", Stage::kOverhead},
    StageRule{"", "java.", Stage::kOverhead},
    StageRule{"libjava.so", "", Stage::kOverhead},
    StageRule{"libnio", "", Stage::kNetwork},
    StageRule{"libnet.so", "", Stage::kNetwork},
    StageRule{"", "basic_filebuf", Stage::kOverhead},
    StageRule{"", "std::ostream", Stage::kOverhead},
    StageRule{"[kernel", "futex", Stage::kOverhead},
    StageRule{"[kernel", "nanosleep", Stage::kOverhead},
    StageRule{"[kernel", "execve", Stage::kOverhead},
    StageRule{"[kernel", "clone", Stage::kOverhead},
    StageRule{"[kernel", "do_exit", Stage::kOverhead},
    StageRule{"[kernel", "do_wait", Stage::kOverhead},
    // IIPSrv has no symbols: what is left of it moves pixels between tile, region and strip.
    StageRule{"iipsrv.fcgi", "", OtherPart::kNearest},
};

bool Fits(const StageRule& rule, const PerfFrame& frame) {
  return frame.object.find(rule.object) != std::string::npos &&
         frame.symbol.find(rule.symbol) != std::string::npos;
}

std::optional<LatencyPart> Search(std::span<const StageRule> rules, const PerfSample& sample) {
  for (const PerfFrame& frame : sample.frames) {
    for (const StageRule& rule : rules) {
      if (Fits(rule, frame)) return rule.part;
    }
  }
  return {};
}

}  // namespace

std::span<const StageRule> SymbolRules() { return kSymbols; }
std::span<const StageRule> ObjectRules() { return kObjects; }

std::optional<LatencyPart> StageOfSample(const PerfSample& sample, bool jpeg_source) {
  auto part = Search(kWhole, sample);
  if (!part) part = Search(kSymbols, sample);
  if (!part) part = Search(kStarts, sample);
  if (part) return part;
  for (const StageRule& rule : kThreads) {
    if (sample.program.starts_with(rule.object)) return rule.part;
  }
  part = Search(kObjects, sample);
  if (!part) part = Search(kLast, sample);
  if (part == LatencyPart(OtherPart::kEitherJpeg) && !jpeg_source) return Stage::kEncode;
  return part;
}

}  // namespace iiifbench
