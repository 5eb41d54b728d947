// Runs a test body once for every Highway target that was compiled and that this CPU has, and fails
// if one did not run.
#pragma once

#include <gtest/gtest.h>
#include <hwy/targets.h>

namespace iiifbench {

template <typename Body>
void OnEachTarget(const Body& body) {
  int ran = 0;
  for (int64_t target : hwy::SupportedAndGeneratedTargets()) {
    hwy::SetSupportedTargetsForTest(target);
    ASSERT_EQ(hwy::SupportedTargets(), target)
        << "target " << hwy::TargetName(target) << " was not selected";
    SCOPED_TRACE(hwy::TargetName(target));
    body();
    ASSERT_TRUE(hwy::GetChosenTarget().IsInitialized())
        << "no dispatched function ran on " << hwy::TargetName(target);
    ++ran;
    if (::testing::Test::HasFatalFailure()) break;
  }
  hwy::SetSupportedTargetsForTest(0);
  EXPECT_GE(ran, 1);
}

}  // namespace iiifbench
