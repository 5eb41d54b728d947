#include "harness/archive/worker.h"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>

namespace iiifbench {
namespace {

using std::chrono::steady_clock;

bool SendAll(int socket, std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    text.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

// Paths are bytes; JSON is UTF-8. What is not is replaced in the answer, not refused.
std::string Line(const Row& row) {
  return row.dump(-1, ' ', false, Row::error_handler_t::replace) + "\n";
}

[[noreturn]] void Serve(int socket, const Worker::Work& work) {
  std::string received;
  char buffer[4096];
  for (;;) {
    const size_t end = received.find('\n');
    if (end == std::string::npos) {
      const ssize_t got = ::read(socket, buffer, sizeof buffer);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) ::_exit(0);
      received.append(buffer, static_cast<size_t>(got));
      continue;
    }
    const Row task = Row::parse(received.substr(0, end), nullptr, false);
    received.erase(0, end + 1);
    if (!SendAll(socket, Line(work(task)))) ::_exit(0);
  }
}

}  // namespace

Result<void> Worker::Start() {
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
    return Fail(ErrorKind::kIo, "a worker cannot be started: socketpair: {}", std::strerror(errno));
  const pid_t parent = ::getpid();
  child_ = ::fork();
  if (child_ < 0) {
    ::close(pair[0]), ::close(pair[1]);
    return Fail(ErrorKind::kIo, "a worker cannot be started: fork: {}", std::strerror(errno));
  }
  if (child_ == 0) {
    ::close(pair[0]);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(0);  // it died before it could be asked
    for (const int which : {SIGINT, SIGTERM}) ::signal(which, SIG_IGN);  // the parent decides
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
    Serve(pair[1], work_);
  }
  ::close(pair[1]);
  socket_ = pair[0];
  received_.clear();
  return {};
}

void Worker::End() {
  if (socket_ >= 0) ::close(socket_);
  if (child_ > 0) {
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
  }
  socket_ = -1, child_ = -1;
}

std::string Worker::HowItDied() {
  int status = 0;
  ::waitpid(child_, &status, 0);
  child_ = -1;
  if (WIFSIGNALED(status)) return fmt::format("signal {}", ::strsignal(WTERMSIG(status)));
  return fmt::format("exit status {}", WEXITSTATUS(status));
}

Result<Row> Worker::Do(const Row& task) {
  if (child_ < 0) {
    auto started = Start();
    if (!started) return started.error();
  }
  const auto until = steady_clock::now() + timeout_;
  bool alive = SendAll(socket_, Line(task));
  char buffer[4096];
  while (alive && received_.find('\n') == std::string::npos) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - steady_clock::now());
    pollfd wait{.fd = socket_, .events = POLLIN, .revents = 0};
    const int ready = left.count() <= 0 ? 0 : ::poll(&wait, 1, static_cast<int>(left.count()));
    if (ready < 0 && errno == EINTR) continue;
    if (ready == 0) {
      End();
      return Row{{"damage", fmt::format("no answer within {:g} s",
                                        std::chrono::duration<double>(timeout_).count())},
                 {"kind", "timed out"}};
    }
    const ssize_t got = ::read(socket_, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    alive = got > 0;
    if (alive) received_.append(buffer, static_cast<size_t>(got));
  }
  if (!alive) {
    const std::string how = HowItDied();
    End();
    return Row{{"damage", "our process that read it died: " + how}, {"kind", "crashed"}};
  }
  const size_t end = received_.find('\n');
  Row answer = Row::parse(received_.substr(0, end), nullptr, false);
  received_.erase(0, end + 1);
  return answer;
}

}  // namespace iiifbench
