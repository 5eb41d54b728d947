// Clients that are silent, slow, too many or gone: the others are served all the same.
#include <unistd.h>

#include <cstdio>
#include <thread>

#include "harness/servers/reference/picture_file.h"
#include "tests/harness/servers/reference/served_folder.h"

namespace iiifbench {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

class ClientsTest : public ServedFolder {
 protected:
  std::vector<RawClient> Silent(int count) const {
    std::vector<RawClient> clients;
    for (int i = 0; i < count; ++i) clients.emplace_back(port());
    return clients;
  }
};

// Decoding takes this much longer and asks nobody meanwhile.
ReferenceOptions Slow(milliseconds time) {
  ReferenceOptions options;
  options.faults.delay[Stage::kDecode] = time;
  return options;
}

milliseconds Since(steady_clock::time_point start) {
  return std::chrono::duration_cast<milliseconds>(steady_clock::now() - start);
}

TEST_F(ClientsTest, SilentOnesKeepNobodyOut) {
  Serve();
  const auto silent = Silent(100);
  const auto start = steady_clock::now();
  EXPECT_EQ(Ask(port(), kTile).status, 200);
  EXPECT_LT(Since(start), milliseconds(1000));
}

TEST_F(ClientsTest, AboveTheLimitTheOneSilentForLongestGoes) {
  ReferenceOptions options;
  options.limits.connections = 8;
  Serve(options);
  auto silent = Silent(20);
  const auto start = steady_clock::now();
  EXPECT_EQ(Ask(port(), kTile).status, 200);
  EXPECT_LT(Since(start), milliseconds(1000));
  EXPECT_TRUE(silent.front().Ends(milliseconds(1000)));
  silent.back().Get(kTile);
  EXPECT_EQ(silent.back().Read().status, 200);
}

TEST_F(ClientsTest, AHeaderThatNeverEndsAndAnIdleConnectionAreEnded) {
  ReferenceOptions options;
  options.limits.header_time = milliseconds(200);
  options.limits.idle_time = milliseconds(400);
  Serve(options);
  RawClient silent(port()), slow(port()), idle(port());
  idle.Get(kTile);
  EXPECT_EQ(idle.Read().status, 200);
  const auto start = steady_clock::now();
  slow.Send("GET / HTTP/1.1\r\n");
  while (slow.Send("X") && Since(start) < milliseconds(2000))
    std::this_thread::sleep_for(milliseconds(10));
  EXPECT_LT(Since(start), milliseconds(1000));
  EXPECT_TRUE(silent.Ends(milliseconds(1000)));
  EXPECT_TRUE(idle.Ends(milliseconds(1000)));
}

TEST_F(ClientsTest, WorkForThoseWhoLeftIsNotDone) {
  Serve(Slow(milliseconds(150)));
  {
    auto leaving = Silent(20);
    for (auto& client : leaving) client.Get(kTile);
    std::this_thread::sleep_for(milliseconds(50));
  }
  const auto start = steady_clock::now();
  EXPECT_EQ(Ask(port(), kTile).status, 200);
  EXPECT_LT(Since(start), milliseconds(1500));  // 20 of them would take 3 s
}

TEST_F(ClientsTest, BeyondCapacityIsSaidAtOnceAndPasses) {
  ReferenceOptions options = Slow(milliseconds(300));
  options.limits.waiting = 2;
  Serve(options);
  auto clients = Silent(9);
  for (auto& client : clients) client.Get(kTile);
  int answered = 0, busy = 0;
  for (auto& client : clients) {
    const auto answer = client.Read();
    answered += answer.status == 200 ? 1 : 0;
    if (answer.status != 503) continue;
    ++busy;
    EXPECT_EQ(answer.Field("Retry-After"), "1");
    EXPECT_EQ(answer.Field("Access-Control-Allow-Origin"), "*");
  }
  EXPECT_EQ(answered, 3);
  EXPECT_EQ(busy, 6);
  // The same connections are served once there is room.
  clients.back().Get(kTile);
  EXPECT_EQ(clients.back().Read().status, 200);
}

TEST_F(ClientsTest, PicturesUnderWayDoNotHoldUpInfo) {
  Serve(Slow(milliseconds(1500)));
  auto clients = Silent(3);
  for (auto& client : clients) client.Get(kTile);
  std::this_thread::sleep_for(milliseconds(50));
  const auto start = steady_clock::now();
  EXPECT_EQ(Ask(port(), "/iiif/2/page.jpg/info.json").status, 200);
  EXPECT_LT(Since(start), milliseconds(1000));
}

TEST_F(ClientsTest, ARequestThatTakesTooLongIsAnsweredAndTheServerRecovers) {
  ReferenceOptions options;
  options.faults.pause_every = 2;
  options.faults.pause = milliseconds(1200);
  options.limits.work_time = milliseconds(300);
  Serve(options);
  EXPECT_EQ(Ask(port(), kTile).status, 200);
  auto start = steady_clock::now();
  const auto late = Ask(port(), kTile);
  EXPECT_EQ(late.status, 503);
  EXPECT_EQ(late.Field("Retry-After"), "1");
  EXPECT_EQ(late.Field("Access-Control-Allow-Origin"), "*");
  EXPECT_LT(Since(start), milliseconds(1000));
  while (Since(start) < milliseconds(4000) && Ask(port(), kTile).status != 200) {
  }
  EXPECT_LT(Since(start), milliseconds(3000));
}

TEST_F(ClientsTest, ADecodeThatReadsForTooLongIsCalledOff) {
  // Both callers wait: only a reader that asks can say no.
  int asked = 0;
  auto folder = PictureFolder::Open(folder_.path);
  ASSERT_TRUE(folder.ok());
  auto source = folder->OpenPicture("page.jpg", [&] { return ++asked <= 1; });
  ASSERT_TRUE(source.ok());
  const auto image = DecodeWhole(**source);
  ASSERT_FALSE(image.ok());
  EXPECT_EQ(asked, 2);
}

TEST_F(ClientsTest, StopsWithinASecondWhoeverIsConnected) {
  Serve();
  auto silent = Silent(10);
  silent[0].Send("GET /half");
  silent[1].Get(kTile);
  EXPECT_EQ(silent[1].Read().status, 200);
  // Asks for much and reads none of it.
  for (int i = 0; i < 50; ++i) silent[2].Get("/iiif/2/page.jpg/full/max/0/default.png");
  std::this_thread::sleep_for(milliseconds(100));
  const auto start = steady_clock::now();
  server_->Stop();
  EXPECT_TRUE(server_->StoppedWithin(milliseconds(1000)));
  server_.reset();
  EXPECT_LT(Since(start), milliseconds(1000));
  EXPECT_TRUE(silent[3].Ends(milliseconds(1000)));
}

TEST_F(ClientsTest, AStopIsNotHeldUpByWorkThatCannotBeCalledOff) {
  Serve(Slow(milliseconds(800)));
  RawClient client(port());
  client.Get(kTile);
  std::this_thread::sleep_for(milliseconds(100));
  server_->Stop();
  EXPECT_FALSE(server_->StoppedWithin(milliseconds(100)));
  EXPECT_TRUE(server_->StoppedWithin(milliseconds(3000)));
}

#ifndef __SANITIZE_ADDRESS__  // which keeps freed memory
int64_t ResidentBytes() {
  long long pages = 0, resident = 0;
  FILE* file = std::fopen("/proc/self/statm", "r");
  const int got = std::fscanf(file, "%lld %lld", &pages, &resident);
  std::fclose(file);
  return got == 2 ? resident * ::sysconf(_SC_PAGESIZE) : -1;
}

TEST_F(ClientsTest, LargeBuffersAreNotKept) {
  Image large({4000, 3500}, 3);  // 42 MB
  std::fill_n(large.view().data, large.bytes(), uint8_t{200});
  Write("large.jpg", Encoded(*FindCodec("jpeg"), large, {}));
  large = Image();
  ReferenceOptions options;
  options.workers = 3;
  Serve(options);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(Ask(port(), kTile).status, 200);
  const int64_t before = ResidentBytes();
  auto clients = Silent(3);
  for (int round = 0; round < 2; ++round) {
    for (auto& client : clients) client.Get("/iiif/2/large.jpg/full/max/0/default.jpg");
    for (auto& client : clients) EXPECT_EQ(client.Read(std::chrono::seconds(20)).status, 200);
  }
  // The threads end after their answers.
  for (int i = 0; i < 250 && ResidentBytes() - before > 60e6; ++i)
    std::this_thread::sleep_for(milliseconds(20));
  EXPECT_LT(ResidentBytes() - before, 60e6);  // three would be 126 MB
  for (int i = 0; i < 8; ++i) EXPECT_EQ(Ask(port(), kTile).status, 200);
}
#endif

}  // namespace
}  // namespace iiifbench
