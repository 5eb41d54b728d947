// outcome: what became of one file in a child process, as lines through a pipe.
//
// A child is needed: what is looked for are crashes, hangs and memory. Units: milliseconds, bytes.
// Threads: one parent, children one after the other.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace iiifbench::hostile {

struct Limits {
  double seconds = 10;                       // of processor time, for one step
  int64_t memory_bytes = int64_t{64} << 20;  // beside 8 bytes for each pixel that is asked for
  int64_t memory_times = 1;                  // as much: under a sanitizer
};

// One step of a file: an entry point, what it said and what it took.
struct Step {
  std::string name;     // "probe", "decode best level 1 region 3,4,5,6", "render full/100,/..."
  std::string verdict;  // "answered", "refused: <kind>", "differs", "poison", "uneven" ...
  std::string detail;
  double milliseconds = 0;
  int64_t peak_bytes = 0;  // beside what the process had before
  int64_t allowed_bytes = 0;
};

// Handed to the work in the child.
class Report {
 public:
  explicit Report(int descriptor) : descriptor_(descriptor) {}
  // Runs `work` as a step; it returns verdict and detail. `pixels`: asked for.
  struct Said {
    std::string verdict, detail;
  };
  void Run(const std::string& name, int64_t pixels, const Limits& limits,
           const std::function<Said()>& work);

 private:
  void Send(const std::string& line);
  int descriptor_;
};

// Runs `work` in a child and gathers its steps. A child that dies, or is silent for longer than the
// limit, ends with a step "crash" or "slow".
std::vector<Step> InChild(const Limits& limits, const std::function<void(Report&)>& work);

}  // namespace iiifbench::hostile
