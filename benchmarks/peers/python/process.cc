#include "benchmarks/peers/python/process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "benchmarks/peers/rounds.h"
#include "data/corpus.h"

extern char** environ;

namespace iiifbench::peers {
namespace {

using Json = nlohmann::json;

bool FromMemory(const Task& task) {
  return task.kind == Kind::kResize || task.kind == Kind::kEncode;
}

// The number, or the median of the samples; below 0 where there is neither.
double TimeOf(const Json& done) {
  const auto ms = done.find("ms");
  if (ms == done.end()) return -1;
  if (ms->is_number()) return ms->get<double>();
  if (!ms->is_array() || ms->empty()) return -1;
  std::vector<double> samples;
  for (const Json& sample : *ms) {
    if (!sample.is_number()) return -1;
    samples.push_back(sample.get<double>());
  }
  return MedianOf(std::move(samples));
}

}  // namespace

Python::~Python() {
  End();
  std::error_code ignored;
  if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
}

void Python::End() {
  if (to_ != nullptr) std::fclose(to_);  // its loop ends with its input
  if (from_ != nullptr) std::fclose(from_);
  if (process_ > 0) ::waitpid(process_, nullptr, 0);
  to_ = from_ = nullptr;
  process_ = -1;
}

Result<std::string> Python::Start(const std::string& program,
                                  const std::vector<std::string>& arguments) {
  ::signal(SIGPIPE, SIG_IGN);
  if (folder_.empty()) {
    std::string folder = (std::filesystem::temp_directory_path() / "peers-XXXXXX").string();
    if (::mkdtemp(folder.data()) == nullptr) return Fail(ErrorKind::kIo, "cannot make {}", folder);
    folder_ = folder;
  }
  End();
  if (!Spawn(program, arguments))
    return Fail(ErrorKind::kNotFound, "{}: cannot start {}", name_, program);
  const Json first = Json::parse(ReadLine(), nullptr, false);
  if (first.is_object() && first.contains("version") && first["version"].is_string())
    return first["version"].get<std::string>();
  if (first.is_object() && first.contains("error") && first["error"].is_string())
    return Fail(ErrorKind::kNotFound, "{}: {}", name_, first["error"].get<std::string>());
  return Fail(ErrorKind::kNotFound, "{}: {} ended before it named a version", name_, program);
}

Result<Json> Python::Ask(const Json& task) {
  const std::string line = task.dump() + "\n";
  if (to_ == nullptr || std::fwrite(line.data(), 1, line.size(), to_) != line.size() ||
      std::fflush(to_) != 0)
    return Fail(ErrorKind::kIo, "{}: its process has ended", name_);
  const std::string text = ReadLine();
  if (text.empty()) return Fail(ErrorKind::kIo, "{}: its process has ended", name_);
  Json answer = Json::parse(text, nullptr, false);
  if (!answer.is_object())
    return Fail(ErrorKind::kIo, "{}: its process answered what is no object", name_);
  if (answer.contains("error"))
    return Fail(ErrorKind::kUnsupported, "{}: {}", name_,
                answer["error"].is_string() ? answer["error"].get<std::string>() : "no reason");
  return answer;
}

Result<void> Python::Turn(const Task& task, Json ask, Answer& answer) {
  ask["path"] = task.path;
  if (FromMemory(task)) {
    auto file = FileOf(task.pixels);
    if (!file) return file.error();
    ask["path"] = *file;
  }
  const std::string keep = answer.keep ? folder_ + "/kept" : "";
  ask["keep"] = keep;
  auto done = Ask(ask);
  if (!done) return done.error();
  answer.milliseconds = TimeOf(*done);
  if (answer.milliseconds < 0)
    return Fail(ErrorKind::kIo, "{}: its answer has no time in it", name_);
  const auto processor = done->find("processor_ms");
  if (processor != done->end() && processor->is_number())
    answer.processor_milliseconds = processor->get<double>();
  return answer.keep ? Read(keep, *done, answer) : Result<void>();
}

Result<std::string> Python::FileOf(const ConstPixelView& pixels) {
  const std::string path =
      fmt::format("{}/{}-{}x{}.rgb", folder_, static_cast<const void*>(pixels.data), pixels.width,
                  pixels.height);
  if (path == written_) return path;
  if (!written_.empty()) std::filesystem::remove(written_);
  std::vector<uint8_t> packed(static_cast<size_t>(pixels.size().pixels()) * 3);
  CopyPixels(pixels, {packed.data(), pixels.width, pixels.height, 3, ptrdiff_t{pixels.width} * 3});
  auto done = WriteFile(path, packed);
  if (!done) return done.error();
  written_ = path;
  return path;
}

Result<void> Python::Read(const std::string& path, const Json& done, Answer& answer) const {
  const auto size = done.find("size");
  if (size == done.end() || !size->is_array() || size->size() != 2 ||
      !(*size)[0].is_number_integer() || !(*size)[1].is_number_integer())
    return Fail(ErrorKind::kIo, "{}: its answer has no size in it", name_);
  const auto width = (*size)[0].get<int64_t>(), height = (*size)[1].get<int64_t>();
  auto source = Source::Open(path);
  if (!source) return source.error();
  auto bytes = (*source)->ReadAll();
  if (!bytes) return bytes.error();
  if (width == 0 && height == 0) {
    answer.bytes.assign(bytes->begin(), bytes->end());
    return {};
  }
  constexpr int64_t kLargest = 1 << 20;
  if (width <= 0 || height <= 0 || width > kLargest || height > kLargest ||
      width * height * 3 != (*source)->size())
    return Fail(ErrorKind::kUnsupported, "{}: not three bytes a pixel of {}x{}", name_, width,
                height);
  answer.pixels = Image({static_cast<int>(width), static_cast<int>(height)}, 3);
  std::copy(bytes->begin(), bytes->end(), answer.pixels.view().data);
  return {};
}

bool Python::Spawn(const std::string& program, const std::vector<std::string>& arguments) {
  int in[2], out[2];
  if (::pipe2(in, O_CLOEXEC) != 0) return false;
  if (::pipe2(out, O_CLOEXEC) != 0) {
    ::close(in[0]);
    ::close(in[1]);
    return false;
  }
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  std::vector<char*> words = {const_cast<char*>(program.c_str())};
  for (const std::string& argument : arguments)
    words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  const int status =
      ::posix_spawnp(&process_, program.c_str(), &actions, nullptr, words.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(in[0]);
  ::close(out[1]);
  to_ = ::fdopen(in[1], "w");
  from_ = ::fdopen(out[0], "r");
  if (status != 0) process_ = -1;
  return status == 0;
}

std::string Python::ReadLine() {
  if (from_ == nullptr) return "";
  char* line = nullptr;
  size_t capacity = 0;
  const ssize_t count = ::getline(&line, &capacity, from_);
  std::string text(line != nullptr && count > 0 ? std::string(line, static_cast<size_t>(count))
                                                : "");
  std::free(line);
  return text;
}

Json LineOf(const Task& task) {
  constexpr std::string_view kKinds[] = {"resize", "region", "encode", "request"};
  const Size whole = FromMemory(task) ? task.pixels.size() : task.whole;
  const Region box = OnLevel(task);
  return {{"kind", kKinds[static_cast<int>(task.kind)]},
          {"format", task.format},
          {"whole", {whole.width, whole.height}},
          {"level", task.level},
          {"box", {box.x, box.y, box.width, box.height}},
          {"full", task.region.size() == task.whole},
          {"out", {task.out.width, task.out.height}},
          {"filter", FilterName(task.filter)},
          {"ratio", task.encode.compression_ratio},
          {"lossless", task.lossless},
          {"compression", task.encode.compression},
          {"compression_level", task.encode.compression_level},
          {"high_throughput", task.encode.high_throughput},
          {"tile", {task.encode.tile.width, task.encode.tile.height}},
          {"quality", task.quality}};
}

}  // namespace iiifbench::peers
