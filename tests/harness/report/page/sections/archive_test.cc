// The profile of an archive on the page: distributions, costs, savings; file names are escaped, and
// it stays small whatever the archive.
#include "tests/harness/report/page/page_fixture.h"

namespace iiifbench {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

json ProfileJson(int many) {
  json out = {{"kind", "archive profile"},
              {"files", {{"listed", 1200000}, {"images", 1199990}}},
              {"bytes", 3.5e12},
              {"serving",
               {{"cpu_seconds_per_1000_views", {{"value", 138.06}, {"low", 130}, {"high", 150}}},
                {"tile_ms", {{"p50", 0.87}, {"p95", 9.41}, {"p99", 12}}}}},
              {"fields", {{"format", {{"jp2", 3}, {"<i>", 1}}}}},
              {"damage", {{"damaged", {{"files", 10}, {"examples", {"<script>.jp2"}}}}}}};
  for (int i = 0; i < many; ++i) {
    const std::string name = fmt::format("stratum {}", i);
    out["strata"].push_back({{"name", name}, {"files", i + 1}, {"measured", 1}});
    out["worst"].push_back({{"file", fmt::format("<b>{}.jp2", i)}, {"view_cpu_ms", 341}});
    out["reencoding"].push_back({{"stratum", name},
                                 {"recipe", "tiff_jpeg"},
                                 {"saves_cpu_seconds_per_1000_views", 105.2},
                                 {"bytes_ratio", 1.74}});
    out["fields"]["tile"][fmt::format("{}x{}", i, i)] = 1;
  }
  return out;
}

TEST_F(PageTest, AnArchiveIsDrawnByWhatItIsMadeOfAndWhatItCosts) {
  Put("profile.json", ProfileJson(2).dump());
  const std::string archive = SectionOf("archive");
  EXPECT_THAT(archive,
              AllOf(HasSubstr("1,200,000 files"), HasSubstr("3500 GB"), HasSubstr("138.1"),
                    HasSubstr("[130 150]"), HasSubstr("width=\"75.00%\""), HasSubstr("&lt;i&gt;"),
                    HasSubstr("&lt;b&gt;0.jp2"), HasSubstr(">105<"), HasSubstr("&lt;script&gt;"),
                    Not(HasSubstr("<script>"))));
  EXPECT_THAT(SectionOf("answer"), HasSubstr("138.1 processor seconds"));
  EXPECT_THAT(Html(), Not(HasSubstr("no rule of the study was broken")));
}

TEST_F(PageTest, ThePageOfManyStrataIsSmall) {
  Put("profile.json", ProfileJson(20'000).dump());
  const std::string html = Html();
  EXPECT_LT(html.size(), 200'000u);
  EXPECT_THAT(html, AllOf(HasSubstr("19940 more strata"), HasSubstr("19988 more values")));
  EXPECT_LT(html.find("stratum 19999"), html.find("stratum 19998"));
}

}  // namespace
}  // namespace iiifbench
