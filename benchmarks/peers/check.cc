#include "benchmarks/peers/check.h"

#include "benchmarks/common/pages.h"

namespace iiifbench::peers {
namespace {

Result<Image> PixelsOf(const Task& task) {
  if (task.kind == Kind::kResize) {
    Image out(task.out, 3);
    ResizeScalar(task.pixels, WholeOf(task.pixels.size()), out.view(), task.filter);
    return out;
  }
  if (task.kind == Kind::kEncode) {
    Image out(task.out, 3);
    CopyPixels(task.pixels, out.view());
    return out;
  }
  auto whole = WholeLevel(task.path, task.level);
  if (!whole) return whole.error();
  const Region region = OnLevel(task);
  if (task.kind == Kind::kRegion) {
    Image out(region.size(), whole->channels);
    CopyPixels(whole->crop(region), out.view());
    return out;
  }
  Image out(task.out, whole->channels);
  ResizeScalar(whole->crop(region), WholeOf(region.size()), out.view(), Filter::kBicubic);
  return out;
}

}  // namespace

Result<Reference> ReferenceOf(const Task& task) {
  auto pixels = PixelsOf(task);
  if (!pixels) return pixels.error();
  Reference reference{.pixels = std::move(*pixels)};
  if (task.kind == Kind::kResize) {
    reference.ours_mean = 0.05;
    reference.ours_maximum = 1;
  } else if (task.kind == Kind::kRegion) {
    // The reference is OpenJPEG's; ours adds the floats of the 9/7 transform in another order.
    const bool two_libraries = task.name.find("10to1") != std::string::npos;
    reference.ours_mean = two_libraries ? 0.01 : 0;
    reference.ours_maximum = two_libraries ? 1 : 0;
  } else {
    if (task.lossless) {
      reference.ours_maximum = 0;
      reference.agree_mean = 0;
      return reference;
    }
    Answer round_trip;
    const bool encode = task.kind == Kind::kEncode;
    const EncodeOptions options = encode ? task.encode : EncodeOptions{.quality = task.quality};
    auto encoded = FindCodec(encode ? task.format : "jpeg")
                       ->encode(reference.pixels.view(), options, round_trip.bytes);
    if (!encoded) return encoded.error();
    auto error = ErrorOf(round_trip, reference.pixels);
    if (!error) return error.error();
    reference.ours_mean = 1.5 * error->mean;
    reference.agree_mean = 2 * error->mean;
  }
  return reference;
}

Result<Difference> ErrorOf(const Answer& answer, const Image& reference) {
  const Image* pixels = &answer.pixels;
  Image decoded;
  if (!answer.bytes.empty()) {
    auto source = Source::Borrow(answer.bytes, "answer");
    auto image = DecodeWhole(*source, Variant::kLibrary);
    if (!image) return image.error();
    decoded = std::move(*image);
    pixels = &decoded;
  }
  if (pixels->size() != reference.size() || pixels->channels() != reference.channels())
    return Fail(ErrorKind::kBadInput, "{}x{}x{} instead of {}x{}x{}", pixels->width(),
                pixels->height(), pixels->channels(), reference.width(), reference.height(),
                reference.channels());
  return Compare(pixels->view(), reference.view());
}

}  // namespace iiifbench::peers
