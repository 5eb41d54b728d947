// Every kind of change has a reason where it is not offered.
#include "harness/attribution/what_if/not_offered.h"

#include <gtest/gtest.h>

namespace iiifbench {
namespace {

ImageInfo StoredPyramid() {
  return {.size = {6000, 4000},
          .channels = 3,
          .levels = {{6000, 4000}, {3000, 2000}, {1500, 1000}, {750, 500}},
          .tile = {256, 256},
          .detail = ""};
}

TEST(NotOfferedTest, EveryKindHasAReasonOnceUnlessItIsOffered) {
  Observed observed;
  observed.codec = "jpeg";
  observed.info = std::make_unique<ImageInfo>(StoredPyramid());
  Attribution attribution;
  attribution.what_ifs.push_back({.path = "tile", .change = "index", .kind = "index sidecar"});
  attribution.not_offered = {{"cache", "no setting"}, {"cache", "no setting"}};
  AddNotOffered(observed, false, attribution);
  int caches = 0;
  for (const auto& line : attribution.not_offered) {
    EXPECT_NE(line.kind, "index sidecar");
    EXPECT_FALSE(line.reason.empty());
    caches += line.kind == "cache";
    if (line.kind == "PLT markers") {
      EXPECT_EQ(line.reason, "the source is no JPEG 2000");
    }
  }
  EXPECT_EQ(caches, 1);
  EXPECT_EQ(attribution.not_offered.size(), 12u);  // of thirteen kinds
}

}  // namespace
}  // namespace iiifbench
