// Which stand-in is like the file: latencies made of our kernels' costs for a file that the fit
// never sees, stored at another rate than the stand-ins. A format is named rightly or not at all.
#include "harness/attribution/fit/stored_format.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "data/page.h"
#include "harness/attribution/stand_in/ways_to_store.h"
#include "harness/stats/uniform.h"

namespace iiifbench {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

struct Truth {
  WayToStore way;
  DecodeHabit habit;
  double multiple = 1, overhead_ms = 1, noise = 0.01;
};

WayToStore Way(const std::string& name) {
  std::vector<WayToStore> ways = WaysToStore({.size = kSmallPage}, {});
  ways.push_back(PlainWay({.size = kSmallPage}));
  return *std::ranges::find(ways, name, &WayToStore::name);
}

const char* const kStandIns[] = {"TIFF pyramid, tiles, no compression", "JPEG, about quality 92",
                                 "TIFF pyramid, tiles, deflate or LZW",
                                 "TIFF without levels, strips, deflate or LZW"};

class StoredFormatTest : public ::testing::Test {
 protected:
  void Observe(const Truth& truth) {
    const Image page = FindPageKind("map")->make(kSmallPage, 1);
    WithoutFile& without = observed_.without_file.emplace();
    for (const char* name : kStandIns) {
      auto stored = without.stand_ins.Make(page.view(), Way(name));
      ASSERT_TRUE(stored.ok()) << stored.error().message;
      for (Hypothesis h : AllHypotheses((*stored)->way.codec, (*stored)->page.info)) {
        if (h.filter != Filter::kBicubic || h.by_taps || h.two_step || h.resample_always) continue;
        h.stored = *stored;
        observed_.hypotheses.push_back(h);
      }
    }
    auto file = files_.Make(page.view(), truth.way);
    ASSERT_TRUE(file.ok()) << file.error().message;
    observed_.info = std::make_unique<ImageInfo>(without.stand_ins.all().front()->page.info);
    Hypothesis true_way{.stored = *file, .habit = truth.habit};
    std::mt19937_64 random(7);
    for (const ProbeRequest& probe : DesignProbes(kSmallPage, {}, "full", "")) {
      if (!probe.core) continue;
      Case c{.probe = probe, .info = observed_.info.get()};
      double ms = truth.overhead_ms;
      if (!probe.info) {
        c.request = *ParseImageRequest("id/" + probe.path, ApiVersion::k2);
        for (const Hypothesis& h : observed_.hypotheses) Cost(WorksOf(c, h, *observed_.costs));
        const CaseWorks works = WorksOf(c, true_way, *observed_.costs);
        Cost(works);
        ms += truth.multiple * observed_.costs->ms(works.decode) +
              (works.resize < 0 ? 0 : 1.3 * observed_.costs->ms(works.resize));
      }
      for (int i = 0; i < 3; ++i)
        c.samples_ms.push_back(ms * (1 + truth.noise * (2 * Uniform(random) - 1)));
      c.first_byte_ms = c.samples_ms;
      observed_.cases.push_back(std::move(c));
    }
    auto fits = FitStandIns(observed_, 3);
    ASSERT_TRUE(fits.ok()) << fits.error().message;
    fits_ = std::move(*fits);
    verdict_ = VerdictOnFile(observed_, fits_);
  }
  void Cost(const CaseWorks& works) {
    for (int work : {works.decode, works.resize}) {
      while (work >= 0 && observed_.costs->samples(work) < 3) observed_.costs->Measure(work);
    }
  }
  const StoredField& Field(const char* what) const {
    return *std::ranges::find(verdict_.fields, what, &StoredField::what);
  }
  // Named rightly, or not named and among the candidates.
  void ExpectNothingWrong(const char* what, const std::string& truth) const {
    const StoredField& field = Field(what);
    EXPECT_THAT(field.candidates, Contains(truth)) << what;
    EXPECT_EQ(field.identified, !field.by.empty()) << what;
  }

  StandIns files_;
  Observed observed_;
  std::vector<StandInFit> fits_;
  StoredVerdict verdict_;
};

TEST_F(StoredFormatTest, AJpegThatIsDecodedFromItsTopIsTold) {
  Truth truth{.way = Way("JPEG, about quality 92"), .habit = {Access::kRows, LevelUse::kFitting}};
  truth.way.options.quality = 85;
  Observe(truth);
  ExpectNothingWrong("format", "JPEG");
  ExpectNothingWrong("coding", "JPEG, lossy");
  ExpectNothingWrong("tile", "none");
}

TEST_F(StoredFormatTest, APyramidOfTilesIsTold) {
  Truth truth{.way = Way("TIFF pyramid, tiles, deflate or LZW"), .multiple = 1.4};
  truth.way.options.compression = "lzw";
  Observe(truth);
  ExpectNothingWrong("format", "TIFF");
  ExpectNothingWrong("levels", "smaller levels");
  ExpectNothingWrong("tile", "256x256");
}

TEST_F(StoredFormatTest, NothingIsNamedByNoise) {
  Observe({.way = Way("TIFF without levels, strips, deflate or LZW"), .noise = 0.6});
  for (const StandInFit& fit : fits_) EXPECT_EQ(fit.rejected, "") << fit.stored->way.name;
  EXPECT_FALSE(Field("format").identified);
}

TEST_F(StoredFormatTest, PixelsWithoutAGridExcludeAJpegThatTheyWouldShow) {
  Truth truth{.way = Way("TIFF pyramid, tiles, deflate or LZW"), .overhead_ms = 60};
  Observe(truth);  // a decode that drowns in the overhead: latencies alone tell little
  observed_.without_file->grid = {.judged = true};
  auto fits = FitStandIns(observed_, 3);
  ASSERT_TRUE(fits.ok());
  for (const StandInFit& fit : *fits) {
    if (fit.stored->way.codec != "jpeg") continue;
    EXPECT_THAT(fit.rejected, HasSubstr("8x8 grid"));
  }
  // Only a stand-in that stays may be adopted.
  EXPECT_EQ(fits->front().rejected, "");
}

TEST_F(StoredFormatTest, AfterwardsTheObservationsAreOfTheAdoptedFile) {
  Observe({.way = Way("TIFF pyramid, tiles, no compression")});
  const StoredAs& stored = *observed_.without_file->stand_ins.all()[1];
  Adopt(observed_, stored);
  EXPECT_EQ(observed_.codec, "jpeg");
  EXPECT_EQ(observed_.info->levels.size(), stored.page.info.levels.size());
  for (const Case& c : observed_.cases) EXPECT_EQ(c.file, stored.page.file);
}

}  // namespace
}  // namespace iiifbench
