// process: child processes on loopback: start, ask, end. Used for every server that the harness
// starts.
//
// A child leads its own process group, dies with this process (PR_SET_PDEATHSIG), and writes both
// outputs to a log file. Stopping sends TERM to the group, then KILL after two seconds. Errors:
// kNotFound, kIo with the program's name.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kernels/image/result.h"

namespace iiifbench {

class Process {
 public:
  // `environment` is added to ours. argv[0] is looked up on PATH when it has no slash.
  static Result<std::unique_ptr<Process>> Start(
      const std::vector<std::string>& argv, const std::map<std::string, std::string>& environment,
      const std::string& log_file, const std::string& folder = {});
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  int id() const { return id_; }
  // Empty while it lives, else how it ended: "exit status 1", "signal 9 (Killed)".
  std::string Ended();
  void Stop();

 private:
  Process() = default;
  int id_ = -1;
  std::string ended_;
};

// Variables that processes started while it lives inherit from us; then ours are as they were.
// Threads: none may read the environment meanwhile.
class InheritedVariables {
 public:
  explicit InheritedVariables(const std::map<std::string, std::string>& variables);
  ~InheritedVariables();
  InheritedVariables(const InheritedVariables&) = delete;
  InheritedVariables& operator=(const InheritedVariables&) = delete;

 private:
  std::map<std::string, std::optional<std::string>> before_;  // none: it was not set
};

// A TCP port of 127.0.0.1 that was free a moment ago.
Result<int> FreePort();
// The program's path, from PATH when it has no slash; empty when there is none.
std::string FindProgram(const std::string& name);
// A variable of the environment, or `fallback`.
std::string EnvironmentOr(const char* name, const std::string& fallback);
// All children and grandchildren of a process, itself first.
std::vector<int> ProcessTree(int id);
// Processor time of processes and of their children that have ended; those that are gone count
// nothing.
double CpuSeconds(const std::vector<int>& ids);
// The output of a short command, at most 64 KiB; for versions.
std::string OutputOf(const std::vector<std::string>& argv);
// The last `lines` of a file.
std::string LastLines(const std::string& path, int lines);

}  // namespace iiifbench
