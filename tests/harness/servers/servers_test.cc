#include "harness/servers/server.h"

#include <gtest/gtest.h>

#include <set>

#include "harness/servers/cantaloupe_start.h"

namespace iiifbench {
namespace {

TEST(ServersTest, NamesAreUniqueAndMissingServersSayHowToGetThem) {
  std::set<std::string_view> names;
  for (const Server* server : Servers()) {
    EXPECT_TRUE(names.insert(server->name).second) << server->name;
    auto found = server->find();
    if (found.ok()) continue;
    EXPECT_EQ(found.error().kind, ErrorKind::kNotFound);
    const std::string& message = found.error().message;
    const bool advises =
        message.find("set ") != std::string::npos || message.find("apt-get install") != std::string::npos;
    EXPECT_TRUE(advises) << message;
  }
  EXPECT_EQ(FindServer("nothing"), nullptr);
}

TEST(CantaloupeLogTest, RequestTotals) {
  // Recorded from Cantaloupe 6.0-SNAPSHOT, colours left out.
  const auto requests = ParseCantaloupeLog(
      "21:44:33.407 [q-22] DEBUG e.i.l.c.r.ImageRepresentation - Java2dProcessor processed in 123 msec: "
      "page.jpg_1:1\n"
      "21:44:33.411 [q-22] DEBUG e.i.l.c.r.HandlerServlet - Responded to GET "
      "/iiif/2/page.jpg/full/512,/0/default.jpg with HTTP 200 in 196 msec\n");
  ASSERT_EQ(requests.size(), 1u);
  EXPECT_EQ(requests[0].path, "/iiif/2/page.jpg/full/512,/0/default.jpg");
  EXPECT_EQ(requests[0].total, std::chrono::milliseconds(196));
}

}  // namespace
}  // namespace iiifbench
