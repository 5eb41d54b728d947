// iiifbench attribute as a program: what it says and how it ends when something is wrong.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>

#include "harness/validation/traps/tls_front.h"
#include "tests/harness/cli/attribute_program.h"

namespace iiifbench {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

using AttributeErrorsTest = AttributeProgramTest;

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
  // Time for a fit under a sanitizer, too: nothing is asked after the budget.
  EXPECT_THAT(Run(url, map_, 15), ::testing::AnyOf("exit status 0", "exit status 3")) << said_;
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
  if (ended == "exit status 1")
    EXPECT_THAT(said_, HasSubstr("is --source"));
  else
    EXPECT_THAT(Kept()["refusal_ids"], ::testing::Contains("wrong-answers"));
}

TEST_F(AttributeErrorsTest, AServerThatDiesIsNamedAndWhatWasMeasuredIsKept) {
  const std::string ended =
      Run(root_ + fs::path(map_).filename().string(), map_, 20, [this](int) { server_->Stop(); });
  EXPECT_EQ(ended, "exit status 1");
  const auto kept = Kept();
  ASSERT_TRUE(kept.is_object());
  EXPECT_FALSE(kept["probes"].empty());
  EXPECT_THAT(kept["refusal_ids"], ::testing::Contains("server-stopped-answering"));
}

TEST_F(AttributeErrorsTest, CtrlCKeepsWhatWasMeasured) {
  const std::string ended =
      Run(root_ + fs::path(map_).filename().string(), map_, 60, [](int id) { ::kill(id, SIGINT); });
  EXPECT_EQ(ended, "exit status 130");
  const auto kept = Kept();
  ASSERT_TRUE(kept.is_object());
  EXPECT_THAT(kept["refusal_ids"], ::testing::Contains("stopped-early"));
  EXPECT_FALSE(kept["probes"].empty());
}

}  // namespace
}  // namespace iiifbench
