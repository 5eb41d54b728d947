#include <gmock/gmock.h>

#include "harness/attribution/fit/merge_stages.h"

namespace iiifbench {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

// A stage that stood in two groups would be counted twice.
TEST(MergeWithTest, AStageStandsInOneGroup) {
  RequestAttribution request;
  request.merged.push_back({"decode", "resize"});
  MergeWith(request, "overhead", "decode");
  EXPECT_THAT(request.merged, ElementsAre(UnorderedElementsAre("decode", "overhead", "resize")));
  MergeWith(request, "encode", "read");
  EXPECT_THAT(request.merged,
              UnorderedElementsAre(UnorderedElementsAre("decode", "overhead", "resize"),
                                   UnorderedElementsAre("encode", "read")));
  MergeWith(request, "read", "resize");
  EXPECT_THAT(request.merged,
              ElementsAre(UnorderedElementsAre("decode", "encode", "overhead", "read", "resize")));
  MergeWith(request, "read", "resize");  // again: no change
  EXPECT_EQ(request.merged.size(), 1u);
}

}  // namespace
}  // namespace iiifbench
