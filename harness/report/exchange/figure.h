// figure: one measured number with a name that stays, for programs that watch it.
//
// Names are "<what> / <point>", metrics "p50", "p95", "failures", "throughput", "slower" ...; a
// metric is what a threshold names. Units: ms, %, 1/s, none.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace iiifbench {

struct Figure {
  std::string name, metric, unit;
  double value = 0;
  std::optional<double> low = std::nullopt, high = std::nullopt;  // of 95 %
  bool smaller_is_better = true;
};

// Of each point of a load (load_report.h): its percentiles in ms; throughput, 1/s; failures, % of
// answers and failures; wrong, the number of wrong answers, where answers were compared.
std::vector<Figure> FiguresOfLoad(const nlohmann::json& load);

// Of each case of a comparison (compare_report.h): ratio, B / A; slower, % where the verdict is
// "slower", else 0; faster likewise.
std::vector<Figure> FiguresOfComparison(const nlohmann::json& comparison);

}  // namespace iiifbench
