#include "harness/report/exchange/figure.h"

#include <gmock/gmock.h>

namespace iiifbench {
namespace {

const Figure* Find(const std::vector<Figure>& figures, const std::string& metric) {
  for (const Figure& figure : figures) {
    if (figure.metric == metric) return &figure;
  }
  return nullptr;
}

TEST(FigureTest, APointOfLoadHasItsPercentilesAndFailures) {
  const auto load = nlohmann::json::parse(R"({"server": {"name": "iipsrv"},
      "workload": {"name": "viewer"}, "points": [{"clients": 4, "answers": 95, "failed": 5,
      "throughput": 12.5, "check": {"wrong": 2},
      "percentiles": {"p95": {"ms": 30.5, "low_ms": 29, "high_ms": 33}}}]})");
  const auto figures = FiguresOfLoad(load);
  ASSERT_EQ(figures.size(), 4U);
  EXPECT_EQ(figures[0].name, "iipsrv viewer / 4 clients");
  EXPECT_EQ(Find(figures, "p95")->value, 30.5);
  EXPECT_EQ(Find(figures, "p95")->high, 33);
  EXPECT_EQ(Find(figures, "failures")->value, 5);
  EXPECT_FALSE(Find(figures, "throughput")->smaller_is_better);
  EXPECT_EQ(Find(figures, "wrong")->value, 2);
}

TEST(FigureTest, APointWithoutAnAnswerFailedWhole) {
  const auto load = nlohmann::json::parse(
      R"({"server": {"name": "s"}, "workload": {"name": "w"}, "points": [{"rate_per_second": 2}]})");
  const auto figures = FiguresOfLoad(load);
  ASSERT_EQ(figures.size(), 1U);
  EXPECT_EQ(figures[0].name, "s w / 2 per second");
  EXPECT_EQ(figures[0].value, 100);
}

TEST(FigureTest, SlowerIsNothingWithoutAVerdict) {
  const auto comparison = nlohmann::json::parse(R"({"cases": [
      {"name": "a", "ratio": 1.25, "low": 1.2, "high": 1.3, "change": "slower"},
      {"name": "b", "ratio": 1.25, "low": 0.9, "high": 1.6, "change": "no difference"},
      {"name": "c", "ratio": 0.5, "low": 0.4, "high": 0.6, "change": "faster"}]})");
  const auto figures = FiguresOfComparison(comparison);
  ASSERT_EQ(figures.size(), 9U);
  EXPECT_EQ(figures[1].metric, "slower");
  EXPECT_EQ(figures[1].value, 25);
  EXPECT_EQ(figures[4].value, 0);
  EXPECT_EQ(figures[8].metric, "faster");
  EXPECT_EQ(figures[8].value, 50);
}

}  // namespace
}  // namespace iiifbench
