#include <gmock/gmock.h>

#include "harness/attribution/fit/merge_stages.h"

namespace iiifbench {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

// A stage that stood in two groups would be counted twice.
TEST(MergeWithTest, AStageStandsInOneGroup) {
  RequestAttribution request;
  request.merged.push_back({Stage::kDecode, Stage::kResize});
  MergeWith(request, Stage::kOverhead, Stage::kDecode);
  EXPECT_THAT(request.merged,
              ElementsAre(UnorderedElementsAre(Stage::kDecode, Stage::kOverhead, Stage::kResize)));
  MergeWith(request, Stage::kEncode, Stage::kRead);
  EXPECT_THAT(
      request.merged,
      UnorderedElementsAre(UnorderedElementsAre(Stage::kDecode, Stage::kOverhead, Stage::kResize),
                           UnorderedElementsAre(Stage::kEncode, Stage::kRead)));
  MergeWith(request, Stage::kRead, Stage::kResize);
  EXPECT_THAT(request.merged,
              ElementsAre(UnorderedElementsAre(Stage::kDecode, Stage::kEncode, Stage::kOverhead,
                                               Stage::kRead, Stage::kResize)));
  MergeWith(request, Stage::kRead, Stage::kResize);  // again: no change
  EXPECT_EQ(request.merged.size(), 1u);
}

}  // namespace
}  // namespace iiifbench
