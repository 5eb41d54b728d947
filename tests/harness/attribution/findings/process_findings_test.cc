// What the findings about a server's situation are made of, on figures written down here.
#include <gtest/gtest.h>

#include "harness/attribution/findings/process_findings.h"
#include "harness/attribution/findings/store_finding.h"

namespace iiifbench {
namespace {

bool Holds(const std::vector<std::string>& sentences, const std::string& words) {
  return std::ranges::any_of(sentences,
                             [&](const auto& s) { return s.find(words) != std::string::npos; });
}

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
  std::vector<std::string> Findings() {
    AddProcessFindings(observed, attribution);
    return attribution.findings;
  }
};

TEST(ProcessFindingsTest, ASubprocessIsNamedAndItsStagesAreMerged) {
  TileServer server({{"cpu", {5}}, {"child-faults", {140}}, {"file-mb", {2.4}}});
  EXPECT_TRUE(Holds(server.Findings(), "starts a subprocess"));
  EXPECT_TRUE(Holds(server.attribution.findings, "2.40 MB"));
  ASSERT_EQ(server.attribution.requests[0].merged.size(), 1u);
  EXPECT_EQ(server.attribution.requests[0].merged[0].size(), 2u);
  TileServer plain({{"cpu", {5}}, {"child-faults", {0}}});
  EXPECT_TRUE(plain.Findings().empty());
}

TEST(ProcessFindingsTest, ThreadsThatWaitAreOversubscriptionUnlessOursWaitToo) {
  const StageSamples waiting = {{"cpu", {9}}, {"run-queue", {30}}};
  TileServer quiet(waiting);
  quiet.observed.own_cpu_ms = 100, quiet.observed.own_run_queue_ms = 2;
  EXPECT_TRUE(Holds(quiet.Findings(), "oversubscribe"));
  TileServer busy(waiting);
  busy.observed.own_cpu_ms = 100, busy.observed.own_run_queue_ms = 150;
  EXPECT_FALSE(Holds(busy.Findings(), "oversubscribe"));
  EXPECT_TRUE(Holds(busy.attribution.findings, "something else runs"));
}

TEST(ProcessFindingsTest, WorkBeyondTheLatencyIsOverlap) {
  TileServer server({{"cpu", {17}}});
  EXPECT_TRUE(Holds(server.Findings(), "critical path"));
  TileServer says({{"cpu", {9}}});
  says.observed.methods["tile"]["server-timing"] = {
      {"decode", {8}}, {"encode", {7}}, {"total", {9}}};
  EXPECT_TRUE(Holds(says.Findings(), "15.0 ms of work in 9.0 ms"));
  TileServer one_after_another({{"cpu", {9}}});
  one_after_another.observed.methods["tile"]["server-timing"] = {
      {"decode", {4}}, {"encode", {4}}, {"total", {9}}};
  EXPECT_TRUE(one_after_another.Findings().empty());
}

}  // namespace
}  // namespace iiifbench
