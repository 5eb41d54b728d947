// JPEG 2000 part 1 files of every coding that OpenJPEG writes, and of some that it only reads.
#pragma once

#include <openjpeg.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "kernels/codecs/jp2/t1/code_block.h"
#include "tests/kernels/codecs/test_pages.h"

namespace iiifbench {

struct Part1Coding {
  Size size{203, 167};
  int channels = 3;
  int bits = 8;
  bool is_signed = false;
  bool reversible = true;
  bool colour_transform = true;  // of three channels
  int decompositions = 4;
  Size block{64, 64};
  int style = 0;
  int precinct = 0;  // both sides; 0: the largest
  int order = 2;     // LRCP, RLCP, RPCL, PCRL, CPRL
  int layers = 1;
  double ratio = 0;  // of the last layer; 0: everything
  Size tile;         // 0: the picture
  Size image_offset;
  Size tile_offset;
  bool sop = false, eph = false, plt = false, tlm = false;
  char tile_parts = 0;   // R, L, C: a tile-part for each
  int region_shift = 0;  // of component 0
  bool changes = false;  // POC: the lower resolutions first, then all in another order
  bool noise = false;    // nothing but
  // What OpenJPEG does not write is made of what it writes: headers packed (0, 'T' in the
  // tile-parts, 'M' in the main header), COC and QCC instead of COD and QCD.
  char packed = 0;
  bool by_component = false;

  std::string Name() const {
    return fmt::format(
        "{}x{}x{} {} bits{} {}{}, {} decompositions, blocks {}x{} style {}, precincts {}, order "
        "{}{}, "
        "{} layers to {}, tiles {}x{} at {},{}, image at {},{}{}{}{}{}, tile-parts {}, region {}, "
        "packed "
        "{}{}{}",
        size.width, size.height, channels, bits, is_signed ? " signed" : "",
        reversible ? "5/3" : "9/7", colour_transform ? " with colour" : "", decompositions,
        block.width, block.height, style, precinct, order, changes ? " with POC" : "", layers,
        ratio, tile.width, tile.height, tile_offset.width, tile_offset.height, image_offset.width,
        image_offset.height, sop ? " SOP" : "", eph ? " EPH" : "", plt ? " PLT" : "",
        tlm ? " TLM" : "", int{tile_parts}, region_shift, int{packed}, by_component ? " COC" : "",
        noise ? " noise" : "");
  }
};

// Samples of `coding.bits` bits, as OpenJPEG wants them.
inline std::vector<std::vector<int32_t>> Part1Samples(const Part1Coding& c, uint64_t seed) {
  const Image picture = TestPicture(c.size, c.channels, seed);
  std::mt19937_64 random(seed);
  std::vector<std::vector<int32_t>> planes(static_cast<size_t>(c.channels));
  for (int y = 0; y < c.size.height; ++y) {
    for (int x = 0; x < c.size.width; ++x) {
      for (int k = 0; k < c.channels; ++k) {
        int v =
            c.noise ? static_cast<int>(random() % 256) : picture.view().row(y)[x * c.channels + k];
        v = c.bits >= 8 ? v << (c.bits - 8) : v >> (8 - c.bits);
        if (c.bits > 8) v |= static_cast<int>(random() % (uint64_t{1} << (c.bits - 8)));
        planes[static_cast<size_t>(k)].push_back(v - (c.is_signed ? 1 << (c.bits - 1) : 0));
      }
    }
  }
  return planes;
}

namespace part1_pages {

struct Sink {
  std::vector<uint8_t> bytes;
  size_t at = 0;
};
inline void Put(std::vector<uint8_t>& to, uint64_t v, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) to.push_back(static_cast<uint8_t>(v >> (8 * i)));
}
inline size_t Get(const std::vector<uint8_t>& from, size_t at, int bytes) {
  size_t v = 0;
  for (int i = 0; i < bytes; ++i) v = v << 8 | from[at + static_cast<size_t>(i)];
  return v;
}

// A codestream in pieces: main header without SOT, tile-parts as (header markers, packets).
struct Parts {
  std::vector<uint8_t> main;
  struct TilePart {
    std::vector<uint8_t> sot, markers, packets;
  };
  std::vector<TilePart> parts;
};
inline Parts Split(const std::vector<uint8_t>& stream) {
  Parts parts;
  size_t at = 2;
  while (Get(stream, at, 2) != 0xFF90) at += 2 + Get(stream, at + 2, 2);
  const auto cut = [&](size_t from, size_t to) {
    return std::vector<uint8_t>(stream.begin() + static_cast<ptrdiff_t>(from),
                                stream.begin() + static_cast<ptrdiff_t>(to));
  };
  parts.main = cut(0, at);
  while (at + 12 <= stream.size() && Get(stream, at, 2) == 0xFF90) {
    const size_t end = at + Get(stream, at + 6, 4);
    size_t sod = at + 12;
    while (Get(stream, sod, 2) != 0xFF93) sod += 2 + Get(stream, sod + 2, 2);
    parts.parts.push_back({cut(at, at + 12), cut(at + 12, sod), cut(sod + 2, end)});
    at = end;
  }
  return parts;
}
inline std::vector<uint8_t> Join(const Parts& parts) {
  std::vector<uint8_t> out = parts.main;
  for (const auto& part : parts.parts) {
    std::vector<uint8_t> length;
    Put(length, 12 + part.markers.size() + 2 + part.packets.size(), 4);
    auto sot = part.sot;
    std::copy(length.begin(), length.end(), sot.begin() + 6);
    out.insert(out.end(), sot.begin(), sot.end());
    out.insert(out.end(), part.markers.begin(), part.markers.end());
    Put(out, 0xFF93, 2);
    out.insert(out.end(), part.packets.begin(), part.packets.end());
  }
  Put(out, 0xFFD9, 2);
  return out;
}

// Packet headers, which stand between SOP and EPH, apart from their bodies (T.800 A.7.4, A.7.5).
inline std::vector<uint8_t> PackHeaders(const std::vector<uint8_t>& stream, char where) {
  Parts parts = Split(stream);
  std::vector<uint8_t> ppm;
  for (auto& part : parts.parts) {
    std::vector<uint8_t> headers, bodies;
    const auto& p = part.packets;
    for (size_t at = 0; at < p.size();) {
      size_t eph = at + 6;
      while (Get(p, eph, 2) != 0xFF92) ++eph;
      size_t end = eph + 2;
      while (end < p.size() && !(end + 4 <= p.size() && Get(p, end, 4) == 0xFF910004)) ++end;
      headers.insert(headers.end(), p.begin() + static_cast<ptrdiff_t>(at + 6),
                     p.begin() + static_cast<ptrdiff_t>(eph + 2));
      bodies.insert(bodies.end(), p.begin() + static_cast<ptrdiff_t>(at),
                    p.begin() + static_cast<ptrdiff_t>(at + 6));
      bodies.insert(bodies.end(), p.begin() + static_cast<ptrdiff_t>(eph + 2),
                    p.begin() + static_cast<ptrdiff_t>(end));
      at = end;
    }
    part.packets = bodies;
    if (where == 'M') {
      Put(ppm, headers.size(), 4);
      ppm.insert(ppm.end(), headers.begin(), headers.end());
      continue;
    }
    int number = 0;
    for (size_t at = 0; at < headers.size() || number == 0; ++number) {
      const size_t count = std::min<size_t>(headers.size() - at, 1000);
      Put(part.markers, 0xFF61, 2), Put(part.markers, count + 3, 2);
      Put(part.markers, static_cast<uint64_t>(number), 1);
      part.markers.insert(part.markers.end(), headers.begin() + static_cast<ptrdiff_t>(at),
                          headers.begin() + static_cast<ptrdiff_t>(at + count));
      at += count;
    }
  }
  int number = 0;
  for (size_t at = 0; at < ppm.size(); ++number) {
    const size_t count = std::min<size_t>(ppm.size() - at, 60000);
    Put(parts.main, 0xFF60, 2), Put(parts.main, count + 3, 2);
    Put(parts.main, static_cast<uint64_t>(number), 1);
    parts.main.insert(parts.main.end(), ppm.begin() + static_cast<ptrdiff_t>(at),
                      ppm.begin() + static_cast<ptrdiff_t>(at + count));
    at += count;
  }
  return Join(parts);
}

// COC and QCC for every component, while COD and QCD say something else.
inline std::vector<uint8_t> ByComponent(const std::vector<uint8_t>& stream, int channels) {
  Parts parts = Split(stream);
  std::vector<uint8_t>& main = parts.main;
  std::vector<uint8_t> more;
  for (size_t at = 2; at < main.size();) {
    const size_t marker = Get(main, at, 2), length = Get(main, at + 2, 2);
    if (marker == 0xFF52 || marker == 0xFF5C) {
      const bool cod = marker == 0xFF52;
      for (int c = 0; c < channels; ++c) {
        Put(more, cod ? 0xFF53 : 0xFF5D, 2);
        Put(more, cod ? length - 3 : length + 1, 2);  // Cxxx in; SGcod (4 bytes) out
        Put(more, static_cast<uint64_t>(c), 1);
        if (cod) Put(more, main[at + 4] & 1u, 1);
        more.insert(more.end(), main.begin() + static_cast<ptrdiff_t>(at + (cod ? 9 : 4)),
                    main.begin() + static_cast<ptrdiff_t>(at + 2 + length));
      }
      if (cod) main[at + 12] ^= 1;  // another style of code-blocks
      if (!cod) main[at + 5] = static_cast<uint8_t>(main[at + 5] ^ 0x08);  // another exponent
    }
    at += 2 + length;
  }
  main.insert(main.end(), more.begin(), more.end());
  return Join(parts);
}

}  // namespace part1_pages

// OpenJPEG 2.5.0 ends the process over 9/7 where a resolution of a tile is one sample wide or high.
inline bool EndsOpenJpeg(const Part1Coding& c) {
  if (c.reversible) return false;
  const auto thin = [&](int from, int to) {
    for (int n = 0; n < c.decompositions; ++n) {
      const auto up = [n](int v) { return (v + (1 << n) - 1) >> n; };
      if (up(to) - up(from) == 1) return true;
    }
    return false;
  };
  const auto any = [&](int from, int to, int origin, int tile) {
    if (tile == 0) return thin(from, to);
    for (int at = origin; at < to; at += tile)
      if (at + tile > from && thin(std::max(at, from), std::min(at + tile, to))) return true;
    return false;
  };
  return any(c.image_offset.width, c.image_offset.width + c.size.width, c.tile_offset.width,
             c.tile.width) ||
         any(c.image_offset.height, c.image_offset.height + c.size.height, c.tile_offset.height,
             c.tile.height);
}

// A raw codestream; empty where OpenJPEG refuses the coding.
inline std::vector<uint8_t> EncodedPart1(const Part1Coding& c,
                                         const std::vector<std::vector<int32_t>>& planes) {
  using part1_pages::Sink;
  if (EndsOpenJpeg(c)) return {};
  std::vector<opj_image_cmptparm_t> parameters(static_cast<size_t>(c.channels));
  for (auto& p : parameters) {
    std::memset(&p, 0, sizeof(p));
    p.dx = p.dy = 1;
    p.w = static_cast<OPJ_UINT32>(c.size.width), p.h = static_cast<OPJ_UINT32>(c.size.height);
    p.x0 = static_cast<OPJ_UINT32>(c.image_offset.width);
    p.y0 = static_cast<OPJ_UINT32>(c.image_offset.height);
    p.prec = static_cast<OPJ_UINT32>(c.bits), p.sgnd = c.is_signed ? 1 : 0;
  }
  const std::unique_ptr<opj_image_t, decltype(&opj_image_destroy)> image(
      opj_image_create(static_cast<OPJ_UINT32>(c.channels), parameters.data(),
                       c.channels >= 3 ? OPJ_CLRSPC_SRGB : OPJ_CLRSPC_GRAY),
      opj_image_destroy);
  image->x0 = static_cast<OPJ_UINT32>(c.image_offset.width);
  image->y0 = static_cast<OPJ_UINT32>(c.image_offset.height);
  image->x1 = image->x0 + static_cast<OPJ_UINT32>(c.size.width);
  image->y1 = image->y0 + static_cast<OPJ_UINT32>(c.size.height);
  for (size_t k = 0; k < planes.size(); ++k)
    std::copy(planes[k].begin(), planes[k].end(), image->comps[k].data);
  opj_cparameters_t p;
  opj_set_default_encoder_parameters(&p);
  p.cp_disto_alloc = 1;
  p.tcp_numlayers = c.layers;
  for (int l = 0; l < c.layers; ++l) {
    const double last = c.ratio > 0 ? c.ratio : 1;
    p.tcp_rates[l] = static_cast<float>(last * (1 << std::min(c.layers - 1 - l, 20)));
  }
  if (c.ratio == 0) p.tcp_rates[c.layers - 1] = 0;
  p.irreversible = c.reversible ? 0 : 1;
  p.tcp_mct = c.channels == 3 && c.colour_transform ? 1 : 0;
  p.prog_order = static_cast<OPJ_PROG_ORDER>(c.order);
  p.cblockw_init = c.block.width, p.cblockh_init = c.block.height;
  p.mode = c.style;
  p.numresolution = c.decompositions + 1;
  p.csty = (c.precinct > 0 ? 1 : 0) | (c.sop ? 2 : 0) | (c.eph ? 4 : 0);
  if (c.precinct > 0) {
    p.res_spec = p.numresolution;
    for (int r = 0; r < p.res_spec; ++r) p.prcw_init[r] = p.prch_init[r] = c.precinct;
  }
  if (c.tile.width > 0) {
    p.tile_size_on = OPJ_TRUE;
    p.cp_tdx = c.tile.width, p.cp_tdy = c.tile.height;
    p.cp_tx0 = c.tile_offset.width, p.cp_ty0 = c.tile_offset.height;
  }
  if (c.tile_parts != 0) p.tp_on = 1, p.tp_flag = c.tile_parts;
  if (c.region_shift > 0) p.roi_compno = 0, p.roi_shift = c.region_shift;
  if (c.changes) {
    p.numpocs = 2;
    for (OPJ_UINT32 i = 0; i < 2; ++i) {
      opj_poc_t& poc = p.POC[i];
      poc.tile = 1;
      poc.resno0 = i == 0 ? 0 : 1,
      poc.resno1 = i == 0 ? 1 : static_cast<OPJ_UINT32>(p.numresolution);
      poc.compno0 = 0, poc.compno1 = static_cast<OPJ_UINT32>(c.channels);
      poc.layno1 = static_cast<OPJ_UINT32>(c.layers);
      poc.prg1 = static_cast<OPJ_PROG_ORDER>(i == 0 ? c.order : (c.order + 2) % 5);
    }
  }
  const std::unique_ptr<opj_codec_t, decltype(&opj_destroy_codec)> codec(
      opj_create_compress(OPJ_CODEC_J2K), opj_destroy_codec);
  if (!opj_setup_encoder(codec.get(), &p, image.get())) return {};
  std::vector<const char*> extra;
  if (c.plt) extra.push_back("PLT=YES");
  if (c.tlm) extra.push_back("TLM=YES");
  extra.push_back(nullptr);
  if (extra.size() > 1 && !opj_encoder_set_extra_options(codec.get(), extra.data())) return {};
  Sink sink;
  const std::unique_ptr<opj_stream_t, decltype(&opj_stream_destroy)> stream(
      opj_stream_create(1 << 16, OPJ_FALSE), opj_stream_destroy);
  opj_stream_set_user_data(stream.get(), &sink, nullptr);
  opj_stream_set_write_function(stream.get(),
                                [](void* from, OPJ_SIZE_T count, void* data) -> OPJ_SIZE_T {
                                  auto* s = static_cast<Sink*>(data);
                                  if (s->at + count > s->bytes.size())
                                    s->bytes.resize(s->at + count);
                                  std::memcpy(s->bytes.data() + s->at, from, count);
                                  s->at += count;
                                  return count;
                                });
  opj_stream_set_skip_function(stream.get(), [](OPJ_OFF_T count, void* data) -> OPJ_OFF_T {
    auto* s = static_cast<Sink*>(data);
    s->at += static_cast<size_t>(count);
    if (s->at > s->bytes.size()) s->bytes.resize(s->at);
    return count;
  });
  opj_stream_set_seek_function(stream.get(), [](OPJ_OFF_T to, void* data) -> OPJ_BOOL {
    static_cast<Sink*>(data)->at = static_cast<size_t>(to);
    return OPJ_TRUE;
  });
  if (!opj_start_compress(codec.get(), image.get(), stream.get()) ||
      !opj_encode(codec.get(), stream.get()) || !opj_end_compress(codec.get(), stream.get()))
    return {};
  std::vector<uint8_t> bytes = std::move(sink.bytes);
  // More than TPsot counts: OpenJPEG writes them, and does not read them rightly.
  if (c.tile_parts != 0 && part1_pages::Split(bytes).parts.size() > 255) return {};
  if (c.packed != 0) bytes = part1_pages::PackHeaders(bytes, c.packed);
  if (c.by_component) bytes = part1_pages::ByComponent(bytes, c.channels);
  return bytes;
}

}  // namespace iiifbench
