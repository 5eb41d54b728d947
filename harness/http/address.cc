#include "harness/http/address.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

namespace iiifbench {
namespace {

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
  return lower;
}

bool IsNumber(std::string_view text, int& number, int largest) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() && !text.empty() && number >= 0 &&
         number <= largest;
}

// The four numbers of an IPv4 address.
bool IsIpv4(std::string_view host, std::array<int, 4>& numbers) {
  for (size_t i = 0; i < 4; ++i) {
    const size_t dot = i < 3 ? host.find('.') : host.size();
    if (dot == std::string_view::npos || !IsNumber(host.substr(0, dot), numbers[i], 255))
      return false;
    host.remove_prefix(std::min(host.size(), dot + 1));
  }
  return true;
}

void ReplaceAll(std::string& text, std::string_view what, std::string_view by) {
  if (what.size() < 3) return;  // would change words that are no secret
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
}

}  // namespace

Result<Address> ParseAddress(std::string_view url) {
  auto wrong = [&](std::string_view what) {
    return Fail(ErrorKind::kBadRequest,
                "'{}' {}; give a URL such as http://host:8080/iiif/2/page.jpg", WithoutSecrets(url),
                what);
  };
  Address address;
  const size_t colon = url.find("://");
  if (colon == std::string_view::npos) return wrong("has no http:// or https://");
  address.scheme = Lower(url.substr(0, colon));
  if (address.scheme != "http" && address.scheme != "https")
    return wrong("is neither http nor https");
  url.remove_prefix(colon + 3);
  std::string_view authority = url.substr(0, std::min(url.find_first_of("/?#"), url.size()));
  url.remove_prefix(authority.size());
  if (const size_t at = authority.rfind('@'); at != std::string_view::npos) {
    address.userinfo = authority.substr(0, at);
    authority.remove_prefix(at + 1);
  }
  address.port = address.scheme == "https" ? 443 : 80;
  std::string_view port;
  if (authority.starts_with('[')) {
    const size_t end = authority.find(']');
    if (end == std::string_view::npos) return wrong("has an IPv6 address without ']'");
    address.host = authority.substr(1, end - 1);
    authority.remove_prefix(end + 1);
    if (!authority.empty() && authority.front() != ':') return wrong("has no ':' after ']'");
    if (!authority.empty()) port = authority.substr(1);
  } else {
    const size_t end = std::min(authority.find(':'), authority.size());
    address.host = authority.substr(0, end);
    if (end < authority.size()) port = authority.substr(end + 1);
  }
  if (address.host.empty()) return wrong("names no host");
  if (!port.empty() && (!IsNumber(port, address.port, 65535) || address.port == 0))
    return wrong("has no port from 1 to 65535");
  url = url.substr(0, std::min(url.find('#'), url.size()));
  const size_t question = std::min(url.find('?'), url.size());
  address.path = url.substr(0, question);
  if (question < url.size()) address.query = url.substr(question + 1);
  return address;
}

std::string HostAndPort(const Address& address) {
  const std::string host =
      address.host.find(':') == std::string::npos ? address.host : "[" + address.host + "]";
  const int own = address.scheme == "https" ? 443 : 80;
  return address.port == own ? host : fmt::format("{}:{}", host, address.port);
}

std::string Below(std::string_view base, std::string_view path) {
  const size_t question = std::min(base.find('?'), base.size());
  std::string_view before = base.substr(0, question);
  while (before.ends_with('/')) before.remove_suffix(1);
  while (path.starts_with('/')) path.remove_prefix(1);
  return fmt::format("{}/{}{}", before, path, base.substr(question));
}

std::string WithoutSecrets(std::string_view url) {
  std::string shown(url);
  const size_t colon = shown.find("://");
  if (colon == std::string::npos) return shown;
  const size_t end = std::min(shown.find_first_of("/?#", colon + 3), shown.size());
  const size_t at = shown.rfind('@', end == 0 ? 0 : end - 1);
  if (at != std::string::npos && at >= colon + 3 && at < end)
    shown.erase(colon + 3, at + 1 - (colon + 3));
  if (const size_t question = shown.find('?'); question != std::string::npos)
    shown.replace(question, std::string::npos, "?...");
  return shown;
}

std::string WithoutSecretsOf(std::string text, std::string_view url) {
  const auto address = ParseAddress(url);
  if (!address) return text;
  ReplaceAll(text, url, WithoutSecrets(url));
  if (!address->userinfo.empty()) {
    ReplaceAll(text, address->userinfo + "@", "");
    const size_t colon = address->userinfo.find(':');
    if (colon != std::string::npos)
      ReplaceAll(text, std::string_view(address->userinfo).substr(colon + 1), "...");
  }
  ReplaceAll(text, address->query, "...");
  return text;
}

bool IsNear(std::string_view host) {
  const std::string name = Lower(host);
  std::array<int, 4> ip{};
  if (IsIpv4(name, ip)) {
    return ip[0] == 127 || ip[0] == 10 || (ip[0] == 172 && ip[1] >= 16 && ip[1] < 32) ||
           (ip[0] == 192 && ip[1] == 168) || (ip[0] == 169 && ip[1] == 254) || ip[0] == 0;
  }
  if (name.find(':') != std::string::npos) {
    return name == "::1" || name.starts_with("fc") || name.starts_with("fd") ||
           name.starts_with("fe8") || name.starts_with("fe9") || name.starts_with("fea") ||
           name.starts_with("feb");
  }
  if (name.find('.') == std::string::npos) return true;
  return std::ranges::any_of(
             std::array{".local", ".localdomain", ".internal", ".lan", ".home.arpa"},
             [&](std::string_view end) { return name.ends_with(end); }) ||
         name.ends_with(".localhost");
}

}  // namespace iiifbench
