#include "harness/attribution/evidence/reconcile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace iiifbench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

RequestAttribution Request() {
  RequestAttribution r{.path = "full/800,/0/default.jpg", .measured_ms = 40};
  r.methods["probe"] = {{"decode", 18}, {"resize", 17}, {"encode", 4}};
  return r;
}

TEST(ReconcileTest, TenPointsApartIsAFindingAndLessIsNot) {
  RequestAttribution r = Request();
  r.methods["log"] = {{"decode", 13.9}, {"resize", 15.9}, {"total", 38}};
  EXPECT_THAT(Reconcile(r).disagreements,
              ElementsAre(HasSubstr("decode is 18.00 ms by probe, 13.90 ms by log")));
  r.methods["log"]["decode"] = 14.1;
  EXPECT_THAT(Reconcile(r).disagreements, IsEmpty());
}

TEST(ReconcileTest, WhatAMethodCouldNotAssignIsGrantedToTheStage) {
  RequestAttribution r = Request();
  r.methods["profile"] = {{"decode", 17}, {"encode", 4}, {"resize", 0}, {"unknown", 18}};
  EXPECT_THAT(Reconcile(r).disagreements, IsEmpty());
  r.methods["profile"]["unknown"] = 2, r.methods["profile"]["off-cpu"] = 16;
  EXPECT_THAT(Reconcile(r).disagreements, ElementsAre(HasSubstr("resize")));
  // More than the other says is a contradiction whatever is unassigned.
  r.methods["profile"] = {{"decode", 30}, {"unknown", 18}};
  EXPECT_THAT(Reconcile(r).disagreements, ElementsAre(HasSubstr("decode")));
}

TEST(ReconcileTest, MergedStagesAreComparedAsTheirSum) {
  RequestAttribution r = Request();
  r.merged = {{"decode", "resize"}};
  r.methods["server-timing"] = {{"decode", 30}, {"resize", 5}, {"encode", 4}};
  const Reconciled found = Reconcile(r);
  EXPECT_THAT(found.disagreements, IsEmpty());
  EXPECT_EQ(found.rows.front().stage, "decode+resize");
  EXPECT_DOUBLE_EQ(found.rows.front().ms.at("probe"), 35);
  // A log that names one of the two says nothing about the sum.
  r.methods["log"] = {{"decode", 3}};
  EXPECT_THAT(Reconcile(r).disagreements, IsEmpty());
}

TEST(ReconcileTest, ACallIntoADecoderHoldsItsReading) {
  RequestAttribution r = Request();
  r.methods["probe"]["read"] = 2;
  r.merged = {{"decode", "read"}};
  r.methods["interpose"] = {{"decode", 19}, {"encode", 4}};
  const Reconciled found = Reconcile(r);
  EXPECT_EQ(found.rows.front().stage, "decode+read");
  EXPECT_DOUBLE_EQ(found.rows.front().ms.at("interpose"), 19);
  EXPECT_THAT(found.disagreements, IsEmpty());
  r.methods["interpose"]["decode"] = 11;
  EXPECT_THAT(Reconcile(r).disagreements, ElementsAre(HasSubstr("11.00 ms by interpose")));
  // But not what a fit cannot tell from it.
  r.merged = {{"decode", "overhead"}};
  for (const auto& row : Reconcile(r).rows)
    EXPECT_EQ(row.ms.count("interpose"), row.stage == "encode" ? 1u : 0u) << row.stage;
}

// A preloaded library sees 80 of a decode that a profile says took 125; between its calls there
// were 40 more.
TEST(ReconcileTest, WhatIsBetweenCallsMayBeTheDecodes) {
  RequestAttribution r{.measured_ms = 200};
  r.methods["profile"] = {{"decode", 125}, {"off-cpu", 75}};
  r.methods["interpose"] = {{"decode", 80}};
  EXPECT_THAT(Reconcile(r).disagreements, ElementsAre(HasSubstr("80.00 ms by interpose")));
  r.methods["interpose"]["between calls"] = 40;
  EXPECT_THAT(Reconcile(r).disagreements, IsEmpty());
}

// The profile was taken while the processor was faster: the same shares are no contradiction,
// others are.
TEST(ReconcileTest, AProfileOfFasterRequestsIsComparedByItsShares) {
  RequestAttribution r = Request();
  r.methods["profile"] = {
      {"decode", 13.5}, {"resize", 12.8}, {"encode", 3}, {"off-cpu", 0.7}, {"background", 20}};
  EXPECT_THAT(Reconcile(r).disagreements, IsEmpty());
  r.methods["profile"] = {{"decode", 9}, {"resize", 12.8}, {"encode", 7.5}, {"off-cpu", 0.7}};
  EXPECT_THAT(
      Reconcile(r).disagreements,
      ElementsAre(HasSubstr("decode is 18.00 ms by probe, 9.00 ms of 30.00 by profile: 15 points"),
                  HasSubstr("encode is 4.00 ms by probe, 7.50 ms of 30.00 by profile: 15 points")));
}

TEST(ReconcileTest, TheFloorIsNoRival) {
  RequestAttribution r = Request();
  r.methods["floor"] = {{"decode", 1}, {"resize", 1}, {"encode", 1}};
  const Reconciled found = Reconcile(r);
  EXPECT_THAT(found.disagreements, IsEmpty());
  EXPECT_DOUBLE_EQ(found.rows.front().ms.at("floor"), 1);
}

}  // namespace
}  // namespace iiifbench
