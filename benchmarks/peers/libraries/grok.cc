// Grok: the other free JPEG 2000 library, one thread, reading from memory; it writes to a file, one
// in memory.
#include <grok.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "benchmarks/peers/peer.h"
#include "kernels/pixels/pack_planes.h"

namespace iiifbench::peers {
namespace {

Result<std::string> Version() {
  // Its result only tells whether there is a plugin.
  [[maybe_unused]] static const bool plugin = grk_initialize(nullptr, 1);
  return fmt::format("Grok {}", grk_version());
}

struct Unref {
  void operator()(grk_object* object) const { grk_object_unref(object); }
};

Result<void> Decode(const Task& task, Image& out) {
  auto source = Source::Open(task.path);
  if (!source) return source.error();
  auto bytes = (*source)->ReadAll();
  if (!bytes) return bytes.error();
  grk_stream_params stream{.buf = const_cast<uint8_t*>(bytes->data()), .len = bytes->size()};
  grk_decompress_parameters parameters{};
  grk_decompress_set_default_params(&parameters.core);
  parameters.core.reduce = static_cast<uint8_t>(task.level);
  const std::unique_ptr<grk_codec, Unref> codec(grk_decompress_init(&stream, &parameters.core));
  grk_header_info header{};
  const Region& r = task.region;
  if (!codec || !grk_decompress_read_header(codec.get(), &header) ||
      !grk_decompress_set_window(codec.get(), static_cast<float>(r.x), static_cast<float>(r.y),
                                 static_cast<float>(r.right()), static_cast<float>(r.bottom())) ||
      !grk_decompress(codec.get(), nullptr))
    return Fail(ErrorKind::kBadInput, "Grok cannot decode {}", task.path);
  const grk_image* image = grk_decompress_get_composited_image(codec.get());
  if (image == nullptr || image->numcomps != 3 || image->comps[0].data == nullptr)
    return Fail(ErrorKind::kUnsupported, "Grok: no planes of {}", task.path);
  const grk_image_comp* comps = image->comps;
  const Size size{static_cast<int>(comps[0].w), static_cast<int>(comps[0].h)};
  if (out.size() != size) out = Image(size, 3);
  PackPlanes(
      {.data = {comps[0].data, comps[1].data, comps[2].data},
       .stride_samples = {static_cast<int>(comps[0].stride), static_cast<int>(comps[1].stride),
                          static_cast<int>(comps[2].stride)}},
      out.view());
  return {};
}

// A file without a name.
struct MemoryFile {
  int handle = ::memfd_create("peers", MFD_CLOEXEC);
  ~MemoryFile() {
    if (handle >= 0) ::close(handle);
  }
};

struct UnrefImage {
  void operator()(grk_image* image) const { grk_object_unref(&image->obj); }
};
using HeldImage = std::unique_ptr<grk_image, UnrefImage>;

HeldImage ToPlanes(const ConstPixelView& pixels) {
  grk_image_comp comps[3] = {};
  for (grk_image_comp& comp : comps) {
    comp.dx = comp.dy = 1;
    comp.w = static_cast<uint32_t>(pixels.width);
    comp.h = static_cast<uint32_t>(pixels.height);
    comp.prec = 8;
  }
  HeldImage image(grk_image_new(3, comps, GRK_CLRSPC_SRGB));
  if (image == nullptr) return nullptr;
  image->x1 = static_cast<uint32_t>(pixels.width);
  image->y1 = static_cast<uint32_t>(pixels.height);
  for (int c = 0; c < 3; ++c) {
    for (int y = 0; y < pixels.height; ++y) {
      const uint8_t* from = pixels.row(y) + c;
      int32_t* to = image->comps[c].data + static_cast<size_t>(y) * image->comps[c].stride;
      for (int x = 0; x < pixels.width; ++x) to[x] = from[ptrdiff_t{3} * x];
    }
  }
  return image;
}

// As ours asks of OpenJPEG, lossless.
grk_cparameters ParametersOf(const Task& task) {
  grk_cparameters p{};
  grk_compress_set_default_params(&p);
  p.cod_format = GRK_FMT_JP2;
  p.numlayers = 1;
  p.mct = 1;
  p.prog_order = GRK_RPCL;
  p.cblockw_init = p.cblockh_init = 64;
  p.numresolution = static_cast<uint8_t>(task.encode.decompositions + 1);
  p.csty |= 1;  // precincts are given
  p.res_spec = p.numresolution;
  for (uint32_t i = 0; i < p.res_spec; ++i) p.prcw_init[i] = p.prch_init[i] = 256;
  p.writePLT = true;
  return p;
}

Result<void> Encode(const Task& task, Answer& answer) {
  const MemoryFile file;
  const std::string path = fmt::format("/proc/self/fd/{}", file.handle);
  const HeldImage image = ToPlanes(task.pixels);
  if (file.handle < 0 || image == nullptr)
    return Fail(ErrorKind::kIo, "Grok: no memory to encode in");
  grk_cparameters parameters = ParametersOf(task);
  grk_stream_params stream{.file = path.c_str()};
  {
    const std::unique_ptr<grk_codec, Unref> codec(
        grk_compress_init(&stream, &parameters, image.get()));
    if (!codec || !grk_compress(codec.get(), nullptr))
      return Fail(ErrorKind::kUnsupported, "Grok cannot encode");
  }
  if (!answer.keep) return {};
  auto written = Source::Open(path);
  if (!written) return written.error();
  auto bytes = (*written)->ReadAll();
  if (!bytes) return bytes.error();
  answer.bytes.assign(bytes->begin(), bytes->end());
  return {};
}

std::vector<Job> Prepare(const Task& task) {
  // Lossless only: encoding to a ratio ended the process within Grok 10.0.5.
  if (task.kind == Kind::kEncode && task.format == "jp2" && task.lossless)
    return {{.label = "Grok", .run = [=](Answer& answer) { return Encode(task, answer); }}};
  if (task.kind != Kind::kRegion || task.format != "jp2") return {};
  auto out = std::make_shared<Image>();
  return {{.label = "Grok", .run = [=](Answer& answer) -> Result<void> {
             auto done = Decode(task, *out);
             if (done && answer.keep) {
               answer.pixels = Image(out->size(), 3);
               CopyPixels(out->view(), answer.pixels.view());
             }
             return done;
           }}};
}

}  // namespace

extern const Peer grok_peer;
const Peer grok_peer = {.name = "Grok", .version = Version, .prepare = Prepare};

}  // namespace iiifbench::peers
