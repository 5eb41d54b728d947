#include "harness/http/http_head.h"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace iiifbench {
namespace {

bool SameName(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           return std::tolower(static_cast<unsigned char>(x)) ==
                  std::tolower(static_cast<unsigned char>(y));
         });
}

std::optional<int64_t> Number(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r'))
    text.remove_suffix(1);
  return text;
}

}  // namespace

std::string HttpHead::Field(std::string_view name) const {
  for (const auto& [key, value] : fields) {
    if (SameName(key, name)) return value;
  }
  return {};
}

void HttpHead::Remove(std::string_view name) {
  std::erase_if(fields, [&](const auto& field) { return SameName(field.first, name); });
}

std::string HttpHead::Text() const {
  std::string text = first + "\r\n";
  for (const auto& [key, value] : fields) text += key + ": " + value + "\r\n";
  return text + "\r\n";
}

int HttpHead::Status() const {
  if (!first.starts_with("HTTP/") || first.size() < 12) return 0;
  return static_cast<int>(Number(std::string_view(first).substr(9, 3)).value_or(0));
}

int64_t HttpHead::ContentLength() const { return Number(Field("Content-Length")).value_or(-1); }
bool HttpHead::Chunked() const {
  return Field("Transfer-Encoding").find("chunked") != std::string::npos;
}
bool HttpHead::Closes() const { return SameName(Field("Connection"), "close"); }

std::optional<HttpHead> ParseHttpHead(std::string_view text) {
  HttpHead head;
  for (bool is_first = true;; is_first = false) {
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    const std::string_view line = Trimmed(text.substr(0, end));
    text.remove_prefix(end + 1);
    if (is_first) {
      if (line.empty()) return {};
      head.first = line;
      continue;
    }
    if (line.empty()) return head;
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) return {};
    head.fields.emplace_back(line.substr(0, colon), Trimmed(line.substr(colon + 1)));
  }
}

std::pair<int64_t, int64_t> RangeOf(std::string_view field) {
  constexpr std::string_view kBytes = "bytes=";
  if (!field.starts_with(kBytes) || field.find(',') != std::string_view::npos) return {0, -1};
  field.remove_prefix(kBytes.size());
  const size_t dash = field.find('-');
  if (dash == std::string_view::npos) return {0, -1};
  const auto first = Number(field.substr(0, dash)), last = Number(field.substr(dash + 1));
  if (!first) return {last ? -*last : 0, -1};
  return {*first, last ? *last - *first + 1 : -1};
}

size_t ChunkedBody::Feed(std::string_view bytes) {
  for (size_t i = 0; i < bytes.size(); ++i) {
    const char c = bytes[i];
    switch (state_) {
      case State::kSize:
      case State::kExtension:
        if (c == '\n') {
          state_ = left_ > 0 ? State::kData : State::kTrailer;
          line_empty_ = true;
        } else if (state_ == State::kSize && std::isxdigit(static_cast<unsigned char>(c))) {
          left_ = left_ * 16 +
                  (std::isdigit(static_cast<unsigned char>(c)) ? c - '0' : (c | 32) - 'a' + 10);
        } else if (c == ';') {
          state_ = State::kExtension;
        }
        break;
      case State::kData: {
        const auto take = std::min(left_, static_cast<int64_t>(bytes.size() - i));
        payload_ += take;
        left_ -= take;
        i += static_cast<size_t>(take) - 1;
        if (left_ == 0) state_ = State::kDataEnd;
        break;
      }
      case State::kDataEnd:
        if (c == '\n') state_ = State::kSize;
        break;
      case State::kTrailer:
        if (c == '\n' && line_empty_) {
          state_ = State::kDone;
          return i + 1;
        }
        line_empty_ = c == '\n' || (line_empty_ && c == '\r');
        break;
      case State::kDone:
        return i;
    }
  }
  return bytes.size();
}

}  // namespace iiifbench
