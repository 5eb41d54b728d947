#include "tests/kernels/hostile/outcome.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <malloc.h>
#include <poll.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace iiifbench::hostile {
namespace {

constexpr double kHang = 6;  // times the limit, by the clock: it waits for something

// A line of /proc/self/status in bytes.
int64_t Status(const std::string& key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(key + ":")) return std::atoll(line.c_str() + key.size() + 1) * 1024;
  }
  return 0;
}

// Of all threads of this process: another's work on the machine is nobody's slowness.
double ProcessorMilliseconds() {
  timespec now;
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

std::string OneLine(std::string text) {
  for (char& c : text) {
    if (c == '\n' || c == '\t' || c == '\r') c = ' ';
  }
  return text;
}

std::vector<std::string> Fields(const std::string& line) {
  std::vector<std::string> fields;
  std::istringstream in(line);
  for (std::string field; std::getline(in, field, '\t');) fields.push_back(field);
  return fields;
}

}  // namespace

void Report::Send(const std::string& line) {
  const std::string whole = line + "\n";
  for (size_t done = 0; done < whole.size();) {
    const ssize_t n = ::write(descriptor_, whole.data() + done, whole.size() - done);
    if (n <= 0) return;
    done += static_cast<size_t>(n);
  }
}

void Report::Run(const std::string& name, int64_t pixels, const Limits& limits,
                 const std::function<Said()>& work) {
  Send("begin\t" + OneLine(name));
  ::malloc_trim(0);
  std::ofstream("/proc/self/clear_refs") << "5";  // the peak begins anew
  const int64_t before = Status("VmRSS");
  const double start = ProcessorMilliseconds();
  const Said said = work();
  const double ms = ProcessorMilliseconds() - start;
  Send(fmt::format("end\t{}\t{}\t{:.3f}\t{}\t{}", OneLine(said.verdict), OneLine(said.detail), ms,
                   Status("VmHWM") - before,
                   limits.memory_times * (limits.memory_bytes + 8 * pixels)));
}

std::vector<Step> InChild(const Limits& limits, const std::function<void(Report&)>& work) {
  int ends[2];
  if (::pipe(ends) != 0) return {{.name = "pipe", .verdict = "crash", .detail = "no pipe"}};
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    const int quiet = ::open("/dev/null", O_WRONLY);
    ::dup2(quiet, 2);
    Report report(ends[1]);
    work(report);
    ::_exit(0);
  }
  ::close(ends[1]);
  std::vector<Step> steps;
  std::string buffer;
  bool slow = false;
  for (char block[4096];;) {
    pollfd waiting{.fd = ends[0], .events = POLLIN, .revents = 0};
    if (::poll(&waiting, 1, static_cast<int>(kHang * limits.seconds * 1000)) == 0) {
      slow = true;
      break;
    }
    const ssize_t n = ::read(ends[0], block, sizeof block);
    if (n <= 0) break;
    buffer.append(block, static_cast<size_t>(n));
    for (size_t line = buffer.find('\n'); line != std::string::npos; line = buffer.find('\n')) {
      const auto fields = Fields(buffer.substr(0, line));
      buffer.erase(0, line + 1);
      if (fields.size() >= 2 && fields[0] == "begin") steps.push_back({.name = fields[1]});
      if (fields.size() < 6 || fields[0] != "end" || steps.empty()) continue;
      Step& step = steps.back();
      step.verdict = fields[1];
      step.detail = fields[2];
      step.milliseconds = std::atof(fields[3].c_str());
      step.peak_bytes = std::atoll(fields[4].c_str());
      step.allowed_bytes = std::atoll(fields[5].c_str());
    }
  }
  ::close(ends[0]);
  if (slow) ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  const bool died = !WIFEXITED(status) || WEXITSTATUS(status) != 0;
  if (slow || died) {
    if (steps.empty()) steps.push_back({.name = "start"});
    steps.back().verdict = slow ? "slow" : "crash";
    steps.back().detail = slow ? fmt::format("no end after {} s", kHang * limits.seconds)
                          : WIFSIGNALED(status)
                              ? fmt::format("signal {}", WTERMSIG(status))
                              : fmt::format("exit status {}", WEXITSTATUS(status));
  }
  return steps;
}

}  // namespace iiifbench::hostile
