#include "harness/servers/logs/iipsrv_log.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "harness/http/client.h"
#include "harness/servers/launch/process.h"
#include "tests/harness/servers/test_folder.h"
#include "tests/kernels/codecs/test_pages.h"

namespace iiifbench {
namespace {

// Lines recorded from IIPSrv 1.1 (VERBOSITY=5).
constexpr std::string_view kLog =
    R"(Full Request is iiif=map.tif/1024,1024,256,256/256,/0/default.jpg
TileManager :: JPEG Compression Time: 198 microseconds
TileManager :: Tile cache insertion time: 0 microseconds
TileManager :: Total Tile Access Time: 772 microseconds
JTL :: Total command time 813 microseconds
IIIF :: Total command time 947 microseconds
Total Request Time: 1012 microseconds
Full Request is iiif=map.tif/1024,1024,1024,1024/300,/0/gray.jpg
TileManager :: Total Tile Access Time: 602 microseconds
TileManager getRegion :: Tile access time 618 microseconds for tile 18 at resolution 4
TileManager :: Total Tile Access Time: 2547 microseconds
CVT :: Resizing using bilinear interpolation in 843 microseconds
CVT :: Converting to greyscale in 311 microseconds
Total Request Time: 7805 microseconds
Full Request is iiif=cut.tif/full/1
)";

TEST(IipsrvLogTest, StagesOfSingleTilesAndOfOtherRequests) {
  using std::chrono::microseconds;
  const auto requests = ParseIipsrvLog(kLog);
  ASSERT_EQ(requests.size(), 2u);
  EXPECT_EQ(requests[0].path, "map.tif/1024,1024,256,256/256,/0/default.jpg");
  EXPECT_EQ(requests[0].stages[Stage::kEncode], microseconds(198));
  EXPECT_EQ(requests[0].stages[Stage::kDecode], microseconds(772 - 198));
  EXPECT_EQ(requests[0].total, microseconds(1012));
  EXPECT_EQ(requests[1].stages[Stage::kDecode], microseconds(602 + 2547));
  EXPECT_EQ(requests[1].stages[Stage::kResize], microseconds(843));
  EXPECT_EQ(requests[1].stages[Stage::kConvert], microseconds(311));
}

// A folder that ends with the test.
TEST(IipsrvTest, StartsServesLogsAndEnds) {
  const Server& server = *FindServer("iipsrv");
  auto found = server.find();
  if (!found) GTEST_SKIP() << found.error().message;
  const TestFolder folder;
  std::filesystem::create_directories(folder.path / "images");
  const Codec* codec = nullptr;
  const Recipe* recipe = FindRecipe("tiff_deflate", &codec);
  const auto bytes = Encoded(*codec, TestPicture({600, 400}, 3), recipe->options);
  std::ofstream(folder.path / "images/page.tif")
      .write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  int id = 0;
  {
    auto running = server.start({.image_folder = folder.path / "images",
                                 .run_folder = folder.path / "run",
                                 .log_verbosity = 5});
    ASSERT_TRUE(running.ok()) << running.error().message;
    id = (*running)->ProcessIds().front();
    const std::string url = (*running)->ImageUrl("page.tif") + "/full/300,/0/default.jpg";
    EXPECT_EQ(Client().Get(url).status, 200);
    const auto log = (*running)->TakeLog();
    ASSERT_FALSE(log.empty());
    EXPECT_EQ(log.back().path, "page.tif/full/300,/0/default.jpg");
    EXPECT_GT(log.back().total.count(), 0);
    EXPECT_TRUE((*running)->Check().ok());
  }
  EXPECT_NE(::kill(id, 0), 0) << "the server must end with its object";
}

TEST(IipsrvTest, SaysWhichSourcesItRefuses) {
  const Server& server = *FindServer("iipsrv");
  EXPECT_NE(server.refuses(*FindRecipe("jpeg_q90")), "");
  EXPECT_NE(server.refuses(*FindRecipe("tiff_stripped")), "");
  EXPECT_EQ(server.refuses(*FindRecipe("jp2_lossless")), "");
}

}  // namespace
}  // namespace iiifbench
