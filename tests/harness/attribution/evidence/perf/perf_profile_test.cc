#include "harness/attribution/evidence/perf/perf_profile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/attribution/evidence/perf/stage_neighbours.h"
#include "harness/attribution/evidence/perf/stage_rules.h"

namespace iiifbench {
namespace {

using Says = std::optional<LatencyPart>;
const Says kNone;

// The shape of `perf script -F comm,pid,tid,time,ip,sym,dso` of perf 6.1, the stacks written for
// this test.
constexpr std::string_view kScript = R"(iipsrv.fcgi   100/101   10.000100: 
	          5e44 [unknown] (/usr/lib/x86_64-linux-gnu/libjpeg.so.62.3.0)
	          709b jpeg_write_scanlines (/usr/lib/x86_64-linux-gnu/libjpeg.so.62.3.0)
	         1a733 [unknown] (/usr/lib/iipimage-server/iipsrv.fcgi)

Warning: a line that perf prints between samples
iipsrv.fcgi   100/101   10.000200: 
	ffffffff81a00 filemap_read ([kernel.kallsyms])
	ffffffff81b00 vfs_read ([kernel.kallsyms])
	         f0da pread64 (/usr/lib/x86_64-linux-gnu/libc.so.6)
	         3333 TIFFReadRawTile (/usr/lib/x86_64-linux-gnu/libtiff.so.6)

iipsrv.fcgi   100/101   10.000300: 
	ffffffff81a40 clear_page_erms ([kernel.kallsyms])
	ffffffff81a41 asm_exc_page_fault ([kernel.kallsyms])
	         3333 inflate (/usr/lib/x86_64-linux-gnu/libz.so.1.2.13)
	         3333 TIFFReadEncodedTile (/usr/lib/x86_64-linux-gnu/libtiff.so.6)

iipsrv.fcgi   100/101   10.000400: 
	         4444 [unknown] (/usr/bin/stripped)

iipsrv.fcgi   100/101   20.000000: 
	         4444 [unknown] (/usr/bin/stripped)

GC Thread#0   200/201   10.000500: 
	         4444 std::f(int (*)(char)) (/usr/lib/jvm/lib/server/libjvm.so)
)";

TEST(PerfScriptTest, ReadsSamplesAndSkipsWhatPerfPrintsBetween) {
  const auto samples = ParsePerfScript(kScript);
  ASSERT_EQ(samples.size(), 6u);
  EXPECT_EQ(samples[0].program, "iipsrv.fcgi");
  EXPECT_DOUBLE_EQ(samples[0].seconds, 10.0001);
  ASSERT_EQ(samples[0].frames.size(), 3u);
  EXPECT_EQ(samples[0].frames[1].symbol, "jpeg_write_scanlines");
  EXPECT_EQ(samples[0].frames[0].address, 0x5e44u);
  EXPECT_EQ(samples[5].program, "GC Thread#0");
  EXPECT_EQ(samples[5].frames[0].symbol, "std::f(int (*)(char))");
  EXPECT_EQ(samples[5].frames[0].object, "/usr/lib/jvm/lib/server/libjvm.so");
}

TEST(PerfScriptTest, EmptyAndBrokenTextYieldNothing) {
  EXPECT_TRUE(ParsePerfScript("").empty());
  EXPECT_TRUE(ParsePerfScript("failed to open perf.data: No such file\n\n  12 x (y)\n").empty());
}

TEST(StageRulesTest, TheInnermostFrameWithARuleDecides) {
  const auto samples = ParsePerfScript(kScript);
  std::vector<std::optional<LatencyPart>> stages;
  for (const auto& sample : samples) stages.push_back(StageOfSample(sample, true));
  EXPECT_THAT(stages, ::testing::ElementsAre(Stage::kEncode, Stage::kRead, Stage::kDecode, kNone,
                                             kNone, Stage::kOverhead));
}

TEST(StageRulesTest, AJpegLibraryWithoutCallerIsOneOfTwoUnlessTheSourceHoldsNoJpeg) {
  const PerfSample sample{"loris", 0, {{"[unknown]", "/usr/lib/libjpeg.so.62", 1}}, ""};
  EXPECT_EQ(StageOfSample(sample, true), Says(OtherPart::kEitherJpeg));
  EXPECT_EQ(StageOfSample(sample, false), Says(Stage::kEncode));
}

TEST(StageRulesTest, LanguagesHaveTheirNames) {
  auto stage = [](const char* symbol, const char* object) {
    return StageOfSample({"server", 0, {{symbol, object, 1}}, ""}, true);
  };
  EXPECT_EQ(stage("image/jpeg.(*decoder).decodeHuffman", "/opt/rais-server"), Says(Stage::kDecode));
  EXPECT_EQ(stage("image/jpeg.(*encoder).writeBlock", "/opt/rais-server"), Says(Stage::kEncode));
  EXPECT_EQ(stage("ImagingResampleHorizontal_8bpc", "/usr/lib/python3/_imaging.cpython-311.so"),
            Says(Stage::kResize));
  EXPECT_EQ(stage("ImagingJpegDecode", "/usr/lib/python3/_imaging.cpython-311.so"),
            Says(Stage::kDecode));
  EXPECT_EQ(
      stage("Java_com_sun_imageio_plugins_jpeg_JPEGImageReader_readImage", "/lib/libjavajpeg.so"),
      Says(Stage::kDecode));
  EXPECT_EQ(stage("mlib_ImageAffine", "/lib/libmlib_image.so"), Says(Stage::kResize));
  EXPECT_EQ(stage("_PyEval_EvalFrameDefault", "/usr/bin/python3.11"), Says(Stage::kOverhead));
  EXPECT_EQ(stage("GOMP_parallel", "/usr/lib/libgomp.so.1"), Says(Stage::kResize));
  EXPECT_EQ(stage("main", "/opt/something"), kNone);
}

TEST(StageRulesTest, WhoeverCallsAHandlerIsNotTheNetwork) {
  const PerfSample scaled{"rais-server",
                          0,
                          {{"rais/src/transform.ScaleRGBA", "/opt/rais-server", 1},
                           {"net/http.(*conn).serve", "/opt/rais-server", 2}},
                          ""};
  EXPECT_EQ(StageOfSample(scaled, false), Says(Stage::kResize));
  const PerfSample other{"rais-server",
                         0,
                         {{"runtime.memmove", "/opt/rais-server", 1},
                          {"net/http.(*conn).serve", "/opt/rais-server", 2}},
                         ""};
  EXPECT_EQ(StageOfSample(other, false), Says(Stage::kOverhead));
  const PerfSample spawned{"opj_decompress", 0, {{"clear_page_erms", "[kernel.kallsyms]", 1}}, ""};
  EXPECT_EQ(StageOfSample(spawned, false), Says(Stage::kDecode));
  const PerfSample compiler{"C2 CompilerThre", 0, {{"PhaseIdealLoop", "/lib/libjvm.so", 1}}, ""};
  EXPECT_EQ(StageOfSample(compiler, false), Says(OtherPart::kBackground));
}

// Samples of one thread, a millisecond apart, in their order: d and e with a caller, r a resize, ?
// in the JPEG library without one.
std::vector<Says> Settled(const std::string& order, const std::vector<uint64_t>& addresses = {}) {
  std::vector<PerfSample> samples;
  std::vector<Says> stages;
  for (size_t i = 0; i < order.size(); ++i) {
    const uint64_t address = i < addresses.size() ? addresses[i] : (i + 1) << 12;
    samples.push_back(
        {"loris", 0.001 * static_cast<double>(i), {{"[unknown]", "/libjpeg.so", address}}, "1/1"});
    stages.push_back(order[i] == 'd'   ? Says(Stage::kDecode)
                     : order[i] == 'e' ? Says(Stage::kEncode)
                     : order[i] == 'r' ? Says(Stage::kResize)
                                       : Says(OtherPart::kEitherJpeg));
  }
  SettleByNeighbours(samples, std::vector<size_t>(order.size(), 0), stages);
  return stages;
}

TEST(StageNeighboursTest, ARequestDecodesThenResizesThenEncodes) {
  EXPECT_THAT(Settled("?dr?e?"),
              ::testing::ElementsAre(Stage::kDecode, Stage::kDecode, Stage::kResize, Stage::kEncode,
                                     Stage::kEncode, Stage::kEncode));
  // Nothing between: the nearer one.
  EXPECT_THAT(Settled("d??e"), ::testing::ElementsAre(Stage::kDecode, Stage::kDecode,
                                                      Stage::kEncode, Stage::kEncode));
  EXPECT_THAT(Settled("??"), ::testing::Each(OtherPart::kEitherJpeg));
  EXPECT_THAT(Settled("d?"), ::testing::ElementsAre(Stage::kDecode, OtherPart::kEitherJpeg));
}

TEST(StageNeighboursTest, MemoryBelongsToTheStageAroundIt) {
  std::vector<PerfSample> samples;
  for (int i = 0; i < 5; ++i)
    samples.push_back({"python3", 0.001 * i * i, {{"memory_get_block", "/_imaging.so", 1}}, "1/1"});
  std::vector<Says> stages = {OtherPart::kNearest, Stage::kDecode, OtherPart::kNearest,
                              Stage::kResize, OtherPart::kNearest};
  SettleByNeighbours(samples, {0, 0, 0, 0, 1}, stages);
  EXPECT_THAT(stages, ::testing::ElementsAre(Stage::kDecode, Stage::kDecode, Stage::kDecode,
                                             Stage::kResize, kNone));
}

TEST(StageNeighboursTest, AnAddressVotesWhereTimeSaysNothing) {
  // Three samples after a resize at one place; the last two stand after a decode, at that place and
  // elsewhere.
  const auto stages = Settled("r???d??", {1, 0x500, 0x501, 0x502, 0x900, 0x5ff, 0xa00});
  EXPECT_EQ(stages[5], Says(Stage::kEncode));
  EXPECT_EQ(stages[6], Says(OtherPart::kEitherJpeg));
}

TEST(PerfProfileTest, StagesInMillisecondsPerRequestAndTheUnknownRest) {
  // Two requests of 10 ms in the windows; without perf one takes 8 ms. 1000 samples a second.
  const std::vector<PerfWindow> windows = {{"tile", 10.0, 10.01}, {"tile", 30.0, 30.01}};
  const Profile profile =
      ProfileOf(ParsePerfScript(kScript), windows, 1000, {{"tile", 8.0}}, false);
  EXPECT_EQ(profile.samples.at("tile"), 5);  // that of second 20 is in no window
  const auto& stages = profile.stages.at("tile");
  EXPECT_NEAR(stages.at(Stage::kEncode), 0.4,
              1e-9);  // 1 sample = 1 ms, over 2 requests, times 8/10
  EXPECT_NEAR(stages.at(Stage::kRead), 0.4, 1e-9);
  EXPECT_NEAR(stages.at(OtherPart::kUnknown), 0.4, 1e-9);
  EXPECT_NEAR(stages.at(OtherPart::kOffCpu), 8 - 5 * 0.4, 1e-6);
  EXPECT_NEAR(profile.cost, 0.25, 1e-6);
  EXPECT_NEAR(profile.unknown_objects.at("stripped"), 0.2, 1e-9);
}

TEST(PerfProfileTest, FoldedStacksCarryTheStage) {
  const Profile profile =
      ProfileOf(ParsePerfScript(kScript), {{"tile", 10.0, 10.01}}, 1000, {}, false);
  const std::string text = FoldedText(profile.folded);
  EXPECT_THAT(text,
              ::testing::HasSubstr(
                  "iipsrv.fcgi;encode;[iipsrv.fcgi];jpeg_write_scanlines;[libjpeg.so.62.3.0] 1\n"));
  EXPECT_THAT(text, ::testing::HasSubstr("iipsrv.fcgi;unknown;[stripped] 1\n"));
}

TEST(PerfProfileTest, NoProcessIsSaidNotMeasured) {
  auto profile =
      ProfileRequests({.process_ids = {}, .image_url = "http://127.0.0.1:1/x", .folder = "/tmp"});
  ASSERT_FALSE(profile);
  EXPECT_THAT(profile.error().message, ::testing::HasSubstr("no profile"));
}

TEST(StageRulesTest, WorkOnTheWholeFileIsOverheadWhateverItCalls) {
  const PerfFrame scan{
      "int com.sun.imageio.plugins.jpeg.JPEGImageReader.getNumImagesOnThread(boolean)",
      "/tmp/perf-1.map", 2},
      picture{"void com.sun.imageio.plugins.jpeg.JPEGImageReader.acceptPixels(int, boolean)",
              "/tmp/perf-1.map", 3},
      read{"vfs_read", "[kernel.kallsyms]", 1};
  EXPECT_EQ(StageOfSample({"qtp", 0, {read, scan}, ""}, true), Says(Stage::kOverhead));
  EXPECT_EQ(StageOfSample({"qtp", 0, {read, picture}, ""}, true), Says(Stage::kRead));
  EXPECT_EQ(StageOfSample({"qtp", 0, {picture}, ""}, true), Says(Stage::kDecode));
}

TEST(StageRulesTest, WhatASpawnedDecoderWritesIsDecodeAndItsStartIsNot) {
  const PerfFrame write{"ext4_da_write_begin", "[kernel.kallsyms]", 1},
      call{"vfs_write", "[kernel.kallsyms]", 1}, pipe{"pipe_read", "[kernel.kallsyms]", 1},
      read{"vfs_read", "[kernel.kallsyms]", 1};
  EXPECT_EQ(StageOfSample({"opj_decompress", 0, {write, call}, ""}, false), Says(Stage::kDecode));
  EXPECT_EQ(StageOfSample({"java", 0, {pipe, read}, ""}, false), Says(Stage::kDecode));
  EXPECT_EQ(
      StageOfSample({"opj_decompress", 0, {{"do_lookup_x", "/lib/ld-linux-x86-64.so.2", 1}}, ""},
                    false),
      Says(Stage::kOverhead));
}

TEST(ProfileOfTest, ThreadsThatWorkAtOnceShareTheTimeOfTheCriticalPath) {
  std::vector<PerfSample> samples;
  // One thread decodes for 10 samples, then two resize for 10 each, at the same time.
  for (int i = 0; i < 10; ++i) {
    const double t = 1.001 + 0.002 * i;
    samples.push_back({"s", t, {{"jpeg_read_scanlines", "libjpeg.so", 1}}, "1/1"});
    samples.push_back({"s", t + 0.024, {{"ImagingResample", "_imaging.so", 1}}, "1/1"});
    samples.push_back({"s", t + 0.0245, {{"ImagingResample", "_imaging.so", 1}}, "1/2"});
  }
  const Profile profile = ProfileOf(samples, {{"a", 1.0, 1.05}}, 500, {{"a", 50}}, true);
  EXPECT_NEAR(profile.stages.at("a").at(Stage::kResize), 40, 1e-9);
  EXPECT_NEAR(profile.wall.at("a").at(Stage::kResize), 20, 1e-9);
  EXPECT_NEAR(profile.wall.at("a").at(Stage::kDecode), 20, 1e-9);
  EXPECT_NEAR(profile.wall.at("a").at(OtherPart::kOffCpu), 10, 1e-9);
}

}  // namespace
}  // namespace iiifbench
