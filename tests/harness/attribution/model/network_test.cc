// What of an answer is the way: a slow wire is, work that a server does while it sends is not.
#include "harness/attribution/model/network.h"

#include <gtest/gtest.h>

namespace iiifbench {
namespace {

constexpr NetworkCost kLoopback{.round_trip_ms = 0.1, .ms_per_mb = 0.3};

// Bodies of 20 to 460 kB.
std::vector<TimedTransfer> Bodies(double (*body_ms)(double kilobytes, int number)) {
  std::vector<TimedTransfer> out;
  for (int i = 0; i < 12; ++i) {
    const double kilobytes = 20 + 40 * i;
    out.push_back(
        {.bytes = static_cast<int64_t>(1000 * kilobytes), .body_ms = body_ms(kilobytes, i)});
  }
  return out;
}

TEST(NetworkTest, ASlowWireOnAShortWayIsNetwork) {
  // 8 Mbit/s, one millisecond per kilobyte; 16 kB come with the first byte.
  const auto bodies =
      Bodies([](double kilobytes, int i) { return kilobytes - 16 + 0.2 * (i % 3); });
  const NetworkCost cost{.round_trip_ms = 1, .ms_per_mb = 0.3};
  const Wire wire = WireOf(bodies, cost);
  EXPECT_TRUE(wire.limits);
  EXPECT_NEAR(wire.ms_per_mb, 1000, 20);
  EXPECT_NEAR(NetworkOf(cost, wire, bodies.back()), 461, 10);
  EXPECT_NEAR(NetworkOf(cost, wire, {.bytes = 10'000, .body_ms = 0}), 11, 1);
}

TEST(NetworkTest, WhatAServerDoesWhileItSendsIsItsOwn) {
  // The work does not follow the bytes: 10 to 40 ms whatever came of it.
  const auto bodies = Bodies([](double, int i) { return 10.0 + 10 * ((7 * i) % 4); });
  const Wire wire = WireOf(bodies, kLoopback);
  EXPECT_FALSE(wire.limits);
  for (const auto& body : bodies) EXPECT_LT(NetworkOf(kLoopback, wire, body), 5);
  // Over a link too, where the same bytes once came sooner.
  const NetworkCost link{.round_trip_ms = 10, .ms_per_mb = 0.3};
  const Wire quick{.ms_per_mb = 0.3, .fastest = {{200'000, 1}}};
  EXPECT_NEAR(NetworkOf(link, quick, {.bytes = 100'000, .body_ms = 300}), 10 + 30, 1);
}

TEST(NetworkTest, SlowStartIsNetwork) {
  const NetworkCost link{.round_trip_ms = 46, .ms_per_mb = 0.3};
  const auto bodies = Bodies([](double kilobytes, int) {
    return kilobytes < 30 ? 46.0 : kilobytes < 102 ? 92.0 : kilobytes < 220 ? 138.0 : 184.0;
  });
  const Wire wire = WireOf(bodies, link);
  for (const auto& body : bodies)
    EXPECT_NEAR(NetworkOf(link, wire, body), 46 + body.body_ms, 1) << body.bytes;
}

TEST(NetworkTest, OnLoopbackItIsLoopbacks) {
  const auto bodies = Bodies([](double kilobytes, int) { return 0.0003 * kilobytes; });
  const Wire wire = WireOf(bodies, kLoopback);
  EXPECT_FALSE(wire.limits);
  EXPECT_NEAR(NetworkOf(kLoopback, wire, bodies.back()), 0.1 + 0.138, 0.01);
}

TEST(NetworkTest, AConnectionThatWasNotOpenIsNetwork) {
  const NetworkCost link{.round_trip_ms = 20, .ms_per_mb = 0.3};
  const Wire wire = WireOf({}, link);
  EXPECT_NEAR(NetworkOf(link, wire, {.bytes = 1000}), 20, 0.1);
  // Behind a relay connect() is over at once, and its round trip is spent all the same.
  EXPECT_NEAR(NetworkOf(link, wire, {.bytes = 1000, .fresh = true, .connect_ms = 0.1}), 40, 0.1);
  EXPECT_NEAR(NetworkOf(link, wire, {.bytes = 1000, .fresh = true, .connect_ms = 21, .tls_ms = 40}),
              81, 0.1);
}

}  // namespace
}  // namespace iiifbench
