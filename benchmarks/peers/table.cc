#include "benchmarks/peers/table.h"

namespace iiifbench::peers {
namespace {

std::string Print(const Ratio& ratio) {
  return fmt::format("{:.2f} ({:.2f}-{:.2f})", ratio.median, ratio.low, ratio.high);
}

// The fastest of ours: with an index where the format has one.
const Row* IndexedOf(const CaseResult& result) {
  for (const Row& row : result.rows) {
    if (row.ours && row.label == "ours, indexed" && !row.milliseconds.empty()) return &row;
  }
  return nullptr;
}

void AppendRow(const CaseResult& result, const Row& row, std::string& text) {
  if (!row.failed.empty()) {
    text += fmt::format("| {} | - | - | - | - | {}: {} |\n", row.label, row.ours ? "WRONG" : "cannot",
                        row.failed);
    return;
  }
  const Row& ours = result.rows.front();
  const Row* indexed = IndexedOf(result);
  std::string note = row.apart;
  if (row.milliseconds.size() < ours.milliseconds.size())
    note += fmt::format("{}{} rounds", note.empty() ? "" : "; ", row.milliseconds.size());
  text += fmt::format("| {} | {:.3f} | {} | {} | {:.3f} / {} | {} |\n", row.label, MedianOf(row.milliseconds),
                      ours.milliseconds.empty() ? "-" : Print(RatioOf(row, ours)),
                      indexed != nullptr ? Print(RatioOf(row, *indexed)) : "-", row.error.mean,
                      row.error.maximum, note);
}

const Row* RowOf(const CaseResult& result, const std::string& label) {
  for (const Row& row : result.rows) {
    if (row.label == label && !row.milliseconds.empty()) return &row;
  }
  return nullptr;
}

// Two threads on one request beside two callers with a request each, which is all that the machine gives.
std::string ThreadsAsMarkdown(const std::vector<CaseResult>& results) {
  std::string text;
  for (const CaseResult& result : results) {
    if (!result.task.by_threads) continue;
    for (const std::string label : {"ours", "ours, indexed"}) {
      const Row* one = RowOf(result, label);
      const Row* two = RowOf(result, label + ", 2 threads");
      const Row* ceiling = RowOf(result, label + ", 2 callers (ceiling)");
      if (one == nullptr || two == nullptr || ceiling == nullptr) continue;
      text += fmt::format("| {} | {} | {} | {} | {:.0f} % |\n", result.task.name, label,
                          Print(RatioOf(*one, *two)), Print(RatioOf(*one, *ceiling)),
                          100 * RatioOf(*ceiling, *two).median);
    }
  }
  if (text.empty()) return text;
  return "\n### Two threads\n\n1 / 2: one request on two threads. Ceiling: requests per time of two callers "
         "side by side, one thread each.\n\n| case | | 1 / 2 | ceiling | share of it "
         "|\n|---|---|---|---|---|\n" +
         text;
}

}  // namespace

std::string FloorOf(const CaseResult& result) {
  if (result.task.by_threads) return "ours only";
  const Row& ours = result.rows.front();
  if (!ours.failed.empty() || ours.milliseconds.empty()) return "not measured";
  std::string ties;
  for (const Row& row : result.rows) {
    if (row.ours || !row.apart.empty() || row.milliseconds.empty()) continue;
    const Ratio ratio = RatioOf(row, ours);
    if (ratio.high < 1) return "broken by " + row.label;
    if (ratio.low < 1) ties += (ties.empty() ? "ties with " : ", ") + row.label;
  }
  return ties.empty() ? "holds" : ties;
}

std::string CaseAsMarkdown(const CaseResult& result) {
  std::string text = fmt::format("\n### {}\n\nFloor: {}.\n\n", result.task.name, FloorOf(result));
  text += "| | ms | / ours | / ours, indexed | error: mean / max | |\n|---|---|---|---|---|---|\n";
  // What does other work stands last.
  for (const Row& row : result.rows) {
    if (row.apart.empty()) AppendRow(result, row, text);
  }
  for (const Row& row : result.rows) {
    if (!row.apart.empty()) AppendRow(result, row, text);
  }
  return text;
}

std::string SummaryAsMarkdown(const std::vector<CaseResult>& results) {
  std::string text = "\n### Floors\n\n| case | floor | ours again / ours |\n|---|---|---|\n";
  for (const CaseResult& result : results) {
    std::string control = "-";
    for (const Row& row : result.rows) {
      if (row.label.starts_with("ours again") && !row.milliseconds.empty() &&
          !result.rows.front().milliseconds.empty())
        control = Print(RatioOf(row, result.rows.front()));
    }
    text += fmt::format("| {} | {} | {} |\n", result.task.name, FloorOf(result), control);
  }
  text += ThreadsAsMarkdown(results);
  text += "\n### Targets\n\n| case | peer / ours | target | measured | |\n|---|---|---|---|---|\n";
  for (const Verdict& verdict : Judge(results)) {
    text +=
        fmt::format("| {} | {} / {} | {} {} | {} | {} |\n", verdict.case_name, verdict.peer,
                    verdict.target->ours, ">=", verdict.target->at_least, Print(verdict.ratio),
                    verdict.met                     ? "met"
                    : verdict.target->bound.empty() ? "**missed**"
                                                    : fmt::format("**missed**: {}", verdict.target->bound));
  }
  return text;
}

std::string TargetsAsMarkdown() {
  std::string text = "| cases | peer / ours | target |\n|---|---|---|\n";
  for (const Target& target : Targets())
    text +=
        fmt::format("| {}* | {} / {} | >= {} |\n", target.cases, target.peer, target.ours, target.at_least);
  return text;
}

nlohmann::json AsJson(const CaseResult& result) {
  nlohmann::json rows = nlohmann::json::array();
  for (const Row& row : result.rows) {
    nlohmann::json one = {{"label", row.label},
                          {"ours", row.ours},
                          {"apart", row.apart},
                          {"failed", row.failed},
                          {"mean_error", row.error.mean},
                          {"maximum_error", row.error.maximum},
                          {"milliseconds", row.milliseconds}};
    const Row& ours = result.rows.front();
    if (!row.milliseconds.empty() && !ours.milliseconds.empty()) {
      const Ratio ratio = RatioOf(row, ours);
      one["ratio"] = {{"median", ratio.median}, {"low", ratio.low}, {"high", ratio.high}};
    }
    rows.push_back(std::move(one));
  }
  return {{"name", result.task.name}, {"floor", FloorOf(result)}, {"rows", rows}};
}

}  // namespace iiifbench::peers
