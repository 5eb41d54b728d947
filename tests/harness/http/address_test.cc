#include "harness/http/address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace iiifbench {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(AddressTest, PartsAreRead) {
  const auto address = ParseAddress("HTTPS://user:pa@ss@[::1]:8443/iiif/2/a%2Fb?token=x#y");
  ASSERT_TRUE(address.ok()) << address.error().message;
  EXPECT_EQ(address->scheme, "https");
  EXPECT_EQ(address->userinfo, "user:pa@ss");
  EXPECT_EQ(address->host, "::1");
  EXPECT_EQ(address->port, 8443);
  EXPECT_EQ(address->path, "/iiif/2/a%2Fb");
  EXPECT_EQ(address->query, "token=x");
  EXPECT_EQ(HostAndPort(*address), "[::1]:8443");
  EXPECT_EQ(HostAndPort(*ParseAddress("http://images.example.org/i")), "images.example.org");
}

TEST(AddressTest, WhatIsWrongIsSaid) {
  for (const char* url : {"images.example.org/i", "ftp://h/i", "http://", "http://h:0/",
                          "http://h:70000/", "http://[::1/", "http://h:8x/"}) {
    const auto address = ParseAddress(url);
    ASSERT_FALSE(address.ok()) << url;
    EXPECT_THAT(address.error().message, HasSubstr("give a URL such as")) << url;
  }
}

TEST(AddressTest, AQueryStaysBehindThePath) {
  EXPECT_EQ(Below("http://h/i?token=x", "/info.json"), "http://h/i/info.json?token=x");
  EXPECT_EQ(Below("http://h/i/", "full/1,/0/default.jpg"), "http://h/i/full/1,/0/default.jpg");
}

TEST(AddressTest, SecretsAreNotShown) {
  EXPECT_EQ(WithoutSecrets("http://user:hunter2@h:8080/i?token=abc"), "http://h:8080/i?...");
  EXPECT_EQ(WithoutSecrets("http://h/a@b"), "http://h/a@b");
  const std::string text = WithoutSecretsOf(
      "cannot get http://user:hunter2@h/i?token=abcdef: hunter2 refused, token=abcdef",
      "http://user:hunter2@h/i?token=abcdef");
  EXPECT_THAT(text, Not(HasSubstr("hunter2")));
  EXPECT_THAT(text, Not(HasSubstr("abcdef")));
}

TEST(AddressTest, NearAndFar) {
  for (const char* host : {"localhost", "127.0.0.1", "10.1.2.3", "172.31.0.1", "192.168.1.1", "::1",
                           "fd00::1", "images.local", "imageserver"})
    EXPECT_TRUE(IsNear(host)) << host;
  for (const char* host :
       {"iiif.example.org", "8.8.8.8", "172.32.0.1", "2001:db8::1", "10.evil.com"})
    EXPECT_FALSE(IsNear(host)) << host;
}

}  // namespace
}  // namespace iiifbench
