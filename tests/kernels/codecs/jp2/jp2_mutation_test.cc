// One byte changed, 300 times: an error or a picture, never an end, and the same twice with another
// picture decoded between into the same thread's buffers.
#include "tests/kernels/codecs/jp2/made_files.h"

namespace iiifbench {
namespace {

// Everything that the codec says to one file, into buffers that hold `fill` before.
std::string AnswersTo(const Bytes& bytes, int fill) {
  const Codec& codec = *FindCodec("jp2");
  auto source = Source::Borrow(bytes, "mutant.jp2");
  const auto info = codec.probe(*source);
  if (!info.ok()) return info.error().message;
  std::string all = info->detail;
  if (info->size.pixels() > 1000000) return all;
  const Size size = info->size;
  for (const Region& region : {Region{0, 0, size.width, size.height},
                               Region{size.width / 3, size.height / 4, std::max(1, size.width / 3),
                                      std::max(1, size.height / 2)}}) {
    for (const int level : {0, 2}) {
      if (level >= static_cast<int>(info->levels.size())) continue;
      for (const Variant variant : {Variant::kLibrary, Variant::kBest}) {
        Image out(LevelRegion(*info, region, level).size(), info->channels);
        std::memset(out.view().data, fill, static_cast<size_t>(out.bytes()));
        const auto report = codec.decode(
            *source, {.region = region, .level = level, .variant = variant}, out.view());
        all += report.ok() ? report->fallback : report.error().message;
        if (report.ok())
          all.append(reinterpret_cast<const char*>(out.view().data),
                     static_cast<size_t>(out.bytes()));
        if (!report.ok()) {
          EXPECT_NE(report.error().message.find("mutant.jp2"), std::string::npos)
              << report.error().message;
        }
      }
    }
  }
  return all;
}

void ExpectSafeMutants(const Bytes& good, uint64_t seed, int rounds) {
  const Image between = TestPicture({61, 53}, 3, 9);
  const Bytes other = Encoded(*FindCodec("jp2"), between, {});
  std::mt19937_64 random(seed);
  int refused = 0;
  for (int round = 0; round < rounds; ++round) {
    Bytes bytes = good;
    const size_t reach = round % 3 == 0 ? std::min<size_t>(bytes.size(), 300) : bytes.size();
    const size_t at = random() % reach;
    bytes[at] = static_cast<uint8_t>(random());
    const std::string first = AnswersTo(bytes, 0xA5);
    static_cast<void>(AnswersTo(other, 0x33));
    ASSERT_EQ(first == AnswersTo(bytes, 0x5A), true) << "byte " << at << " of round " << round;
    if (first.find("mutant.jp2") != std::string::npos) ++refused;
  }
  EXPECT_GT(refused, rounds / 50);
}

TEST(Jp2MutationTest, OfAPlainFile) {
  ExpectSafeMutants(Encoded(*FindCodec("jp2"), TestPicture({45, 37}, 3), {.decompositions = 3}), 1,
                    150);
}

TEST(Jp2MutationTest, OfATiledLossyFileWithAlphaAndSubsampledChroma) {
  const auto ramp = [](int x, int y) { return (7 * x + 3 * y) % 256; };
  const Bytes codestream = MadeCodestream({45, 37},
                                          {{.value = ramp},
                                           {.dx = 2, .dy = 2, .value = ramp},
                                           {.dx = 2, .dy = 2, .value = ramp},
                                           {.value = ramp}},
                                          {.decompositions = 2,
                                           .irreversible = true,
                                           .tile = {24, 24},
                                           .sop_and_eph = true,
                                           .layers = 3});
  ExpectSafeMutants(MadeJp2(codestream, Joined({EnumeratedColour(18),
                                                Definitions({{0, 1}, {0, 2}, {0, 3}, {1, 0}})})),
                    2, 150);
}

TEST(Jp2MutationTest, OfHighThroughputFiles) {
  const Recipe* recipe = FindRecipe("htj2k_lossless_tiled");
  if (recipe == nullptr) GTEST_SKIP() << "built without OpenJPH";
  EncodeOptions options = recipe->options;
  options.decompositions = 3, options.tile = {30, 30};
  ExpectSafeMutants(Encoded(*FindCodec("jp2"), TestPicture({45, 37}, 3), options), 3, 150);
  options = FindRecipe("htj2k_10to1")->options;
  options.decompositions = 4;
  ExpectSafeMutants(Encoded(*FindCodec("jp2"), TestPicture({90, 70}, 1), options), 4, 150);
}

}  // namespace
}  // namespace iiifbench
