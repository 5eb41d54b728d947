#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "harness/report/compare/compare_report.h"
#include "harness/report/compare/false_alarms.h"

namespace iiifbench {
namespace {

using nlohmann::json;
using testing::HasSubstr;

json Benchmarks(double factor) {
  json all = json::array();
  for (int i = 0; i < 20; ++i) {
    const double ns = 1e6 + 1000 * (i * 7 % 10);
    all.push_back({{"name", "encode/x"},
                   {"run_name", "encode/x"},
                   {"run_type", "iteration"},
                   {"real_time", ns * factor},
                   {"cpu_time", ns},
                   {"time_unit", "ns"}});
    all.push_back({{"name", "decode/y"},
                   {"run_name", "decode/y"},
                   {"run_type", "iteration"},
                   {"real_time", ns},
                   {"cpu_time", ns},
                   {"time_unit", "ns"}});
  }
  all.push_back({{"name", "encode/x_median"},
                 {"run_name", "encode/x"},
                 {"run_type", "aggregate"},
                 {"real_time", 1.0},
                 {"time_unit", "ns"}});
  return {{"context", {{"cpu_scaling_enabled", true}}}, {"benchmarks", all}};
}

json StudyWith(double total, double floor) {
  json raw = {{"total_ms", json::array()}, {"floor_ms", json::array()}};
  for (int i = 0; i < 15; ++i) {
    raw["total_ms"].push_back(total * (1 + 0.002 * (i * 7 % 10)));
    raw["floor_ms"].push_back(floor * (1 + 0.002 * (i * 3 % 10)));
  }
  return {{"not_reportable", {"latencies drift"}},
          {"cells",
           {{{"server", "iipsrv"},
             {"recipe", "tiff"},
             {"page", "map"},
             {"class", "tile"},
             {"raw", raw}},
            {{"server", "iipsrv"}, {"recipe", "jpeg"}, {"page", "map"}, {"class", "tile"}}}}};
}

TEST(CompareReportTest, BenchmarksAreComparedCaseByCase) {
  auto a = TimedRunOf(Benchmarks(1), "a.json"), b = TimedRunOf(Benchmarks(1.1), "b.json");
  ASSERT_TRUE(a && b);
  ASSERT_EQ(a->cases.size(), 2u);
  EXPECT_EQ(a->cases[0].ms.size(), 20u) << "aggregates are not samples";
  EXPECT_NEAR(a->cases[0].ms[0], 1, 0.01);
  const json result = CompareRuns(*a, *b, {});
  EXPECT_EQ(result["cases"][0]["change"], "slower");
  EXPECT_NEAR(result["cases"][0]["ratio"].get<double>(), 1.1, 1e-9);
  EXPECT_EQ(result["cases"][1]["change"], "no difference");
  const std::string text = ComparisonToText(result);
  EXPECT_THAT(text, HasSubstr("slower by 10.0 %"));
  EXPECT_THAT(text, HasSubstr("could hide"));
  EXPECT_THAT(text, HasSubstr("frequency scaling"));
  EXPECT_THAT(text, HasSubstr("0 faster, 1 slower, 1 no difference"));
  auto cpu = TimedRunOf(Benchmarks(1.1), "b.json", TimeOf::kCpu);
  EXPECT_EQ(CompareRuns(*a, *cpu, {})["cases"][0]["change"], "no difference");
}

TEST(CompareReportTest, AStudysFloorIsItsControl) {
  auto a = TimedRunOf(StudyWith(10, 5), "a"), b = TimedRunOf(StudyWith(11, 5), "b"),
       slow = TimedRunOf(StudyWith(11, 5.5), "slow machine");
  ASSERT_TRUE(a && b && slow);
  EXPECT_EQ(a->cases.size(), 1u);
  EXPECT_EQ(a->cases[0].name, "iipsrv/tiff/page:map/tile");
  EXPECT_EQ(CompareRuns(*a, *b, {})["cases"][0]["change"], "slower");
  const json result = CompareRuns(*a, *slow, {});
  EXPECT_EQ(result["cases"][0]["change"], "no difference") << "our own kernels were as much slower";
  EXPECT_NEAR(result["cases"][0]["noise"].get<double>(), 0.1, 0.001);
  EXPECT_THAT(ComparisonToText(result), HasSubstr("NOT REPORTABLE: latencies drift"));
}

TEST(CompareReportTest, BadFilesAreNamed) {
  const std::string folder = testing::TempDir() + "compare_files";
  std::filesystem::create_directories(folder);
  std::ofstream(folder + "/cut.json") << Benchmarks(1).dump().substr(0, 200);
  json aggregates = Benchmarks(1);
  for (json& one : aggregates["benchmarks"]) one["run_type"] = "aggregate";
  std::ofstream(folder + "/aggregates.json") << aggregates;
  std::ofstream(folder + "/a.json") << Benchmarks(1);
  EXPECT_THAT(ReadTimedRun(folder + "/none.json").error().message, HasSubstr("cannot be read"));
  EXPECT_THAT(ReadTimedRun(folder + "/cut.json").error().message, HasSubstr("cut off (200 bytes)"));
  EXPECT_THAT(ReadTimedRun(folder + "/aggregates.json").error().message,
              HasSubstr("--benchmark_repetitions"));
  EXPECT_THAT(TimedRunOf(json::array(), "list").error().message, HasSubstr("neither"));
  auto twice = ReadTimedRun(folder + "/a.json," + folder + "/a.json");
  ASSERT_TRUE(twice) << twice.error().message;
  EXPECT_EQ(twice->cases[0].ms.size(), 40u);
}

TEST(CompareReportTest, TooFewSamplesAreSaid) {
  TimedRun a{.title = "a", .cases = {{.name = "x", .ms = {1, 1.1, 1.2}}}};
  TimedRun b{.title = "b", .cases = {{.name = "x", .ms = {2, 2.1, 2.2}}, {.name = "y", .ms = {1}}}};
  const std::string text = ComparisonToText(CompareRuns(a, b, {}));
  EXPECT_THAT(text, HasSubstr("too few samples to find any"));
  EXPECT_THAT(text, HasSubstr("only in B: y"));
}

TEST(FalseAlarmsTest, CountsBothDesignsAndFindsAStretch) {
  auto measured = MeasureFalseAlarms({.comparisons = 3, .rounds = 8});
  ASSERT_TRUE(measured) << measured.error().message;
  EXPECT_EQ(measured->comparisons, 3);
  EXPECT_LE(measured->interleaved, 3);
  EXPECT_THAT(FalseAlarmsToText(*measured), HasSubstr("in 3 A/A comparisons"));
  EXPECT_THAT(FalseAlarmsToText({.comparisons = 200, .interleaved = 4}),
              HasSubstr("2.0 % (95 %: 0.5-5.0 %)"));
}

}  // namespace
}  // namespace iiifbench
