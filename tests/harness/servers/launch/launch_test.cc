#include "harness/servers/launch/launch.h"

#include <gtest/gtest.h>

namespace iiifbench {
namespace {

TEST(LaunchTest, AChoiceNamesAServerATagAndSettings) {
  const auto choice = ParseChoice("reference#2:workers=3:quality=75:fault=x");
  ASSERT_TRUE(choice.ok()) << choice.error().message;
  EXPECT_EQ(choice->server->name, "reference");
  EXPECT_EQ(choice->label, "reference#2:workers=3:quality=75:fault=x");
  EXPECT_EQ(choice->folder_name().find_first_of("#:="), std::string::npos);
  const ServerSettings settings = SettingsOf(*choice, {.jpeg_quality = 90});
  EXPECT_EQ(settings.workers, 3);
  EXPECT_EQ(settings.threads, 1);
  EXPECT_EQ(settings.jpeg_quality, 75);
  EXPECT_EQ(settings.options.at("fault"), "x");
}

TEST(LaunchTest, WhatIsNoChoiceIsNamed) {
  EXPECT_NE(ParseChoice("nobody").error().message.find("there are "), std::string::npos);
  EXPECT_NE(ParseChoice("reference:workers=two").error().message.find("not 'two'"),
            std::string::npos);
  EXPECT_NE(ParseChoice("reference:").error().message.find("name=value"), std::string::npos);
}

}  // namespace
}  // namespace iiifbench
