// What is registered with the kernel, while curl takes its sockets off the list after every
// transfer.
#include "harness/load/generator/sockets.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <thread>

namespace iiifbench {
namespace {

using namespace std::chrono_literals;

class SocketsTest : public testing::Test {
 protected:
  void SetUp() override {
    server_.set_keep_alive_max_count(1000);
    server_.set_keep_alive_timeout(1);
    server_.Get("/it", [](const httplib::Request&, httplib::Response& answer) {
      answer.set_content("it", "text/plain");
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
    multi_ = curl_multi_init();
    sockets_.Watch(multi_);
    easy_ = curl_easy_init();
    sockets_.HearOfClosing(easy_);
    curl_easy_setopt(easy_, CURLOPT_URL, fmt::format("http://127.0.0.1:{}/it", port_).c_str());
    curl_easy_setopt(
        easy_, CURLOPT_WRITEFUNCTION,
        +[](char*, size_t size, size_t count, void*) { return size * count; });
  }
  void TearDown() override {
    curl_easy_cleanup(easy_);
    curl_multi_cleanup(multi_);
    server_.stop();
    thread_.join();
  }
  // One transfer; false after five seconds without an end.
  bool Transfer() {
    curl_multi_add_handle(multi_, easy_);
    int running = 1;
    const auto latest = std::chrono::steady_clock::now() + 5s;
    curl_multi_socket_action(multi_, CURL_SOCKET_TIMEOUT, 0, &running);
    while (running > 0 && std::chrono::steady_clock::now() < latest) {
      for (const auto& ready : sockets_.Wait(10ms))
        curl_multi_socket_action(multi_, ready.descriptor, ready.what, &running);
      curl_multi_socket_action(multi_, CURL_SOCKET_TIMEOUT, 0, &running);
    }
    curl_multi_remove_handle(multi_, easy_);
    return running == 0;
  }

  Sockets sockets_;
  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
  CURLM* multi_ = nullptr;
  CURL* easy_ = nullptr;
};

TEST_F(SocketsTest, AConnectionIsRegisteredOnceForAllItsTransfers) {
  ASSERT_TRUE(Transfer());
  const int64_t after_first = sockets_.changes();
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(Transfer()) << i;
  EXPECT_EQ(sockets_.changes(), after_first);
}

TEST_F(SocketsTest, AnIdleConnectionThatTheServerClosesIsDroppedAndTheNextTransferOpensAnother) {
  ASSERT_TRUE(Transfer());
  const int64_t before = sockets_.changes();
  const auto start = std::chrono::steady_clock::now();
  EXPECT_TRUE(
      sockets_.Wait(5s).empty());  // returns when the server closes: it keeps connections for 1 s
  EXPECT_LT(std::chrono::steady_clock::now() - start, 4s);
  EXPECT_EQ(sockets_.changes(), before + 1);
  const auto quiet = std::chrono::steady_clock::now();
  EXPECT_TRUE(sockets_.Wait(50ms).empty());  // and nothing wakes us any more
  EXPECT_GE(std::chrono::steady_clock::now() - quiet, 49ms);
  EXPECT_TRUE(Transfer());
}

TEST_F(SocketsTest, ANumberThatComesAgainIsRegisteredAgain) {
  curl_easy_setopt(easy_, CURLOPT_FORBID_REUSE,
                   1L);  // each connection is closed, the next takes its number
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(Transfer()) << i;
  EXPECT_GE(sockets_.changes(), 20);
}

}  // namespace
}  // namespace iiifbench
