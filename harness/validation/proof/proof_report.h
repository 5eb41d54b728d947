// proof_report: the rows of a proof as a Markdown table, and the figures that it stands or falls
// with.
//
// A plan with a derivative cache must be refused; its stage errors do not count. Units: points of a
// request's latency, worst stage of each held-out request.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace iiifbench {

struct ProofFigures {
  int plans = 0, requests = 0, refused_rightly = 0, refused_wrongly = 0, failed = 0;
  double median = 0, p90 = 0, median_of_plans = 0;
  // Of the fit alone, told nothing of the request: its prediction of the latency.
  double predicted_median = 0, predicted_p90 = 0;
  double geometric_median = 0, geometric_p90 = 0, naive_median = 0, naive_p90 = 0;
  int right = 0, not_identified = 0,
      wrong = 0;  // strategies: decode, resize and no-op resize of every plan
  // Intervals of stages that stand alone: all, and those that hold the truth.
  int claims = 0, covered = 0;
  double half_width_median = 0, half_width_p90 = 0;  // of these intervals, in points of the request
  double largest_merged_ms = 0, merged_share = 0;    // of all true time
  int stored_wrong = 0;  // said of the file without it: format, coding, levels, tile
  double seconds = 0;
};
ProofFigures Figures(const nlohmann::json& plans);
std::string ProofTable(const nlohmann::json& plans);
// The same figures for each recipe of the corpus, as a Markdown table.
std::string ByRecipe(const nlohmann::json& plans);
// Of each stage that stands alone: how often its interval holds the truth, and how wide it is.
std::string ByStage(const nlohmann::json& plans);
// Of what was said of a file that was not at hand, as a Markdown table.
std::string ByField(const nlohmann::json& plans);
std::string Describe(const ProofFigures& figures);

}  // namespace iiifbench
