// Grok: the other free JPEG 2000 library, one thread, reading from memory.
#include <grok.h>

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
  PackPlanes({.data = {comps[0].data, comps[1].data, comps[2].data},
              .stride_samples = {static_cast<int>(comps[0].stride), static_cast<int>(comps[1].stride),
                                 static_cast<int>(comps[2].stride)}},
             out.view());
  return {};
}

std::vector<Job> Prepare(const Task& task) {
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
