// HTTP/2 where it is offered: lighttpd takes it in the clear by Upgrade, a server of HTTP/1.1 does
// not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "harness/load/generator/load_point.h"
#include "harness/servers/launch/spawned_server.h"

namespace iiifbench {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view kPicture = "\xFF\xD8 picture \xFF\xD9";

LoadRun Ask(const std::string& url, ConnectionPolicy policy, int clients, int64_t count) {
  return Generate({.next = [url, left = count]() mutable -> std::optional<LoadRequest> {
                     if (left-- <= 0) return {};
                     return LoadRequest{.url = url, .request_class = "it", .path = "default.jpg"};
                   },
                   .clients = clients,
                   .duration = 20s,
                   .policy = policy});
}

int64_t Opened(const LoadRun& run) {
  return std::ranges::count_if(run.samples,
                               [](const LoadSample& sample) { return !sample.reused; });
}

class Http2Test : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string program = FindProgram("lighttpd").empty() ? FindProgram("/usr/sbin/lighttpd")
                                                                : FindProgram("lighttpd");
    if (program.empty()) GTEST_SKIP() << "needs lighttpd: apt-get install lighttpd";
    char name[] = "/tmp/iiifbench-test-XXXXXX";
    folder_ = ::mkdtemp(name);
    auto port = FreePort();
    ASSERT_TRUE(port.ok());
    const std::string url = fmt::format("http://127.0.0.1:{}/", *port);
    ASSERT_TRUE(WriteFileAndFolder(folder_ + "/www/default.jpg", kPicture).ok());
    ASSERT_TRUE(
        WriteFileAndFolder(folder_ + "/lighttpd.conf", fmt::format(R"(server.bind = "127.0.0.1"
server.port = {}
server.document-root = "{}/www"
server.max-keep-alive-requests = 1000000
server.feature-flags += ("server.h2proto" => "enable", "server.h2c" => "enable")
mimetype.assign = (".jpg" => "image/jpeg")
)",
                                                                   *port, folder_))
            .ok());
    auto running = Spawn({.title = "lighttpd",
                          .argv = {program, "-D", "-f", folder_ + "/lighttpd.conf"},
                          .image_url = url,
                          .ready_url = url + "default.jpg",
                          .output = folder_ + "/out",
                          .log = folder_ + "/out"});
    ASSERT_TRUE(running.ok()) << running.error().message;
    running_ = std::move(*running);
  }
  void TearDown() override {
    running_.reset();
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }
  std::string folder_;
  std::unique_ptr<RunningServer> running_;
};

TEST_F(Http2Test, IsSpokenWhereItIsTakenAndItsClientsShareAConnection) {
  const LoadRun run = Ask(running_->ImageUrl("default.jpg"), ConnectionPolicy::kHttp2, 4, 200);
  EXPECT_EQ(run.http_version, "2");
  ASSERT_EQ(run.samples.size(), 200U);
  for (const auto& sample : run.samples) {
    EXPECT_EQ(sample.failure, -1) << run.failures.at(static_cast<size_t>(sample.failure));
    EXPECT_EQ(sample.bytes, std::ssize(kPicture));
  }
  EXPECT_LT(Opened(run), 4);  // of four clients
  const LoadPoint point = Summarise(run, ConnectionPolicy::kHttp2);
  EXPECT_EQ(point.http_version, "2");
  EXPECT_THAT(IdsOf(point.not_reportable), Not(Contains("protocol-not-spoken")));
  // Two hundred answers in some milliseconds: loose. Clients that were counted twice would be off
  // by 1.
  EXPECT_LT(point.little_error, 0.3);
}

// The same server is asked in 1.1 when that was wanted, by a connection for each client.
TEST_F(Http2Test, IsNotSpokenUnasked) {
  const LoadRun run = Ask(running_->ImageUrl("default.jpg"), ConnectionPolicy::kReuse, 4, 200);
  EXPECT_EQ(run.http_version, "1.1");
  EXPECT_EQ(Opened(run), 4);
}

TEST(Http2RefusedTest, AServerThatDoesNotTakeItIsMeasuredIn11AndSaidSo) {
  httplib::Server server;
  server.set_tcp_nodelay(true);
  server.Get("/default.jpg", [](const httplib::Request&, httplib::Response& response) {
    response.set_content(std::string(kPicture), "image/jpeg");
  });
  const int port = server.bind_to_any_port("127.0.0.1");
  std::thread thread([&] { server.listen_after_bind(); });
  while (!server.is_running()) std::this_thread::yield();
  const LoadRun run =
      Ask(fmt::format("http://127.0.0.1:{}/default.jpg", port), ConnectionPolicy::kHttp2, 2, 40);
  server.stop();
  thread.join();
  EXPECT_EQ(run.samples.size(), 40U);
  EXPECT_EQ(run.http_version, "1.1");
  EXPECT_THAT(IdsOf(Summarise(run, ConnectionPolicy::kHttp2).not_reportable),
              Contains("protocol-not-spoken"));
}

}  // namespace
}  // namespace iiifbench
