// Another format, learned from a smaller picture in it. What a server does with a format can be
// seen only in that format: one whose JPEG 2000 decoder reads regions may hand TIFF to a program
// that decodes all of it. So before the source itself is placed in another format, a smaller one
// is, and attributed by itself; its fit then predicts the requests for the large one, of which the
// server was request none.
#include <cstdio>
#include <filesystem>

#include "data/corpus.h"
#include "harness/attribution/findings/fit_findings.h"
#include "harness/attribution/fit/fitted.h"
#include "harness/attribution/observe/observe.h"
#include "harness/attribution/what_if/experiment.h"
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

std::optional<FittedModel> FitOfProxyImage(Experiment& experiment, const Codec& codec,
                                           const Recipe& recipe, ConstPixelView picture) {
  Say(experiment, fmt::format("a smaller picture in {} first", recipe.name));
  const fs::path source(experiment.options.source);
  EncodeOptions encode = recipe.options;
  encode.threads = 2;
  std::vector<uint8_t> bytes;
  const Image small = Smaller(picture);
  if (!codec.encode(small.view(), encode, bytes)) return std::nullopt;
  const fs::path placed =
      source.parent_path() / fmt::format("{}-iiifbench-small-{}.{}", source.stem().string(),
                                         recipe.name, recipe.extension);
  if (!WriteFile(placed, bytes)) return std::nullopt;
  auto observed = Observe({.url = experiment.options.running->ImageUrl(placed.filename().string()),
                           .source = placed,
                           .place = placed.parent_path(),
                           .headers = experiment.options.running->headers,
                           .budget = kBudget,
                           .stop = experiment.options.stop});
  std::remove(placed.c_str());
  if (Stopped(experiment)) return std::nullopt;
  if (!observed) {
    Say(experiment, observed.error().message);
    return std::nullopt;
  }
  Attribution answers;
  AddRefusalsOfAnswers(*observed, answers);
  const auto& refused = observed->refusals.empty() ? answers.refusals : observed->refusals;
  auto fit = FitObserved(*observed, 1);
  const auto unusable = [&]() -> std::string {
    if (!fit) return refused.empty() ? fit.error().message : refused.front().text;
    // One that encodes its answers by another program from this format has columns of another
    // meaning.
    if (observed->foreign_encoder != experiment.observed.foreign_encoder)
      return "answers by another encoder";
    if (!fit->model.decode_identified && fit->model.error > kGoodFit)
      return fmt::format("not identified, error {:.0f} %", 100 * fit->model.error);
    return {};
  }();
  if (!unusable.empty()) {
    Say(experiment, fmt::format("  {}: nothing learned: {}", recipe.name, unusable));
    return std::nullopt;
  }
  Say(experiment, fmt::format("  {}: decode {}{}, {:.2f} times our kernel, error {:.1f} %",
                              recipe.name, fit->model.hypothesis.decode_name(),
                              fit->model.decode_identified ? "" : " (not identified)",
                              fit->model.beta[kDecode], 100 * fit->model.error));
  return fit->model;
}

}  // namespace iiifbench
