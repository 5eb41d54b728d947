#include "kernels/codecs/jp2/encode.h"

#include <algorithm>
#include <cstring>

#include "kernels/codecs/jp2/openjph.h"
#include "kernels/codecs/jp2/stream.h"

namespace iiifbench::jp2 {
namespace {

struct Writer {
  std::vector<uint8_t>* bytes;
  size_t at = 0;
};

void SetStream(opj_stream_t* stream, Writer& writer) {
  opj_stream_set_user_data(stream, &writer, nullptr);
  opj_stream_set_write_function(stream, [](void* from, OPJ_SIZE_T count, void* data) -> OPJ_SIZE_T {
    auto* w = static_cast<Writer*>(data);
    if (w->at + count > w->bytes->size()) w->bytes->resize(w->at + count);
    std::memcpy(w->bytes->data() + w->at, from, count);
    w->at += count;
    return count;
  });
  opj_stream_set_skip_function(stream, [](OPJ_OFF_T count, void* data) -> OPJ_OFF_T {
    auto* w = static_cast<Writer*>(data);
    w->at += static_cast<size_t>(count);
    if (w->at > w->bytes->size()) w->bytes->resize(w->at);
    return count;
  });
  opj_stream_set_seek_function(stream, [](OPJ_OFF_T to, void* data) -> OPJ_BOOL {
    static_cast<Writer*>(data)->at = static_cast<size_t>(to);
    return OPJ_TRUE;
  });
}

std::unique_ptr<opj_image_t, CloseImage> ToPlanes(ConstPixelView image) {
  opj_image_cmptparm_t components[3] = {};
  for (int c = 0; c < image.channels; ++c) {
    components[c].dx = components[c].dy = 1;
    components[c].w = static_cast<OPJ_UINT32>(image.width);
    components[c].h = static_cast<OPJ_UINT32>(image.height);
    components[c].prec = 8;
  }
  std::unique_ptr<opj_image_t, CloseImage> planes(
      opj_image_create(static_cast<OPJ_UINT32>(image.channels), components,
                       image.channels == 3 ? OPJ_CLRSPC_SRGB : OPJ_CLRSPC_GRAY));
  if (planes == nullptr) return planes;
  planes->x1 = static_cast<OPJ_UINT32>(image.width);
  planes->y1 = static_cast<OPJ_UINT32>(image.height);
  for (int y = 0; y < image.height; ++y) {
    const uint8_t* row = image.row(y);
    for (int c = 0; c < image.channels; ++c) {
      OPJ_INT32* to = planes->comps[c].data + ptrdiff_t{y} * image.width;
      for (int x = 0; x < image.width; ++x) to[x] = row[x * image.channels + c];
    }
  }
  return planes;
}

}  // namespace

Result<void> Encode(ConstPixelView image, const EncodeOptions& options, std::vector<uint8_t>& out) {
  IIIFBENCH_CHECK(image.channels == 1 || image.channels == 3, "{} channels", image.channels);
  int resolutions = options.decompositions + 1;
  const int shorter = std::min(
      options.tile.width > 0 ? std::min(options.tile.width, image.width) : image.width,
      options.tile.height > 0 ? std::min(options.tile.height, image.height) : image.height);
  while (resolutions > 1 && (shorter >> (resolutions - 1)) == 0) --resolutions;
  if (options.high_throughput) return EncodeByOpenJph(image, options, resolutions - 1, out);
  out.clear();
  auto planes = ToPlanes(image);
  if (planes == nullptr)
    return Fail(ErrorKind::kTooLarge, "OpenJPEG: no memory for {}x{}x{}", image.width, image.height,
                image.channels);
  opj_cparameters_t p;
  opj_set_default_encoder_parameters(&p);
  const bool lossy = options.compression_ratio > 0;
  p.tcp_numlayers = 1;
  p.cp_disto_alloc = 1;
  p.tcp_rates[0] = lossy ? static_cast<float>(options.compression_ratio) : 0;
  p.irreversible = lossy ? 1 : 0;
  p.tcp_mct = image.channels == 3 ? 1 : 0;
  p.prog_order = OPJ_RPCL;
  p.cblockw_init = p.cblockh_init = 64;
  p.numresolution = resolutions;
  p.csty |= 1;  // precincts are given
  p.res_spec = resolutions;
  for (int r = 0; r < resolutions; ++r) p.prcw_init[r] = p.prch_init[r] = 256;
  if (options.tile.width > 0) {
    p.tile_size_on = OPJ_TRUE;
    p.cp_tdx = options.tile.width;
    p.cp_tdy = options.tile.height;
  }
  const std::unique_ptr<opj_codec_t, CloseCodec> codec(opj_create_compress(OPJ_CODEC_JP2));
  std::string message;
  opj_set_error_handler(
      codec.get(),
      [](const char* text, void* data) {
        auto* m = static_cast<std::string*>(data);
        if (m->empty()) *m = text;
      },
      &message);
  auto failed = [&](std::string_view doing) {
    return Fail(ErrorKind::kIo, "OpenJPEG: {} of {}x{}: {}", doing, image.width, image.height,
                message);
  };
  if (!opj_setup_encoder(codec.get(), &p, planes.get())) return failed("set-up");
  if (options.plt) {
    const char* extra[] = {"PLT=YES", nullptr};
    if (!opj_encoder_set_extra_options(codec.get(), extra)) return failed("option PLT");
  }
  if (options.threads > 1) opj_codec_set_threads(codec.get(), options.threads);
  Writer writer{&out};
  const std::unique_ptr<opj_stream_t, CloseStream> stream(
      opj_stream_create(size_t{1} << 20, OPJ_FALSE));
  SetStream(stream.get(), writer);
  if (!opj_start_compress(codec.get(), planes.get(), stream.get())) return failed("start");
  if (!opj_encode(codec.get(), stream.get())) return failed("encode");
  if (!opj_end_compress(codec.get(), stream.get())) return failed("end");
  return {};
}

}  // namespace iiifbench::jp2
