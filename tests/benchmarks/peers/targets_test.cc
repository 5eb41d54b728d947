#include "benchmarks/peers/verdict/targets.h"

#include <gmock/gmock.h>

#include "tests/benchmarks/peers/blocks.h"

namespace iiifbench::peers {
namespace {

using testing::HasSubstr;

const Verdict* VerdictOf(const std::vector<Verdict>& verdicts, std::string_view peer) {
  for (const Verdict& verdict : verdicts) {
    if (verdict.peer == peer) return &verdict;
  }
  return nullptr;
}

TEST(Targets, NeverSlowerFollowsTheFloor) {
  const auto judge = [](double again) {
    const CaseResult result{.task = {.name = "region/jp2_10to1_tiled/size:1024x1024/at:centre"},
                            .rows = Block(RowAt("OpenJPEG", 0.93, 0.02)),
                            .again = Block(RowAt("OpenJPEG", again, 0.01))};
    return Judge({result});
  };
  const std::vector<Verdict> chance = judge(1), real = judge(0.93);
  ASSERT_NE(VerdictOf(chance, "OpenJPEG"), nullptr);
  EXPECT_TRUE(VerdictOf(chance, "OpenJPEG")->met);
  EXPECT_THAT(VerdictOf(chance, "OpenJPEG")->why, HasSubstr("again 1.00"));
  EXPECT_FALSE(VerdictOf(real, "OpenJPEG")->met);
}

TEST(Targets, AMissedRequestSaysWhatItsPartsTake) {
  Row part = RowAt("of it, libdeflate and JPEG encoding", 0.8);
  part.apart = "a part";
  CaseResult result{.task = {.name = "request/tiff_deflate/crop:1024/to:512"},
                    .rows = Block(RowAt("libvips", 1.8, 0.05))};
  result.rows.push_back(part);
  const std::vector<Verdict> verdicts = Judge({result});
  const Verdict* verdict = VerdictOf(verdicts, "libvips");
  ASSERT_NE(verdict, nullptr);
  EXPECT_FALSE(verdict->met);
  EXPECT_THAT(verdict->why, HasSubstr("libdeflate and JPEG encoding is 0.80 of our time, so with nothing "
                                      "else at all it would be 2.25"));
}

TEST(Targets, MissedThreadsSayHowBusyTheyWere) {
  Row two = OursAt("ours, 2 threads", 0.7);
  for (double& time : two.processor_milliseconds) time = 11;
  const CaseResult result{.task = {.name = "threads/region/tiff_none/size:1024x1024", .by_threads = true},
                          .rows = {OursAt("ours"), two}};
  const std::vector<Verdict> verdicts = Judge({result});
  const Verdict* verdict = VerdictOf(verdicts, "ours");
  ASSERT_NE(verdict, nullptr);
  EXPECT_FALSE(verdict->met);
  EXPECT_THAT(verdict->why, HasSubstr("1.57 processors busy, 1.10 of one thread's processor time"));
}

}  // namespace
}  // namespace iiifbench::peers
