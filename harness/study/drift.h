// drift: did latencies change between the first and the second half of a study's rounds, more than
// chance does among so many rows?
//
// A study has hundreds of rows, and of 210 intervals at 95 % ten miss by chance: an interval of a
// row alone proves nothing. So two families are tested, each held to 2.5 % false alarms as a whole
// by Holm's procedure (stats/holm.h), 5 % for both by Bonferroni:
//
// Servers, each over loopback and over each link. The level of a round is the median over its rows
// of log(latency / median of the row): rows of a round share the machine's state and are no
// independent samples, rounds are. Test: the rank sum of the second halves' levels against random
// orders of the rounds within each file type, the only ones that no drift would allow (a stratified
// permutation test: Good, Permutation, Parametric and Bootstrap Tests of Hypotheses, 2005, 3.3).
// Least effect: 5 % of the medians. A server that drifts makes the study NOT REPORTABLE. Where its
// rounds are so few that no order could pass (one file type, six rounds), it is not tested, and the
// page says so. In a study where that is so of all, 5 % alone is a reason: chance may do that,
// nothing better is known, and more rounds are what is missing.
//
// Rows. Mann-Whitney U of the halves, least effect 5 %. What passes is confirmed: it is marked,
// decides no contest of a verdict, and makes the study NOT REPORTABLE where more than 5 % of the
// rows are so, or where a verdict hangs on one (report/study/founding_verdicts.h). A row whose 95 %
// interval alone lies beyond 5 % is noted beside its figures and is no reason. With six rounds no
// row can pass (least p 0.1): 17 are needed among 210, and the page says so; drift of one file type
// of one server is seen no better than that.
//
// Units: 0.08 is 8 %. Randomness: seeded. Threads: none.
#pragma once

#include <string>
#include <vector>

#include "harness/study/study.h"

namespace iiifbench {

struct RowDrift {
  double change = 0;  // of the second half's median against the first's
  double family_p = 1;
  bool tested = false, noted = false, confirmed = false;
};

struct ServerDrift {
  std::string name;  // "rais over 46 ms"
  size_t rows = 0;
  double change = 0, family_p = 1;
  bool too_few = false;  // rounds: it could not be confirmed
  bool unknown = false;  // by 5 %, where no server could be
  bool confirmed = false;
};

struct StudyDrift {
  std::vector<RowDrift> rows;  // one for every cell
  std::vector<ServerDrift> servers;
  size_t tested = 0;      // rows
  size_t rounds = 0;      // the most that a row has
  size_t row_rounds = 0;  // with fewer no row can be confirmed
};

StudyDrift DriftOf(const std::vector<StudyCell>& cells);
// Why the study is not reportable by it; empty: it is.
std::vector<Finding> DriftReasons(const std::vector<StudyCell>& cells, const StudyDrift& drift);
// "1 of 210 rows ..."; empty: no row is noted.
std::string DriftNote(const StudyDrift& drift);

}  // namespace iiifbench
