// A server that gets faster while it is asked is no link, and a link is one behind a relay that
// accepts at once.
#include "harness/attribution/observe/measure_network.h"

#include <gtest/gtest.h>
#include <httplib.h>

#include <atomic>
#include <thread>

#include "harness/http/link_proxy.h"

namespace iiifbench {
namespace {

TEST(NetworkTest, AVirtualMachineThatWarmsUpIsNoLink) {
  httplib::Server server;
  std::atomic<int> asked = 0;
  // 60 ms at first, 5 ms less from one to the next.
  server.Get("/info.json", [&](const httplib::Request&, httplib::Response& response) {
    std::this_thread::sleep_for(std::chrono::milliseconds(std::max(1, 60 - 5 * asked++)));
    response.set_content("{}", "application/json");
  });
  const int port = server.bind_to_any_port("127.0.0.1");
  std::thread thread([&] { server.listen_after_bind(); });
  auto cost = MeasureNetwork(fmt::format("http://127.0.0.1:{}/info.json", port), {});
  auto link = LinkProxy::Start({.port = port, .one_way_delay = std::chrono::milliseconds(10)});
  asked = 0;
  auto over =
      link ? MeasureNetwork(fmt::format("http://127.0.0.1:{}/info.json", (*link)->port()), {})
           : Result<NetworkCost>(link.error());
  server.stop();
  thread.join();
  ASSERT_TRUE(cost.ok()) << cost.error().message;
  EXPECT_LT(cost->round_trip_ms, 2);
  ASSERT_TRUE(over.ok()) << over.error().message;
  EXPECT_GT(over->round_trip_ms, 14);
  EXPECT_LT(over->round_trip_ms, 30);
}

// Which holds no other round trip than that of its own connections.
TEST(NetworkTest, AServerThatClosesAfterEachAnswerIsAsFarAway) {
  httplib::Server server;
  server.set_keep_alive_max_count(1);
  server.Get("/info.json", [](const httplib::Request&, httplib::Response& response) {
    std::this_thread::sleep_for(std::chrono::milliseconds(15));
    response.set_content("{}", "application/json");
  });
  const int port = server.bind_to_any_port("127.0.0.1");
  std::thread thread([&] { server.listen_after_bind(); });
  auto link = LinkProxy::Start({.port = port, .one_way_delay = std::chrono::milliseconds(10)});
  auto near = MeasureNetwork(fmt::format("http://127.0.0.1:{}/info.json", port), {});
  auto far = link
                 ? MeasureNetwork(fmt::format("http://127.0.0.1:{}/info.json", (*link)->port()), {})
                 : Result<NetworkCost>(link.error());
  server.stop();
  thread.join();
  ASSERT_TRUE(near.ok()) << near.error().message;
  EXPECT_TRUE(near->closes);
  EXPECT_LT(near->round_trip_ms, 5);
  ASSERT_TRUE(far.ok()) << far.error().message;
  EXPECT_TRUE(far->closes);
  EXPECT_GT(far->round_trip_ms, 18);
  EXPECT_LT(far->round_trip_ms, 28);
}

}  // namespace
}  // namespace iiifbench
