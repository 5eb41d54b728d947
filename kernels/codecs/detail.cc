// The one place that says in words what ImageFacts hold.
#include "kernels/codecs/codec.h"

namespace iiifbench {
namespace {

std::string JpegDetail(const ImageInfo& info) {
  const ImageFacts& f = info.facts;
  const std::string sampling =
      info.channels == 1
          ? "grey"
          : fmt::format("luma {}x{}, chroma {}x{}", f.luma_sampling.width, f.luma_sampling.height,
                        f.chroma_sampling.width, f.chroma_sampling.height);
  return fmt::format("{}{}, {}, restart interval {}", f.progressive ? "progressive" : "sequential",
                     f.arithmetic ? " arithmetic" : "", sampling, f.restart_interval);
}

std::string Jp2Detail(const ImageInfo& info) {
  const ImageFacts& f = info.facts;
  return fmt::format("{}{}, {}, {} decompositions, {} layers, {} bits",
                     f.high_throughput ? "HTJ2K " : "", f.lossless ? "5/3" : "9/7", f.progression,
                     f.decompositions, f.layers, info.bits_per_sample);
}

std::string TiffDetail(const ImageInfo& info) {
  const ImageFacts& f = info.facts;
  return fmt::format("{} {}x{}, compression {}, predictor {}, {} levels",
                     info.tile.width > 0 ? "tiles" : "strips", f.unit.width, f.unit.height,
                     f.compression_tag, f.predictor, info.levels.size());
}

}  // namespace

bool StoredAlike(const ImageInfo& a, const ImageInfo& b) {
  ImageFacts facts = b.facts;
  facts.icc_bytes = a.facts.icc_bytes, facts.orientation = a.facts.orientation;
  return a.facts == facts && a.tile == b.tile && a.levels.size() == b.levels.size();
}

std::string DetailOf(std::string_view format, const ImageInfo& info) {
  if (format == "jpeg") return JpegDetail(info);
  if (format == "jp2") return Jp2Detail(info);
  if (format == "tiff") return TiffDetail(info);
  return std::string(format);
}

}  // namespace iiifbench
