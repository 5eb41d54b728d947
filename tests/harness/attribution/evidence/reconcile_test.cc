#include "harness/attribution/evidence/reconcile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/harness/findings/figures.h"

namespace iiifbench {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;

RequestAttribution Request() {
  RequestAttribution r{.path = "full/800,/0/default.jpg", .measured_ms = 40};
  r.methods["probe"] = {{Stage::kDecode, 18}, {Stage::kResize, 17}, {Stage::kEncode, 4}};
  return r;
}

// "decode is 18.00 ms by ..." -> "decode", behind the path.
std::vector<std::string> StagesThatDisagree(const RequestAttribution& r) {
  std::vector<std::string> out;
  for (const Finding& finding : Reconcile(r).disagreements) {
    EXPECT_EQ(finding.id, "methods-disagree");
    const size_t begin = r.path.size() + 2;
    out.push_back(finding.text.substr(begin, finding.text.find(' ', begin) - begin));
  }
  return out;
}

TEST(ReconcileTest, TenPointsApartIsAFindingAndLessIsNot) {
  RequestAttribution r = Request();
  r.methods["log"] = {{Stage::kDecode, 13.9}, {Stage::kResize, 15.9}, {OtherPart::kTotal, 38}};
  const auto found = Reconcile(r).disagreements;
  ASSERT_THAT(IdsOf(found), ElementsAre("methods-disagree"));
  EXPECT_THAT(FiguresIn(found[0].text), IsSupersetOf({18.0, 13.9}));
  r.methods["log"][Stage::kDecode] = 14.1;
  EXPECT_THAT(Reconcile(r).disagreements, IsEmpty());
}

TEST(ReconcileTest, WhatAMethodCouldNotAssignIsGrantedToTheStage) {
  RequestAttribution r = Request();
  r.methods["profile"] = {
      {Stage::kDecode, 17}, {Stage::kEncode, 4}, {Stage::kResize, 0}, {OtherPart::kUnknown, 18}};
  EXPECT_THAT(Reconcile(r).disagreements, IsEmpty());
  r.methods["profile"][OtherPart::kUnknown] = 2, r.methods["profile"][OtherPart::kOffCpu] = 16;
  EXPECT_THAT(StagesThatDisagree(r), ElementsAre("resize"));
  // More than the other says is a contradiction whatever is unassigned.
  r.methods["profile"] = {{Stage::kDecode, 30}, {OtherPart::kUnknown, 18}};
  EXPECT_THAT(StagesThatDisagree(r), ElementsAre("decode"));
}

TEST(ReconcileTest, MergedStagesAreComparedAsTheirSum) {
  RequestAttribution r = Request();
  r.merged = {{Stage::kDecode, Stage::kResize}};
  r.methods["server-timing"] = {{Stage::kDecode, 30}, {Stage::kResize, 5}, {Stage::kEncode, 4}};
  const Reconciled found = Reconcile(r);
  EXPECT_THAT(found.disagreements, IsEmpty());
  EXPECT_EQ(found.rows.front().stage, "decode+resize");
  EXPECT_DOUBLE_EQ(found.rows.front().ms.at("probe"), 35);
  // A log that names one of the two says nothing about the sum.
  r.methods["log"] = {{Stage::kDecode, 3}};
  EXPECT_THAT(Reconcile(r).disagreements, IsEmpty());
}

TEST(ReconcileTest, ACallIntoADecoderHoldsItsReading) {
  RequestAttribution r = Request();
  r.methods["probe"][Stage::kRead] = 2;
  r.merged = {{Stage::kDecode, Stage::kRead}};
  r.methods["interpose"] = {{Stage::kDecode, 19}, {Stage::kEncode, 4}};
  const Reconciled found = Reconcile(r);
  EXPECT_EQ(found.rows.front().stage, "decode+read");
  EXPECT_DOUBLE_EQ(found.rows.front().ms.at("interpose"), 19);
  EXPECT_THAT(found.disagreements, IsEmpty());
  r.methods["interpose"][Stage::kDecode] = 11;
  EXPECT_THAT(StagesThatDisagree(r), ElementsAre("decode+read"));
  // But not what a fit cannot tell from it.
  r.merged = {{Stage::kDecode, Stage::kOverhead}};
  for (const auto& row : Reconcile(r).rows)
    EXPECT_EQ(row.ms.count("interpose"), row.stage == "encode" ? 1u : 0u) << row.stage;
}

// A preloaded library sees 80 of a decode that a profile says took 125; between its calls there
// were 40 more.
TEST(ReconcileTest, WhatIsBetweenCallsMayBeTheDecodes) {
  RequestAttribution r{.measured_ms = 200};
  r.methods["profile"] = {{Stage::kDecode, 125}, {OtherPart::kOffCpu, 75}};
  r.methods["interpose"] = {{Stage::kDecode, 80}};
  EXPECT_THAT(StagesThatDisagree(r), ElementsAre("decode"));
  r.methods["interpose"][OtherPart::kBetweenCalls] = 40;
  EXPECT_THAT(Reconcile(r).disagreements, IsEmpty());
}

// The profile was taken while the processor was faster: the same shares are no contradiction,
// others are.
TEST(ReconcileTest, AProfileOfFasterRequestsIsComparedByItsShares) {
  RequestAttribution r = Request();
  r.methods["profile"] = {{Stage::kDecode, 13.5},
                          {Stage::kResize, 12.8},
                          {Stage::kEncode, 3},
                          {OtherPart::kOffCpu, 0.7},
                          {OtherPart::kBackground, 20}};
  EXPECT_THAT(Reconcile(r).disagreements, IsEmpty());
  r.methods["profile"] = {{Stage::kDecode, 9},
                          {Stage::kResize, 12.8},
                          {Stage::kEncode, 7.5},
                          {OtherPart::kOffCpu, 0.7}};
  ASSERT_THAT(StagesThatDisagree(r), ElementsAre("decode", "encode"));
  // What each says, the whole of the profile, and the distance in points.
  EXPECT_THAT(FiguresIn(Reconcile(r).disagreements[0].text), IsSupersetOf({18.0, 9.0, 30.0, 15.0}));
  EXPECT_THAT(FiguresIn(Reconcile(r).disagreements[1].text), IsSupersetOf({4.0, 7.5, 30.0, 15.0}));
}

TEST(ReconcileTest, TheFloorIsNoRival) {
  RequestAttribution r = Request();
  r.methods["floor"] = {{Stage::kDecode, 1}, {Stage::kResize, 1}, {Stage::kEncode, 1}};
  const Reconciled found = Reconcile(r);
  EXPECT_THAT(found.disagreements, IsEmpty());
  EXPECT_DOUBLE_EQ(found.rows.front().ms.at("floor"), 1);
}

}  // namespace
}  // namespace iiifbench
