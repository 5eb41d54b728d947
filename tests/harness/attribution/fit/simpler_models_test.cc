// The geometric model knows no filters: whichever the hypotheses carry that are left, it is fitted.
#include "harness/attribution/fit/simpler_models.h"

#include <gtest/gtest.h>

#include <numeric>

#include "harness/attribution/fit/case_fit.h"

namespace iiifbench {
namespace {

constexpr double kMsPerMegapixel = 40;

// A server whose latency is geometry: 2 ms, and so much for each megapixel of the region.
struct Geometric {
  Observed observed;
  std::vector<int> rows;
  Geometric() {
    observed.codec = "jpeg";
    observed.info = std::make_unique<ImageInfo>();
    observed.info->size = {4000, 6000};
    observed.info->channels = 3;
    observed.info->levels = {observed.info->size};
    for (const auto& probe : DesignProbes(observed.info->size, {}, "full", "")) {
      if (probe.info) continue;
      Case c{.probe = probe, .codec = "jpeg", .file = "absent.jpg", .info = observed.info.get()};
      c.request = *ParseImageRequest("id/" + probe.path, ApiVersion::k2);
      const auto plan = MakeRenderPlan(*c.info, c.request);
      if (!plan) continue;
      const double megapixels = static_cast<double>(plan->region.size().pixels()) / 1e6;
      c.samples_ms = std::vector<double>(3, 2 + kMsPerMegapixel * megapixels);
      observed.cases.push_back(std::move(c));
    }
    rows.resize(observed.cases.size());
    std::iota(rows.begin(), rows.end(), 0);
  }
};

TEST(SimplerModelsTest, APointSamplerHasAGeometryToo) {
  Geometric server;
  server.observed.hypotheses = {{.variant = Variant::kBest, .filter = Filter::kBilinear}};
  const auto models =
      SimplerModels(server.observed, server.rows, PlainFitOf(server.observed.cases), 1);
  ASSERT_EQ(models.front().name, "geometric");
  ASSERT_TRUE(models.front().error);
  EXPECT_LT(*models.front().error, 0.05);
  ASSERT_EQ(models.front().stages.size(), server.observed.cases.size());
  for (size_t i = 0; i < server.observed.cases.size(); ++i) {
    if (server.observed.cases[i].probe.name != "full:800") continue;
    const auto& stages = models.front().stages[i];
    // The region is what is decoded and, at 800 wide, what is resized.
    EXPECT_NEAR(stages.at(Stage::kDecode) + stages.at(Stage::kResize), 24 * kMsPerMegapixel, 24);
  }
}

TEST(SimplerModelsTest, WithoutAHypothesisThereIsNoError) {
  Geometric server;
  for (const auto& model :
       SimplerModels(server.observed, server.rows, PlainFitOf(server.observed.cases), 1)) {
    EXPECT_FALSE(model.error) << model.name;
    EXPECT_TRUE(model.stages.empty()) << model.name;
  }
}

}  // namespace
}  // namespace iiifbench
