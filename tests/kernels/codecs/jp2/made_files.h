// JPEG 2000 files made for one purpose: any components and codings that OpenJPEG writes, boxes
// around them, and changes of their markers.
#pragma once

#include <openjpeg.h>

#include <cstring>
#include <functional>
#include <memory>

#include "tests/kernels/codecs/test_pages.h"

namespace iiifbench {

using Bytes = std::vector<uint8_t>;

struct MadeComponent {
  int bits = 8;
  bool is_signed = false;
  int dx = 1, dy = 1;
  std::function<int(int x, int y)> value;  // of its own samples
};

struct MadeCoding {
  int decompositions = 3;
  bool colour_transform = false;
  bool irreversible = false;
  Size tile;       // 0: the picture
  int block = 64;  // both sides
  bool sop_and_eph = false;
  int layers = 1;
  Size offset;  // of the picture on the reference grid
};

// A raw codestream of `size` on the reference grid.
inline Bytes MadeCodestream(Size size, const std::vector<MadeComponent>& components,
                            const MadeCoding& coding = {}) {
  const auto ui = [](int v) { return static_cast<OPJ_UINT32>(v); };
  const auto up = [](int v, int by) { return (v + by - 1) / by; };
  std::vector<opj_image_cmptparm_t> parameters(components.size());
  const int x1 = coding.offset.width + size.width, y1 = coding.offset.height + size.height;
  for (size_t c = 0; c < components.size(); ++c) {
    opj_image_cmptparm_t& p = parameters[c];
    p = {};
    p.dx = ui(components[c].dx), p.dy = ui(components[c].dy);
    p.w = ui(up(x1, components[c].dx) - up(coding.offset.width, components[c].dx));
    p.h = ui(up(y1, components[c].dy) - up(coding.offset.height, components[c].dy));
    p.x0 = ui(coding.offset.width), p.y0 = ui(coding.offset.height);
    p.prec = ui(components[c].bits), p.sgnd = components[c].is_signed ? 1 : 0;
  }
  const std::unique_ptr<opj_image_t, void (*)(opj_image_t*)> image(
      opj_image_create(ui(static_cast<int>(components.size())), parameters.data(),
                       OPJ_CLRSPC_UNSPECIFIED),
      opj_image_destroy);
  image->x0 = ui(coding.offset.width), image->y0 = ui(coding.offset.height);
  image->x1 = ui(x1), image->y1 = ui(y1);
  for (size_t c = 0; c < components.size(); ++c) {
    const opj_image_comp_t& to = image->comps[c];
    for (int y = 0; y < static_cast<int>(to.h); ++y)
      for (int x = 0; x < static_cast<int>(to.w); ++x)
        to.data[y * static_cast<int>(to.w) + x] = components[c].value(x, y);
  }
  opj_cparameters_t p;
  opj_set_default_encoder_parameters(&p);
  p.tcp_numlayers = coding.layers;
  p.cp_disto_alloc = 1;
  for (int n = 0; n < coding.layers; ++n)
    p.tcp_rates[n] = n + 1 < coding.layers ? static_cast<float>(8 * (coding.layers - n)) : 0;
  p.irreversible = coding.irreversible ? 1 : 0;
  p.tcp_mct = coding.colour_transform ? 1 : 0;
  p.cblockw_init = p.cblockh_init = coding.block;
  p.numresolution = coding.decompositions + 1;
  if (coding.sop_and_eph) p.csty |= 6;
  if (coding.tile.width > 0) {
    p.tile_size_on = OPJ_TRUE;
    p.cp_tdx = coding.tile.width, p.cp_tdy = coding.tile.height;
  }
  struct Writer {
    Bytes bytes;
    size_t at = 0;
  } writer;
  const std::unique_ptr<opj_codec_t, void (*)(opj_codec_t*)> codec(
      opj_create_compress(OPJ_CODEC_J2K), opj_destroy_codec);
  EXPECT_TRUE(opj_setup_encoder(codec.get(), &p, image.get()));
  const std::unique_ptr<opj_stream_t, void (*)(opj_stream_t*)> stream(
      opj_stream_create(size_t{1} << 20, OPJ_FALSE), opj_stream_destroy);
  opj_stream_set_user_data(stream.get(), &writer, nullptr);
  opj_stream_set_write_function(stream.get(),
                                [](void* from, OPJ_SIZE_T count, void* data) -> OPJ_SIZE_T {
                                  auto* w = static_cast<Writer*>(data);
                                  if (w->at + count > w->bytes.size())
                                    w->bytes.resize(w->at + count);
                                  std::memcpy(w->bytes.data() + w->at, from, count);
                                  w->at += count;
                                  return count;
                                });
  opj_stream_set_seek_function(stream.get(), [](OPJ_OFF_T to, void* data) -> OPJ_BOOL {
    static_cast<Writer*>(data)->at = static_cast<size_t>(to);
    return OPJ_TRUE;
  });
  EXPECT_TRUE(opj_start_compress(codec.get(), image.get(), stream.get()));
  EXPECT_TRUE(opj_encode(codec.get(), stream.get()));
  EXPECT_TRUE(opj_end_compress(codec.get(), stream.get()));
  return std::move(writer.bytes);
}

inline void Append(Bytes& to, const Bytes& from) { to.insert(to.end(), from.begin(), from.end()); }
inline Bytes Big(int64_t value, int bytes) {
  Bytes out;
  for (int i = bytes - 1; i >= 0; --i) out.push_back(static_cast<uint8_t>(value >> (8 * i)));
  return out;
}
inline int64_t BigAt(const Bytes& from, size_t at, int bytes) {
  int64_t value = 0;
  for (int i = 0; i < bytes; ++i) value = value << 8 | from[at + static_cast<size_t>(i)];
  return value;
}
inline Bytes Joined(const std::vector<Bytes>& parts) {
  Bytes out;
  for (const Bytes& part : parts) Append(out, part);
  return out;
}
inline Bytes MadeBox(const char* name, const Bytes& content) {
  return Joined({Big(static_cast<int64_t>(content.size()) + 8, 4), Bytes(name, name + 4), content});
}
inline Bytes Signature(const char* brand = "jp2 ") {
  return Joined(
      {MadeBox("jP  ", {13, 10, 0x87, 10}),
       MadeBox("ftyp", Joined({Bytes(brand, brand + 4), Big(0, 4), Bytes(brand, brand + 4)}))});
}
// Of a codestream at the origin.
inline Bytes ImageHeaderOf(const Bytes& codestream) {
  return MadeBox("ihdr", Joined({Big(BigAt(codestream, 12, 4) - BigAt(codestream, 20, 4), 4),
                                 Big(BigAt(codestream, 8, 4) - BigAt(codestream, 16, 4), 4),
                                 Big(BigAt(codestream, 40, 2), 2),
                                 {255, 7, 0, 0}}));
}
inline Bytes EnumeratedColour(int colour) {
  return MadeBox("colr", Joined({{1, 0, 0}, Big(colour, 4)}));
}
// A JP2 file; `boxes` stand behind ihdr.
inline Bytes MadeJp2(const Bytes& codestream, const Bytes& boxes, const char* brand = "jp2 ") {
  return Joined({Signature(brand), MadeBox("jp2h", Joined({ImageHeaderOf(codestream), boxes})),
                 MadeBox("jp2c", codestream)});
}
// cdef of {type, association} by channel.
inline Bytes Definitions(const std::vector<std::pair<int, int>>& channels) {
  Bytes content = Big(static_cast<int64_t>(channels.size()), 2);
  for (size_t c = 0; c < channels.size(); ++c)
    Append(content, Joined({Big(static_cast<int64_t>(c), 2), Big(channels[c].first, 2),
                            Big(channels[c].second, 2)}));
  return MadeBox("cdef", content);
}

// Offset of the first marker of this code, which stands before any packet.
inline size_t MarkerAt(const Bytes& codestream, int marker, size_t from = 2) {
  for (size_t at = from; at + 4 <= codestream.size();) {
    const auto found = static_cast<int>(BigAt(codestream, at, 2));
    if (found == marker) return at;
    at += 2 + static_cast<size_t>(BigAt(codestream, at + 2, 2));
  }
  ADD_FAILURE() << "no marker " << marker;
  return 0;
}
// The segment at `at`, with its marker.
inline Bytes SegmentAt(const Bytes& codestream, size_t at) {
  const auto end = at + 2 + static_cast<size_t>(BigAt(codestream, at + 2, 2));
  return {codestream.begin() + static_cast<ptrdiff_t>(at),
          codestream.begin() + static_cast<ptrdiff_t>(end)};
}

// A tile-part: its segments between SOT and SOD, and its packets.
struct MadePart {
  int tile = 0, number = 0, count = 1;
  Bytes segments, packets;
};
inline std::vector<MadePart> PartsOf(const Bytes& codestream) {
  std::vector<MadePart> parts;
  for (size_t at = MarkerAt(codestream, 0xFF90);
       at + 12 <= codestream.size() && BigAt(codestream, at, 2) == 0xFF90;) {
    const auto length = static_cast<size_t>(BigAt(codestream, at + 6, 4));
    size_t sod = at + 12;
    while (BigAt(codestream, sod, 2) != 0xFF93)
      sod += 2 + static_cast<size_t>(BigAt(codestream, sod + 2, 2));
    const auto from = codestream.begin();
    parts.push_back(
        {.tile = static_cast<int>(BigAt(codestream, at + 4, 2)),
         .number = codestream[at + 10],
         .count = codestream[at + 11],
         .segments = {from + static_cast<ptrdiff_t>(at) + 12, from + static_cast<ptrdiff_t>(sod)},
         .packets = {from + static_cast<ptrdiff_t>(sod) + 2,
                     from + static_cast<ptrdiff_t>(at + length)}});
    at += length;
  }
  return parts;
}
inline Bytes WithParts(const Bytes& main_header, const std::vector<MadePart>& parts) {
  Bytes out = main_header;
  for (const MadePart& p : parts) {
    const auto length = static_cast<int64_t>(14 + p.segments.size() + p.packets.size());
    Append(out, Joined({Big(0xFF90, 2), Big(10, 2), Big(p.tile, 2), Big(length, 4),
                        Big(p.number, 1), Big(p.count, 1), p.segments, Big(0xFF93, 2), p.packets}));
  }
  Append(out, Big(0xFFD9, 2));
  return out;
}
inline Bytes MainHeaderOf(const Bytes& codestream) {
  return {codestream.begin(),
          codestream.begin() + static_cast<ptrdiff_t>(MarkerAt(codestream, 0xFF90))};
}

// Grey or RGB components of a test picture.
inline std::vector<MadeComponent> ComponentsOf(const Image& page) {
  std::vector<MadeComponent> components;
  for (int c = 0; c < page.channels(); ++c)
    components.push_back({.value = [&page, c](int x, int y) {
      return int{page.view().row(y)[x * page.channels() + c]};
    }});
  return components;
}

inline Result<ImageInfo> Probed(const Bytes& bytes) {
  auto source = Source::Borrow(bytes, "made.jp2");
  return FindCodec("jp2")->probe(*source);
}
// An error's kind and message, or what was missing.
inline std::pair<ErrorKind, std::string> RefusalOf(const Bytes& bytes, const Region& region = {},
                                                   int level = 0,
                                                   Variant variant = Variant::kBest) {
  auto source = Source::Borrow(bytes, "made.jp2");
  auto info = FindCodec("jp2")->probe(*source);
  if (!info.ok()) return {info.error().kind, info.error().message};
  auto image = DecodeToImage(*source, region, level, variant);
  if (image.ok()) return {ErrorKind::kIo, "an answer"};
  return {image.error().kind, image.error().message};
}

}  // namespace iiifbench
