#include "data/write_file.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <system_error>

namespace iiifbench {

namespace fs = std::filesystem;

Result<void> WriteFile(const std::string& path, std::span<const uint8_t> bytes) {
  // A device or a pipe is written to; a rename would put a file in its place.
  std::error_code unknown;
  const auto kind = fs::status(path, unknown).type();
  const bool in_place = kind == fs::file_type::character || kind == fs::file_type::block ||
                        kind == fs::file_type::fifo;
  const std::string beside = in_place ? path : fmt::format("{}.part-{}", path, ::getpid());
  std::FILE* file = std::fopen(beside.c_str(), "wb");
  // An empty span may point nowhere, which fwrite does not take.
  bool ok = file != nullptr &&
            (bytes.empty() || std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size());
  if (file != nullptr) ok = std::fclose(file) == 0 && ok;
  std::error_code error;
  if (!ok) error = std::error_code(errno, std::generic_category());
  if (ok && !in_place) fs::rename(beside, path, error);
  if (ok && !error) return {};
  std::error_code left;
  if (!in_place) fs::remove(beside, left);
  const bool folder = kind == fs::file_type::directory;
  return Fail(ErrorKind::kIo, "{}: cannot write {} bytes: {}; {}", path, bytes.size(),
              folder ? "it is a folder" : error.message(),
              folder ? "give the name of a file" : "free space or choose another folder");
}

Result<void> WriteFile(const std::string& path, std::string_view text) {
  return WriteFile(path, std::span(reinterpret_cast<const uint8_t*>(text.data()), text.size()));
}

Result<void> WriteFileAndFolder(const std::string& path, std::string_view text) {
  std::error_code error;
  fs::create_directories(fs::path(path).parent_path(), error);  // writing says what is wrong
  return WriteFile(path, text);
}

std::string JsonText(const nlohmann::json& body) {
  return body.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace iiifbench
