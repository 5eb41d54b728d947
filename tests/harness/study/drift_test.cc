// The rule of drift on simulated studies of 210 rows: how often it stamps one in which nothing
// drifts, and what it finds where something does.
#include "harness/study/drift.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <random>

#include "tests/harness/findings/figures.h"

namespace iiifbench {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int kServers = 6, kClasses = 5;
constexpr const char* kRecipes[] = {"jpeg_q90", "tiff_deflate", "jp2_lossless", "jp2_10to1"};

class Simulation {
 public:
  explicit Simulation(uint64_t seed) : random_(seed) {}
  // As servers' latencies are: log-normal by 6 % (one class in five by 20 %), one sample in twenty
  // half as long again, one row in ten in one of two modes 40 % apart; and each server's rounds 2 %
  // of their own, which its rows share.
  std::vector<StudyCell> Quiet(int rounds) {
    std::vector<StudyCell> cells;
    for (int server = 0; server < kServers; ++server) {
      for (const char* recipe : kRecipes) {
        for (const char* link : {"loopback", "46 ms"}) {
          std::vector<double> shared;
          for (int round = 0; round < rounds; ++round) shared.push_back(0.02 * Normal());
          for (int i = 0; i < kClasses; ++i) {
            // 6 servers x 4 x 2 x 5 are 240: two file types fewer for the last server, and some
            // rows.
            if (server == kServers - 1 && recipe != kRecipes[0]) continue;
            StudyCell& cell = cells.emplace_back();
            cell.server = fmt::format("s{}", server), cell.recipe = recipe, cell.link = link;
            cell.request_class = fmt::format("class {}", i), cell.state = {CellStatus::kMeasured};
            const bool two_modes = Uniform() < 0.1;
            for (int round = 0; round < rounds; ++round) {
              double level = (i == 0 ? 0.2 : 0.06) * Normal() + shared[static_cast<size_t>(round)];
              if (Uniform() < 0.05) level += std::log(1.5);
              if (two_modes && Uniform() < 0.5) level += std::log(1.4);
              cell.rounds.push_back(round);
              cell.total_ms.push_back(100 * std::exp(level));
            }
          }
        }
      }
    }
    return cells;
  }

 private:
  double Uniform() { return (static_cast<double>(random_() >> 11) + 0.5) * 0x1p-53; }
  // Box and Muller's: the quantile would cost more than all that is tested.
  double Normal() {
    const double distance = std::sqrt(-2 * std::log(Uniform()));
    return distance * std::cos(2 * std::numbers::pi * Uniform());
  }
  std::mt19937_64 random_;
};

template <typename Drifts>
void LetDrift(std::vector<StudyCell>& cells, double by, Drifts drifts) {
  for (StudyCell& cell : cells) {
    if (!drifts(cell)) continue;
    for (size_t i = cell.total_ms.size() / 2; i < cell.total_ms.size(); ++i)
      cell.total_ms[i] *= 1 + by;
  }
}

TEST(DriftTest, WhereNothingDriftsFewStudiesAreStamped) {
  constexpr int kStudies = 200;
  int stamped = 0, confirmed = 0, noted = 0;
  for (int i = 0; i < kStudies; ++i) {
    const auto cells = Simulation(static_cast<uint64_t>(1000 + i)).Quiet(i % 2 == 0 ? 6 : 18);
    ASSERT_EQ(cells.size(), 210U);
    const StudyDrift drift = DriftOf(cells);
    stamped += DriftReasons(cells, drift).empty() ? 0 : 1;
    confirmed +=
        std::ranges::any_of(drift.rows, [](const RowDrift& r) { return r.confirmed; }) ? 1 : 0;
    noted += std::ranges::any_of(drift.rows, [](const RowDrift& r) { return r.noted; }) ? 1 : 0;
  }
  RecordProperty("stamped", stamped);
  std::printf(
      "of %d studies without drift: %d stamped, %d with a confirmed row, %d with a row beyond 5 "
      "%%\n",
      kStudies, stamped, confirmed, noted);
  EXPECT_LE(stamped + confirmed, kStudies / 20);
  EXPECT_GT(noted, kStudies / 2) << "the simulation is too tame: the rule of a row alone would do";
}

TEST(DriftTest, OneServerThatDriftsByFifteenPercentIsFound) {
  int found = 0, alone = 0;
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    auto cells = Simulation(seed).Quiet(6);
    LetDrift(cells, 0.15, [](const StudyCell& cell) { return cell.server == "s2"; });
    const auto reasons = DriftReasons(cells, DriftOf(cells));
    const auto named = std::ranges::count_if(reasons, [](const auto& r) {
      return r.id == "latency-drift" &&
             (r.text.starts_with("s2: ") || r.text.starts_with("s2 over 46 ms: "));
    });
    found += named > 0 ? 1 : 0;
    alone += named == std::ssize(reasons) ? 1 : 0;
  }
  EXPECT_GE(found, 38);
  EXPECT_GE(alone, 38);
}

TEST(DriftTest, ARowThatDriftsAloneIsConfirmedWhereTheRoundsCanTell) {
  const auto one = [](const StudyCell& cell) {
    return cell.server == "s1" && cell.recipe == "tiff_deflate" &&
           cell.request_class == "class 2" && cell.link == kLoopback;
  };
  for (int rounds : {6, 20}) {
    auto cells = Simulation(5).Quiet(rounds);
    LetDrift(cells, 1, one);
    const StudyDrift drift = DriftOf(cells);
    const size_t at = static_cast<size_t>(std::ranges::find_if(cells, one) - cells.begin());
    EXPECT_TRUE(drift.rows[at].noted);
    EXPECT_EQ(drift.rows[at].confirmed, rounds == 20);
    EXPECT_THAT(DriftReasons(cells, drift),
                IsEmpty());  // one of 210 decides nothing for the others
    EXPECT_THAT(DriftNote(drift),
                rounds == 20 ? HasSubstr("1 is confirmed among so many")
                             : HasSubstr("With 6 rounds none can be: a row alone needs 17"));
  }
  // A file type of one server, and much of the study with it.
  auto cells = Simulation(6).Quiet(20);
  LetDrift(cells, 1, [](const StudyCell& cell) {
    return cell.recipe == "tiff_deflate" && (cell.server == "s1" || cell.server == "s2");
  });
  const auto reasons = DriftReasons(cells, DriftOf(cells));
  const auto rows = std::ranges::find(reasons, "rows-drift", &Finding::id);
  ASSERT_NE(rows, reasons.end());
  EXPECT_THAT(FiguresIn(rows->text), Contains(210));
}

}  // namespace
}  // namespace iiifbench
