// Pillow: a Python process that runs one task a line (pillow_peer.py) and takes the time inside
// itself.
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>

#include <nlohmann/json.hpp>

#include "benchmarks/peers/peer.h"
#include "data/corpus.h"

extern char** environ;

namespace iiifbench::peers {
namespace {

using Json = nlohmann::json;

// The Python process with its two pipes and the folder for pixels that it reads and writes.
class Python {
 public:
  ~Python() {
    if (to_ != nullptr) std::fclose(to_);  // its loop ends with its input
    if (from_ != nullptr) std::fclose(from_);
    if (process_ > 0) ::waitpid(process_, nullptr, 0);
    std::error_code ignored;
    if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
  }

  // The version of Pillow, from the first interpreter that has it.
  Result<std::string> Start() {
    ::signal(SIGPIPE, SIG_IGN);
    std::string folder = (std::filesystem::temp_directory_path() / "peers-XXXXXX").string();
    if (::mkdtemp(folder.data()) == nullptr) return Fail(ErrorKind::kIo, "cannot make {}", folder);
    folder_ = folder;
    const char* chosen = std::getenv("IIIFBENCH_PYTHON");
    for (const char* program : {chosen != nullptr ? chosen : "python3", "/usr/bin/python3"}) {
      if (!Spawn(program)) continue;
      auto first = Json::parse(ReadLine(), nullptr, false);
      if (first.is_object() && first.contains("version"))
        return "Pillow " + first["version"].get<std::string>();
    }
    return Fail(ErrorKind::kNotFound,
                "no python3 with Pillow (python3-pil); IIIFBENCH_PYTHON names another");
  }

  Result<Json> Ask(const Json& task) {
    const std::string line = task.dump() + "\n";
    if (to_ == nullptr || std::fwrite(line.data(), 1, line.size(), to_) != line.size() ||
        std::fflush(to_) != 0)
      return Fail(ErrorKind::kIo, "Pillow's process has ended");
    auto answer = Json::parse(ReadLine(), nullptr, false);
    if (!answer.is_object()) return Fail(ErrorKind::kIo, "Pillow's process has ended");
    if (answer.contains("error"))
      return Fail(ErrorKind::kUnsupported, "Pillow: {}", answer["error"].get<std::string>());
    return answer;
  }

  std::string PathOf(std::string_view name) const { return fmt::format("{}/{}", folder_, name); }

  // The file that holds these pixels; written once as long as they stay the last ones.
  Result<std::string> FileOf(const ConstPixelView& pixels) {
    const std::string path = PathOf(fmt::format("{}.rgb", static_cast<const void*>(pixels.data)));
    if (path == written_) return path;
    if (!written_.empty()) std::filesystem::remove(written_);
    std::vector<uint8_t> packed(static_cast<size_t>(pixels.size().pixels()) * 3);
    CopyPixels(pixels,
               {packed.data(), pixels.width, pixels.height, 3, ptrdiff_t{pixels.width} * 3});
    auto done = WriteFile(path, packed);
    if (!done) return done.error();
    written_ = path;
    return path;
  }

 private:
  bool Spawn(const char* program) {
    int in[2], out[2];
    if (::pipe2(in, O_CLOEXEC) != 0 || ::pipe2(out, O_CLOEXEC) != 0) return false;
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    const char* arguments[] = {program, IIIFBENCH_PILLOW_SCRIPT, nullptr};
    const int status = ::posix_spawnp(&process_, program, &actions, nullptr,
                                      const_cast<char**>(arguments), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(in[0]);
    ::close(out[1]);
    if (to_ != nullptr) std::fclose(to_);
    if (from_ != nullptr) std::fclose(from_);
    to_ = ::fdopen(in[1], "w");
    from_ = ::fdopen(out[0], "r");
    if (status != 0) process_ = -1;
    return status == 0;
  }

  std::string ReadLine() {
    char* line = nullptr;
    size_t capacity = 0;
    const ssize_t count = ::getline(&line, &capacity, from_);
    std::string text(line != nullptr && count > 0 ? std::string(line, static_cast<size_t>(count))
                                                  : "");
    std::free(line);
    return text;
  }

  std::string folder_, written_;
  pid_t process_ = -1;
  std::FILE *to_ = nullptr, *from_ = nullptr;
};

Python& ThePython() {
  static Python python;
  return python;
}

Result<std::string> Version() {
  static const Result<std::string> version = ThePython().Start();
  return version;
}

Result<void> Read(const std::string& path, const Json& size, Answer& answer) {
  auto source = Source::Open(path);
  if (!source) return source.error();
  auto bytes = (*source)->ReadAll();
  if (!bytes) return bytes.error();
  if (size[0] == 0) {
    answer.bytes.assign(bytes->begin(), bytes->end());
    return {};
  }
  answer.pixels = Image({size[0].get<int>(), size[1].get<int>()}, 3);
  if (answer.pixels.bytes() != (*source)->size())
    return Fail(ErrorKind::kUnsupported, "Pillow: not three bytes a pixel");
  std::copy(bytes->begin(), bytes->end(), answer.pixels.view().data);
  return {};
}

std::vector<Job> Prepare(const Task& task) {
  // It writes no tiles.
  if (task.format == "tiff" && (task.kind == Kind::kRequest || task.kind == Kind::kEncode))
    return {};
  constexpr std::string_view kKinds[] = {"resize", "region", "encode", "request"};
  const bool from_memory = task.kind == Kind::kResize || task.kind == Kind::kEncode;
  const Size whole = from_memory ? task.pixels.size() : task.whole;
  const Region box = OnLevel(task);
  const Json line = {{"kind", kKinds[static_cast<int>(task.kind)]},
                     {"format", task.format},
                     {"whole", {whole.width, whole.height}},
                     {"level", task.level},
                     {"box", {box.x, box.y, box.width, box.height}},
                     {"out", {task.out.width, task.out.height}},
                     {"filter", FilterName(task.filter)},
                     {"ratio", task.encode.compression_ratio},
                     {"quality", task.quality}};
  const bool decodes_whole = !from_memory && task.region.size() != task.whole;
  return {{.label = decodes_whole ? "Pillow, whole decode" : "Pillow",
           .run = [=](Answer& answer) -> Result<void> {
             Json ask = line;
             ask["path"] = task.path;
             if (from_memory) {
               auto file = ThePython().FileOf(task.pixels);
               if (!file) return file.error();
               ask["path"] = *file;
             }
             const std::string keep = answer.keep ? ThePython().PathOf("kept") : "";
             ask["keep"] = keep;
             auto done = ThePython().Ask(ask);
             if (!done) return done.error();
             answer.milliseconds = (*done)["ms"].get<double>();
             return answer.keep ? Read(keep, (*done)["size"], answer) : Result<void>();
           }}};
}

}  // namespace

extern const Peer pillow_peer;
const Peer pillow_peer = {.name = "Pillow",
                          .version = Version,
                          .prepare = Prepare,
                          .calls = "OpenJPEG libtiff libjpeg-turbo libwebp"};

}  // namespace iiifbench::peers
