#include "kernels/codecs/jp2/openjph.h"

#if IIIFBENCH_OPENJPH
#include <openjph/ojph_arch.h>
#include <openjph/ojph_codestream.h>
#include <openjph/ojph_file.h>
#include <openjph/ojph_mem.h>
#include <openjph/ojph_params.h>

#include <array>
#include <cmath>
#include <exception>
#endif

namespace iiifbench::jp2 {

#if IIIFBENCH_OPENJPH
namespace {

struct AppendTo : ojph::outfile_base {
  std::vector<uint8_t>* bytes = nullptr;
  size_t write(const void* from, size_t size) override {
    const auto* first = static_cast<const uint8_t*>(from);
    bytes->insert(bytes->end(), first, first + size);
    return size;
  }
  ojph::si64 tell() override { return static_cast<ojph::si64>(bytes->size()); }
};

void Put(std::vector<uint8_t>& out, uint32_t value, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) out.push_back(static_cast<uint8_t>(value >> (8 * i)));
}
void PutName(std::vector<uint8_t>& out, const char (&name)[5]) {
  out.insert(out.end(), name, name + 4);
}

// The boxes in front of the codestream (T.800 annex I; brand of T.814 annex D); the codestream's
// box runs to the end of the file.
void PutBoxes(ConstPixelView image, std::vector<uint8_t>& out) {
  Put(out, 12, 4), PutName(out, "jP  "), Put(out, 0x0D0A870A, 4);
  Put(out, 20, 4), PutName(out, "ftyp"), PutName(out, "jph "), Put(out, 0, 4), PutName(out, "jph ");
  Put(out, 8 + 22 + 15, 4), PutName(out, "jp2h");
  Put(out, 22, 4), PutName(out, "ihdr");
  Put(out, static_cast<uint32_t>(image.height), 4), Put(out, static_cast<uint32_t>(image.width), 4);
  Put(out, static_cast<uint32_t>(image.channels), 2);
  Put(out, 7, 1), Put(out, 7, 1), Put(out, 0, 1),
      Put(out, 0, 1);  // 8 bits, wavelets, colour known, no rights
  Put(out, 15, 4), PutName(out, "colr");
  Put(out, 1, 1), Put(out, 0, 1), Put(out, 0, 1), Put(out, image.channels == 3 ? 16 : 17, 4);
  Put(out, 0, 4), PutName(out, "jp2c");
}

// `step`: of the quantiser, as a part of the samples' range; 0: lossless.
void Write(ConstPixelView image, const EncodeOptions& options, int decompositions, double step,
           std::vector<uint8_t>& out) {
  out.clear();
  PutBoxes(image, out);
  AppendTo file;
  file.bytes = &out;
  ojph::codestream codestream;
  codestream.set_planar(false);
  ojph::param_siz siz = codestream.access_siz();
  const ojph::point extent(static_cast<ojph::ui32>(image.width),
                           static_cast<ojph::ui32>(image.height));
  siz.set_image_extent(extent);
  siz.set_num_components(static_cast<ojph::ui32>(image.channels));
  for (int c = 0; c < image.channels; ++c)
    siz.set_component(static_cast<ojph::ui32>(c), ojph::point(1, 1), 8, false);
  siz.set_tile_size(options.tile.width > 0
                        ? ojph::size(static_cast<ojph::ui32>(options.tile.width),
                                     static_cast<ojph::ui32>(options.tile.height))
                        : ojph::size(extent.x, extent.y));
  ojph::param_cod cod = codestream.access_cod();
  cod.set_num_decomposition(static_cast<ojph::ui32>(decompositions));
  cod.set_block_dims(64, 64);
  std::array<ojph::size, 33> precincts;
  precincts.fill(ojph::size(256, 256));
  cod.set_precinct_size(decompositions + 1, precincts.data());
  cod.set_progression_order("RPCL");
  cod.set_color_transform(image.channels == 3);
  cod.set_reversible(step == 0);
  if (step > 0) codestream.access_qcd().set_irrev_quant(static_cast<float>(step));
  codestream.write_headers(&file);
  ojph::ui32 next = 0;
  ojph::line_buf* line = codestream.exchange(nullptr, next);
  for (int y = 0; y < image.height; ++y) {
    for (int c = 0; c < image.channels; ++c) {
      const uint8_t* from = image.row(y) + next;
      for (int x = 0; x < image.width; ++x) line->i32[x] = from[ptrdiff_t{x} * image.channels];
      line = codestream.exchange(line, next);
    }
  }
  codestream.flush();
  codestream.close();
}

}  // namespace

Result<void> EncodeByOpenJph(ConstPixelView image, const EncodeOptions& options, int decompositions,
                             std::vector<uint8_t>& out) {
  const auto write = [&](double step) {
    return GuardOpenJph(fmt::format("encode of {}x{}", image.width, image.height), ErrorKind::kIo,
                        [&] { Write(image, options, decompositions, step, out); });
  };
  if (options.compression_ratio <= 0) return write(0);
  const double wanted =
      static_cast<double>(image.width) * image.height * image.channels / options.compression_ratio;
  // Size falls with the step, about as its power of -0.7: guess along that line, inside what is
  // known.
  double smallest = 1e-4, largest = 0.5, step = 0.02;
  for (int round = 0; round < 12; ++round) {
    auto written = write(step);
    if (!written) return written;
    const double ratio = static_cast<double>(out.size()) / wanted;
    if (std::abs(ratio - 1) < 0.02) break;
    (ratio > 1 ? smallest : largest) = step;
    step *= std::pow(ratio, 1 / 0.7);
    if (step <= smallest || step >= largest) step = std::sqrt(smallest * largest);
  }
  return {};
}

#else

Result<void> EncodeByOpenJph(ConstPixelView /*image*/, const EncodeOptions& /*options*/,
                             int /*decompositions*/, std::vector<uint8_t>& /*out*/) {
  return Fail(ErrorKind::kUnsupported, "this build has no OpenJPH, and OpenJPEG writes no HTJ2K");
}

#endif

}  // namespace iiifbench::jp2
