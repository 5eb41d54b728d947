// Names from outside end no element, no field and no cell.
#include "harness/report/exchange/formats.h"

#include <gmock/gmock.h>

namespace iiifbench {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::vector<BoundVerdict> kVerdicts = {{.figure = {.name = "a<b>&\"c\", |d|\x01",
                                                         .metric = "p95",
                                                         .unit = "ms",
                                                         .value = 412.5,
                                                         .low = 400,
                                                         .high = 420},
                                              .threshold = "p95 > 300 ms",
                                              .failed = true},
                                             {.figure = {.name = "x",
                                                         .metric = "throughput",
                                                         .unit = "1/s",
                                                         .value = 12,
                                                         .smaller_is_better = false}}};

TEST(FormatsTest, JUnitCountsAndNamesFailures) {
  const std::string xml = ToJUnit("load & more", kVerdicts);
  EXPECT_THAT(xml, HasSubstr("<testsuite name=\"load &amp; more\" tests=\"2\" failures=\"1\""));
  EXPECT_THAT(xml, HasSubstr("classname=\"a&lt;b&gt;&amp;&quot;c&quot;, |d| \""));
  EXPECT_THAT(xml, HasSubstr("<failure message=\"p95 is 412.5 ms: p95 &gt; 300 ms\"/>"));
  EXPECT_THAT(xml, HasSubstr("name=\"throughput\"><system-out>12 1/s</system-out>"));
}

TEST(FormatsTest, CsvQuotesWhatItMust) {
  const std::string csv = ToCsv(kVerdicts);
  EXPECT_THAT(csv, HasSubstr("name,metric,value,unit,low,high,threshold,failed\r\n"));
  EXPECT_THAT(csv,
              HasSubstr("\"a<b>&\"\"c\"\", |d|\x01\",p95,412.5,ms,400,420,p95 > 300 ms,yes\r\n"));
  EXPECT_THAT(csv, HasSubstr("x,throughput,12,1/s,,,,no\r\n"));
}

TEST(FormatsTest, EachDirectionHasAFileOfItsOwn) {
  const auto smaller = ToSmallerIsBetter(kVerdicts), bigger = ToBiggerIsBetter(kVerdicts);
  ASSERT_EQ(smaller.size(), 1U);
  EXPECT_EQ(smaller[0]["value"], 412.5);
  EXPECT_EQ(smaller[0]["unit"], "ms");
  EXPECT_EQ(smaller[0]["range"], "400 to 420");
  ASSERT_EQ(bigger.size(), 1U);
  EXPECT_EQ(bigger[0]["name"], "x / throughput");
}

TEST(FormatsTest, MarkdownPutsWhatIsBrokenFirst) {
  const std::string table = ToMarkdown("Load", {kVerdicts[1], kVerdicts[0]});
  EXPECT_THAT(table, HasSubstr("**1 bounds are broken.**"));
  EXPECT_LT(table.find("412.5"), table.find("throughput"));
  EXPECT_THAT(table, HasSubstr("\\|d\\|"));
  EXPECT_THAT(ToMarkdown("Load", {kVerdicts[1]}), HasSubstr("No bound is broken."));
  EXPECT_THAT(ToMarkdown("Load", {}), Not(HasSubstr("broken: ")));
}

}  // namespace
}  // namespace iiifbench
