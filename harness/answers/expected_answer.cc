#include "harness/answers/expected_answer.h"

#include <algorithm>
#include <cmath>

#include "kernels/codecs/opened.h"

namespace iiifbench {
namespace {

// Before it is made whole. A side that was asked for is itself.
struct ExactSize {
  double width = 0, height = 0;
};

ExactSize ExactSizeOf(const ImageRequest& request, const ResolvedRequest& resolved) {
  using Kind = SizeParameter::Kind;
  const SizeParameter& s = request.size;
  const double w = resolved.region.width, h = resolved.region.height;
  switch (s.kind) {
    case Kind::kWidth:
      return {.width = static_cast<double>(s.width), .height = h * s.width / w};
    case Kind::kHeight:
      return {.width = w * s.height / h, .height = static_cast<double>(s.height)};
    case Kind::kPercent:
      return {.width = w * s.percent / 100, .height = h * s.percent / 100};
    case Kind::kBest: {
      double scale = std::min(s.width / w, s.height / h);
      if (request.version == ApiVersion::k3 && !s.upscale) scale = std::min(scale, 1.0);
      return {.width = w * scale, .height = h * scale};
    }
    default:
      return {.width = static_cast<double>(resolved.size.width),
              .height = static_cast<double>(resolved.size.height)};
  }
}

// Of one side; none: neither. Arithmetic in binary may leave 187.00000000000003 of 187.
std::optional<std::string> RoundingOf(const char* side, double exact, int ours, int came) {
  constexpr double kNothing = 1e-6;
  if (came == ours) return "";
  const char* how = came == static_cast<int>(std::floor(exact + kNothing))  ? "floor"
                    : came == static_cast<int>(std::ceil(exact - kNothing)) ? "ceiling"
                                                                            : nullptr;
  if (how == nullptr || came < 1) return {};
  return fmt::format("{} {} is the {} of {:.6g}", side, came, how, exact);
}

Result<Image> Render(const std::string& file, const RenderPlan& plan) {
  auto source = Source::Open(file);
  if (!source) return source.error();
  Renderer renderer;
  StageTimes times;
  DecodeReport report;
  auto pixels = renderer.RenderPixels(**source, plan, times, report);
  if (!pixels) return pixels.error();
  Image out(pixels->size(), pixels->channels);
  CopyPixels(*pixels, out.view());
  return out;
}

bool QuarterTurned(const ImageRequest& request) {
  return request.degrees == 90 || request.degrees == 270;
}
Size Turned(Size size) { return {size.height, size.width}; }

}  // namespace

std::optional<Size> SizeOf(const Exchange& exchange) {
  if (!exchange.error.empty() || exchange.status != 200 || exchange.body.empty()) return {};
  auto source = Source::Borrow(exchange.body, "answer");
  auto codec = CodecOf(*source);
  if (!codec) return {};
  auto info = (*codec)->probe(*source);
  if (!info) return {};
  return info->size;
}

ImageRequest AtItsSize(ImageRequest request, Size came) {
  const Size size = QuarterTurned(request) ? Turned(came) : came;
  request.size = {.kind = SizeParameter::Kind::kExact,
                  .upscale = request.version == ApiVersion::k3,
                  .width = size.width,
                  .height = size.height};
  return request;
}

double Enlargement(const RenderPlan& plan) {
  return std::max(static_cast<double>(plan.output.width) / plan.region.width,
                  static_cast<double>(plan.output.height) / plan.region.height);
}

Result<ExpectedAnswer> ExpectAnswer(const std::string& file, const std::string& path,
                                    ApiVersion version, int jpeg_quality) {
  auto opened = OpenImage(file);
  if (!opened) return opened.error();
  auto request = ParseImageRequest("id/" + path, version);
  if (!request) return request.error();
  RenderSettings settings;
  settings.encode.quality = jpeg_quality;
  auto plan = MakeRenderPlan(opened->info, *request, settings);
  if (!plan) return plan.error();
  auto picture = Render(file, *plan);
  if (!picture) return picture.error();
  return ExpectedAnswer{.file = file,
                        .info = std::move(opened->info),
                        .request = std::move(*request),
                        .plan = std::move(*plan),
                        .picture = std::move(*picture),
                        .rounded_otherwise = {}};
}

std::optional<std::string> AllowedRounding(const ImageRequest& request, Size image, Size came) {
  const auto resolved = ResolveRequest(request, image);
  if (!resolved) return {};
  if (QuarterTurned(request)) came = Turned(came);
  if (came == resolved->size) return "";
  if (request.degrees != 0 && request.degrees != 180 && !QuarterTurned(request)) return {};
  const ExactSize exact = ExactSizeOf(request, *resolved);
  const auto width = RoundingOf("width", exact.width, resolved->size.width, came.width);
  const auto height = RoundingOf("height", exact.height, resolved->size.height, came.height);
  if (!width || !height) return {};
  return *width + (width->empty() || height->empty() ? "" : ", ") + *height;
}

Result<ResponseFacts> CheckAgainst(const ExpectedAnswer& expected, const Exchange& exchange) {
  const auto came = SizeOf(exchange);
  const auto rounding = came && *came != expected.picture.size()
                            ? AllowedRounding(expected.request, expected.info.size, *came)
                            : std::nullopt;
  if (!rounding || rounding->empty())
    return CheckResponse(exchange, expected.picture.view(), Enlargement(expected.plan));
  if (expected.rounded_otherwise.size() != *came) {
    auto plan =
        MakeRenderPlan(expected.info, AtItsSize(expected.request, *came), expected.plan.settings);
    if (!plan) return plan.error();
    auto picture = Render(expected.file, *plan);
    if (!picture) return picture.error();
    expected.rounded_otherwise = std::move(*picture);
  }
  auto facts =
      CheckResponse(exchange, expected.rounded_otherwise.view(), Enlargement(expected.plan));
  if (facts) facts->rounding = *rounding;
  return facts;
}

}  // namespace iiifbench
