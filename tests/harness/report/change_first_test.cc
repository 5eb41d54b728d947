// The one line on what to change: what is sure comes first, and nothing saves more than there is.
#include "harness/report/change_first.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace iiifbench {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

json ChangeThatSaves(double saves, double low, double high) {
  return {{"path", "full/800,/0/default.jpg"},
          {"change", "do not resample"},
          {"saves_ms", saves},
          {"low", low},
          {"high", high}};
}

// A request of 11 ms.
json Attributed(const json& what_if, double network_ms = 0) {
  const json request = {{"path", "full/800,/0/default.jpg"},
                        {"measured_ms", 11},
                        {"stages", {{"network", {{"ms", network_ms}}}}}};
  return {{"about", "full/800,/0/default.jpg"},
          {"requests", json::array({request})},
          {"what_ifs", json::array({what_if})}};
}

TEST(ChangeFirstTest, WhatIsSureHasItsSavingAndInterval) {
  EXPECT_EQ(ChangeFirst(Attributed(ChangeThatSaves(4, 3, 5))),
            "Change first: do not resample; that saves about 4.0 of 11.0 ms (3.0 to 5.0).");
}

TEST(ChangeFirstTest, NothingSavesMoreThanThereIs) {
  EXPECT_THAT(ChangeFirst(Attributed(ChangeThatSaves(13, 9, 23))),
              HasSubstr("11 of 11 ms (9 to 11)"));
  EXPECT_EQ(
      ChangeFirst(Attributed(ChangeThatSaves(13, -1, 23))),
      "Nothing surely saves 5 % of it; perhaps: do not resample; that saves 0 to 11 of 11 ms.");
}

TEST(ChangeFirstTest, WhatCannotHelpIsNotNamed) {
  const std::string said = ChangeFirst(Attributed(ChangeThatSaves(-2, -3, -1)));
  EXPECT_EQ(said, "Nothing that we know would save 5 % of it.");
}

TEST(ChangeFirstTest, ALinkThatTakesMostIsTheFirstThingToChange) {
  EXPECT_THAT(ChangeFirst(Attributed(ChangeThatSaves(4, 3, 5), 8)),
              HasSubstr("the way, not the server"));
  EXPECT_THAT(ChangeFirst(Attributed(ChangeThatSaves(4, 3, 5), 2)), Not(HasSubstr("the way")));
}

}  // namespace
}  // namespace iiifbench
