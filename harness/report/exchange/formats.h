// formats: figures as other programs read them.
//
// JUnit XML (the form that CI services read: testsuites/testsuite/testcase/failure), CSV (RFC
// 4180), the JSON of github-action-benchmark (arrays of {name, unit, value, range, extra}; one file
// holds figures of one direction, hence two functions), and a Markdown table.
#pragma once

#include "harness/report/exchange/threshold.h"

namespace iiifbench {

// Figures without a threshold are cases that pass. `suite`: what was measured.
std::string ToJUnit(const std::string& suite, const std::vector<BoundVerdict>& verdicts);
// Columns name, metric, value, unit, low, high, threshold, failed.
std::string ToCsv(const std::vector<BoundVerdict>& verdicts);
// customSmallerIsBetter: the figures of which less is better.
nlohmann::json ToSmallerIsBetter(const std::vector<BoundVerdict>& verdicts);
// customBiggerIsBetter: the others.
nlohmann::json ToBiggerIsBetter(const std::vector<BoundVerdict>& verdicts);
// Failed ones first; the others of those that have a threshold, then the rest.
std::string ToMarkdown(const std::string& title, const std::vector<BoundVerdict>& verdicts);

}  // namespace iiifbench
