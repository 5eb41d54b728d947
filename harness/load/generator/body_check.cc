#include "harness/load/generator/body_check.h"

#include <algorithm>
#include <map>
#include <random>

#include "harness/load/response_check.h"
#include "kernels/iiif/render.h"

namespace iiifbench {
namespace {

constexpr size_t kRememberedRenderings = 32;

Result<Image> Expected(const WorkloadImage& image, const std::string& path, const BodyCheckOptions& options) {
  auto source = Source::Open(image.path);
  if (!source) return source.error();
  auto codec = CodecOf(**source);
  if (!codec) return codec.error();
  auto info = (*codec)->probe(**source);
  if (!info) return info.error();
  auto request = ParseImageRequest("id/" + path, options.version);
  if (!request) return request.error();
  RenderSettings settings;
  settings.encode.quality = options.jpeg_quality;
  auto plan = MakeRenderPlan(*info, *request, settings);
  if (!plan) return plan.error();
  Renderer renderer;
  StageTimes times;
  DecodeReport report;
  auto pixels = renderer.RenderPixels(**source, *plan, times, report);
  if (!pixels) return pixels.error();
  Image out(pixels->size(), pixels->channels);
  CopyPixels(*pixels, out.view());
  return out;
}

// Decodes, and has the size that was asked for, where the image's own is known.
Result<void> DecodesAtItsSize(const Exchange& exchange, const std::string& path, Size image,
                              ApiVersion version) {
  auto source = Source::Borrow(exchange.body, "answer");
  auto picture = DecodeWhole(*source, Variant::kLibrary);
  if (!picture) return picture.error();
  if (image.width == 0) return {};
  auto request = ParseImageRequest("id/" + path, version);
  if (!request) return request.error();
  auto resolved = ResolveRequest(*request, image);
  if (!resolved) return resolved.error();
  const Size came = picture->size(), asked = resolved->size;
  if (came == asked) return {};
  return Fail(ErrorKind::kBadInput, "{}x{} pixels came instead of {}x{}", came.width, came.height,
              asked.width, asked.height);
}

}  // namespace

BodyCheck CheckBodies(LoadRun& run, const std::vector<WorkloadImage>& images,
                      const BodyCheckOptions& options) {
  BodyCheck out{.kept = static_cast<int64_t>(run.kept.size())};
  std::mt19937_64 random(options.seed);
  for (size_t i = run.kept.size(); i > 1; --i) std::swap(run.kept[i - 1], run.kept[random() % i]);
  std::map<std::pair<size_t, std::string>, Image> renderings;
  const auto end = std::chrono::steady_clock::now() + options.budget;
  for (KeptBody& kept : run.kept) {
    if (out.checked > 0 && std::chrono::steady_clock::now() > end) break;
    const WorkloadImage image = kept.image < images.size() ? images[kept.image] : WorkloadImage{};
    Exchange exchange{.url = kept.path, .status = 200, .content_type = kept.content_type};
    exchange.body = std::move(kept.body);
    Result<void> right;
    if (kept.path.ends_with("info.json")) {
      if (image.size.width > 0) right = CheckInfo(exchange, image.size);
    } else if (image.path.empty()) {
      out.compared = false;
      right = DecodesAtItsSize(exchange, kept.path, image.size, options.version);
    } else {
      const std::pair key(kept.image, kept.path);
      if (!renderings.contains(key)) {
        if (renderings.size() >= kRememberedRenderings) renderings.clear();
        auto expected = Expected(image, kept.path, options);
        if (expected) renderings.emplace(key, std::move(*expected));
        if (!expected) right = expected.error();
      }
      if (right) {
        auto facts = CheckResponse(exchange, renderings.at(key).view());
        if (!facts) right = facts.error();
      }
    }
    ++out.checked;
    if (right) continue;
    ++out.wrong;
    if (out.examples.size() < 5) out.examples.push_back(kept.path + ": " + right.error().message);
    const auto name = std::ranges::find(run.failures, "wrong picture");
    run.samples[kept.sample].failure = static_cast<int32_t>(name - run.failures.begin());
    if (name == run.failures.end()) run.failures.emplace_back("wrong picture");
  }
  run.kept.clear();
  return out;
}

}  // namespace iiifbench
