#include "harness/http/failure_kind.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/http/plain_text.h"

namespace iiifbench {
namespace {

bool Begins(const std::vector<uint8_t>& body, std::string_view bytes, size_t at = 0) {
  return body.size() >= at + bytes.size() &&
         std::equal(bytes.begin(), bytes.end(), body.begin() + at,
                    [](char a, uint8_t b) { return static_cast<uint8_t>(a) == b; });
}

}  // namespace

std::string TransferFailure(CURLcode code, size_t body_bytes) {
  switch (code) {
    case CURLE_OK:
      return {};
    case CURLE_OPERATION_TIMEDOUT:
      return body_bytes > 0 ? "timed out in mid-answer" : "timed out";
    case CURLE_ABORTED_BY_CALLBACK:
      return "interrupted";
    case CURLE_COULDNT_CONNECT:
      return "connection refused";
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
      return "connection reset";
    case CURLE_GOT_NOTHING:
      return "closed without an answer";
    case CURLE_PARTIAL_FILE:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
      return "cut off";
    case CURLE_WRITE_ERROR:  // ours: the body is no longer taken
    case CURLE_FILESIZE_EXCEEDED:
      return fmt::format("longer than {} MB", kMostAnswerBytes / 1'000'000);
    case CURLE_SSL_CONNECT_ERROR:
      return "no TLS handshake";
    default:
      return curl_easy_strerror(code);
  }
}

std::string OutsideFailure(long status, std::string_view content_type, std::string_view path,
                           const std::vector<uint8_t>& body) {
  if (status != 200) return fmt::format("status {}", status);
  if (body.empty()) return "empty body";
  const std::string type = PlainText(content_type.substr(0, content_type.find(';')));
  const std::string_view plain = path.substr(0, path.find('?'));
  if (plain.ends_with("info.json")) {
    return body.front() == '{' || body.front() == ' ' || body.front() == '\n'
               ? ""
               : fmt::format("{} that is no JSON", type);
  }
  const std::string no_picture =
      fmt::format("{} that is no picture", type.empty() ? "an answer" : type);
  if (plain.ends_with(".jpg")) {
    if (!Begins(body, "\xFF\xD8")) return no_picture;
    return Begins(body, "\xFF\xD9", body.size() - 2) ? "" : "a picture without its end";
  }
  if (plain.ends_with(".png")) return Begins(body, "\x89PNG") ? "" : no_picture;
  if (plain.ends_with(".webp")) return Begins(body, "RIFF") ? "" : no_picture;
  return {};
}

std::string FailureOf(const Exchange& exchange) {
  return exchange.failure.empty()
             ? OutsideFailure(exchange.status, exchange.content_type, exchange.url, exchange.body)
             : exchange.failure;
}

}  // namespace iiifbench
