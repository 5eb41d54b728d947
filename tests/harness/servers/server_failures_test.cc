// What is said, and kept, when a server misbehaves: dies at start, does not answer, is killed,
// finds its port taken.
#include <gtest/gtest.h>
#include <httplib.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "harness/servers/launch/spawned_server.h"
#include "tests/harness/servers/test_folder.h"
#include "tests/kernels/codecs/test_pages.h"

namespace iiifbench {
namespace {

SpawnPlan ShellPlan(const TestFolder& folder, const std::string& script, int port) {
  return {.title = "Thing",
          .argv = {"sh", "-c", script},
          .image_url = fmt::format("http://127.0.0.1:{}/", port),
          .ready_url = fmt::format("http://127.0.0.1:{}/absent/info.json", port),
          .output = folder.path / "out",
          .log = folder.path / "out",
          .patience = std::chrono::seconds(1)};
}

TEST(ServerFailuresTest, DyingAtStartShowsTheLastLinesOfItsLog) {
  const TestFolder folder;
  auto server = Spawn(ShellPlan(folder, "echo cannot load page.icc; exit 3", *FreePort()));
  ASSERT_FALSE(server.ok());
  const std::string& message = server.error().message;
  EXPECT_NE(message.find("Thing did not start"), std::string::npos) << message;
  EXPECT_NE(message.find("exit status 3"), std::string::npos) << message;
  EXPECT_NE(message.find("cannot load page.icc"), std::string::npos) << message;
}

TEST(ServerFailuresTest, NotAnsweringEndsWithThePatience) {
  const TestFolder folder;
  auto server = Spawn(ShellPlan(folder, "echo still reading; exec sleep 60", *FreePort()));
  ASSERT_FALSE(server.ok());
  const std::string& message = server.error().message;
  EXPECT_NE(message.find("did not answer http://127.0.0.1:"), std::string::npos) << message;
  EXPECT_NE(message.find("within 1 s"), std::string::npos) << message;
  EXPECT_NE(message.find("still reading"), std::string::npos) << message;
}

TEST(ServerFailuresTest, AProgramThatIsNotThereIsNamed) {
  const TestFolder folder;
  SpawnPlan plan = ShellPlan(folder, "", *FreePort());
  plan.argv = {"no-such-image-server"};
  auto server = Spawn(plan);
  ASSERT_FALSE(server.ok());
  EXPECT_EQ(server.error().kind, ErrorKind::kNotFound);
  EXPECT_NE(server.error().message.find("no-such-image-server"), std::string::npos);
}

// lighttpd over a folder with one small picture.
class StaticServerTest : public testing::Test {
 protected:
  void SetUp() override {
    auto found = FindServer("static")->find();
    if (!found) GTEST_SKIP() << found.error().message;
    const Codec* codec = nullptr;
    const Recipe* recipe = FindRecipe("jpeg_q90", &codec);
    const auto bytes = Encoded(*codec, TestPicture({600, 400}, 3), recipe->options);
    auto written = WriteFileAndFolder(folder_.path / "images/page.jpg",
                                      {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    ASSERT_TRUE(written.ok());
    auto server = FindServer("static")->start(
        {.image_folder = folder_.path / "images", .run_folder = folder_.path / "run"});
    ASSERT_TRUE(server.ok()) << server.error().message;
    server_ = std::move(*server);
  }
  int Status(const std::string& path) {
    const std::string url = server_->ImageUrl("page.jpg") + "/" + path;
    const size_t slash = url.find('/', 7);
    httplib::Client client(url.substr(0, slash));
    auto answer = client.Get(url.substr(slash));
    return answer ? answer->status : 0;
  }
  TestFolder folder_;
  std::unique_ptr<RunningServer> server_;
};

TEST_F(StaticServerTest, ServesItsTilesAndSizesAndNothingElse) {
  for (const char* path : {"info.json", "full/full/0/default.jpg", "full/600,/0/default.jpg",
                           "full/300,/0/default.jpg", "full/150,/0/default.jpg",
                           "512,256,88,144/88,/0/default.jpg", "0,0,512,400/256,/0/default.jpg"}) {
    EXPECT_EQ(Status(path), 200) << path;
  }
  EXPECT_EQ(Status("100,100,256,256/256,/0/default.jpg"), 404);
}

TEST_F(StaticServerTest, KilledInMidRunIsNamedWithItsSignal) {
  ASSERT_TRUE(server_->Check().ok());
  ASSERT_EQ(::kill(server_->ProcessIds().front(), SIGKILL), 0);
  Result<void> alive;
  for (int i = 0; i < 500 && (alive = server_->Check()).ok(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  ASSERT_FALSE(alive.ok());
  EXPECT_NE(alive.error().message.find("the static directory ended with signal 9"),
            std::string::npos)
      << alive.error().message;
}

TEST_F(StaticServerTest, ATakenPortIsSaidByTheServerThatWantedIt) {
  auto port = FreePort();
  ASSERT_TRUE(port.ok());
  const std::string conf = folder_.path / "taken.conf";
  const std::string url = server_->ImageUrl("x");
  const std::string taken = url.substr(17, url.find('/', 17) - 17);
  ASSERT_TRUE(WriteFileAndFolder(conf, fmt::format("server.bind = \"127.0.0.1\"\nserver.port = {}\n"
                                                   "server.document-root = \"{}\"\n",
                                                   taken, folder_.path.string()))
                  .ok());
  SpawnPlan plan = ShellPlan(folder_, "", *port);
  plan.argv = {"lighttpd", "-D", "-f", conf};
  auto second = Spawn(plan);
  ASSERT_FALSE(second.ok());
  EXPECT_NE(second.error().message.find("did not start"), std::string::npos);
  EXPECT_NE(second.error().message.find("in use"), std::string::npos) << second.error().message;
  EXPECT_EQ(Status("info.json"), 200) << "the first one is untouched";
}

}  // namespace
}  // namespace iiifbench
