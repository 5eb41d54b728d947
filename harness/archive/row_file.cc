#include "harness/archive/row_file.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <vector>

namespace iiifbench {
namespace {

// The length of the whole lines; read backwards in pieces, since a profile's rows may be gigabytes.
Result<int64_t> WholeLines(const std::string& path) {
  std::error_code error;
  const auto size = static_cast<int64_t>(std::filesystem::file_size(path, error));
  if (error) return int64_t{0};
  std::ifstream in(path, std::ios::binary);
  std::vector<char> piece(4096);
  for (int64_t end = size; end > 0;) {
    const int64_t from = std::max<int64_t>(0, end - static_cast<int64_t>(piece.size()));
    in.seekg(from);
    if (!in.read(piece.data(), end - from))
      return Fail(ErrorKind::kIo, "{}: cannot be read: {}", path, std::strerror(errno));
    for (int64_t i = end - from; i > 0; --i)
      if (piece[static_cast<size_t>(i - 1)] == '\n') return from + i;
    end = from;
  }
  return int64_t{0};
}

// What a byte of a path that is not UTF-8 stands as: ef 9c|9d|9e|9f 80..bf is U+F700 to U+F7FF.
constexpr std::string_view kLead = "\xef";

bool IsUtf8(std::string_view text) {
  try {
    (void)Row(text).dump();
    return true;
  } catch (const Row::exception&) {
    return false;
  }
}

}  // namespace

std::string NameToText(std::string_view path) {
  if (IsUtf8(path)) return std::string(path);
  std::string out;
  for (const char c : path) {
    const auto byte = static_cast<uint8_t>(c);
    if (byte < 0x80) {
      out += c;
    } else {
      out += kLead;
      out += static_cast<char>(0x9c + (byte >> 6));
      out += static_cast<char>(0x80 | (byte & 0x3f));
    }
  }
  return out;
}

std::string TextToName(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto second = i + 2 < text.size() ? static_cast<uint8_t>(text[i + 1]) : uint8_t{0};
    if (text[i] == kLead[0] && (second == 0x9e || second == 0x9f)) {
      out += static_cast<char>((second - 0x9c) << 6 | (static_cast<uint8_t>(text[i + 2]) & 0x3f));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

Result<RowFile> RowFile::Open(const std::string& path) {
  const auto whole = WholeLines(path);
  if (!whole) return whole.error();
  RowFile out;
  out.path_ = path;
  out.file_.reset(std::fopen(path.c_str(), "a"));
  if (out.file_ == nullptr || ::ftruncate(::fileno(out.file_.get()), *whole) != 0)
    return Fail(ErrorKind::kIo, "{}: cannot be written: {}", path, std::strerror(errno));
  return out;
}

Result<void> RowFile::Add(const Row& row) {
  const std::string text = row.dump(-1, ' ', false, Row::error_handler_t::replace) + "\n";
  if (std::fwrite(text.data(), 1, text.size(), file_.get()) != text.size() ||
      std::fflush(file_.get()) != 0)
    return Fail(ErrorKind::kIo,
                "{}: {}; the rows before stand there: make room, then go on with --resume", path_,
                std::strerror(errno));
  return {};
}

Result<std::optional<Row>> RowReader::Next() {
  if (!in_.is_open() || !std::getline(in_, text_)) return std::optional<Row>();
  if (in_.eof()) return std::optional<Row>();  // no end of line: cut while it was written
  ++line_;
  Row row = Row::parse(text_, nullptr, false);
  if (!row.is_object())
    return Fail(ErrorKind::kBadInput, "{}: line {} is no row of a profile", path_, line_);
  return std::optional<Row>(std::move(row));
}

}  // namespace iiifbench
