#include "harness/servers/server.h"

#include <gtest/gtest.h>

#include <set>

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
    const bool advises = message.find("set ") != std::string::npos ||
                         message.find("apt-get install") != std::string::npos;
    EXPECT_TRUE(advises) << message;
  }
  EXPECT_EQ(FindServer("nothing"), nullptr);
}

}  // namespace
}  // namespace iiifbench
