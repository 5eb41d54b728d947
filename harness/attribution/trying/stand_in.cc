// Another format, learned from a smaller picture in it. What a server does with a format can be
// seen only in that format: one whose JPEG 2000 decoder reads regions may hand TIFF to a program
// that decodes all of it. So before the source itself is placed in another format, a smaller one
// is, and attributed by itself; its fit then predicts the requests for the large one, of which the
// server was asked none.
#include <cstdio>
#include <filesystem>

#include "data/corpus.h"
#include "harness/attribution/trying/trials.h"
#include "kernels/pixels/resize.h"

namespace iiifbench {
namespace {

namespace fs = std::filesystem;

constexpr int kWidth = 1600;
constexpr std::chrono::duration<double> kBudget{4};
constexpr double kGoodFit = 0.15;

Image Smaller(ConstPixelView picture) {
  const int width = std::min(kWidth, picture.width * 3 / 4);
  const auto height = static_cast<int>(int64_t{picture.height} * width / picture.width);
  Image small({width, std::max(1, height)}, picture.channels);
  Resize(picture, WholeOf({picture.width, picture.height}), small.view(), {.filter = Filter::kBox});
  return small;
}

}  // namespace

std::optional<FittedModel> Trials::FitOfStandIn(const Codec& codec, const Recipe& recipe,
                                                ConstPixelView picture) {
  Say(fmt::format("a smaller picture in {} first", recipe.name));
  const fs::path source(options_.source);
  EncodeOptions encode = recipe.options;
  encode.threads = 2;
  std::vector<uint8_t> bytes;
  const Image small = Smaller(picture);
  if (!codec.encode(small.view(), encode, bytes)) return std::nullopt;
  const fs::path placed =
      source.parent_path() / fmt::format("{}-iiifbench-small-{}.{}", source.stem().string(),
                                         recipe.name, recipe.extension);
  if (!WriteWhole(placed, bytes)) return std::nullopt;
  auto observed = Observe({.url = options_.running->ImageUrl(placed.filename().string()),
                           .source = placed,
                           .place = placed.parent_path(),
                           .headers = options_.running->headers,
                           .budget = kBudget,
                           .stop = options_.stop});
  std::remove(placed.c_str());
  if (Stopped()) return std::nullopt;
  if (!observed) {
    Say(observed.error().message);
    return std::nullopt;
  }
  const Attribution fit = Attribute(*observed);
  const auto unusable = [&]() -> std::string {
    if (!fit.model) return fit.refusals.empty() ? "no fit" : fit.refusals.front();
    // One that encodes its answers by another program from this format has columns of another
    // meaning.
    if (observed->foreign_encoder != o_.foreign_encoder) return "answers by another encoder";
    if (!fit.model->decode_identified && fit.fit_error > kGoodFit)
      return fmt::format("not identified, error {:.0f} %", 100 * fit.fit_error);
    return {};
  }();
  if (!unusable.empty()) {
    Say(fmt::format("  {}: nothing learned: {}", recipe.name, unusable));
    return std::nullopt;
  }
  Say(fmt::format("  {}: decode {}{}, {:.2f} times our kernel, error {:.1f} %", recipe.name,
                  fit.model->hypothesis.decode_name(),
                  fit.model->decode_identified ? "" : " (not identified)", fit.model->beta[kDecode],
                  100 * fit.fit_error));
  return fit.model;
}

}  // namespace iiifbench
