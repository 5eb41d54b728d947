#include "harness/attribution/fit/case_fit.h"

#include <map>

namespace iiifbench {

namespace {

std::vector<Observation> ObservationsOf(const std::vector<Case>& cases, std::vector<int>& rows) {
  std::map<std::string, int> numbers;
  for (size_t i = 0; i < cases.size(); ++i) {
    if (cases[i].held_out || cases[i].samples_ms.empty()) continue;
    numbers[cases[i].probe.name] = static_cast<int>(rows.size());
    rows.push_back(static_cast<int>(i));
  }
  std::vector<Observation> observations;
  for (int row : rows) {
    const Case& c = cases[static_cast<size_t>(row)];
    const auto pair = numbers.find(c.probe.pair);
    observations.push_back({.samples_ms = c.service_ms(),
                            .fixed_ms = c.fixed_ms,
                            .scored = !c.probe.info,
                            .pair = pair == numbers.end() ? -1 : pair->second});
  }
  return observations;
}

}  // namespace

CaseFit FitOf(const std::vector<Case>& cases, bool foreign_encoder) {
  std::vector<int> rows;
  auto observations = ObservationsOf(cases, rows);
  const std::pair<int, int> multiples = {kDecode, foreign_encoder ? kEncode : kEncode + 1};
  return {.rows = std::move(rows), .fit = Fit(std::move(observations), multiples)};
}

Fit PlainFitOf(const std::vector<Case>& cases) {
  std::vector<int> rows;
  return Fit(ObservationsOf(cases, rows));
}

Eigen::MatrixXd RowsOf(const Eigen::MatrixXd& all, const std::vector<int>& rows) {
  Eigen::MatrixXd some(static_cast<Eigen::Index>(rows.size()), all.cols());
  for (size_t i = 0; i < rows.size(); ++i)
    some.row(static_cast<Eigen::Index>(i)) = all.row(rows[i]);
  return some;
}

}  // namespace iiifbench
