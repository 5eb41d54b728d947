// The preloaded library against what the server measures of itself, and inside a Python extension
// that keeps its libraries to itself.
#include "harness/attribution/evidence/interpose/interpose.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "data/corpus.h"
#include "harness/servers/launch/process.h"
#include "harness/servers/launch/spawned_server.h"

namespace iiifbench {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::Key;

class InterposeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(::testing::TempDir()) / fmt::format("interpose_{}", ::getpid());
    fs::create_directories(folder_);
    auto variables = InterposeEnvironment(folder_);
    if (!variables) GTEST_SKIP() << variables.error().message;  // sanitizers: not built
    variables_ = *variables;
    auto corpus = EnsureCorpus({.small = true, .recipes = {"jpeg_q90"}, .pages = {"map"}});
    ASSERT_TRUE(corpus.ok()) << corpus.error().message;
    images_ = corpus->image_folder;
    jpeg_ = corpus->entries.front().file;
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string folder_, images_, jpeg_;
  std::map<std::string, std::string> variables_;
};

TEST_F(InterposeTest, TimesAreThoseThatTheServerMeasuresItself) {
  auto port = FreePort();
  ASSERT_TRUE(port.ok());
  const std::string root = fmt::format("http://127.0.0.1:{}/iiif/2/", *port);
  auto server =
      Spawn({.title = "the reference server",
             .argv = {IIIFBENCH_PROGRAM, "serve", images_, "--port", fmt::format("{}", *port)},
             .environment = variables_,
             .image_url = root,
             .ready_url = root + "absent/info.json",
             .output = folder_ + "/server.out",
             .log = folder_ + "/server.out",
             .patience = std::chrono::seconds(10)});
  ASSERT_TRUE(server.ok()) << server.error().message;
  Client client;
  StageSamples samples;
  const std::string url = (*server)->ImageUrl(jpeg_) + "/full/300,/0/default.jpg";
  client.Get(url);
  const Interposed before = ReadInterposed(folder_);
  const Exchange exchange = client.Get(url);
  TakeInterposed(before, ReadInterposed(folder_), samples);
  ASSERT_EQ(exchange.status, 200);
  StageSamples said;
  TakeServerTiming(exchange, said);
  ASSERT_THAT(samples, Contains(Key(Stage::kDecode)));
  ASSERT_THAT(samples, Contains(Key(Stage::kEncode)));
  // Parts of what the server counts, and most of it: libjpeg decodes and encodes. (JPEG 2000 is
  // decoded by code of our own, which no preloaded library sees.)
  const double decode = said[Stage::kDecode].front() + said[Stage::kRead].front();
  EXPECT_LE(samples[Stage::kDecode].front(), decode);
  EXPECT_GE(samples[Stage::kDecode].front(), 0.5 * decode);
  EXPECT_LE(samples[Stage::kEncode].front(), said[Stage::kEncode].front());
  EXPECT_GE(samples[Stage::kEncode].front(), 0.5 * said[Stage::kEncode].front());
  client.Get((*server)->ImageUrl(jpeg_) + "/info.json");
  StageSamples again;
  const Interposed now = ReadInterposed(folder_);
  TakeInterposed(now, now, again);
  EXPECT_TRUE(again.empty());
}

TEST_F(InterposeTest, LibrariesOfAPythonExtensionAreFound) {
  const std::string python = FindProgram(EnvironmentOr("LORIS_PYTHON", "/usr/bin/python3"));
  if (python.empty() ||
      OutputOf({python, "-c", "import PIL; print(PIL.__version__)"}).find('.') > 4)
    GTEST_SKIP() << "needs python3-pil";
  auto process = Process::Start(
      {python, "-c",
       fmt::format("import time\nfrom PIL import Image\n"
                   "image = Image.open('{}/{}')\nstart = time.perf_counter()\nimage.load()\n"
                   "print('load', 1000 * (time.perf_counter() - start))\n"
                   "image.convert('RGB').save('{}/out.jpg', quality=90)\n",
                   images_, jpeg_, folder_)},
      variables_, folder_ + "/python.out");
  ASSERT_TRUE(process.ok()) << process.error().message;
  const auto start = std::chrono::steady_clock::now();
  while ((*process)->Ended().empty() &&
         std::chrono::steady_clock::now() - start < std::chrono::seconds(20))
    ::usleep(5000);
  ASSERT_EQ((*process)->Ended(), "exit status 0") << LastLines(folder_ + "/python.out", 5);
  const Interposed called = ReadInterposed(folder_);
  // A wheel with libraries of its own names, built into the extension, would show nothing.
  EXPECT_GT(called.decode_calls, 2);
  EXPECT_GT(called.encode_calls, 2);
  EXPECT_GT(called.decode_ms, 0);
  EXPECT_GT(called.encode_ms, 0);
  // What Pillow does with the rows is not inside libjpeg, and is most of the rest of its load.
  const std::string said = LastLines(folder_ + "/python.out", 5);
  ASSERT_NE(said.find("load "), std::string::npos) << said;
  const double load = std::stod(said.substr(said.find("load ") + 5));
  EXPECT_GT(called.between_ms, 0.02 * load);
  EXPECT_LE(called.decode_ms + called.between_ms, load);
  EXPECT_GT(called.decode_ms + called.between_ms, 0.5 * load);
}

}  // namespace
}  // namespace iiifbench
