#include "harness/attribution/evidence/page_cache.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace iiifbench {
namespace {

namespace fs = std::filesystem;

TEST(PageCacheTest, AFileGoesOutOfMemoryAndComesBack) {
  const std::string file = fs::current_path() / fmt::format("page-cache-test-{}", ::getpid());
  std::ofstream(file) << std::string(1 << 20, 'x');
  struct Gone {
    std::string file;
    ~Gone() {
      std::error_code ignored;
      fs::remove(file, ignored);
    }
  } const gone{file};
  auto share = PageCacheShare(file);
  ASSERT_TRUE(share.ok()) << share.error().message;
  EXPECT_EQ(*share, 1);
  auto evicted = EvictFromPageCache(file);
  ASSERT_TRUE(evicted.ok()) << evicted.error().message;
  if (*PageCacheShare(file) > 0) GTEST_SKIP() << "this file system keeps files in memory";
  std::ifstream in(file);
  const std::string back(std::istreambuf_iterator<char>(in), {});
  EXPECT_EQ(back.size(), size_t{1} << 20);
  EXPECT_GT(*PageCacheShare(file), 0.9);
  EXPECT_FALSE(PageCacheShare(file + "-absent").ok());
}

}  // namespace
}  // namespace iiifbench
