#include "harness/http/store_tap.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <numeric>

#include "harness/http/client.h"
#include "harness/http/http_head.h"
#include "harness/servers/launch/process.h"
#include "harness/servers/store/range_store.h"
#include "harness/servers/store/stored_source.h"
#include "harness/stats/milliseconds.h"

namespace iiifbench {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

TEST(HttpHeadTest, ReadsFieldsRangesAndTheEndOfChunkedBodies) {
  auto head = ParseHttpHead(
      "GET /a HTTP/1.1\r\nhost: x\r\nRANGE: bytes=10-19\r\nConnection: close\r\n\r\n");
  ASSERT_TRUE(head.has_value());
  EXPECT_EQ(RangeOf(head->Field("Range")), (std::pair<int64_t, int64_t>{10, 10}));
  EXPECT_TRUE(head->Closes());
  head->Remove("HOST");
  EXPECT_EQ(head->Field("Host"), "");
  EXPECT_EQ(RangeOf("bytes=5-"), (std::pair<int64_t, int64_t>{5, -1}));
  EXPECT_EQ(RangeOf("bytes=-7"), (std::pair<int64_t, int64_t>{-7, -1}));
  EXPECT_EQ(RangeOf("bytes=0-1,5-6"), (std::pair<int64_t, int64_t>{0, -1}));
  EXPECT_FALSE(ParseHttpHead("no end of a line").has_value());
  const std::string body = "a;x=y\r\n0123456789\r\n2\r\nab\r\n0\r\nTrailer: 1\r\n\r\nNEXT";
  for (size_t piece : {size_t{1}, size_t{3}, body.size()}) {
    ChunkedBody chunks;
    size_t used = 0;
    while (!chunks.done() && used < body.size())
      used += chunks.Feed(std::string_view(body).substr(used, piece));
    EXPECT_TRUE(chunks.done());
    EXPECT_EQ(chunks.payload(), 12);
    EXPECT_EQ(body.substr(used), "NEXT");
  }
}

TEST(StoreStallTest, OverlappingReadsStallOnceAndWorkTwice) {
  const std::chrono::steady_clock::time_point zero{};
  const auto read = [&](int from, int first, int to) {
    return StoreRead{.bytes = 10,
                     .start = zero + milliseconds(from),
                     .first_byte = zero + milliseconds(first),
                     .end = zero + milliseconds(to)};
  };
  const std::vector<StoreRead> reads = {read(20, 22, 30), read(0, 4, 10), read(25, 26, 40),
                                        read(90, 95, 99)};
  const StoreStall stall = StallOf(reads, zero + milliseconds(5), zero + milliseconds(50));
  EXPECT_EQ(stall.requests, 3);
  EXPECT_EQ(stall.bytes, 30);
  EXPECT_NEAR(stall.stalled_ms, 5 + 20, 1e-9);
  EXPECT_NEAR(stall.work_ms, 5 + 10 + 15, 1e-9);
  EXPECT_NEAR(stall.first_bytes_ms, 0 + 2 + 1, 1e-9);
}

class StoreTapTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (FindProgram("lighttpd").empty())
      GTEST_SKIP() << "lighttpd is missing: apt-get install lighttpd";
    folder_ = fs::temp_directory_path() / fmt::format("store-tap-test-{}", ::getpid());
    fs::create_directories(folder_ + "/files");
    content_.resize(400'000);
    for (size_t i = 0; i < content_.size(); ++i)
      content_[i] = static_cast<uint8_t>(i * 2654435761u >> 13);
    std::ofstream(folder_ + "/files/page one.bin", std::ios::binary)
        .write(reinterpret_cast<const char*>(content_.data()),
               static_cast<std::streamsize>(content_.size()));
  }
  void TearDown() override {
    std::error_code ignored;
    if (!folder_.empty()) fs::remove_all(folder_, ignored);
  }
  std::string folder_;
  std::vector<uint8_t> content_;
};

TEST_F(StoreTapTest, NotesEachRangeAndAgreesWithTheStoresOwnLog) {
  auto store = RangeStore::Start({.folder = folder_ + "/files",
                                  .run_folder = folder_ + "/run",
                                  .one_way_delay = milliseconds(5)});
  ASSERT_TRUE(store.ok()) << store.error().message;
  auto tap = StoreTap::Start({.port = (*store)->port()});
  ASSERT_TRUE(tap.ok()) << tap.error().message;
  auto source = OpenStored((*tap)->url(), "page one.bin", 16 << 10);
  ASSERT_TRUE(source.ok()) << source.error().message;
  EXPECT_EQ((*source)->size(), 400'000);
  std::vector<uint8_t> part(1000);
  const std::vector<int64_t> offsets = {0, 300'000, 10, 150'000, 399'000};
  for (int64_t offset : offsets) {
    auto read = (*source)->ReadAt(offset, part);
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_TRUE(std::equal(part.begin(), part.end(), content_.begin() + offset)) << offset;
  }
  const auto reads = (*tap)->Take();
  ASSERT_EQ(reads.size(),
            5u);  // the head, which holds offset 0; each other offset lies in another chunk
  EXPECT_EQ(reads[1].offset, 300'000);
  EXPECT_EQ(reads[1].length, 16 << 10);
  EXPECT_EQ(reads[1].bytes, 16 << 10);
  EXPECT_EQ(reads[1].status, 206);
  EXPECT_EQ(reads[1].path, "/page%20one.bin");
  EXPECT_EQ(reads[4].bytes, 1000);  // the file ends
  EXPECT_TRUE((*tap)->Take().empty());
  auto log = (*store)->EndAndReadLog();
  ASSERT_TRUE(log.ok()) << log.error().message;
  std::map<int64_t, double> logged;
  for (const auto& line : *log) logged[line.id] = line.ms;
  double by_tap = 0, by_log = 0;
  for (const auto& read : reads) {
    ASSERT_EQ(logged.count(read.id), 1u);
    EXPECT_GE(logged[read.id], 20.0);  // two round trips of 10 ms
    by_tap += MsOf(read.end - read.start);
    by_log += logged[read.id];
  }
  EXPECT_NEAR(by_tap / by_log, 1, 0.1)
      << by_tap << " ms by the tap, " << by_log << " ms by the log";
}

TEST_F(StoreTapTest, AStoreThatIsGoneIsACutReadAndA502) {
  auto port = FreePort();
  ASSERT_TRUE(port.ok());
  auto tap = StoreTap::Start({.port = *port});
  ASSERT_TRUE(tap.ok()) << tap.error().message;
  Client client;
  EXPECT_EQ(client.Get((*tap)->url() + "x").status, 502);
  const auto reads = (*tap)->Take();
  ASSERT_EQ(reads.size(), 1u);
  EXPECT_TRUE(reads[0].cut);
  EXPECT_EQ(reads[0].status, 0);
}

TEST_F(StoreTapTest, AFileThatTheStoreLacksIsNamed) {
  auto store = RangeStore::Start({.folder = folder_ + "/files", .run_folder = folder_ + "/run"});
  ASSERT_TRUE(store.ok()) << store.error().message;
  auto source = OpenStored((*store)->url(), "absent.bin", 1000);
  ASSERT_FALSE(source.ok());
  EXPECT_EQ(source.error().kind, ErrorKind::kNotFound);
  EXPECT_NE(source.error().message.find("absent.bin"), std::string::npos);
}

}  // namespace
}  // namespace iiifbench
