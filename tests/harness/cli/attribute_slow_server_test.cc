// iiifbench attribute on somebody's server: within its budget whatever the server takes, and no
// more requests than it may send; what was not asked is named.
#include "tests/harness/cli/attribute_program.h"

namespace iiifbench {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class SlowServerTest : public AttributeProgramTest {
 protected:
  void Slow(int ms) {
    server_->Stop();
    auto plan = ParseFaultPlan(
        fmt::format(R"({{"delay_ms": {{"overhead": {}}}, "info_delay_ms": {}}})", ms, ms));
    ASSERT_TRUE(plan.ok()) << plan.error().message;
    ReferenceOptions reference;
    reference.folder = fs::path(map_).parent_path().string();
    reference.faults = *plan;
    auto server = ReferenceServer::Start(reference);
    ASSERT_TRUE(server.ok()) << server.error().message;
    server_ = std::move(*server);
    root_ = fmt::format("http://127.0.0.1:{}/iiif/2/", server_->port());
  }
};

TEST_F(SlowServerTest, TheBudgetHolds) {
  Slow(1000);
  const auto start = std::chrono::steady_clock::now();
  Run(root_ + fs::path(map_).filename().string(), map_, 14);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  // Nothing is sent later; kernels and the fit are our own time.
  EXPECT_LT(took.count(), 30);
  EXPECT_THAT(said_, HasSubstr("more than --budget leaves"));
  EXPECT_THAT(said_, HasSubstr("the requests of interest were asked first"));
  const auto kept = Kept();
  ASSERT_TRUE(kept.is_object()) << said_;
  EXPECT_LE(kept["sent"]["server_seconds"].get<double>(), 14.5);
}

// Where next to nothing fits: it ends in time, with a clear word and no exit status 0.
TEST_F(SlowServerTest, TheBudgetHoldsWhereAlmostNothingFits) {
  for (const auto& [answer_ms, budget] : {std::pair{5000, 12}, {20000, 10}}) {
    Slow(answer_ms);
    const auto start = std::chrono::steady_clock::now();
    const std::string ended = Run(root_ + fs::path(map_).filename().string(), map_, budget);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    EXPECT_LT(took.count(), budget + 12) << answer_ms << "\n" << said_;
    EXPECT_NE(ended, "exit status 0") << said_;
    EXPECT_THAT(said_, HasSubstr("with a larger --budget")) << answer_ms;
  }
}

TEST_F(SlowServerTest, ADryRunAsksForInfoAlone) {
  more_ = {"--dry-run"};
  EXPECT_EQ(Run(root_ + fs::path(map_).filename().string(), map_, 20), "exit status 0");
  EXPECT_THAT(said_, HasSubstr("full/400,/0/default.jpg\n"));
  EXPECT_THAT(said_, HasSubstr("at most 20 s of the server's time"));
  EXPECT_FALSE(fs::exists(folder_ / "out.json"));
}

TEST_F(SlowServerTest, NoMoreRequestsThanTheBound) {
  more_ = {"--max-requests", "150"};
  Run(root_ + fs::path(map_).filename().string(), map_, 20);
  const auto kept = Kept();
  ASSERT_TRUE(kept.is_object()) << said_;
  EXPECT_LE(kept["sent"]["requests"].get<int>(), 150);
  EXPECT_EQ(kept["sent"]["ended"], "the bound of 150 requests is reached");
  EXPECT_FALSE(kept["requests"].empty()) << said_;
}

TEST_F(SlowServerTest, AStrangersServerIsAskedOnlyByLeave) {
  EXPECT_EQ(Run("http://images.example.org/iiif/page.tif", map_, 3), "exit status 2");
  EXPECT_THAT(said_, HasSubstr("images.example.org is neither this machine nor of a private"));
  EXPECT_THAT(said_, HasSubstr("--yes"));
}

}  // namespace
}  // namespace iiifbench
