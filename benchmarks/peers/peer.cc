#include "benchmarks/peers/peer.h"

namespace iiifbench::peers {
namespace {

std::string_view LibraryOfTiff(const Task& task) {
  const std::string& compression = task.encode.compression;
  if (compression == "zstd") return "libzstd";
  if (compression == "deflate") return "libdeflate";
  // Decoding these is our own.
  if (task.kind != Kind::kEncode) return "";
  return compression == "lzw" ? "libtiff" : compression == "jpeg" ? "libjpeg-turbo" : "";
}

}  // namespace

std::string_view OurLibrary(const Task& task) {
  if (task.kind == Kind::kResize) return "";
  if (task.format == "jp2") return task.encode.high_throughput ? "OpenJPH" : "OpenJPEG";
  if (task.format == "tiff") return LibraryOfTiff(task);
  if (task.kind != Kind::kEncode) return "";  // JPEG: our own entropy decoder
  return task.format == "jpeg" ? "libjpeg-turbo" : task.format == "png" ? "libpng" : "libwebp";
}

}  // namespace iiifbench::peers
