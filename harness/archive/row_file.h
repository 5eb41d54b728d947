// row_file: JSON lines that grow while a run lasts and are gone on with after it was killed.
//
// A row is handed to the kernel when it is added, so that kill -9 loses the one being made. On
// opening, a last line that was cut goes. Memory: one row. Errors: kIo with path and reason,
// kBadInput with path and line. Threads: none.
#pragma once

#include <cstdio>
#include <fstream>
#include <memory>
#include <optional>
#include <string>

#include "harness/archive/worker.h"

namespace iiifbench {

// A path is bytes, JSON is UTF-8: in a path that is not UTF-8, a byte b above 127 stands as U+F700
// + b.
std::string NameToText(std::string_view path);
std::string TextToName(std::string_view text);

class RowFile {
 public:
  // Appends.
  static Result<RowFile> Open(const std::string& path);
  Result<void> Add(const Row& row);

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::string path_;
  std::unique_ptr<std::FILE, Close> file_;
};

class RowReader {
 public:
  explicit RowReader(std::string path) : path_(std::move(path)), in_(path_, std::ios::binary) {}
  // Empty at the end, at a last line that was cut, and where there is no file.
  Result<std::optional<Row>> Next();
  int64_t line() const { return line_; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  std::ifstream in_;
  std::string text_;
  int64_t line_ = 0;
};

}  // namespace iiifbench
