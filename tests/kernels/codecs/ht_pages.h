// HTJ2K files of every coding that OpenJPH writes, for the tests of regions.
#pragma once

#if __has_include(<openjph/ojph_codestream.h>)
#define IIIFBENCH_TEST_HT 1
#include <openjph/ojph_arch.h>
#include <openjph/ojph_codestream.h>
#include <openjph/ojph_file.h>
#include <openjph/ojph_mem.h>
#include <openjph/ojph_params.h>

#include <array>
#include <string>
#include <vector>

#include "tests/kernels/codecs/test_pages.h"

namespace iiifbench {

struct HtCoding {
  Size size{203, 167};
  int channels = 3;
  int bits = 8;
  bool is_signed = false;
  bool reversible = true;
  bool colour_transform = true;  // of three channels
  int decompositions = 4;
  Size block{64, 64};
  int precinct = 0;  // both sides; 0: the largest
  const char* order = "RPCL";
  Size tile;          // 0: the picture
  Size image_offset;  // of the picture on the reference grid
  Size tile_offset;   // of the tiles
  double step = 0.01;
  std::string Name() const {
    return fmt::format(
        "{}x{}x{} {} bits{} {} {} decompositions, blocks {}x{}, precincts {}, {}, tiles {}x{}, at "
        "{},{}",
        size.width, size.height, channels, bits, is_signed ? " signed" : "",
        reversible ? "5/3" : "9/7", decompositions, block.width, block.height, precinct, order,
        tile.width, tile.height, image_offset.width, image_offset.height);
  }
};

// A raw codestream.
inline std::vector<uint8_t> EncodedHt(const Image& image, const HtCoding& coding) {
  struct Appender : ojph::outfile_base {
    std::vector<uint8_t> bytes;
    size_t write(const void* from, size_t size) override {
      const auto* first = static_cast<const uint8_t*>(from);
      bytes.insert(bytes.end(), first, first + size);
      return size;
    }
    ojph::si64 tell() override { return static_cast<ojph::si64>(bytes.size()); }
  } file;
  const auto ui = [](int v) { return static_cast<ojph::ui32>(v); };
  ojph::codestream codestream;
  codestream.set_planar(false);
  ojph::param_siz siz = codestream.access_siz();
  const ojph::point extent(ui(coding.image_offset.width + image.width()),
                           ui(coding.image_offset.height + image.height()));
  siz.set_image_extent(extent);
  siz.set_image_offset(ojph::point(ui(coding.image_offset.width), ui(coding.image_offset.height)));
  siz.set_tile_offset(ojph::point(ui(coding.tile_offset.width), ui(coding.tile_offset.height)));
  siz.set_tile_size(coding.tile.width > 0
                        ? ojph::size(ui(coding.tile.width), ui(coding.tile.height))
                        : ojph::size(extent.x, extent.y));
  siz.set_num_components(ui(image.channels()));
  for (int c = 0; c < image.channels(); ++c)
    siz.set_component(ui(c), ojph::point(1, 1), ui(coding.bits), coding.is_signed);
  ojph::param_cod cod = codestream.access_cod();
  cod.set_num_decomposition(ui(coding.decompositions));
  cod.set_block_dims(ui(coding.block.width), ui(coding.block.height));
  std::array<ojph::size, 33> precincts;
  precincts.fill(ojph::size(ui(coding.precinct), ui(coding.precinct)));
  if (coding.precinct > 0) cod.set_precinct_size(coding.decompositions + 1, precincts.data());
  cod.set_progression_order(coding.order);
  cod.set_color_transform(coding.colour_transform && image.channels() == 3);
  cod.set_reversible(coding.reversible);
  if (!coding.reversible) codestream.access_qcd().set_irrev_quant(static_cast<float>(coding.step));
  codestream.write_headers(&file);
  ojph::ui32 next = 0;
  ojph::line_buf* line = codestream.exchange(nullptr, next);
  for (int y = 0; y < image.height(); ++y) {
    for (int c = 0; c < image.channels(); ++c) {
      const uint8_t* from = image.view().row(y) + next;
      for (int x = 0; x < image.width(); ++x)
        line->i32[x] = (from[ptrdiff_t{x} * image.channels()] << (coding.bits - 8)) -
                       (coding.is_signed ? 1 << (coding.bits - 1) : 0);
      line = codestream.exchange(line, next);
    }
  }
  codestream.flush();
  codestream.close();
  return std::move(file.bytes);
}

}  // namespace iiifbench
#endif
