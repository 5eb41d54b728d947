// Hostile TIFF and JPEG 2000 files of the shared corpus: an error or the right picture, soon, and
// never two answers. Skipped where the corpus is absent.
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/kernels/codecs/test_pages.h"

namespace iiifbench {
namespace {

std::string SharedCorpus() {
  const char* shared = std::getenv("IIIFBENCH_SHARED");
  if (shared != nullptr) return shared;
  return (std::filesystem::path(__FILE__).parent_path() / "../../../../shared/corpus").string();
}

// One file of the manifest: its first columns and the expected picture, if that is a PPM or PGM.
struct HostileFile {
  std::string name;
  std::string category;  // valid, edge, malformed, bomb
  std::string expected;  // path below the manifest, empty: none that this test reads
};

std::vector<HostileFile> Manifest(const std::string& folder) {
  std::vector<HostileFile> files;
  std::ifstream lines(folder + "/manifest.csv");
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    std::istringstream fields(line);
    HostileFile file;
    std::getline(fields, file.name, ',');
    std::getline(fields, file.category, ',');
    file.name = file.name.substr(file.name.find('/') + 1);
    for (const char* picture : {"expected/made-base.ppm", "expected/made-base.pgm"}) {
      if (line.find(std::string("file:") + picture + " (exact)") != std::string::npos)
        file.expected = picture;
    }
    files.push_back(file);
  }
  return files;
}

// A binary PPM or PGM of 8 bits, with comments before the sizes, as the corpus stores them.
Image ReadNetpbm(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string magic;
  Size size;
  int top = 0;
  in >> magic >> std::ws;
  for (std::string comment; in.peek() == '#';) std::getline(in, comment);
  in >> size.width >> size.height >> top;
  in.get();
  EXPECT_TRUE(in.good() && top == 255 && (magic == "P5" || magic == "P6")) << path;
  if (!in.good()) return {};
  Image image(size, magic == "P6" ? 3 : 1);
  auto view = image.view();
  for (int y = 0; y < size.height; ++y)
    in.read(reinterpret_cast<char*>(view.row(y)), std::streamsize{size.width} * image.channels());
  EXPECT_TRUE(in.good()) << path;
  return image;
}

// Limits of a careful server: every file here is smaller than this, save the bombs.
constexpr int64_t kMostPixels = 40'000'000;

Result<Image> DecodeCarefully(const Codec& codec, Source& source, Variant variant,
                              const Region& part = {}) {
  auto info = codec.probe(source);
  if (!info) return info.error();
  const Region region = part.empty() ? Region{0, 0, info->size.width, info->size.height} : part;
  if (region.size().pixels() > kMostPixels) return Fail(ErrorKind::kTooLarge, "{}", source.name());
  Image out(region.size(), info->channels);
  DecodeRequest request{.region = region, .variant = variant};
  request.limits.max_pixels = kMostPixels;
  auto report = codec.decode(source, request, out.view());
  if (!report) return report.error();
  return out;
}

class HostileTest : public testing::TestWithParam<const char*> {};

TEST_P(HostileTest, EveryFileIsAnErrorOrTheRightPicture) {
  const Codec& codec = *FindCodec(GetParam());
  const std::string folder = SharedCorpus() + "/hostile/" + GetParam();
  const auto files = Manifest(folder);
  if (files.empty()) GTEST_SKIP() << "no shared corpus at " << folder;
  int pictures = 0, exact = 0;
  for (const HostileFile& file : files) {
    SCOPED_TRACE(file.name + " (" + file.category + ")");
    auto source = Source::Open(folder + "/" + file.name);
    if (!source.ok()) continue;  // an empty file
    const std::clock_t start = std::clock();
    auto library = DecodeCarefully(codec, **source, Variant::kLibrary);
    auto best = DecodeCarefully(codec, **source, Variant::kBest);
    const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    EXPECT_LT(seconds, 8);  // two decodes of 2 s each, unoptimised or under a sanitizer
    if (file.category == "bomb") {
      EXPECT_FALSE(best.ok());
    }
    for (const auto* answer : {&library, &best}) {
      if (!answer->ok()) {
        EXPECT_NE(answer->error().message.find(file.name), std::string::npos)
            << answer->error().message;
      }
    }
    if (library.ok() && best.ok()) {
      ASSERT_EQ(library->size(), best->size());
      // HTJ2K is decoded by two libraries; their 9/7 wavelets round differently.
      const auto info = codec.probe(**source);
      const bool rounds = info.ok() && codec.name == "jp2" && !info->facts.lossless;
      EXPECT_LE(Compare(library->view(), best->view()).maximum, rounds ? 1 : 0);
      ++pictures;
    } else if (file.name != "made-tile-not-multiple-of-16.tif") {
      // In that one tiles hold more than they should: libtiff 4.5 leaves the last bytes of its
      // buffer unwritten, which is refused, where best has what a full inflate gives.
      EXPECT_EQ(library.ok(), best.ok()) << (library.ok() ? best : library).error().message;
    }
    if (!best.ok() || file.expected.empty()) {
      if (!best.ok() && !file.expected.empty() && best.error().kind != ErrorKind::kUnsupported)
        ADD_FAILURE() << best.error().message;
      continue;
    }
    const Image expected = ReadNetpbm(folder + "/" + file.expected);
    ASSERT_EQ(best->size(), expected.size());
    ASSERT_EQ(best->channels(), expected.channels());
    EXPECT_EQ(Compare(best->view(), expected.view()).maximum, 0);
    ++exact;
    const Region corner{expected.size().width - 70, expected.size().height - 50, 70, 50};
    auto part = DecodeCarefully(codec, **source, Variant::kBest, corner);
    ASSERT_TRUE(part.ok()) << part.error().message;
    EXPECT_EQ(Compare(part->view(), expected.view().crop(corner)).maximum, 0);
  }
  // The corpus is there, so some of it must have decoded: otherwise this test looked at nothing.
  EXPECT_GT(pictures, 10);
  EXPECT_GT(exact, 5);
  RecordProperty("pictures", pictures);
  RecordProperty("exact", exact);
}

INSTANTIATE_TEST_SUITE_P(Codecs, HostileTest, testing::Values("tiff", "jp2"),
                         [](const auto& parameter) { return std::string(parameter.param); });

}  // namespace
}  // namespace iiifbench
