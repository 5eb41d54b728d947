#include "harness/doctor/storage_checks.h"

#include <gmock/gmock.h>

#include <filesystem>

namespace iiifbench {
namespace {

TEST(StorageChecksTest, AFolderThatIsThereIsGradedAndLeftAsItWas) {
  const auto folder = std::filesystem::path(::testing::TempDir()) / "doctor_folder";
  std::filesystem::create_directories(folder);
  const auto checks = StorageChecks(folder);
  ASSERT_EQ(checks.size(), 2U);
  EXPECT_NE(checks[0].grade, Grade::kUnknown);
  EXPECT_TRUE(std::filesystem::is_empty(folder));
  std::filesystem::remove_all(folder);
}

TEST(StorageChecksTest, AFolderThatIsNotThereIsBad) {
  for (const Check& check : StorageChecks("/no/such/folder")) {
    EXPECT_EQ(check.grade, Grade::kBad) << check.id;
    EXPECT_NE(check.found.find("/no/such/folder"), std::string::npos) << check.found;
  }
}

}  // namespace
}  // namespace iiifbench
