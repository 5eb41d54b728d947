// peer: one library that people would use instead of ours, as a row of data with a function.
//
// Adding a peer is one file benchmarks/peers/libraries/<name>.cc that ends in `const Peer
// <name>_peer =
// {...}` and one line in CMakeLists.txt there, which builds it when its package is found.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/codecs/codec.h"
#include "kernels/pixels/resize.h"

namespace iiifbench::peers {

enum class Kind {
  kResize,   // pixels -> pixels of size `out`
  kRegion,   // file -> pixels of `region` at `level`
  kEncode,   // pixels -> a file of `format` by `encode`
  kRequest,  // file -> JPEG bytes of `region` scaled to `out`
};

// The same work for everybody. Views outlive the jobs.
struct Task {
  Kind kind = Kind::kResize;
  std::string name;
  std::string format;  // of the file: "jpeg", "jp2", "tiff", and "png", "webp" to encode
  std::string path;
  Size whole;             // of the file at level 0
  ConstPixelView pixels;  // kResize, kEncode: RGB
  Filter filter = Filter::kBox;
  Region region;
  int level = 0;  // for kRequest: the level whose pixels are the answer's, or the next finer one
  Size out;
  int quality = 90;
  EncodeOptions encode;     // kEncode; else how the file was made
  bool lossless = false;    // kEncode: the pixels come back as they were
  bool by_threads = false;  // ours at one thread against ours at two; no peers
};

// What a job leaves. Jobs copy their pixels here only when `keep` asks for it: the copy is no part
// of the work.
struct Answer {
  bool keep = false;
  Image pixels;
  std::vector<uint8_t> bytes;
  // Set by a job that takes the time itself, in another process; of one run.
  double milliseconds = -1;
  double processor_milliseconds = -1;
};

struct Job {
  std::string label;    // "libvips reduce"
  std::string differs;  // why this is not the same work: then listed apart; empty when it is
  bool part = false;    // a share of our own work, timed as a bound: it leaves no answer to check
  std::function<Result<void>(Answer& answer)> run;
};

struct Peer {
  std::string_view name;
  Result<std::string> (*version)();  // as loaded; an error when it cannot be used here
  // No job where the library has nothing for the task.
  std::vector<Job> (*prepare)(const Task& task);
  // The libraries that it calls to code a format, by the names of OurLibrary.
  std::string_view calls = "";
};

// The library that codes the task's format in ours, "libwebp"; empty where our own code does. A
// peer that calls the same one can at best be level with us, and we with it.
std::string_view OurLibrary(const Task& task);

// The compiled ones; ours is the first, and its first job is the best without an index.
std::span<const Peer* const> Peers();

// The image of the task's region on its level, as for level sizes of exactly 2^n.
inline Region OnLevel(const Task& task) {
  const int step = 1 << task.level;
  const int x = task.region.x / step, y = task.region.y / step;
  return {x, y, (task.region.right() + step - 1) / step - x,
          (task.region.bottom() + step - 1) / step - y};
}
// The whole of that level.
inline Size LevelSize(const Task& task) {
  const int step = 1 << task.level;
  return {(task.whole.width + step - 1) / step, (task.whole.height + step - 1) / step};
}

}  // namespace iiifbench::peers
