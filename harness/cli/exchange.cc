#include "harness/cli/exchange.h"

#include "data/command_line.h"
#include "data/write_file.h"
#include "harness/cli/output.h"
#include "harness/report/exchange/formats.h"

namespace iiifbench {

bool ExchangeOptions::wanted() const {
  return !fail_if.empty() || !junit.empty() || !csv.empty() || !benchmark_json.empty() ||
         !markdown.empty();
}

void AddExchange(CLI::App& command, ExchangeOptions& options) {
  command.add_option("--fail-if", options.fail_if,
                     "Bound, repeatable: exit status 3 where it is broken, as 'p95 > 300 ms', "
                     "'failures > 0 %', 'throughput < 50', 'slower > 5 %'");
  command.add_option("--junit", options.junit, "Write figures and bounds as JUnit XML");
  command.add_option("--csv", options.csv, "Write figures and bounds as CSV");
  command.add_option("--benchmark-json", options.benchmark_json,
                     "Write the figures of which less is better as github-action-benchmark reads "
                     "them (customSmallerIsBetter); those of which more is better beside it, as "
                     "FILE.bigger.json");
  command.add_option("--markdown", options.markdown,
                     "Write figures and bounds as a Markdown table (a job's summary)");
}

Result<void> CheckExchange(const ExchangeOptions& options) {
  for (const auto& text : options.fail_if) {
    auto threshold = ParseThreshold(text);
    if (!threshold) return threshold.error();
  }
  for (const auto* file :
       {&options.junit, &options.csv, &options.benchmark_json, &options.markdown}) {
    auto writable = CheckWritable(*file);
    if (!writable) return writable.error();
  }
  return {};
}

int WriteExchange(const ExchangeOptions& options, const std::string& command,
                  const std::string& title, const std::vector<Figure>& figures) {
  if (!options.wanted()) return 0;
  std::vector<Threshold> thresholds;
  for (const auto& text : options.fail_if) {
    auto threshold = ParseThreshold(text);
    if (!threshold) {
      Complain("iiifbench {}: {}\n", command, threshold.error().message);
      return 1;
    }
    thresholds.push_back(std::move(*threshold));
  }
  auto verdicts = JudgeFigures(figures, thresholds);
  if (!verdicts) {
    Complain("iiifbench {}: {}\n", command, verdicts.error().message);
    return 1;
  }
  int status = 0;
  const auto write = [&](const std::string& file, const std::string& text) {
    if (file.empty()) return;
    auto saved = WriteFile(file, text);
    if (saved) return;
    Complain("iiifbench {}: {}\n", command, saved.error().message);
    status = 1;
  };
  write(options.junit, ToJUnit(title, *verdicts));
  write(options.csv, ToCsv(*verdicts));
  write(options.benchmark_json, JsonText(ToSmallerIsBetter(*verdicts)));
  if (!options.benchmark_json.empty())
    write(options.benchmark_json + ".bigger.json", JsonText(ToBiggerIsBetter(*verdicts)));
  write(options.markdown, ToMarkdown(title, *verdicts));
  for (const BoundVerdict& verdict : *verdicts) {
    if (!verdict.failed) continue;
    Print("FAILED: {}: {} is {:.6g}{}{}: {}\n", verdict.figure.name, verdict.figure.metric,
          verdict.figure.value, verdict.figure.unit.empty() ? "" : " ", verdict.figure.unit,
          verdict.threshold);
    if (status == 0) status = 3;
  }
  return status;
}

}  // namespace iiifbench
