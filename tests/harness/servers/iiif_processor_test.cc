#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "harness/http/client.h"
#include "harness/servers/launch/spawned_server.h"
#include "tests/kernels/codecs/test_pages.h"

namespace iiifbench {
namespace {

TEST(IiifProcessorTest, ServesAPictureAndAnswers404ForAnother) {
  const Server& server = *FindServer("iiif_processor");
  auto found = server.find();
  if (!found) GTEST_SKIP() << found.error().message;
  EXPECT_NE(server.refuses(*FindRecipe("jp2_lossless")), "");
  const std::filesystem::path folder =
      std::filesystem::path(::testing::TempDir()) / fmt::format("processor_{}", ::getpid());
  const Codec* codec = nullptr;
  const Recipe* recipe = FindRecipe("tiff_deflate", &codec);
  const auto bytes = Encoded(*codec, TestPicture({600, 400}, 3), recipe->options);
  ASSERT_TRUE(WriteFileAndFolder(folder / "images/page.tif",
                                 {reinterpret_cast<const char*>(bytes.data()), bytes.size()})
                  .ok());
  {
    auto running = server.start({.image_folder = folder / "images", .run_folder = folder / "run"});
    ASSERT_TRUE(running.ok()) << running.error().message;
    Client client;
    EXPECT_EQ(client.Get((*running)->ImageUrl("page.tif") + "/full/300,/0/default.jpg").status,
              200);
    EXPECT_EQ(client.Get((*running)->ImageUrl("absent.tif") + "/info.json").status, 404);
    EXPECT_TRUE((*running)->Check().ok()) << "an absent picture must not end the server";
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace iiifbench
