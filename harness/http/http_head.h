// http_head: the head of an HTTP/1.1 message as the store tap needs it: its lines, and how its body
// ends.
//
// Standard: RFC 9112, 2 to 7; RFC 9110, 14.1.2 for ranges (one range; a suffix is kept as offset
// -n). Field names are compared without case. Errors: empty where the bytes are no head.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace iiifbench {

struct HttpHead {
  std::string first;  // the request line or the status line
  std::vector<std::pair<std::string, std::string>> fields;

  std::string Field(std::string_view name) const;  // empty: absent
  void Remove(std::string_view name);
  std::string Text() const;
  int Status() const;             // of a status line; 0: it is none
  int64_t ContentLength() const;  // -1: not given
  bool Chunked() const;
  bool Closes() const;  // "Connection: close"
};

// `text` ends with the empty line.
std::optional<HttpHead> ParseHttpHead(std::string_view text);
// "bytes=0-99": {0, 100}; open ends have length -1; nothing or several ranges: {0, -1}.
std::pair<int64_t, int64_t> RangeOf(std::string_view field);

// Follows a chunked body, byte by byte, until its end.
class ChunkedBody {
 public:
  // How many of these bytes belong to the body; fewer than given: it ended there.
  size_t Feed(std::string_view bytes);
  bool done() const { return state_ == State::kDone; }
  int64_t payload() const { return payload_; }

 private:
  enum class State { kSize, kExtension, kData, kDataEnd, kTrailer, kDone };
  State state_ = State::kSize;
  int64_t left_ = 0, payload_ = 0;
  bool line_empty_ = true;
};

}  // namespace iiifbench
