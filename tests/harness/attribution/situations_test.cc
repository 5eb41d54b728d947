// What the findings about a server's situation are made of, on figures written down here.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "data/corpus.h"
#include "harness/attribution/situations/jp2_pointers.h"
#include "harness/attribution/situations/page_cache.h"
#include "harness/attribution/situations/process_findings.h"
#include "harness/attribution/situations/store_finding.h"
#include "harness/load/generator/waiting.h"

namespace iiifbench {
namespace {

namespace fs = std::filesystem;

bool Holds(const std::vector<std::string>& sentences, const std::string& words) {
  return std::ranges::any_of(sentences,
                             [&](const auto& s) { return s.find(words) != std::string::npos; });
}

// One request "tile" of 10 ms with medians of method "cpu".
struct TileServer {
  Observed observed;
  Attribution attribution;
  explicit TileServer(const StageSamples& cpu) {
    observed.methods["tile"]["cpu"] = cpu;
    attribution.requests.push_back({.path = "tile", .measured_ms = 10});
    for (const char* stage : {"overhead", "decode"})
      attribution.requests[0].stages[stage] = {5, 4, 6};
  }
  std::vector<std::string> Findings() {
    AddProcessFindings(observed, attribution);
    return attribution.findings;
  }
};

TEST(ProcessFindingsTest, ASubprocessIsNamedAndItsStagesAreMerged) {
  TileServer server({{"cpu", {5}}, {"child-faults", {140}}, {"file-mb", {2.4}}});
  EXPECT_TRUE(Holds(server.Findings(), "starts a subprocess"));
  EXPECT_TRUE(Holds(server.attribution.findings, "2.40 MB"));
  ASSERT_EQ(server.attribution.requests[0].merged.size(), 1u);
  EXPECT_EQ(server.attribution.requests[0].merged[0].size(), 2u);
  TileServer plain({{"cpu", {5}}, {"child-faults", {0}}});
  EXPECT_TRUE(plain.Findings().empty());
}

TEST(ProcessFindingsTest, ThreadsThatWaitAreOversubscriptionUnlessOursWaitToo) {
  const StageSamples waiting = {{"cpu", {9}}, {"run-queue", {30}}};
  TileServer quiet(waiting);
  quiet.observed.own_cpu_ms = 100, quiet.observed.own_run_queue_ms = 2;
  EXPECT_TRUE(Holds(quiet.Findings(), "oversubscribe"));
  TileServer busy(waiting);
  busy.observed.own_cpu_ms = 100, busy.observed.own_run_queue_ms = 150;
  EXPECT_FALSE(Holds(busy.Findings(), "oversubscribe"));
  EXPECT_TRUE(Holds(busy.attribution.findings, "something else runs"));
}

TEST(ProcessFindingsTest, WorkBeyondTheLatencyIsOverlap) {
  TileServer server({{"cpu", {17}}});
  EXPECT_TRUE(Holds(server.Findings(), "critical path"));
  TileServer says({{"cpu", {9}}});
  says.observed.methods["tile"]["server-timing"] = {
      {"decode", {8}}, {"encode", {7}}, {"total", {9}}};
  EXPECT_TRUE(Holds(says.Findings(), "15.0 ms of work in 9.0 ms"));
  TileServer one_after_another({{"cpu", {9}}});
  one_after_another.observed.methods["tile"]["server-timing"] = {
      {"decode", {4}}, {"encode", {4}}, {"total", {9}}};
  EXPECT_TRUE(one_after_another.Findings().empty());
}

TEST(WaitingTest, OneWorkerIsToldFromABusyMachineAndAPacedClient) {
  LoadOutcome one{.clients = 10,
                  .service_ms = 10,
                  .latency_ms = 100,
                  .throughput = 100,
                  .in_flight = 10,
                  .cpu_ms_per_request = 9,
                  .cores = 4};
  const WaitingVerdict verdict = JudgeWaiting(one);
  EXPECT_NEAR(verdict.waiting_ms, 90, 1e-9);
  EXPECT_NEAR(verdict.at_a_time, 1, 1e-9);
  EXPECT_NEAR(verdict.busy_cores, 0.9, 1e-9);
  EXPECT_TRUE(Holds(verdict.findings, "more workers would help"));
  LoadOutcome full = one;
  full.throughput = 400, full.latency_ms = 25;
  EXPECT_TRUE(Holds(JudgeWaiting(full).findings, "would not help"));
  LoadOutcome paced = one;
  paced.in_flight = 2, paced.latency_ms = 10, paced.throughput = 200;
  EXPECT_TRUE(JudgeWaiting(paced).findings.empty());
  EXPECT_TRUE(Holds(JudgeWaiting(paced).refusals, "paces itself"));
  LoadOutcome fine = one;
  fine.latency_ms = 11, fine.throughput = 909;
  EXPECT_TRUE(JudgeWaiting(fine).findings.empty());
}

TEST(WaitingTest, ALogOfExchangesShowsHowManyWaited) {
  const std::chrono::steady_clock::time_point zero{};
  std::vector<Exchange> exchanges(4);
  for (int i = 0; i < 4; ++i) {
    exchanges[static_cast<size_t>(i)].sent = zero + std::chrono::milliseconds(30 * i);
    exchanges[static_cast<size_t>(i)].done = zero + std::chrono::milliseconds(30 * i + 10);
  }
  const LoadOutcome outcome = OutcomeOf(exchanges, 1);
  EXPECT_NEAR(outcome.latency_ms, 10, 1e-9);
  EXPECT_NEAR(outcome.in_flight, 0.4, 1e-9);
  EXPECT_NEAR(outcome.throughput, 40, 1e-9);
}

TEST(Jp2PointersTest, TellsAFileWithPacketLengthsFromOneWithout) {
  auto corpus = EnsureCorpus(
      {.small = true, .recipes = {"jp2_lossless", "jp2_lossless_noplt"}, .pages = {"map"}});
  ASSERT_TRUE(corpus.ok()) << corpus.error().message;
  for (const auto& entry : corpus->entries) {
    auto source = Source::Open(entry.path);
    ASSERT_TRUE(source.ok());
    auto pointers = PointersOf(**source);
    ASSERT_TRUE(pointers.ok()) << pointers.error().message;
    EXPECT_EQ(pointers->packet_lengths, entry.recipe == "jp2_lossless") << entry.recipe;
  }
  const std::vector<uint8_t> noise(100, 7);
  auto source = Source::Borrow(noise, "noise");
  EXPECT_FALSE(PointersOf(*source).ok());
}

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
