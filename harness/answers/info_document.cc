#include "harness/answers/info_document.h"

#include <chrono>
#include <limits>
#include <nlohmann/json.hpp>

#include "harness/http/address.h"
#include "harness/http/plain_text.h"

namespace iiifbench {
namespace {

using nlohmann::json;

std::string Text(const json& body, const char* name) {
  const auto found = body.find(name);
  return found != body.end() && found->is_string() ? found->get<std::string>() : "";
}

// 0: no whole number above 0 that fits.
int Whole(const json& body, const char* name) {
  const auto found = body.find(name);
  if (found == body.end() || !found->is_number()) return 0;
  const double value = found->get<double>();
  if (!(value >= 1) || value > std::numeric_limits<int>::max() ||
      value != static_cast<double>(static_cast<int>(value)))
    return 0;
  return static_cast<int>(value);
}

std::string Shown(const json& body, const char* name) {
  const auto found = body.find(name);
  if (found == body.end()) return "nothing";
  return CutText(PlainText(found->dump(-1, ' ', false, json::error_handler_t::replace)), 40);
}

const json* Array(const json& body, const char* name) {
  const auto found = body.find(name);
  return found != body.end() && found->is_array() ? &*found : nullptr;
}

bool LooksLikeHtml(const Exchange& exchange) {
  const std::string_view body(reinterpret_cast<const char*>(exchange.body.data()),
                              std::min<size_t>(exchange.body.size(), 512));
  return exchange.content_type.find("html") != std::string::npos ||
         body.find("<html") != std::string_view::npos ||
         body.find("<!DOCTYPE html") != std::string_view::npos ||
         body.find("<!doctype html") != std::string_view::npos;
}

void ReadProfile(const json& profile, InfoDocument& info) {
  if (profile.is_string()) {
    const std::string text = profile.get<std::string>();
    for (int level : {0, 1, 2}) {
      if (text.find(fmt::format("level{}", level)) != std::string::npos ||
          text.ends_with(fmt::format("#level{}", level)))
        info.level = level;
    }
  } else if (profile.is_array()) {
    for (const auto& part : profile) ReadProfile(part, info);
  } else if (profile.is_object()) {
    if (int width = Whole(profile, "maxWidth")) info.max_width = width;
    if (int height = Whole(profile, "maxHeight")) info.max_height = height;
    if (profile.contains("maxArea") && profile["maxArea"].is_number())
      info.max_area = profile["maxArea"].get<double>();
    if (const json* formats = Array(profile, "formats")) {
      for (const auto& format : *formats)
        if (format.is_string()) info.formats.push_back(format.get<std::string>());
    }
  }
}

// What to do about an answer that is none; "" where it came with status 200.
std::string Advice(const Exchange& exchange) {
  const std::string after = exchange.retry_after.empty() ? "" : PlainText(exchange.retry_after);
  switch (exchange.status) {
    case 200:
      return "";
    case 301:
    case 302:
    case 303:
    case 307:
    case 308:
      return fmt::format("the server sends you on to {}; give that URL",
                         exchange.location.empty() ? "nowhere" : WithoutSecrets(exchange.location));
    case 401:
      return fmt::format(
          "the server wants credentials{}; give them as a header in IIIFBENCH_HEADERS, for example "
          "'Authorization: Bearer ...'",
          exchange.authenticate.empty()
              ? ""
              : fmt::format(" ({})", CutText(PlainText(exchange.authenticate), 60)));
    case 403:
      return "the server forbids it: a firewall or an access rule stands before it; ask its "
             "operator, or give the header that it wants in IIIFBENCH_HEADERS";
    case 404:
    case 410:
      return "the server knows no such image; give the URL of the image as the server spells it, "
             "up to and with its identifier (a slash in it is %2F), without region, size or "
             "info.json";
    case 421:
      return "the server does not answer for this host name; give the name that its certificate "
             "or its configuration has";
    case 429:
      return fmt::format("the server limits how often it is asked; come again {}",
                         after.empty() ? "later" : "after " + after + " s");
    case 502:
    case 503:
    case 504:
      return fmt::format("the server, or what stands behind it, is not ready; come again {}",
                         after.empty() ? "when it is up" : "after " + after + " s");
    default:
      return exchange.status >= 500
                 ? "the server failed; its own log says why"
                 : "give the base URL of an image, without region, size or info.json";
  }
}

}  // namespace

Result<InfoDocument> ParseInfo(const Exchange& exchange) {
  if (!exchange.error.empty()) return Fail(ErrorKind::kIo, "{}", exchange.error);
  if (exchange.status != 200)
    return Fail(exchange.status == 404 ? ErrorKind::kNotFound : ErrorKind::kIo, "status {}: {}",
                exchange.status, Advice(exchange));
  if (LooksLikeHtml(exchange))
    return Fail(ErrorKind::kBadInput,
                "an HTML page came instead of info.json (a viewer, a login or an error page); give "
                "the base URL of the image at the image server");
  const json body = json::parse(exchange.body, nullptr, false);
  if (!body.is_object())
    return Fail(ErrorKind::kBadInput, "no JSON came ({}, {} bytes) where info.json was asked for",
                exchange.content_type.empty() ? "no type" : PlainText(exchange.content_type),
                exchange.body.size());
  InfoDocument info{.size = {Whole(body, "width"), Whole(body, "height")}};
  for (const char* name : {"width", "height"}) {
    if (Whole(body, name) > 0) continue;
    if (!body.contains(name) && (body.contains("items") || body.contains("sequences")))
      return Fail(ErrorKind::kBadInput,
                  "this is a IIIF manifest, not the info.json of an image; give an image's URL");
    return Fail(ErrorKind::kBadInput,
                "info.json has {} as {} where a whole number above 0 belongs; the server must be "
                "mended",
                Shown(body, name), name);
  }
  // Version 3 says its type; version 2 its context, or the protocol.
  const std::string context = body.contains("@context") ? Shown(body, "@context") : "";
  if (Text(body, "type").starts_with("ImageService3") ||
      (body.contains("@context") &&
       body["@context"].dump(-1, ' ', false, json::error_handler_t::replace).find("image/3") !=
           std::string::npos))
    info.version = ApiVersion::k3;
  if (body.contains("@context") &&
      body["@context"].dump(-1, ' ', false, json::error_handler_t::replace).find("image-api/1") !=
          std::string::npos)
    return Fail(ErrorKind::kUnsupported,
                "the server speaks Image API 1.1 ({}); iiifbench asks by 2 and 3", context);
  if (const auto profile = body.find("profile"); profile != body.end()) ReadProfile(*profile, info);
  if (int width = Whole(body, "maxWidth")) info.max_width = width;
  if (int height = Whole(body, "maxHeight")) info.max_height = height;
  if (body.contains("maxArea") && body["maxArea"].is_number())
    info.max_area = body["maxArea"].get<double>();
  if (const json* sizes = Array(body, "sizes")) {
    for (const auto& size : *sizes) {
      if (size.is_object() && Whole(size, "width") > 0 && Whole(size, "height") > 0)
        info.sizes.push_back({Whole(size, "width"), Whole(size, "height")});
    }
  }
  if (const json* tiles = Array(body, "tiles")) {
    for (const auto& tile : *tiles) {
      if (!tile.is_object() || Whole(tile, "width") == 0) continue;
      TileOffer offer{.width = Whole(tile, "width"), .height = Whole(tile, "height")};
      if (offer.height == 0) offer.height = offer.width;
      if (const json* factors = Array(tile, "scaleFactors")) {
        for (const auto& factor : *factors)
          if (factor.is_number_integer() && factor.get<int64_t>() > 0 &&
              factor.get<int64_t>() < (1 << 30))
            offer.scale_factors.push_back(factor.get<int>());
      }
      info.tiles.push_back(std::move(offer));
    }
  }
  return info;
}

Result<AskedInfo> AskInfo(Client& client, const std::string& base) {
  AskedInfo asked{.url = base};
  Exchange exchange = client.Get(Below(base, "info.json"));
  if (exchange.error.empty() && exchange.status >= 301 && exchange.status <= 308 &&
      !exchange.location.empty()) {
    std::string to = exchange.location;
    if (to.starts_with('/')) {
      const auto address = ParseAddress(base);
      if (address) to = fmt::format("{}://{}{}", address->scheme, HostAndPort(*address), to);
    }
    const size_t question = std::min(to.find('?'), to.size());
    if (to.substr(0, question).ends_with("/info.json") && ParseAddress(to)) {
      asked.redirect = fmt::format("{} to {}", exchange.status, WithoutSecrets(to));
      asked.url =
          to.substr(0, question - std::string_view("/info.json").size()) + to.substr(question);
      exchange = client.Get(Below(asked.url, "info.json"));
    }
  }
  if (exchange.failure.starts_with("timed out"))
    return Fail(
        ErrorKind::kIo,
        "{}/info.json: no answer came within {:.0f} s: is the server at work, or does it hang? "
        "attribute waits longer with a larger --budget",
        WithoutSecrets(base), std::chrono::duration<double>(exchange.latency()).count());
  if (!exchange.error.empty())
    return Fail(ErrorKind::kIo,
                "{}/info.json: {}: is the server running there, and are host and port right?",
                WithoutSecrets(base), exchange.error);
  auto info = ParseInfo(exchange);
  if (!info)
    return Fail(info.error().kind, "{}/info.json: {}", WithoutSecrets(base), info.error().message);
  asked.info = std::move(*info);
  return asked;
}

}  // namespace iiifbench
