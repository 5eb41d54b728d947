// Headers are taken from everywhere and never repeated in a message.
#include "harness/cli/production.h"

#include <gmock/gmock.h>

#include <cstdio>
#include <fstream>

namespace iiifbench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(ProductionTest, HeadersComeFromTheFileThenFromOptions) {
  const std::string file = ::testing::TempDir() + "headers.txt";
  std::ofstream(file) << "Authorization: Bearer secret\r\n\nCookie: a=b\n";
  ProductionOptions options{
      .headers = {"Accept: image/jpeg"}, .header_file = file, .user_agent = "our crawler"};
  auto headers = HeadersOf(options);
  ASSERT_TRUE(headers.ok()) << headers.error().message;
  EXPECT_THAT(*headers, ElementsAre("Authorization: Bearer secret", "Cookie: a=b",
                                    "Accept: image/jpeg", "User-Agent: our crawler"));
  std::remove(file.c_str());
}

TEST(ProductionTest, WhatIsNoHeaderIsNamedByItsPlaceAndNotRepeated) {
  for (const char* line : {"secret", ": secret", "a b: secret", "a: b\nc: secret"}) {
    auto headers = HeadersOf({.headers = {line}});
    ASSERT_FALSE(headers.ok()) << line;
    EXPECT_THAT(headers.error().message, HasSubstr("--header"));
    EXPECT_THAT(headers.error().message, Not(HasSubstr("secret")));
  }
}

TEST(ProductionTest, ANearServerNeedsNoLeave) {
  for (const char* url : {"http://127.0.0.1:8/x", "http://localhost/x", "http://10.1.2.3/x",
                          "http://[::1]:80/x", "http://server/x"})
    EXPECT_TRUE(AskLeave(url, "Much.", false).ok()) << url;
  EXPECT_TRUE(AskLeave("http://images.example.org/x", "Much.", true).ok());
  EXPECT_FALSE(AskLeave("no url", "Much.", false).ok());
}

}  // namespace
}  // namespace iiifbench
