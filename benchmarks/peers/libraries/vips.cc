// libvips: one thread, its cache of operations off, since a repeated case would be answered from
// it.
#include <memory>

#include <vips/vips.h>

#include "benchmarks/peers/peer.h"

namespace iiifbench::peers {
namespace {

Error VipsError() {
  Error error = Fail(ErrorKind::kBadInput, "libvips: {}", vips_error_buffer());
  vips_error_clear();
  return error;
}

Result<std::string> Version() {
  static const bool started = [] {
    if (vips_init("peers") != 0) return false;
    vips_concurrency_set(1);
    vips_cache_set_max(0);
    return true;
  }();
  if (!started) return VipsError();
  return fmt::format("libvips {}", vips_version_string());
}

struct Unref {
  void operator()(VipsImage* image) const { g_object_unref(image); }
};
using Held = std::unique_ptr<VipsImage, Unref>;

Result<void> ToMemory(VipsImage* image, Answer& answer) {
  size_t size = 0;
  void* memory = vips_image_write_to_memory(image, &size);
  if (memory == nullptr) return VipsError();
  if (answer.keep) {
    answer.pixels = Image({image->Xsize, image->Ysize}, image->Bands);
    std::copy_n(static_cast<uint8_t*>(memory), size, answer.pixels.view().data);
  }
  g_free(memory);
  return {};
}

Result<void> ToJpeg(VipsImage* image, int quality, Answer& answer) {
  void* memory = nullptr;
  size_t size = 0;
  // Chroma is halved like everybody's: libvips would keep it whole from quality 90 on.
  if (vips_jpegsave_buffer(image, &memory, &size, "Q", quality, "subsample_mode",
                           VIPS_FOREIGN_SUBSAMPLE_ON, nullptr) != 0)
    return VipsError();
  const auto* first = static_cast<uint8_t*>(memory);
  if (answer.keep) answer.bytes.assign(first, first + size);
  g_free(memory);
  return {};
}

Held FromMemory(const ConstPixelView& pixels) {
  return Held(vips_image_new_from_memory(pixels.data,
                                         static_cast<size_t>(pixels.stride_bytes) * pixels.height,
                                         pixels.width, pixels.height, 3, VIPS_FORMAT_UCHAR));
}

Result<void> ToFormat(const Task& task, Answer& answer) {
  if (task.format == "jpeg") return ToJpeg(FromMemory(task.pixels).get(), task.quality, answer);
  const Held image = FromMemory(task.pixels);
  const EncodeOptions& o = task.encode;
  void* memory = nullptr;
  size_t size = 0;
  int failed = 0;
  if (task.format == "png") {
    // What ours asks of libpng.
    failed = vips_pngsave_buffer(image.get(), &memory, &size, "compression", 3, "filter",
                                 VIPS_FOREIGN_PNG_FILTER_SUB, nullptr);
  } else if (task.format == "webp") {
    failed = vips_webpsave_buffer(image.get(), &memory, &size, "Q", o.quality, nullptr);
  } else if (task.format == "jp2") {
    failed = vips_jp2ksave_buffer(image.get(), &memory, &size, "lossless", TRUE, "tile_width",
                                  image->Xsize, "tile_height", image->Ysize, nullptr);
  } else {
    const VipsForeignTiffCompression compression =
        o.compression == "lzw"       ? VIPS_FOREIGN_TIFF_COMPRESSION_LZW
        : o.compression == "zstd"    ? VIPS_FOREIGN_TIFF_COMPRESSION_ZSTD
        : o.compression == "deflate" ? VIPS_FOREIGN_TIFF_COMPRESSION_DEFLATE
        : o.compression == "jpeg"    ? VIPS_FOREIGN_TIFF_COMPRESSION_JPEG
                                     : VIPS_FOREIGN_TIFF_COMPRESSION_NONE;
    failed = vips_tiffsave_buffer(
        image.get(), &memory, &size, "compression", compression, "Q", o.quality, "level",
        o.compression_level, "predictor", VIPS_FOREIGN_TIFF_PREDICTOR_HORIZONTAL, "tile", TRUE,
        "tile_width", o.tile.width, "tile_height", o.tile.height, nullptr);
  }
  if (failed != 0) return VipsError();
  const auto* first = static_cast<uint8_t*>(memory);
  if (answer.keep) answer.bytes.assign(first, first + size);
  g_free(memory);
  return {};
}

// The level of a file, sequentially where the format has no places to jump to.
Held OpenLevel(const Task& task) {
  VipsImage* image = nullptr;
  const char* path = task.path.c_str();
  if (task.format == "jpeg") {
    vips_jpegload(path, &image, "shrink", 1 << task.level, "access", VIPS_ACCESS_SEQUENTIAL,
                  nullptr);
  } else if (task.format == "jp2") {
    vips_jp2kload(path, &image, "page", task.level, nullptr);
  } else {
    vips_tiffload(path, &image, "page", task.level, nullptr);
  }
  return Held(image);
}

Result<Held> OpenRegion(const Task& task) {
  Held level = OpenLevel(task);
  if (!level) return VipsError();
  const Region r = OnLevel(task);
  VipsImage* part = nullptr;
  if (vips_extract_area(level.get(), &part, r.x, r.y, r.width, r.height, nullptr) != 0)
    return VipsError();
  return Held(part);
}

Result<void> RunRegion(const Task& task, Answer& answer) {
  auto part = OpenRegion(task);
  if (!part) return part.error();
  return ToMemory(part->get(), answer);
}

Result<void> RunRequest(const Task& task, Answer& answer) {
  if (task.region.size() == task.whole) {
    VipsImage* thumbnail = nullptr;
    if (vips_thumbnail(task.path.c_str(), &thumbnail, task.out.width, "height", task.out.height,
                       nullptr) != 0)
      return VipsError();
    return ToJpeg(Held(thumbnail).get(), task.quality, answer);
  }
  auto part = OpenRegion(task);
  if (!part) return part.error();
  return ToJpeg(part->get(), task.quality, answer);
}

VipsKernel KernelOf(Filter filter) {
  if (filter == Filter::kTriangle) return VIPS_KERNEL_LINEAR;
  return filter == Filter::kBicubic ? VIPS_KERNEL_CUBIC : VIPS_KERNEL_LANCZOS3;
}

Result<void> RunResize(const Task& task, bool box, Answer& answer) {
  Held in = FromMemory(task.pixels);
  const double across = static_cast<double>(task.pixels.width) / task.out.width;
  const double down = static_cast<double>(task.pixels.height) / task.out.height;
  VipsImage* out = nullptr;
  const int status =
      box ? vips_shrink(in.get(), &out, across, down, nullptr)
          : vips_reduce(in.get(), &out, across, down, "kernel", KernelOf(task.filter), nullptr);
  if (status != 0) return VipsError();
  return ToMemory(Held(out).get(), answer);
}

std::vector<Job> Prepare(const Task& task) {
  switch (task.kind) {
    case Kind::kResize: {
      const bool box = task.filter == Filter::kBox;
      return {{.label = box ? "libvips shrink" : "libvips reduce",
               .run = [=](Answer& answer) { return RunResize(task, box, answer); }}};
    }
    case Kind::kRegion:
      return {{.label = "libvips", .run = [=](Answer& answer) { return RunRegion(task, answer); }}};
    case Kind::kEncode:
      // Its JPEG 2000 has a quality in dB instead of a ratio.
      if (task.format == "jp2" && !task.lossless) return {};
      return {{.label = "libvips", .run = [=](Answer& answer) { return ToFormat(task, answer); }}};
    case Kind::kRequest:
      return {{.label = task.region.size() == task.whole ? "libvips thumbnail" : "libvips",
               .run = [=](Answer& answer) { return RunRequest(task, answer); }}};
  }
  return {};
}

}  // namespace

extern const Peer vips_peer;
const Peer vips_peer = {
    .name = "libvips",
    .version = Version,
    .prepare = Prepare,
    .calls = "OpenJPEG libtiff libjpeg-turbo libzstd libdeflate libpng libwebp"};

}  // namespace iiifbench::peers
