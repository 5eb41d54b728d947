// What the findings about a server's situation are made of, on figures written down here.
#include <gmock/gmock.h>

#include "harness/attribution/findings/process_findings.h"
#include "harness/attribution/findings/store_finding.h"
#include "tests/harness/findings/figures.h"

namespace iiifbench {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;

// One request "tile" of 10 ms with medians of method "cpu".
struct TileServer {
  Observed observed;
  Attribution attribution;
  explicit TileServer(const StageSamples& cpu) {
    observed.methods["tile"]["cpu"] = cpu;
    attribution.requests.push_back({.path = "tile", .measured_ms = 10});
    for (const char* stage : {"overhead", "decode"})
      attribution.requests[0].stages[stage] = {5, 4, 6};
  }
  std::vector<Finding> Findings() {
    AddProcessFindings(observed, attribution);
    return attribution.findings;
  }
};

TEST(ProcessFindingsTest, ASubprocessIsNamedAndItsStagesAreMerged) {
  TileServer server({{"cpu", {5}}, {"child-faults", {140}}, {"file-mb", {2.4}}});
  ASSERT_THAT(IdsOf(server.Findings()), ElementsAre("subprocess-per-picture"));
  EXPECT_THAT(FiguresIn(server.attribution.findings[0].text), ElementsAre(140, 2.4));
  ASSERT_EQ(server.attribution.requests[0].merged.size(), 1u);
  EXPECT_EQ(server.attribution.requests[0].merged[0].size(), 2u);
  TileServer plain({{"cpu", {5}}, {"child-faults", {0}}});
  EXPECT_TRUE(plain.Findings().empty());
}

TEST(ProcessFindingsTest, ThreadsThatWaitAreOversubscriptionUnlessOursWaitToo) {
  const StageSamples waiting = {{"cpu", {9}}, {"run-queue", {30}}};
  TileServer quiet(waiting);
  quiet.observed.own_cpu_ms = 100, quiet.observed.own_run_queue_ms = 2;
  EXPECT_THAT(IdsOf(quiet.Findings()), Contains("cores-oversubscribed"));
  TileServer busy(waiting);
  busy.observed.own_cpu_ms = 100, busy.observed.own_run_queue_ms = 150;
  EXPECT_THAT(IdsOf(busy.Findings()),
              testing::AllOf(Contains("machine-busy"), Not(Contains("cores-oversubscribed"))));
}

TEST(ProcessFindingsTest, WorkBeyondTheLatencyIsOverlap) {
  TileServer server({{"cpu", {17}}});
  EXPECT_THAT(IdsOf(server.Findings()), ElementsAre("stages-overlap"));
  TileServer says({{"cpu", {9}}});
  says.observed.methods["tile"]["server-timing"] = {
      {"decode", {8}}, {"encode", {7}}, {"total", {9}}};
  ASSERT_THAT(IdsOf(says.Findings()), ElementsAre("stages-overlap"));
  EXPECT_THAT(FiguresIn(says.attribution.findings[0].text), ElementsAre(15, 9));
  TileServer one_after_another({{"cpu", {9}}});
  one_after_another.observed.methods["tile"]["server-timing"] = {
      {"decode", {4}}, {"encode", {4}}, {"total", {9}}};
  EXPECT_TRUE(one_after_another.Findings().empty());
}

}  // namespace
}  // namespace iiifbench
