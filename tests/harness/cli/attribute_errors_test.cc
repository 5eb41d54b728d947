// iiifbench attribute as a program: what it says and how it ends when something is wrong.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "data/corpus.h"
#include "harness/servers/launch/process.h"
#include "harness/servers/reference/reference_server.h"
#include "harness/validation/traps/tls_front.h"

namespace iiifbench {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

std::string TextOf(const std::string& path) {
  std::ifstream in(path);
  std::stringstream all;
  all << in.rdbuf();
  return all.str();
}

class AttributeErrorsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto corpus =
        EnsureCorpus({.small = true, .recipes = {"jpeg_q90"}, .pages = {"map", "newspaper"}});
    ASSERT_TRUE(corpus.ok()) << corpus.error().message;
    for (const auto& entry : corpus->entries) (entry.page == "map" ? map_ : other_) = entry.path;
    ReferenceOptions reference;
    reference.folder = corpus->image_folder;
    auto server = ReferenceServer::Start(reference);
    ASSERT_TRUE(server.ok()) << server.error().message;
    server_ = std::move(*server);
    root_ = fmt::format("http://127.0.0.1:{}/iiif/2/", server_->port());
    folder_ = fs::path(::testing::TempDir()) / fmt::format("attribute_errors_{}", ::getpid());
    fs::create_directories(folder_);
  }
  void TearDown() override {
    if (server_) server_->Stop();
    fs::remove_all(folder_);
  }
  // Runs it to its end; `at_signatures` is called once they were taken. Returns how it ended.
  std::string Run(const std::string& url, const std::string& source, double budget,
                  const std::function<void(int id)>& at_signatures = {}) {
    const std::string log = folder_ / "log";
    std::vector<std::string> arguments = {IIIFBENCH_PROGRAM,
                                          "attribute",
                                          "--verbose",
                                          url,
                                          "--source",
                                          source,
                                          "--budget",
                                          fmt::format("{}", budget),
                                          "--json",
                                          (folder_ / "out.json").string()};
    arguments.insert(arguments.end(), more_.begin(), more_.end());
    auto process = Process::Start(arguments, {}, log);
    if (!process) return process.error().message;
    bool called = false;
    const auto start = std::chrono::steady_clock::now();
    while ((*process)->Ended().empty()) {
      if (std::chrono::steady_clock::now() - start > std::chrono::seconds(60))
        return "does not end";
      if (at_signatures && !called && TextOf(log).find("signatures:") != std::string::npos) {
        called = true;
        at_signatures((*process)->id());
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    said_ = TextOf(log);
    return (*process)->Ended();
  }
  nlohmann::json Kept() const {
    return nlohmann::json::parse(TextOf(folder_ / "out.json"), nullptr, false);
  }

  std::string map_, other_, root_, said_;
  std::vector<std::string> more_;  // arguments
  fs::path folder_;
  std::unique_ptr<ReferenceServer> server_;
};

TEST_F(AttributeErrorsTest, NobodyListens) {
  EXPECT_EQ(Run("http://127.0.0.1:1/iiif/2/map.jpg", map_, 3), "exit status 1");
  EXPECT_THAT(said_, HasSubstr("http://127.0.0.1:1/iiif/2/map.jpg/info.json"));
  EXPECT_THAT(said_, HasSubstr("is the server running there"));
}

TEST_F(AttributeErrorsTest, WrongUrl) {
  EXPECT_EQ(Run(root_ + "absent.jpg", map_, 3), "exit status 1");
  EXPECT_THAT(said_, HasSubstr("absent.jpg/info.json: status 404: the server knows no such image; "
                               "give the URL of the image"));
}

// A certificate that nobody vouches for is refused; with --ca-file the handshake stands apart from
// the stages.
TEST_F(AttributeErrorsTest, TlsIsCheckedAndItsHandshakeIsNoStage) {
  auto front = TlsFront::Start(folder_, server_->port());
  ASSERT_TRUE(front.ok()) << front.error().message;
  const std::string url = fmt::format("https://127.0.0.1:{}/iiif/2/{}", (*front)->port(),
                                      fs::path(map_).filename().string());
  EXPECT_EQ(Run(url, map_, 3), "exit status 1");
  EXPECT_THAT(said_, HasSubstr("--ca-file FILE"));
  more_ = {"--ca-file", (*front)->certificate()};
  EXPECT_THAT(Run(url, map_, 3), ::testing::AnyOf("exit status 0", "exit status 3")) << said_;
  EXPECT_THAT(said_, HasSubstr("ms for TLS before its request"));
  const auto kept = Kept();
  EXPECT_GT(kept["network"]["tls_ms"], 0.05);
  for (const auto& request : kept["requests"]) {
    const double tls = request["methods"]["fresh"]["tls"];
    EXPECT_GT(tls, 0.05);
    EXPECT_GT(request["methods"]["fresh"]["total"], tls);
    EXPECT_FALSE(request["stages"].contains("tls"));
  }
}

TEST_F(AttributeErrorsTest, TheSourceIsAnotherPicture) {
  const std::string wrong = folder_ / fs::path(map_).filename();
  fs::copy_file(other_, wrong);
  const std::string ended = Run(root_ + fs::path(map_).filename().string(), wrong, 3);
  EXPECT_NE(ended, "exit status 0");
  // Another size is seen in info.json, the same size in the pixels.
  EXPECT_THAT(said_, ::testing::AnyOf(HasSubstr("is --source"),
                                      HasSubstr("not the picture that was asked for")));
}

TEST_F(AttributeErrorsTest, AServerThatDiesIsNamedAndWhatWasMeasuredIsKept) {
  const std::string ended =
      Run(root_ + fs::path(map_).filename().string(), map_, 20, [this](int) { server_->Stop(); });
  EXPECT_EQ(ended, "exit status 1");
  EXPECT_THAT(said_, HasSubstr("the server stopped answering during the run"));
  const auto kept = Kept();
  ASSERT_TRUE(kept.is_object());
  EXPECT_FALSE(kept["probes"].empty());
  EXPECT_THAT(kept["refusals"].dump(), HasSubstr("stopped answering"));
}

TEST_F(AttributeErrorsTest, CtrlCKeepsWhatWasMeasured) {
  const std::string ended =
      Run(root_ + fs::path(map_).filename().string(), map_, 60, [](int id) { ::kill(id, SIGINT); });
  EXPECT_EQ(ended, "exit status 130");
  EXPECT_THAT(said_, HasSubstr("stopped before the end"));
  const auto kept = Kept();
  ASSERT_TRUE(kept.is_object());
  EXPECT_FALSE(kept["probes"].empty());
}

}  // namespace
}  // namespace iiifbench
