#include "harness/servers/launch/process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

extern char** environ;

namespace iiifbench {

namespace fs = std::filesystem;

std::string FindProgram(const std::string& name) {
  if (name.empty()) return {};
  if (name.find('/') != std::string::npos)
    return ::access(name.c_str(), X_OK) == 0 ? name : std::string();
  const std::string path =
      EnvironmentOr("PATH", "/usr/bin:/bin") + ":/usr/sbin:/sbin:/usr/local/bin";
  for (size_t start = 0; start <= path.size();) {
    const size_t end = std::min(path.find(':', start), path.size());
    const std::string candidate = path.substr(start, end - start) + "/" + name;
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
    start = end + 1;
  }
  return {};
}

std::string EnvironmentOr(const char* name, const std::string& fallback) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : fallback;
}

Result<std::unique_ptr<Process>> Process::Start(
    const std::vector<std::string>& argv, const std::map<std::string, std::string>& environment,
    const std::string& log_file, const std::string& folder) {
  IIIFBENCH_CHECK(!argv.empty(), "no program");
  const std::string program = FindProgram(argv[0]);
  if (program.empty()) return Fail(ErrorKind::kNotFound, "{}: no such program", argv[0]);
  const int log = ::open(log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (log < 0)
    return Fail(ErrorKind::kIo, "{}: cannot write the log of {}: {}", log_file, argv[0],
                std::strerror(errno));
  // Everything that allocates happens before fork.
  std::vector<char*> arguments;
  for (const auto& a : argv) arguments.push_back(const_cast<char*>(a.c_str()));
  arguments.push_back(nullptr);
  std::vector<std::string> variables;
  for (char** v = environ; *v != nullptr; ++v) {
    const std::string_view text(*v);
    if (environment.count(std::string(text.substr(0, text.find('=')))) == 0)
      variables.emplace_back(text);
  }
  for (const auto& [name, value] : environment) variables.push_back(name + "=" + value);
  std::vector<char*> pointers;
  for (auto& v : variables) pointers.push_back(v.data());
  pointers.push_back(nullptr);
  const pid_t parent = ::getpid();
  const pid_t id = ::fork();
  if (id < 0) {
    ::close(log);
    return Fail(ErrorKind::kIo, "{}: fork: {}", argv[0], std::strerror(errno));
  }
  if (id == 0) {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);
    if (!folder.empty() && ::chdir(folder.c_str()) != 0) ::_exit(126);
    const int none = ::open("/dev/null", O_RDONLY);
    ::dup2(none, 0);
    ::dup2(log, 1);
    ::dup2(log, 2);
    ::execve(program.c_str(), arguments.data(), pointers.data());
    ::_exit(127);
  }
  ::setpgid(id, id);
  ::close(log);
  std::unique_ptr<Process> process(new Process);
  process->id_ = id;
  return process;
}

std::string Process::Ended() {
  if (!ended_.empty() || id_ < 0) return ended_;
  int status = 0;
  const pid_t got = ::waitpid(id_, &status, WNOHANG);
  if (got == 0) return {};
  if (got == id_ && WIFSIGNALED(status)) {
    ended_ = fmt::format("signal {} ({})", WTERMSIG(status), strsignal(WTERMSIG(status)));
  } else {
    ended_ = fmt::format("exit status {}", got == id_ ? WEXITSTATUS(status) : -1);
  }
  return ended_;
}

void Process::Stop() {
  if (id_ < 0) return;
  ::kill(-id_, SIGTERM);
  for (int i = 0; i < 100 && Ended().empty(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  // The group may outlive its leader (workers of a front end).
  ::kill(-id_, SIGKILL);
  for (int i = 0; i < 100 && Ended().empty(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  id_ = -1;
}

Process::~Process() { Stop(); }

InheritedVariables::InheritedVariables(const std::map<std::string, std::string>& variables) {
  for (const auto& [name, value] : variables) {
    const char* before = std::getenv(name.c_str());
    before_[name] = before == nullptr ? std::nullopt : std::optional<std::string>(before);
    ::setenv(name.c_str(), value.c_str(), 1);
  }
}

InheritedVariables::~InheritedVariables() {
  for (const auto& [name, value] : before_) {
    if (value) {
      ::setenv(name.c_str(), value->c_str(), 1);
    } else {
      ::unsetenv(name.c_str());
    }
  }
}

Result<int> FreePort() {
  const int s = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  if (s < 0 || ::bind(s, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      ::getsockname(s, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    const int error = errno;
    if (s >= 0) ::close(s);
    return Fail(ErrorKind::kIo, "no free port on 127.0.0.1: {}", std::strerror(error));
  }
  ::close(s);
  return static_cast<int>(ntohs(address.sin_port));
}

std::vector<int> ProcessTree(int id) {
  std::map<int, std::vector<int>> children;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/proc", error)) {
    const std::string name = entry.path().filename();
    if (!std::ranges::all_of(name, [](char c) { return c >= '0' && c <= '9'; })) continue;
    std::ifstream stat(entry.path() / "stat");
    std::string line;
    if (!std::getline(stat, line)) continue;
    // "pid (name) state ppid ...": the name may hold anything, so look for its last parenthesis.
    const size_t close = line.rfind(')');
    if (close == std::string::npos || close + 4 >= line.size()) continue;
    children[std::atoi(line.c_str() + close + 4)].push_back(std::atoi(name.c_str()));
  }
  std::vector<int> tree = {id};
  for (size_t i = 0; i < tree.size(); ++i) {
    const auto& below = children[tree[i]];
    tree.insert(tree.end(), below.begin(), below.end());
  }
  return tree;
}

double CpuSeconds(const std::vector<int>& ids) {
  double ticks = 0;
  for (const int id : ids) {
    std::ifstream stat(fmt::format("/proc/{}/stat", id));
    std::string line;
    std::getline(stat, line);
    const size_t close = line.rfind(')');
    if (close == std::string::npos) continue;
    std::istringstream fields(line.substr(close + 1));
    std::string field;
    // After the name: state, then the 4th to the 17th field; utime, stime, cutime and cstime are 14
    // to 17.
    for (int number = 3; number <= 17 && fields >> field; ++number) {
      if (number >= 14) ticks += std::atof(field.c_str());
    }
  }
  return ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

std::string OutputOf(const std::vector<std::string>& argv) {
  char path[] = "/tmp/iiifbench-output-XXXXXX";
  const int file = ::mkstemp(path);
  if (file < 0) return {};
  ::close(file);
  std::string text;
  auto process = Process::Start(argv, {}, path);
  if (process) {
    for (int i = 0; i < 500 && (*process)->Ended().empty(); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    std::ifstream in(path);
    text.assign(std::istreambuf_iterator<char>(in), {});
    text.resize(std::min<size_t>(text.size(), 65536));
  }
  ::unlink(path);
  return text;
}

std::string LastLines(const std::string& path, int lines) {
  std::ifstream in(path);
  std::deque<std::string> last;
  for (std::string line; std::getline(in, line);) {
    last.push_back(line);
    if (static_cast<int>(last.size()) > lines) last.pop_front();
  }
  std::string text;
  for (const auto& line : last) text += line + "\n";
  return text;
}

}  // namespace iiifbench
