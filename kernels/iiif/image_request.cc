#include "kernels/iiif/image_request.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

namespace iiifbench {
namespace {

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (size_t start = 0;;) {
    const size_t end = text.find(separator, start);
    parts.push_back(text.substr(start, end - start));
    if (end == std::string_view::npos) return parts;
    start = end + 1;
  }
}

// What may be written in a request: more is refused.
constexpr double kMostWritten = 2e9;

// A decimal without sign or exponent; `whole`: digits only.
std::optional<double> Number(std::string_view text, bool whole) {
  const bool plain = std::ranges::all_of(
      text, [&](char c) { return (c >= '0' && c <= '9') || (c == '.' && !whole); });
  if (text.empty() || !plain) return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value > kMostWritten)
    return std::nullopt;
  return value;
}

Error BadRequest(std::string_view parameter, std::string_view value, std::string_view allowed) {
  return Fail(ErrorKind::kBadRequest, "{} '{}': {}", parameter, value, allowed);
}

Result<RegionParameter> ParseRegion(std::string_view text) {
  using Kind = RegionParameter::Kind;
  constexpr std::string_view kAllowed =
      "full, square, x,y,w,h or pct:x,y,w,h are allowed, with width and height above 0";
  if (text == "full") return RegionParameter{};
  if (text == "square") return RegionParameter{.kind = Kind::kSquare};
  const bool percent = text.starts_with("pct:");
  const auto parts = Split(percent ? text.substr(4) : text, ',');
  if (parts.size() != 4) return BadRequest("region", text, kAllowed);
  std::array<double, 4> values{};
  for (size_t i = 0; i < 4; ++i) {
    const auto value = Number(parts[i], !percent);
    if (!value) return BadRequest("region", text, kAllowed);
    values[i] = *value;
  }
  if (values[2] <= 0 || values[3] <= 0) return BadRequest("region", text, kAllowed);
  return RegionParameter{percent ? Kind::kPercent : Kind::kPixels, values[0], values[1], values[2],
                         values[3]};
}

Result<SizeParameter> ParseSize(std::string_view text, ApiVersion version) {
  using Kind = SizeParameter::Kind;
  const std::string_view allowed =
      version == ApiVersion::k2
          ? "full, max, w,  ,h  pct:n  w,h or !w,h are allowed, with whole numbers above 0"
          : "max, w,  ,h  pct:n  w,h or !w,h are allowed, with ^ before them to enlarge";
  SizeParameter size;
  std::string_view rest = text;
  if (version == ApiVersion::k3 && rest.starts_with('^')) {
    size.upscale = true;
    rest.remove_prefix(1);
  }
  if (rest == "max") {
    size.kind = Kind::kMax;
    return size;
  }
  if (rest == "full" && version == ApiVersion::k2) {
    size.kind = Kind::kFull;
    return size;
  }
  if (rest.starts_with("pct:")) {
    const auto percent = Number(rest.substr(4), false);
    if (!percent || *percent <= 0) return BadRequest("size", text, allowed);
    if (version == ApiVersion::k3 && !size.upscale && *percent > 100) {
      return BadRequest("size", text, "above 100 per cent needs ^pct:n");
    }
    size.kind = Kind::kPercent;
    size.percent = *percent;
    return size;
  }
  const bool best = rest.starts_with('!');
  const auto parts = Split(best ? rest.substr(1) : rest, ',');
  if (parts.size() != 2 || (parts[0].empty() && parts[1].empty()))
    return BadRequest("size", text, allowed);
  const auto width = Number(parts[0], true), height = Number(parts[1], true);
  if ((!parts[0].empty() && (!width || *width < 1)) ||
      (!parts[1].empty() && (!height || *height < 1)) || (best && (!width || !height))) {
    return BadRequest("size", text, allowed);
  }
  size.width = static_cast<int>(width.value_or(0));
  size.height = static_cast<int>(height.value_or(0));
  size.kind = best ? Kind::kBest : !height ? Kind::kWidth : !width ? Kind::kHeight : Kind::kExact;
  return size;
}

Result<void> ParseRotation(std::string_view text, ImageRequest& request) {
  std::string_view rest = text;
  if (rest.starts_with('!')) {
    request.mirror = true;
    rest.remove_prefix(1);
  }
  const auto degrees = Number(rest, false);
  if (!degrees || *degrees > 360)
    return BadRequest("rotation", text,
                      "0 to 360 degrees, with ! before them to mirror, are allowed");
  request.degrees = *degrees;
  return {};
}

Result<Quality> ParseQuality(std::string_view text) {
  if (text == "default") return Quality::kDefault;
  if (text == "color") return Quality::kColor;
  if (text == "gray") return Quality::kGray;
  if (text == "bitonal") return Quality::kBitonal;
  return BadRequest("quality", text, "default, color, gray or bitonal are allowed");
}

// A side of an answer: at least 1; above what a request may ask for it becomes that, which no limit
// lets pass, so that the canonical request of it is legal.
int RoundTo(double value) {
  return static_cast<int>(std::clamp(std::round(value), 1.0, kMostWritten));
}

}  // namespace

std::string PercentDecode(std::string_view text) {
  std::string out;
  auto digit = [](char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
  };
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 &&
        digit(text[i + 2]) >= 0) {
      out.push_back(static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2])));
      i += 2;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

std::string PercentEncode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out.push_back(c);
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

Result<ImageRequest> ParseImageRequest(std::string_view path, ApiVersion version) {
  const auto parts = Split(path, '/');
  if (parts.size() != 5 || parts[0].empty()) {
    return Fail(ErrorKind::kBadRequest,
                "'{}': identifier/region/size/rotation/quality.format is expected", path);
  }
  ImageRequest request{.version = version, .identifier = PercentDecode(parts[0])};
  const std::string region_text = PercentDecode(parts[1]), size_text = PercentDecode(parts[2]);
  auto region = ParseRegion(region_text);
  if (!region) return region.error();
  request.region = *region;
  auto size = ParseSize(size_text, version);
  if (!size) return size.error();
  request.size = *size;
  auto rotation = ParseRotation(PercentDecode(parts[3]), request);
  if (!rotation) return rotation.error();
  const size_t dot = parts[4].rfind('.');
  if (dot == std::string_view::npos || dot == 0 || dot + 1 == parts[4].size()) {
    return BadRequest("quality.format", parts[4], "such as default.jpg is expected");
  }
  auto quality = ParseQuality(parts[4].substr(0, dot));
  if (!quality) return quality.error();
  request.quality = *quality;
  request.format = std::string(parts[4].substr(dot + 1));
  return request;
}

Result<ResolvedRequest> ResolveRequest(const ImageRequest& request, Size image) {
  using RegionKind = RegionParameter::Kind;
  using SizeKind = SizeParameter::Kind;
  const RegionParameter& r = request.region;
  double left = 0, top = 0, width = image.width, height = image.height;
  if (r.kind == RegionKind::kSquare) {
    width = height = std::min(image.width, image.height);
    left = std::floor((image.width - width) / 2);
    top = std::floor((image.height - height) / 2);
  } else if (r.kind == RegionKind::kPixels) {
    left = r.x, top = r.y, width = r.width, height = r.height;
  } else if (r.kind == RegionKind::kPercent) {
    left = std::round(r.x * image.width / 100), top = std::round(r.y * image.height / 100);
    width = std::round(r.width * image.width / 100),
    height = std::round(r.height * image.height / 100);
  }
  if (left >= image.width || top >= image.height || width < 1 || height < 1) {
    return Fail(ErrorKind::kBadRequest, "region {},{},{},{} lies outside the image of {}x{}", left,
                top, width, height, image.width, image.height);
  }
  ResolvedRequest out;
  out.region = {static_cast<int>(left), static_cast<int>(top),
                static_cast<int>(std::min(width, image.width - left)),
                static_cast<int>(std::min(height, image.height - top))};
  const SizeParameter& s = request.size;
  const double w = out.region.width, h = out.region.height;
  switch (s.kind) {
    case SizeKind::kFull:
    case SizeKind::kMax:
      out.size = out.region.size();
      break;
    case SizeKind::kWidth:
      out.size = {s.width, RoundTo(h * s.width / w)};
      break;
    case SizeKind::kHeight:
      out.size = {RoundTo(w * s.height / h), s.height};
      break;
    case SizeKind::kPercent:
      out.size = {RoundTo(w * s.percent / 100), RoundTo(h * s.percent / 100)};
      break;
    case SizeKind::kExact:
      out.size = {s.width, s.height};
      break;
    case SizeKind::kBest: {
      double scale = std::min(s.width / w, s.height / h);
      // 3.0: !w,h never enlarges without ^.
      if (request.version == ApiVersion::k3 && !s.upscale) scale = std::min(scale, 1.0);
      out.size = {std::clamp(RoundTo(w * scale), 1, std::max(s.width, 1)),
                  std::clamp(RoundTo(h * scale), 1, std::max(s.height, 1))};
      break;
    }
  }
  if (request.version == ApiVersion::k3 && !s.upscale &&
      (out.size.width > out.region.width || out.size.height > out.region.height)) {
    return Fail(ErrorKind::kBadRequest,
                "size {}x{} is larger than the region {}x{}; ^ is needed to enlarge",
                out.size.width, out.size.height, out.region.width, out.region.height);
  }
  return out;
}

}  // namespace iiifbench
