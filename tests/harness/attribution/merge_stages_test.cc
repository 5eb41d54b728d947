// Which stages are merged, on replicates written down here.
#include "harness/attribution/fitting/merge_stages.h"

#include <gmock/gmock.h>

#include "harness/attribution/regressors/hypothesis.h"

namespace iiifbench {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Groups = std::vector<std::vector<std::string>>;
using Replicates = std::map<std::string, std::vector<double>>;

constexpr int kReplicates = 101;

// Columns that are no combination of one another.
Eigen::MatrixXd Separate() {
  Eigen::MatrixXd x = Eigen::MatrixXd::Zero(30, kColumns);
  for (int i = 0; i < 30; ++i) {
    x(i, kImage) = 1;
    x(i, kDecode) = i % 3, x(i, kResize) = i % 5, x(i, kEncode) = i % 7;
  }
  return x;
}

// From `low` to `high` in even steps.
std::vector<double> Ramp(double low, double high) {
  std::vector<double> out;
  for (int i = 0; i < kReplicates; ++i) out.push_back(low + (high - low) * i / (kReplicates - 1));
  return out;
}

// The same steps in an order that has nothing to do with the other's.
std::vector<double> Scattered(double low, double high) {
  const auto even = Ramp(low, high);
  std::vector<double> out;
  for (int i = 0; i < kReplicates; ++i) out.push_back(even[static_cast<size_t>(i * 37 % kReplicates)]);
  return out;
}

Groups Merged(const Eigen::MatrixXd& x, const Replicates& replicates,
              const std::map<std::string, double>& stages, double measured_ms = 100) {
  RequestAttribution request{.path = "full/100,/0/default.jpg", .measured_ms = measured_ms};
  for (const auto& [name, ms] : stages) request.stages[name] = {ms, ms, ms};
  MergeStages(x, replicates, request);
  return request.merged;
}

TEST(MergeStagesTest, APairThatTradesTimeIsMerged) {
  const Replicates replicates = {{"decode", Ramp(40, 70)}, {"resize", Ramp(50, 20)}, {"encode", Ramp(9, 11)}};
  EXPECT_THAT(Merged(Separate(), replicates, {{"decode", 55}, {"resize", 35}, {"encode", 10}}),
              ElementsAre(ElementsAre("decode", "resize")));
}

// 14 points wide, and yet the answer is clear: decode is within a tenth of itself.
TEST(MergeStagesTest, ASplitWithinAFifthIsToldApart) {
  const Replicates replicates = {
      {"decode", Ramp(71, 85)}, {"overhead", Ramp(27, 13)}, {"encode", Ramp(1.9, 2.1)}};
  EXPECT_THAT(Merged(Separate(), replicates, {{"decode", 78}, {"overhead", 20}, {"encode", 2}}), IsEmpty());
  // The same width with the estimate at its edge may be off by all of it.
  EXPECT_THAT(Merged(Separate(), replicates, {{"decode", 84}, {"overhead", 14}, {"encode", 2}}),
              ElementsAre(ElementsAre("decode", "overhead")));
}

// 7 points of a request of which the two are a quarter: which is the larger is not known.
TEST(MergeStagesTest, ASplitOfTwoSmallStagesIsNotBoundedByTheRequest) {
  const Replicates replicates = {
      {"decode", Ramp(4, 18)}, {"overhead", Ramp(20, 6)}, {"encode", Ramp(75, 77)}};
  EXPECT_THAT(Merged(Separate(), replicates, {{"decode", 11}, {"overhead", 13}, {"encode", 76}}),
              ElementsAre(ElementsAre("decode", "overhead")));
}

// Decode is wide because the fit is bad, not because another stage has what it lacks: not known all the same.
TEST(MergeStagesTest, AWideStageDoesNotStandAlone) {
  const Replicates replicates = {
      {"decode", Ramp(60, 100)}, {"resize", Scattered(5, 7)}, {"encode", Scattered(4, 5)}};
  EXPECT_THAT(Merged(Separate(), replicates, {{"decode", 80}, {"resize", 6}, {"encode", 5}}),
              ElementsAre(ElementsAre("decode", "encode", "resize")));
}

// Resize and encode trade more surely than decode trades with either: they come first, and that suffices.
TEST(MergeStagesTest, TheSurestSumComesFirst) {
  const Replicates replicates = {
      {"decode", Scattered(30, 34)}, {"resize", Ramp(10, 50)}, {"encode", Ramp(58, 18)}};
  EXPECT_THAT(Merged(Separate(), replicates, {{"decode", 32}, {"resize", 30}, {"encode", 38}}),
              ElementsAre(ElementsAre("encode", "resize")));
}

TEST(MergeStagesTest, AColumnThatIsAConstantIsMergedHoweverNarrow) {
  Eigen::MatrixXd x = Separate();
  x.col(kResize).setConstant(40);
  const Replicates replicates = {
      {"resize", Ramp(79, 81)}, {"overhead", Ramp(11, 9)}, {"encode", Ramp(10, 10)}};
  EXPECT_THAT(Merged(x, replicates, {{"resize", 80}, {"overhead", 10}, {"encode", 10}}),
              ElementsAre(ElementsAre("overhead", "resize")));
}

}  // namespace
}  // namespace iiifbench
