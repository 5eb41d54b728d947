#include "harness/attribution/findings/connection_findings.h"

#include <gmock/gmock.h>

namespace iiifbench {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
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
  EXPECT_THAT(
      FindingsOf(observed).findings,
      ElementsAre(HasSubstr("32 of 470 requests failed: cut off 1 time, status 502 31 times")));
}

TEST(ConnectionFindingsTest, ConnectionsThatAreNotKeptAreNamedWithWhatToDo) {
  Observed observed;
  observed.exchanges = 300;
  observed.network = {.round_trip_ms = 20, .connect_ms = 0.1};
  observed.fresh_connections = 3;
  EXPECT_THAT(FindingsOf(observed).findings, IsEmpty());
  observed.fresh_connections = 60;
  EXPECT_THAT(FindingsOf(observed).findings,
              ElementsAre(HasSubstr("closes connections after some answers (60 of 300")));
  observed.fresh_connections = 300, observed.closing = 300;
  EXPECT_THAT(FindingsOf(observed).findings,
              ElementsAre(AllOf(HasSubstr("closes connections after each answer (300 of 300"),
                                HasSubstr("pays 20.0 ms to connect"), HasSubstr("keep-alive"))));
}

TEST(ConnectionFindingsTest, AWireThatLimitsIsNamedByItsRate) {
  Observed observed;
  Case c{.probe = {.path = "full/750,/0/default.jpg"}, .held_out = true};
  c.transfers.push_back({.bytes = 430'000, .body_ms = 415});
  observed.cases.push_back(c);
  EXPECT_THAT(FindingsOf(observed).findings, IsEmpty());
  observed.wire = {.ms_per_mb = 1000, .limits = true};
  EXPECT_THAT(FindingsOf(observed).findings,
              ElementsAre(AllOf(HasSubstr("8.0 Mbit/s"), HasSubstr("430 kB"),
                                HasSubstr("430.0 ms of network"))));
}

}  // namespace
}  // namespace iiifbench
