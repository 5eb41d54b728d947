// The panel of shards: one that stands apart is named and stands first, hosts are escaped, and the
// page of many shards stays small.
#include "tests/harness/report/page/page_fixture.h"

namespace iiifbench {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

json ShardsJson(int count) {
  json out = {{"outliers", {"shard 1 (<b>) stands apart: its own lag at p90 is 9.00 ms"}},
              {"outlier_ids", {"shard-lag"}},
              {"not_reportable", {"shard 1: its own lag is high"}},
              {"not_reportable_ids", {"own-lag"}}};
  for (int i = 0; i < count; ++i)
    out["shards"].push_back({{"shard", {{"index", i}, {"count", count}}},
                             {"host", "<b>"},
                             {"answers", 70},
                             {"failed", 0},
                             {"latency_ms", {{"p50", i == 1 ? 11.65 : 1.5}, {"p90", 18}}},
                             {"lag_ms", {{"p90", 9}}},
                             {"clock", {{"low_s", -0.02}, {"high_s", 0.02}}}});
  return out;
}

json WholeJson() {
  return {{"kind", "planned load"},
          {"plan", {{"hash", "58d1"}}},
          {"answers", 280},
          {"failed", 0},
          {"throughput", 58.8},
          {"seconds", 5},
          {"percentiles", {{"p50", {{"ms", 1.75}, {"low_ms", 1.65}, {"high_ms", 2.01}}}}},
          {"classes", {{"tile", {{"answers", 280}, {"median_ms", 1.75}, {"mean_bytes", 15500}}}}}};
}

TEST_F(PageTest, ShardsStandSideBySideAndOneThatStandsApartFirst) {
  Put("load.json", WholeJson().dump());
  Put("shards.json", ShardsJson(4).dump());
  const std::string shards = SectionOf("shards");
  EXPECT_THAT(shards, AllOf(HasSubstr("4 shards of one plan"), HasSubstr("stands apart"),
                            HasSubstr("shard-lag"), HasSubstr("<b class=\"bad\">1</b>"),
                            HasSubstr("shard 1: 11.7 ms"), HasSubstr("&lt;b&gt;"),
                            Not(HasSubstr("<td><b></td>")), Not(HasSubstr(">-0<"))));
  EXPECT_LT(shards.find("<b class=\"bad\">1</b>"), shards.find("<td>0</td>"));
  EXPECT_THAT(SectionOf("load"), AllOf(HasSubstr("280 answers"), HasSubstr("1.65")));
  EXPECT_THAT(SectionOf("answer"), HasSubstr("the median took 1.75 ms [1.65 2.01]"));
  EXPECT_THAT(SectionOf("validity"), HasSubstr("shard 1: its own lag is high"));
}

TEST_F(PageTest, ThePageOfAHundredThousandShardsIsSmall) {
  Put("load.json", WholeJson().dump());
  Put("shards.json", ShardsJson(100'000).dump());
  const std::string html = Html();
  EXPECT_LT(html.size(), 200'000u);
  EXPECT_THAT(html, HasSubstr("99936 more shards stand in shards.json"));
}

}  // namespace
}  // namespace iiifbench
