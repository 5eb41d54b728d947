// check: one thing about a machine that decides whether its figures can be trusted.
//
// Grades: good; doubtful (figures stand, with wider intervals or after a change); bad (figures of
// this machine mislead); unknown (the system does not say, as in most virtual machines). Ids are
// names for programs: they stay.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

namespace iiifbench {

enum class Grade { kGood, kUnknown, kDoubtful, kBad };  // from best to worst
std::string_view GradeName(Grade grade);                // "good", "unknown", "doubtful", "bad"

struct Check {
  std::string id;  // "governor"
  Grade grade = Grade::kUnknown;
  std::string found;        // what was seen, with units
  std::string remedy = {};  // what to do; empty: nothing
};

// The worst of them; kGood of none.
Grade WorstOf(const std::vector<Check>& checks);

}  // namespace iiifbench
