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

// One request "tile" of 10 ms with what the processes used for it.
struct TileServer {
  Observed observed;
  Attribution attribution;
  explicit TileServer(const ProcessUsage& used) {
    attribution.requests.push_back({.path = "tile", .measured_ms = 10, .process = used});
    for (Stage stage : {Stage::kOverhead, Stage::kDecode})
      attribution.requests[0].stages[stage] = {5, 4, 6};
  }
  std::vector<Finding> Findings() {
    AddProcessFindings(observed, attribution);
    return attribution.findings;
  }
};

TEST(ProcessFindingsTest, ASubprocessIsNamedAndItsStagesAreMerged) {
  TileServer server({.on_cpu_ms = 5, .child_faults = 140, .file_mb = 2.4});
  ASSERT_THAT(IdsOf(server.Findings()), ElementsAre("subprocess-per-picture"));
  EXPECT_THAT(FiguresIn(server.attribution.findings[0].text), ElementsAre(140, 2.4));
  ASSERT_EQ(server.attribution.requests[0].merged.size(), 1u);
  EXPECT_EQ(server.attribution.requests[0].merged[0].size(), 2u);
  TileServer plain({.on_cpu_ms = 5});
  EXPECT_TRUE(plain.Findings().empty());
}

TEST(ProcessFindingsTest, ThreadsThatWaitAreOversubscriptionUnlessOursWaitToo) {
  const ProcessUsage waiting = {.on_cpu_ms = 9, .run_queue_ms = 30};
  TileServer quiet(waiting);
  quiet.observed.own_cpu_ms = 100, quiet.observed.own_run_queue_ms = 2;
  EXPECT_THAT(IdsOf(quiet.Findings()), Contains("cores-oversubscribed"));
  TileServer busy(waiting);
  busy.observed.own_cpu_ms = 100, busy.observed.own_run_queue_ms = 150;
  EXPECT_THAT(IdsOf(busy.Findings()),
              testing::AllOf(Contains("machine-busy"), Not(Contains("cores-oversubscribed"))));
}

TEST(ProcessFindingsTest, WorkBeyondTheLatencyIsOverlap) {
  TileServer server({.on_cpu_ms = 17});
  EXPECT_THAT(IdsOf(server.Findings()), ElementsAre("stages-overlap"));
  TileServer says({.on_cpu_ms = 9});
  says.observed.methods["tile"]["server-timing"] = {
      {Stage::kDecode, {8}}, {Stage::kEncode, {7}}, {OtherPart::kTotal, {9}}};
  ASSERT_THAT(IdsOf(says.Findings()), ElementsAre("stages-overlap"));
  EXPECT_THAT(FiguresIn(says.attribution.findings[0].text), ElementsAre(15, 9));
  TileServer one_after_another({.on_cpu_ms = 9});
  one_after_another.observed.methods["tile"]["server-timing"] = {
      {Stage::kDecode, {4}}, {Stage::kEncode, {4}}, {OtherPart::kTotal, {9}}};
  EXPECT_TRUE(one_after_another.Findings().empty());
}

}  // namespace
}  // namespace iiifbench
