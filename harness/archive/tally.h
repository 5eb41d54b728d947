// tally: the rows of a profile summed up while they stream by: distributions, what serving costs,
// what other recipes would save, the worst files.
//
// Everything that is added is a whole number, so that the sum does not depend on the order of rows:
// shards summed together give what one process would have given, byte for byte. Formulas, over
// strata s with N_s files of which n_s were measured, N = sum N_s:
//   cost of a view of one file = sum over requests of (how many a view has) x (processor time)
//   mean = sum_s N_s / N x mean_s; its variance sum_s (N_s / N)^2 var_s / n_s (1 - n_s / N_s);
//   the interval is 1.96 standard errors (Cochran, Sampling Techniques, 5.3 and 5.4), refused where
//   a stratum has one measured file of several
//   percentiles: of the mixture, each measured file weighing N_s / n_s; never averaged.
// Files whose header was read and whose pixels were refused count as damaged, in proportion.
// Units: microseconds, bytes, kB of 1024. Memory: by strata (a few hundred), not by files. Errors:
// kBadInput, of a row that is none. Threads: none.
#pragma once

#include <array>
#include <map>
#include <set>
#include <string>

#include "harness/archive/costs.h"
#include "harness/stats/hdr_histogram.h"

namespace iiifbench {

// Requests of a view, in the order of kArchiveRequests.
using ArchiveView = std::array<int64_t, kArchiveRequests.size()>;
// As the workload "viewer": 36 tiles a thumbnail, and half of them at full size.
constexpr ArchiveView kDefaultView = {1, 18, 18, 0, 1};
// "info=1,tile=18"; what is not named is 0.
Result<ArchiveView> ParseView(std::string_view text);
Row ViewToJson(const ArchiveView& view);

class ArchiveTally {
 public:
  explicit ArchiveTally(const ArchiveView& view) : view_(view) {}
  Result<void> AddFacts(const Row& row);
  Result<void> AddCosts(const Row& row);
  Result<void> AddTry(const Row& row);
  Row Summary() const;

 private:
  __extension__ using Wide = unsigned __int128;
  struct Stratum {
    int64_t files = 0, bytes = 0, pixels = 0;
    int64_t measured = 0, refused = 0;
    std::array<int64_t, kArchiveRequests.size()> cpu_us{};  // sums over measured files
    Wide view_us = 0, view_us_squared = 0;
    HdrHistogram tile_us{HdrRange{.digits = 2}}, memory_kb{HdrRange{.digits = 2}};
  };
  struct Trial {
    int64_t files = 0, bytes = 0, bytes_before = 0, encode_us = 0, view_us = 0, view_us_before = 0;
    std::string refused;
  };
  struct Damage {
    int64_t files = 0;
    std::set<std::string> examples;  // the first few by name
  };
  struct Worst {
    int64_t view_us = 0;
    std::string file, stratum;
    int64_t bytes = 0;
    bool operator<(const Worst& other) const {
      return view_us != other.view_us ? view_us > other.view_us : file < other.file;
    }
  };
  int64_t ViewUs(const Row& costs) const;
  void AddDamage(const Row& row);
  Row StrataToJson() const;
  Row ServingToJson() const;
  Row TrialsToJson() const;
  int64_t Measurable() const;  // files of strata with a measured one

  ArchiveView view_;
  int64_t listed_ = 0, images_ = 0, others_ = 0, bytes_ = 0;
  HdrHistogram file_kb_{HdrRange{.digits = 2}}, kilopixels_{HdrRange{.digits = 2}};
  std::map<std::string, std::map<std::string, int64_t>> fields_;
  std::map<std::string, Damage> damage_;
  std::map<std::string, Stratum> strata_;
  std::map<std::string, std::map<std::string, Trial>> trials_;  // by stratum and recipe
  std::set<Worst> worst_;
};

}  // namespace iiifbench
