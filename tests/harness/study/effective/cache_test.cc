// Does a server keep answers? Made-up servers whose times are known, quiet and on a busy machine;
// and ours.
#include "harness/study/effective/cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <set>

#include "harness/servers/reference/reference_server.h"
#include "harness/servers/server.h"
#include "harness/study/effective/read_back.h"
#include "tests/kernels/codecs/test_pages.h"

namespace iiifbench {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// A server whose new crops take 4 to 12 ms by what they show, and what is kept `kept_ms`; 0:
// nothing is kept. In bursts something else takes the processor: all that is asked then takes three
// times as long.
class MadeUp {
 public:
  MadeUp(double kept_ms, double burst_share, uint64_t seed)
      : kept_ms_(kept_ms), burst_share_(burst_share), random_(seed) {}
  Result<CropTime> operator()(int crop) {
    if (burst_left_ > 0) {
      --burst_left_;
    } else if (Uniform() < burst_share_) {
      burst_left_ = static_cast<int>(random_() % 20);
    }
    const double slow = (burst_left_ > 0 ? 3 : 1) * (0.95 + 0.1 * Uniform());
    if (crop == kAskInfo) return CropTime{.ms = 0.4 * slow};
    const bool known = !asked_.insert(crop).second;
    const double ms = known && kept_ms_ > 0 ? kept_ms_ : 4 + crop * 7919 % 9;
    return CropTime{.ms = ms * slow, .transfer_ms = 0.1 * slow};
  }

 private:
  double Uniform() { return static_cast<double>(random_() % 10'000) / 10'000; }
  double kept_ms_, burst_share_;
  std::mt19937_64 random_;
  int burst_left_ = 0;
  std::set<int> asked_;
};

CacheReading ReadOf(MadeUp server) {
  auto reading = ReadCache(std::ref(server));
  EXPECT_TRUE(reading.ok()) << reading.error().message;
  return *reading;
}

TEST(CacheTest, AQuietServerIsReadAtTheFirstLook) {
  const CacheReading off = ReadOf({0, 0, 1});
  EXPECT_EQ(off.cached, Cached::kOff);
  EXPECT_THAT(off.text, StartsWith("off (of its first time, the same crop took 1.0"));
  EXPECT_THAT(off.text, HasSubstr("9 crops)"));
  EXPECT_NEAR(off.new_ms, 8, 2);
  const CacheReading on = ReadOf({0.3, 0, 1});
  EXPECT_EQ(on.cached, Cached::kOn) << on.text;
}

TEST(CacheTest, NoiseNeverTurnsOneIntoTheOther) {
  int told = 0;
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    const CacheReading off = ReadOf({0, 0.1, seed}), on = ReadOf({0.3, 0.1, seed});
    EXPECT_NE(off.cached, Cached::kOn) << seed << ": " << off.text;
    EXPECT_NE(on.cached, Cached::kOff) << seed << ": " << on.text;
    told += (off.cached == Cached::kOff) + (on.cached == Cached::kOn);
  }
  EXPECT_GT(told, 500);  // and it does not hide behind "cannot tell"
}

// The repeats are faster, but no cache would take so long.
TEST(CacheTest, FasterRepeatsAreNoCacheByThemselves) {
  const CacheReading reading = ReadOf({2.4, 0, 1});
  EXPECT_EQ(reading.cached, Cached::kCannotTell);
  EXPECT_THAT(reading.text,
              HasSubstr("yet it took 2.4 ms, and an answer from a cache would take at most 1.5"));
}

// Whose cache was filled before: no crop is new to it.
TEST(CacheTest, ACacheThatKnowsEveryCropIsNotOff) {
  auto reading =
      ReadCache([](int) -> Result<CropTime> { return CropTime{.ms = 0.4, .transfer_ms = 0.1}; });
  ASSERT_TRUE(reading.ok());
  EXPECT_EQ(reading->cached, Cached::kCannotTell);
  EXPECT_THAT(reading->text, HasSubstr("a new crop took 0.4 ms, about as info.json"));
}

TEST(CacheTest, AnAskThatFailsIsTheError) {
  auto reading = ReadCache([](int crop) -> Result<CropTime> {
    if (crop == 3) return Fail(ErrorKind::kIo, "status 500");
    return CropTime{.ms = 1};
  });
  ASSERT_FALSE(reading.ok());
  EXPECT_EQ(reading.error().message, "status 500");
}

// Our own server in this process, as a study sees one.
class Running : public RunningServer {
 public:
  explicit Running(std::unique_ptr<ReferenceServer> server) : server_(std::move(server)) {}
  std::string ImageUrl(std::string_view file_name) const override {
    return fmt::format("http://127.0.0.1:{}/iiif/2/{}", server_->port(), file_name);
  }
  std::vector<int> ProcessIds() const override { return {}; }
  std::vector<LoggedRequest> TakeLog() override { return {}; }
  std::string LastLogLines(int) const override { return {}; }
  Result<void> Check() override { return {}; }

 private:
  std::unique_ptr<ReferenceServer> server_;
};

TEST(CacheTest, TheReferenceServerIsReadBackAsItWorks) {
  char name[] = "/tmp/iiifbench-test-XXXXXX";
  const std::string folder = ::mkdtemp(name);
  const auto bytes = Encoded(*FindCodec("jpeg"), TestPicture({2000, 1500}, 3), {});
  std::ofstream(folder + "/page.jpg", std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), std::ssize(bytes));
  for (const bool cache : {false, true}) {
    auto server = ReferenceServer::Start({.folder = folder, .faults = {.cache = cache}});
    ASSERT_TRUE(server.ok()) << server.error().message;
    Running running(std::move(*server));
    auto read = ReadBackSettings(running, running.ImageUrl("page.jpg"), {2000, 1500});
    ASSERT_TRUE(read.ok()) << read.error().message;
    // A busy machine may forbid the verdict, never turn it.
    EXPECT_THAT(read->at("cache"), ::testing::Not(StartsWith(cache ? "off" : "on")));
    EXPECT_THAT(read->at("cache"), HasSubstr("of its first time"));
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace iiifbench
