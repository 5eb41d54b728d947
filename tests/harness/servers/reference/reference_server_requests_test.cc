// What a client may send: requests one after the other, too long, with bodies, by other methods.
#include <string>

#include "tests/harness/servers/reference/served_folder.h"

namespace iiifbench {
namespace {

using std::chrono::milliseconds;

class RequestsTest : public ServedFolder {
 protected:
  void SetUp() override {
    ServedFolder::SetUp();
    Serve();
  }
};

std::string Repeated(std::string_view text, size_t times) {
  std::string out;
  for (size_t i = 0; i < times; ++i) out += text;
  return out;
}

TEST_F(RequestsTest, PipelinedOnesAreAllAnsweredInTheirOrder) {
  RawClient client(port());
  std::string all;
  for (int width = 1; width <= 40; ++width) {
    all += "GET /iiif/2/page.jpg/full/" + std::to_string(width) +
           ",/0/default.jpg HTTP/1.1\r\nHost: test\r\n\r\n";
    all += "GET /iiif/2/page.jpg/info.json HTTP/1.1\r\nHost: test\r\n\r\n";
  }
  ASSERT_TRUE(client.Send(all));
  for (int width = 1; width <= 40; ++width) {
    const auto picture = client.Read();
    ASSERT_EQ(picture.status, 200) << width;
    auto source = Source::Borrow(
        std::span(reinterpret_cast<const uint8_t*>(picture.body.data()), picture.body.size()),
        "answer");
    const auto info = FindCodec("jpeg")->probe(*source);
    ASSERT_TRUE(info.ok());
    EXPECT_EQ(info->size.width, width);
    EXPECT_EQ(client.Read().Field("Content-Type"), "application/json");
  }
}

TEST_F(RequestsTest, ARequestInSinglePiecesIsOne) {
  RawClient client(port());
  for (const char c : std::string("GET /iiif/2/page.jpg/info.json HTTP/1.1\r\nHost: test\r\n\r\n"))
    ASSERT_TRUE(client.Send(std::string_view(&c, 1)));
  EXPECT_EQ(client.Read().status, 200);
}

TEST_F(RequestsTest, RangesAreNotServedAndCostNothing) {
  const auto whole = Ask(port(), kTile);
  const auto ranged = Ask(port(), kTile, "Range: bytes=" + Repeated("-,", 10000) + "-\r\n");
  EXPECT_EQ(ranged.status, 200);
  EXPECT_EQ(ranged.body, whole.body);
}

TEST_F(RequestsTest, BodiesAreRefusedBeforeTheyAreSent) {
  const std::tuple<const char*, const char*, int> cases[] = {
      {"POST", "Content-Length: 2147483648\r\n", 405},
      {"POST", "Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", 405},
      {"PUT", "Content-Length: 10\r\nExpect: 100-continue\r\n", 405},
      {"DELETE", "", 405},
      {"GET", "Content-Length: 99999999999\r\n", 413},
      {"GET", "Transfer-Encoding: chunked\r\n", 413},
      {"OPTIONS", "Content-Length: 2147483648\r\n", 413},
  };
  for (const auto& [method, fields, status] : cases) {
    RawClient client(port());
    client.Send(std::string(method) + " " + kTile + " HTTP/1.1\r\nHost: test\r\n" + fields +
                "\r\n");
    const auto answer = client.Read();
    EXPECT_EQ(answer.status, status) << method << " " << fields;
    if (status == 405) {
      EXPECT_EQ(answer.Field("Allow"), "GET, HEAD, OPTIONS");
    }
    if (std::string_view(fields).empty()) continue;
    EXPECT_EQ(answer.Field("Connection"), "close");
    EXPECT_TRUE(client.Ends(milliseconds(1000))) << method;
  }
}

TEST_F(RequestsTest, ABodyThatIsSentAllTheSameIsNotTakenForEver) {
  RawClient client(port());
  client.Send("POST /iiif/2/page.jpg/info.json HTTP/1.1\r\nContent-Length: 2147483648\r\n\r\n");
  const std::string block(1 << 20, 'x');
  int64_t sent = 0;
  while (sent < (int64_t{64} << 20) && client.Send(block)) sent += 1 << 20;
  EXPECT_LT(sent, int64_t{32} << 20);  // what the sockets hold
}

TEST_F(RequestsTest, LongLinesAndHeadersAreRefused) {
  EXPECT_EQ(Ask(port(), "/iiif/2/" + std::string(4000, 'a') + "/info.json").status, 400);
  EXPECT_EQ(Ask(port(), "/iiif/2/" + std::string(4200, 'a') + "/info.json").status, 414);
  EXPECT_EQ(Ask(port(), "/iiif/2/page.jpg/info.json?" + std::string(4200, 'a')).status, 414);
  EXPECT_EQ(Ask(port(), kTile, "Cookie: " + std::string(8000, 'a') + "\r\n").status, 200);
  EXPECT_EQ(Ask(port(), kTile, "Cookie: " + std::string(40000, 'a') + "\r\n").status, 431);
  EXPECT_EQ(Ask(port(), kTile, Repeated("X-A: b\r\n", 10000)).status, 431);
  RawClient endless(port());
  endless.Send("GET /" + std::string(60000, 'a'));
  EXPECT_EQ(endless.Read().status, 414);
}

TEST_F(RequestsTest, WhatIsNoHttpIsToldSoAndTheServerGoesOn) {
  for (const std::string& sent :
       {std::string("hello\r\n\r\n"), std::string("GET\r\n\r\n"),
        std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), std::string("\x16\x03\x01\x02\x00\x01", 6),
        std::string("GET / HTTP/1.1\r\nHost : a\r\n\r\n"), std::string(1000, '\0'),
        std::string("GET /\0 HTTP/1.1\r\n\r\n", 19),
        std::string("GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"),
        std::string("GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"),
        std::string("GET / HTTP/1.1\r\nHost: \"><script>\r\n\r\n"),
        std::string("GET foo HTTP/1.1\r\nHost: test\r\n\r\n")}) {
    RawClient client(port());
    client.Send(sent + "\r\n\r\n");
    const int status = client.Read(milliseconds(1000)).status;
    EXPECT_TRUE(status == 400 || status == 404) << status << " for " << sent;
  }
  EXPECT_EQ(Ask(port(), kTile).status, 200);
}

TEST_F(RequestsTest, HeadSaysWhatGetWouldAndSendsNoBody) {
  for (const std::string& path :
       {std::string(kTile), std::string("/iiif/3/page.jpg/info.json"),
        std::string("/iiif/2/absent.jpg/info.json"), std::string("/iiif/2/page.jpg")}) {
    const auto got = Ask(port(), path);
    RawClient client(port());
    client.Send("HEAD " + path + " HTTP/1.1\r\nHost: test\r\n\r\n");
    const auto head = client.Read(milliseconds(2000), false);
    EXPECT_EQ(head.status, got.status) << path;
    EXPECT_EQ(head.Field("Content-Length"), std::to_string(got.body.size())) << path;
    EXPECT_EQ(head.Field("Content-Type"), got.Field("Content-Type")) << path;
    client.Get(path);  // a body would be read as the next answer
    EXPECT_EQ(client.Read().status, got.status) << path;
  }
}

TEST_F(RequestsTest, OptionsAnswersACrossOriginPreflight) {
  RawClient client(port());
  client.Send(
      "OPTIONS /iiif/2/page.jpg/info.json HTTP/1.1\r\nHost: test\r\nOrigin: http://a\r\n"
      "Access-Control-Request-Method: GET\r\nAccess-Control-Request-Headers: x-a\r\n\r\n");
  const auto answer = client.Read(milliseconds(2000), false);
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(answer.Field("Access-Control-Allow-Origin"), "*");
  EXPECT_EQ(answer.Field("Access-Control-Allow-Methods"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(answer.Field("Access-Control-Allow-Headers"), "*");
  EXPECT_EQ(answer.Field("Content-Length"), "");
  client.Send("OPTIONS * HTTP/1.1\r\nHost: test\r\n\r\n");
  EXPECT_EQ(client.Read(milliseconds(2000), false).status, 204);
}

TEST_F(RequestsTest, OldClientsProxiesAndClosingOnes) {
  RawClient old(port());
  old.Send("GET /iiif/2/page.jpg/info.json HTTP/1.0\r\n\r\n");
  const auto answer = old.Read();
  EXPECT_EQ(answer.status, 200);
  EXPECT_NE(answer.body.find(":" + std::to_string(port()) + "/iiif/2/page.jpg\""),
            std::string::npos);
  EXPECT_TRUE(old.Ends(milliseconds(1000)));
  RawClient kept(port());
  kept.Send("GET /iiif/2/page.jpg/info.json HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(kept.Read().Field("Connection"), "keep-alive");
  kept.Send("GET http://test/iiif/2/page.jpg/info.json HTTP/1.1\r\nHost: test\r\n\r\n");
  EXPECT_EQ(kept.Read().status, 200);
  kept.Get(kTile, "Connection: close\r\n");
  EXPECT_EQ(kept.Read().status, 200);
  EXPECT_TRUE(kept.Ends(milliseconds(1000)));
}

}  // namespace
}  // namespace iiifbench
