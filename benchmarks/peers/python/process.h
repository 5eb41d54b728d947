// process: a Python process that does one task a line and takes the time inside itself.
//
// One JSON object a line each way. The first line that it writes says who it is: {"version": text},
// or {"error": text} where it cannot work. Then each task that it reads is answered by {"ms": a
// number or the samples of one turn, "processor_ms": number, "size": [width, height] of the pixels
// that it kept, [0, 0] for encoded bytes} or by {"error": text}.
//
// Memory: pixels go through files in a folder of its own, which ends with it. Units: milliseconds.
// Errors: a process that cannot start, has ended, or answers otherwise is an error that names it.
// Threads: one caller at a time.
#pragma once

#include <sys/types.h>

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "benchmarks/peers/peer.h"

namespace iiifbench::peers {

class Python {
 public:
  explicit Python(std::string name) : name_(std::move(name)) {}
  Python(const Python&) = delete;
  Python& operator=(const Python&) = delete;
  ~Python();

  // Starts `program` with the script and its arguments, and returns what it says of its version.
  Result<std::string> Start(const std::string& program, const std::vector<std::string>& arguments);
  Result<nlohmann::json> Ask(const nlohmann::json& task);
  // Asks for one turn of a job: its time, and its pixels or bytes where the answer keeps them.
  // `ask` gets "path", of the file that holds the task's pixels where it has some, and "keep".
  Result<void> Turn(const Task& task, nlohmann::json ask, Answer& answer);

 private:
  bool Spawn(const std::string& program, const std::vector<std::string>& arguments);
  void End();
  std::string ReadLine();
  // The file that holds these pixels; written once as long as they stay the last ones.
  Result<std::string> FileOf(const ConstPixelView& pixels);
  Result<void> Read(const std::string& path, const nlohmann::json& done, Answer& answer) const;

  std::string name_, folder_, written_;
  pid_t process_ = -1;
  std::FILE *to_ = nullptr, *from_ = nullptr;
};

// What a script needs of a task, but the job's own words.
nlohmann::json LineOf(const Task& task);

}  // namespace iiifbench::peers
