#include "harness/attribution/findings/connection_findings.h"

#include <gmock/gmock.h>

#include "tests/harness/findings/figures.h"

namespace iiifbench {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Attribution FindingsOf(const Observed& observed) {
  Attribution out;
  AddConnectionFindings(observed, out);
  return out;
}

TEST(ConnectionFindingsTest, FailuresAreCountedByKind) {
  Observed observed;
  observed.exchanges = 470;
  observed.failures = {{"cut off", 1}, {"status 502", 31}};
  const auto findings = FindingsOf(observed).findings;
  ASSERT_THAT(IdsOf(findings), ElementsAre("requests-failed"));
  EXPECT_THAT(FiguresIn(findings[0].text), ElementsAre(32, 470, 1, 502, 31));
}

TEST(ConnectionFindingsTest, ConnectionsThatAreNotKeptAreNamedWithTheirPrice) {
  Observed observed;
  observed.exchanges = 300;
  observed.network = {.round_trip_ms = 20, .connect_ms = 0.1};
  observed.fresh_connections = 3;
  EXPECT_THAT(FindingsOf(observed).findings, IsEmpty());
  observed.fresh_connections = 60;
  auto findings = FindingsOf(observed).findings;
  ASSERT_THAT(IdsOf(findings), ElementsAre("server-closes-connections"));
  EXPECT_THAT(FiguresIn(findings[0].text), ElementsAre(60, 300, 20));
  observed.fresh_connections = 300, observed.closing = 300;
  findings = FindingsOf(observed).findings;
  ASSERT_THAT(IdsOf(findings), ElementsAre("server-closes-connections"));
  EXPECT_THAT(FiguresIn(findings[0].text), ElementsAre(300, 300, 300, 20));
  EXPECT_FALSE(findings[0].remedy.empty());
}

TEST(ConnectionFindingsTest, AWireThatLimitsIsNamedByItsRate) {
  Observed observed;
  Case c{.probe = {.path = "full/750,/0/default.jpg"}, .held_out = true};
  c.transfers.push_back({.bytes = 430'000, .body_ms = 415});
  observed.cases.push_back(c);
  EXPECT_THAT(FindingsOf(observed).findings, IsEmpty());
  observed.wire = {.ms_per_mb = 1000, .limits = true};
  const auto findings = FindingsOf(observed).findings;
  ASSERT_THAT(IdsOf(findings), ElementsAre("slow-link"));
  // The rate, kilobytes, what the path has, and milliseconds.
  EXPECT_THAT(FiguresIn(findings[0].text), ElementsAre(8, 430, 750, 0, 430));
}

}  // namespace
}  // namespace iiifbench
