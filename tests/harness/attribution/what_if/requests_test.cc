// The same picture asked for in another way.
#include "harness/attribution/what_if/try_changes.h"

#include <gtest/gtest.h>

namespace iiifbench {
namespace {

ImageInfo Pyramid() {
  return {.size = {6000, 4000},
          .channels = 3,
          .levels = {{6000, 4000}, {3000, 2000}, {1500, 1000}, {750, 500}},
          .tile = {256, 256},
          .detail = ""};
}

TEST(OtherRequestTest, ARegionMovesToTheTileBoundaryOfItsLevel) {
  const ImageInfo info = Pyramid();
  EXPECT_EQ(AlignedRequest(info, "1200,1800,1024,1024/1024,/0/default.jpg", ApiVersion::k2),
            "1024,1792,1024,1024/1024,/0/default.jpg");
  // At half size the tiles of level 1 count: 512 px of the page each.
  EXPECT_EQ(AlignedRequest(info, "1300,1800,1024,1024/512,/0/default.jpg", ApiVersion::k2),
            "1024,1536,1024,1024/512,/0/default.jpg");
  EXPECT_EQ(AlignedRequest(info, "1024,1536,1024,1024/512,/0/default.jpg", ApiVersion::k2), "");
  EXPECT_EQ(AlignedRequest(info, "full/800,/0/default.jpg", ApiVersion::k2), "");
  ImageInfo untiled = info;
  untiled.tile = {0, 0};
  EXPECT_EQ(AlignedRequest(untiled, "1200,1800,1024,1024/1024,/0/default.jpg", ApiVersion::k2), "");
}

TEST(OtherRequestTest, ASizeMovesToTheNearestStoredOneUnlessThatIsFarOff) {
  const ImageInfo info = Pyramid();
  EXPECT_EQ(StoredSizeRequest(info, "full/800,/0/default.jpg", ApiVersion::k2),
            "full/750,/0/default.jpg");
  EXPECT_EQ(StoredSizeRequest(info, "full/750,/0/default.jpg", ApiVersion::k2), "");
  EXPECT_EQ(StoredSizeRequest(info, "full/2100,/0/default.jpg", ApiVersion::k2), "");
  EXPECT_EQ(StoredSizeRequest(info, "0,0,600,600/300,/0/default.jpg", ApiVersion::k2), "");
}

TEST(OtherRequestTest, AWidthIsSpelledAloneWhereThePixelsStayTheSame) {
  const ImageInfo info = Pyramid();
  EXPECT_EQ(WidthOnlyRequest(info, "full/750,500/0/default.jpg", ApiVersion::k2),
            "full/750,/0/default.jpg");
  EXPECT_EQ(WidthOnlyRequest(info, "0,0,512,512/256,256/0/default.jpg", ApiVersion::k2),
            "0,0,512,512/256,/0/default.jpg");
  EXPECT_EQ(WidthOnlyRequest(info, "full/750,300/0/default.jpg", ApiVersion::k2), "");  // distorted
  EXPECT_EQ(WidthOnlyRequest(info, "full/750,/0/default.jpg", ApiVersion::k2), "");
  EXPECT_EQ(WidthOnlyRequest(info, "full/!750,500/0/default.jpg", ApiVersion::k2), "");
  EXPECT_EQ(WidthOnlyRequest(info, "full/full/0/default.jpg", ApiVersion::k2), "");
}

}  // namespace
}  // namespace iiifbench
