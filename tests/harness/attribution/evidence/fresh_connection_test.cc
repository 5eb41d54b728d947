#include "harness/attribution/evidence/fresh_connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <thread>

#include "tests/harness/findings/figures.h"

#include "harness/http/link_proxy.h"

namespace iiifbench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(FreshConnectionTest, WordsSayWhatIsTheLinkAndNotTheServer) {
  const FreshConnection fresh{46, 92, 190, 150, 340};
  const auto found = FreshConnectionFinding("tile", fresh, 60, 52);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, "fresh-connection-cost");
  // More than a kept one; connect, TLS, other waiting for the first byte, slower body.
  EXPECT_THAT(FiguresIn(found->text), ElementsAre(280, 46, 92, 0, 142));
  EXPECT_FALSE(FreshConnectionFinding("x", {0.1, 0, 3, 0.2, 3.2}, 3, 2.9));   // below 2 ms
  EXPECT_FALSE(FreshConnectionFinding("x", {3, 0, 103, 0.2, 103}, 100, 99));  // below a fifth
}

TEST(FreshConnectionTest, OverALinkOfADelayTheFirstByteTakesTwoRoundTrips) {
  httplib::Server server;
  server.Get("/image", [](const httplib::Request&, httplib::Response& response) {
    response.set_content(std::string(1000, 'x'), "image/jpeg");
  });
  const int port = server.bind_to_any_port("127.0.0.1");
  std::thread thread([&] { server.listen_after_bind(); });
  auto link = LinkProxy::Start({.port = port, .one_way_delay = std::chrono::milliseconds(10)});
  ASSERT_TRUE(link) << link.error().message;
  auto fresh = AskFresh(fmt::format("http://127.0.0.1:{}/image", (*link)->port()), {}, 3);
  auto missing = AskFresh(fmt::format("http://127.0.0.1:{}/absent", port), {}, 1);
  server.stop();
  thread.join();
  ASSERT_TRUE(fresh) << fresh.error().message;
  EXPECT_GE(fresh->first_byte_ms, 40);  // connect and request, each there and back
  EXPECT_GE(fresh->total_ms, fresh->first_byte_ms);
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().message, HasSubstr("404"));
}

}  // namespace
}  // namespace iiifbench
