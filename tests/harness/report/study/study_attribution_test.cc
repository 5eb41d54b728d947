#include "harness/report/study/study_attribution.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "harness/report/page/page.h"
#include "harness/servers/launch/copied_sources.h"
#include "harness/servers/reference/reference_server.h"

namespace iiifbench {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

StudyCell Cell(const std::string& server, const std::string& recipe, const std::string& page,
               const std::string& request_class, const std::string& path,
               CellState state = {CellStatus::kMeasured}) {
  return {.server = server,
          .recipe = recipe,
          .request_class = request_class,
          .page = page,
          .path = path,
          .state = std::move(state)};
}

TEST(TargetsOfTest, FirstPageOfWhatWasMeasuredWithTheTileFirst) {
  Study study;
  study.cells = {
      Cell("a", "tiff", "map", "info", "info.json"),
      Cell("a", "tiff", "map", "full", "full"),
      Cell("a", "tiff", "map", "line", "line"),
      Cell("a", "tiff", "map", "tile", "tile"),
      Cell("a", "tiff", "letter", "full", "of another page"),
      Cell("a", "jpeg", "map", "tile", "tile", {CellStatus::kNotTaken, "refuses JPEG sources"}),
      Cell("b", "tiff", "map", "full", "full")};
  study.cells.push_back(Cell("b", "tiff", "map", "full-size", "all, dear"));
  study.cells.back().total_ms = {1500, 1600};
  study.cells.push_back(Cell("b", "tiff", "map", "full-size-cropped", "all, cheap"));
  study.cells.back().total_ms = {500, 600};
  const auto targets = TargetsOf(study);
  ASSERT_EQ(targets.size(), 2u);
  EXPECT_EQ(targets[0].server + targets[0].recipe + targets[0].page, "atiffmap");
  EXPECT_THAT(targets[0].requests, ElementsAre("tile", "full", "line"));
  EXPECT_EQ(targets[1].server, "b");
  EXPECT_THAT(targets[1].requests, ElementsAre("full", "all, cheap"));
}

TEST(CopiedSourcesTest, CopiesGoWithTheObjectAndErrorsNameTheFile) {
  const std::string source =
      fs::path(::testing::TempDir()) / fmt::format("copied_{}.tif", ::getpid());
  std::ofstream(source) << "pixels";
  std::string copy;
  {
    auto copies = CopiedSources::Make({source});
    ASSERT_TRUE(copies.ok()) << copies.error().message;
    copy = copies->files().front();
    EXPECT_TRUE(copy.starts_with(copies->images() + "/"));
    EXPECT_EQ(fs::file_size(copy), 6u);
  }
  EXPECT_FALSE(fs::exists(copy));
  fs::remove(source);
  auto missing = CopiedSources::Make({source});
  ASSERT_FALSE(missing.ok());
  EXPECT_THAT(missing.error().message, HasSubstr(source));
}

// A server at a URL, which is how servers that we did not start are attributed.
TEST(StudyAttributionTest, WritesAFileThatThePageDraws) {
  const fs::path folder =
      fs::path(::testing::TempDir()) / fmt::format("study_attribution_{}", ::getpid());
  fs::create_directories(folder);
  const CorpusOptions corpus{
      .folder = folder / "corpus", .small = true, .recipes = {"tiff_deflate"}, .pages = {"map"}};
  auto made = EnsureCorpus(corpus);
  ASSERT_TRUE(made.ok()) << made.error().message;
  ReferenceOptions reference;
  reference.folder = made->image_folder;
  auto server = ReferenceServer::Start(reference);
  ASSERT_TRUE(server.ok()) << server.error().message;
  ::setenv("IIIFBENCH_URL", fmt::format("http://127.0.0.1:{}/iiif/2/", (*server)->port()).c_str(),
           1);
  Study study;
  study.cells = {Cell("url#2", "tiff_deflate", "map", "full", "full/400,/0/default.jpg"),
                 Cell("url#2", "tiff_deflate", "map", "tile", "0,0,256,256/256,/0/default.jpg")};
  std::string said;
  auto done = AttributeStudy(study, {.corpus = corpus,
                                     .folder = folder,
                                     .command = "iiifbench study --attribute",
                                     .budget = std::chrono::seconds(2),
                                     .say = [&](const std::string& line) { said += line + "\n"; }});
  ::unsetenv("IIIFBENCH_URL");
  ASSERT_TRUE(done.ok()) << done.error().message;
  // The slowest of its requests.
  EXPECT_THAT(said, HasSubstr("given URL #2 tiff_deflate: p50 of full/400,/0/default.jpg is"));
  auto run = ReadRunFiles(folder);
  ASSERT_TRUE(run.ok()) << run.error().message;
  ASSERT_EQ(run->attributions.size(), 1u);
  EXPECT_EQ(run->attributions[0].file, "attribution-url_2-tiff_deflate.json");
  EXPECT_EQ(run->attributions[0].server + " " + run->attributions[0].recipe, "url#2 tiff_deflate");
  EXPECT_THAT(PageToHtml(*run), HasSubstr("full/400,/0/default.jpg"));
  // A folder that cannot be written is an error at once.
  ::setenv("IIIFBENCH_URL", fmt::format("http://127.0.0.1:{}/iiif/2/", (*server)->port()).c_str(),
           1);
  auto unwritable = AttributeStudy(study, {.corpus = corpus,
                                           .folder = folder / "nowhere",
                                           .budget = std::chrono::seconds(2),
                                           .say = {}});
  ::unsetenv("IIIFBENCH_URL");
  (*server)->Stop();
  ASSERT_FALSE(unwritable.ok());
  EXPECT_THAT(unwritable.error().message, HasSubstr("nowhere/attribution-url_2-tiff_deflate."));
  fs::remove_all(folder);
}

}  // namespace
}  // namespace iiifbench
