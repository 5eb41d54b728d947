#include "benchmarks/peers/verdict/table.h"

#include <fmt/ranges.h>

#include "benchmarks/peers/verdict/reasons.h"

namespace iiifbench::peers {
namespace {

// The fastest of ours: with an index where the format has one.
const Row* IndexedOf(const CaseResult& result) {
  for (const Row& row : result.rows) {
    if (row.ours && row.label == "ours, indexed" && !row.milliseconds.empty()) return &row;
  }
  return nullptr;
}

// Why a row stands where it does, what it shares with ours, and what its answer weighs.
std::string NoteOf(const CaseResult& result, const Row& row) {
  const Row& ours = result.rows.front();
  std::vector<std::string> notes;
  if (!row.apart.empty()) notes.push_back(row.apart);
  if (!row.shared.empty() && row.apart.empty())
    notes.push_back(row.shared + " in both: a tie is the best there is");
  if (row.bytes > 0 && ours.bytes > 0 && row.bytes != ours.bytes)
    notes.push_back(fmt::format("{:.3f} of our bytes",
                                static_cast<double>(row.bytes) / static_cast<double>(ours.bytes)));
  if (row.milliseconds.size() < ours.milliseconds.size())
    notes.push_back(fmt::format("{} rounds", row.milliseconds.size()));
  return fmt::format("{}", fmt::join(notes, "; "));
}

void AppendRow(const CaseResult& result, const Row& row, std::string& text) {
  if (!row.failed.empty()) {
    text += fmt::format("| {} | - | - | - | - | {}: {} |\n", row.label,
                        row.ours ? "WRONG" : "cannot", row.failed);
    return;
  }
  const Row& ours = result.rows.front();
  const Row* indexed = IndexedOf(result);
  text += fmt::format("| {} | {:.3f} | {} | {} | {:.3f} / {} | {} |\n", row.label,
                      MedianOf(row.milliseconds),
                      ours.milliseconds.empty() ? "-" : Print(RatioOf(row, ours)),
                      indexed != nullptr ? Print(RatioOf(row, *indexed)) : "-", row.error.mean,
                      row.error.maximum, NoteOf(result, row));
}

const Row* RowOf(const CaseResult& result, const std::string& label) {
  for (const Row& row : result.rows) {
    if (row.label == label && !row.milliseconds.empty()) return &row;
  }
  return nullptr;
}

// Two threads on one request beside two callers with a request each, which is all that the machine
// gives.
std::string ThreadsAsMarkdown(const std::vector<CaseResult>& results) {
  std::string text;
  for (const CaseResult& result : results) {
    if (!result.task.by_threads) continue;
    for (const std::string label : {"ours", "ours, indexed"}) {
      const Row* one = RowOf(result, label);
      const Row* two = RowOf(result, label + ", 2 threads");
      const Row* ceiling = RowOf(result, label + ", 2 callers (ceiling)");
      if (one == nullptr || two == nullptr || ceiling == nullptr) continue;
      text += fmt::format("| {} | {} | {} | {} | {:.0f} % | {:.2f} | {:.2f} |\n", result.task.name,
                          label, Print(RatioOf(*one, *two)), Print(RatioOf(*one, *ceiling)),
                          100 * RatioOf(*ceiling, *two).median, BusyOf(*two),
                          ProcessorTimeRatio(*two, *one));
    }
  }
  if (text.empty()) return text;
  return "\n### Two threads\n\n1 / 2: one request on two threads. Ceiling: requests per time of "
         "two callers "
         "side by side, one thread each. The gain is the processors that two threads keep busy, "
         "divided by "
         "what "
         "their work costs more in processor time than on one.\n\n"
         "| case | | 1 / 2 | ceiling | share of it | busy | processor time, 2 / 1 |\n"
         "|---|---|---|---|---|---|---|\n" +
         text;
}

}  // namespace

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

std::string AgainAsMarkdown(const CaseResult& result) {
  if (result.again.empty()) return "";
  std::string text =
      fmt::format("\n### Again: {}\n\nFloor: {}.\n\n", result.task.name, FloorOf(result));
  text += "| | ms | / ours | rounds |\n|---|---|---|---|\n";
  const Row& ours = result.again.front();
  for (const Row& row : result.again) {
    const bool measured =
        row.failed.empty() && !row.milliseconds.empty() && !ours.milliseconds.empty();
    text += measured
                ? fmt::format("| {} | {:.3f} | {} | {} |\n", row.label, MedianOf(row.milliseconds),
                              Print(RatioOf(row, ours)), row.milliseconds.size())
                : fmt::format("| {} | - | - | {} |\n", row.label, row.failed);
  }
  return text;
}

std::string SummaryAsMarkdown(const std::vector<CaseResult>& results) {
  std::string text = "\n### Floors\n\n" + RuleAsMarkdown() +
                     "\n| case | floor | ours again / ours |\n|---|---|---|\n";
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
                    verdict.met ? "met" + (verdict.why.empty() ? "" : ": " + verdict.why)
                                : "**missed**" + (verdict.why.empty() ? "" : ": " + verdict.why));
  }
  return text;
}

std::string TargetsAsMarkdown() {
  std::string text = "| cases | peer / ours | target |\n|---|---|---|\n";
  for (const Target& target : Targets())
    text += fmt::format("| {}* | {} / {} | >= {} |\n", target.cases, target.peer, target.ours,
                        target.at_least);
  return text;
}

namespace {

nlohmann::json AsJson(const std::vector<Row>& block) {
  nlohmann::json rows = nlohmann::json::array();
  for (const Row& row : block) {
    nlohmann::json one = {{"label", row.label},
                          {"ours", row.ours},
                          {"apart", row.apart},
                          {"failed", row.failed},
                          {"shared", row.shared},
                          {"bytes", row.bytes},
                          {"mean_error", row.error.mean},
                          {"maximum_error", row.error.maximum},
                          {"milliseconds", row.milliseconds},
                          {"processor_milliseconds", row.processor_milliseconds}};
    const Row& ours = block.front();
    if (!row.milliseconds.empty() && !ours.milliseconds.empty()) {
      const Ratio ratio = RatioOf(row, ours);
      one["ratio"] = {{"median", ratio.median}, {"low", ratio.low}, {"high", ratio.high}};
    }
    rows.push_back(std::move(one));
  }
  return rows;
}

}  // namespace

nlohmann::json AsJson(const CaseResult& result) {
  return {{"name", result.task.name},
          {"floor", FloorOf(result)},
          {"rows", AsJson(result.rows)},
          {"again", AsJson(result.again)}};
}

}  // namespace iiifbench::peers
