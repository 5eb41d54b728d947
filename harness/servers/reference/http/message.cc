#include "harness/servers/reference/http/message.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <boost/beast/http/status.hpp>
#include <ctime>
#include <iterator>

namespace iiifbench::http {
namespace {

// Bytes of the UTF-8 sequence at the start of `text`; 0: none (RFC 3629, clause 4).
size_t SequenceLength(std::string_view text) {
  const auto at = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = at(0);
  if (first < 0x80) return 1;
  const size_t length = first >= 0xC2 && first <= 0xDF   ? 2
                        : first >= 0xE0 && first <= 0xEF ? 3
                        : first >= 0xF0 && first <= 0xF4 ? 4
                                                         : 0;
  if (length == 0 || length > text.size()) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((at(i) & 0xC0) != 0x80) return 0;
  }
  // Overlong forms, surrogates and what lies beyond U+10FFFF.
  const unsigned char second = at(1);
  if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
      (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F))
    return 0;
  return length;
}

}  // namespace

std::string Escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto byte = static_cast<unsigned char>(text.front());
    const size_t length = SequenceLength(text);
    if (length == 0 || byte < 0x20 || byte == 0x7F) {
      out += fmt::format("\\x{:02X}", byte);
      text.remove_prefix(1);
    } else {
      out += text.substr(0, length);
      text.remove_prefix(length);
    }
  }
  return out;
}

void SetText(Response& response, int status, std::string_view text) {
  response.status = status;
  response.content_type = "text/plain; charset=utf-8";
  response.body = Escaped(text) + "\n";
}

void SetBusy(Response& response, std::string_view why) {
  SetText(response, 503, why);
  response.fields.emplace_back("Retry-After", "1");
}

std::string HeadOf(const Response& response, bool keep_alive_1_0) {
  const auto reason =
      boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(response.status));
  fmt::memory_buffer out;
  const auto add = [&](auto format, const auto&... values) {
    fmt::format_to(std::back_inserter(out), format, values...);
  };
  add(FMT_STRING("HTTP/1.1 {} {}\r\n"), response.status,
      std::string_view(reason.data(), reason.size()));
  add(FMT_STRING("Date: {:%a, %d %b %Y %H:%M:%S} GMT\r\n"), fmt::gmtime(std::time(nullptr)));
  for (const auto& [name, value] : response.fields) add(FMT_STRING("{}: {}\r\n"), name, value);
  // What an error says quotes the request: a browser shall not guess that it is a page.
  if (response.status >= 400) add(FMT_STRING("X-Content-Type-Options: nosniff\r\n"));
  if (!response.content_type.empty())
    add(FMT_STRING("Content-Type: {}\r\n"), response.content_type);
  if (response.status != 204) add(FMT_STRING("Content-Length: {}\r\n"), response.body.size());
  if (response.close) {
    add(FMT_STRING("Connection: close\r\n"));
  } else if (keep_alive_1_0) {
    add(FMT_STRING("Connection: keep-alive\r\n"));
  }
  add(FMT_STRING("\r\n"));
  return fmt::to_string(out);
}

}  // namespace iiifbench::http
