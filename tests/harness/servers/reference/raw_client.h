// A client that sends any bytes and reads what comes, with a limit of time: what HTTP libraries
// would not send.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

namespace iiifbench {

struct RawAnswer {
  int status = 0;  // 0: the connection ended or nothing came in time
  std::string head, body;
  // The value of a field; empty when absent.
  std::string Field(std::string_view name) const {
    std::string lower = head, wanted = "\r\n" + std::string(name) + ": ";
    std::ranges::transform(lower, lower.begin(), ::tolower);
    std::ranges::transform(wanted, wanted.begin(), ::tolower);
    const size_t at = lower.find(wanted);
    if (at == std::string::npos) return "";
    const size_t start = at + wanted.size();
    return head.substr(start, head.find("\r\n", start) - start);
  }
};

class RawClient {
 public:
  explicit RawClient(int port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<uint16_t>(port));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
  }
  ~RawClient() { Close(); }
  RawClient(RawClient&& other) noexcept
      : socket_(std::exchange(other.socket_, -1)),
        connected_(other.connected_),
        held_(std::move(other.held_)) {}
  RawClient& operator=(RawClient&&) = delete;

  bool connected() const { return connected_; }
  void Close() {
    if (socket_ >= 0) ::close(std::exchange(socket_, -1));
  }
  // False: the other side does not take it any more.
  bool Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
  }
  bool Get(const std::string& path, const std::string& fields = "") {
    return Send("GET " + path + " HTTP/1.1\r\nHost: test\r\n" + fields + "\r\n");
  }
  RawAnswer Read(std::chrono::milliseconds limit = std::chrono::seconds(5), bool body = true) {
    const auto end = std::chrono::steady_clock::now() + limit;
    RawAnswer answer;
    size_t split = 0;
    while ((split = held_.find("\r\n\r\n")) == std::string::npos) {
      if (!More(end)) return answer;
    }
    answer.head = held_.substr(0, split + 2);
    held_.erase(0, split + 4);
    const size_t length =
        body ? static_cast<size_t>(std::atoll(answer.Field("Content-Length").c_str())) : 0;
    while (held_.size() < length) {
      if (!More(end)) return answer;
    }
    answer.body = held_.substr(0, length);
    held_.erase(0, length);
    answer.status = std::atoi(answer.head.c_str() + 9);
    return answer;
  }
  // Whether the other side ends the connection in time; what it sends before is dropped.
  bool Ends(std::chrono::milliseconds limit) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (More(end)) held_.clear();
    return ended_;
  }

 private:
  bool More(std::chrono::steady_clock::time_point end) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        end - std::chrono::steady_clock::now());
    pollfd poll{socket_, POLLIN, 0};
    if (left.count() <= 0 || ::poll(&poll, 1, static_cast<int>(left.count())) <= 0) return false;
    char bytes[65536];
    const ssize_t got = ::recv(socket_, bytes, sizeof bytes, 0);
    if (got <= 0) {
      ended_ = true;
      return false;
    }
    held_.append(bytes, static_cast<size_t>(got));
    return true;
  }

  int socket_;
  bool connected_ = false, ended_ = false;
  std::string held_;
};

// One request on a connection of its own.
inline RawAnswer Ask(int port, const std::string& path, const std::string& fields = "") {
  RawClient client(port);
  client.Get(path, fields);
  return client.Read();
}

}  // namespace iiifbench
