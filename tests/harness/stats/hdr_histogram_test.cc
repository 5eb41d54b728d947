// Against values and an encoding computed with another implementation (PyPI hdrhistogram 0.10.8),
// over the same samples: i^3 for i = 1..100, 100,000 times 5, and 2,999,999,999.
#include "harness/stats/hdr_histogram.h"

#include <gtest/gtest.h>

#include <random>

#include "harness/stats/quantile.h"

namespace iiifbench {
namespace {

constexpr const char* kEncoded =
    "HISTFAAAAPZ4nD2PsUuCYRDGv+f3fp+"
    "TtLS69Yc0NkRIhDSENESDRERIRDQ0lEhDhLxIWEiEQTSIQ0REg0E4OEkEgTQ6OLQEEg0RdN+"
    "XdA/cHc/d7+AyB34yCDQR/"
    "IUbV8Xp1V8G0x9jg+"
    "jxNO2YYoZtbsS36EHLcRbiI05SVFJchIxCehFVR9fx47gPGUIfvqDuaLuYKkENmvCUjEbW2DXxJt7Fp+"
    "IFDw3oiHNxJVriVrRFVzyLvhiIF7HDHvuiLI5FRdREXTTEtWgmzIPIs2IqsMY6Rbbsgd1/"
    "7FAcCS8zZ5kjyzwL5Fg0LRm4nKCrBhcM3mCT4Z34BUXBQvA=";

HdrHistogram Cubes() {
  HdrHistogram histogram;
  for (int64_t i = 1; i <= 100; ++i) histogram.Record(i * i * i);
  histogram.Record(5, 100'000);
  histogram.Record(2'999'999'999);
  return histogram;
}

void ExpectCubes(const HdrHistogram& histogram) {
  EXPECT_EQ(histogram.count(), 100'101);
  EXPECT_EQ(histogram.Least(), 1);
  EXPECT_EQ(histogram.At(0.01), 5);
  EXPECT_EQ(histogram.At(0.999), 5);
  EXPECT_EQ(histogram.At(0.9999), 753'663);
  EXPECT_EQ(histogram.At(0.999999), 3'001'024'511);
  EXPECT_EQ(histogram.At(1), 3'001'024'511);
  EXPECT_NEAR(histogram.Mean(), 30229.25827913807, 1e-6);
}

TEST(HdrHistogram, ValuesOfAnotherImplementation) { ExpectCubes(Cubes()); }

TEST(HdrHistogram, ReadsTheEncodingOfAnotherImplementation) {
  const auto read = HdrHistogram::Decode(kEncoded);
  ASSERT_TRUE(read) << read.error().message;
  ExpectCubes(*read);
  EXPECT_EQ(*read, Cubes());
}

TEST(HdrHistogram, WritesTheCompressedV2Cookie) {
  EXPECT_EQ(Cubes().Encode().substr(0, 6), std::string(kEncoded).substr(0, 6));  // 0x1c849314
  EXPECT_EQ(HdrHistogram::Decode(Cubes().Encode()).value(), Cubes());
  EXPECT_EQ(HdrHistogram::Decode(HdrHistogram().Encode()).value().count(), 0);
}

TEST(HdrHistogram, CountsOfEverySizeSurvive) {
  HdrHistogram histogram;
  for (int bits = 0; bits < 62; ++bits) histogram.Record(1 + 37 * bits, int64_t{1} << bits);
  EXPECT_EQ(HdrHistogram::Decode(histogram.Encode()).value(), histogram);
}

TEST(HdrHistogram, MergingIsRecordingTogether) {
  std::mt19937_64 random(1);
  HdrHistogram a, b, both;
  for (int i = 0; i < 10'000; ++i) {
    const auto value = static_cast<int64_t>(random() % 1'000'000);
    (i % 3 == 0 ? a : b).Record(value);
    both.Record(value);
  }
  a.Merge(b);
  EXPECT_EQ(a, both);
  EXPECT_EQ(a.count(), 10'000);
}

TEST(HdrHistogram, EveryValueIsKnownToOnePartInAThousand) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 1000; ++i) {
    const auto value = static_cast<int64_t>(random() % (3'600'000'000ULL >> (i % 32)));
    HdrHistogram one({.highest = 3'600'000'000});
    one.Record(value);
    ASSERT_LE(one.Least(), value);
    ASSERT_GE(one.At(1), value);
    ASSERT_LE(static_cast<double>(one.At(1) - one.Least()), 1e-3 * static_cast<double>(value))
        << value;
  }
}

TEST(HdrHistogram, ValuesAboveTheRangeAreCountedAndSaid) {
  HdrHistogram histogram({.highest = 1000});
  histogram.Record(5000, 2);
  EXPECT_EQ(histogram.count(), 2);
  EXPECT_EQ(histogram.clipped(), 2);
}

TEST(HdrHistogram, DamagedTextIsAnError) {
  const std::string good = Cubes().Encode();
  EXPECT_FALSE(HdrHistogram::Decode(""));
  EXPECT_FALSE(HdrHistogram::Decode("not base64!"));
  EXPECT_FALSE(HdrHistogram::Decode(good.substr(0, good.size() / 2)));
  for (size_t i = 0; i < good.size(); i += 3) {
    std::string bad = good;
    bad[i] = bad[i] == 'A' ? 'B' : 'A';
    // zlib's checksum sees what changes the content; a bit that no code uses may change.
    const auto read = HdrHistogram::Decode(bad);
    EXPECT_TRUE(!read || i < 12 || *read == Cubes()) << i;
  }
}

}  // namespace
}  // namespace iiifbench
