// exchange: the options of `load` and `compare` that programs read and that fail a build.
//
// --fail-if 'p95 > 300 ms' (repeatable), --junit, --csv, --benchmark-json, --markdown FILE.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "harness/report/exchange/threshold.h"

namespace iiifbench {

struct ExchangeOptions {
  std::vector<std::string> fail_if;
  std::string junit, csv, benchmark_json, markdown;
  bool wanted() const;
};
void AddExchange(CLI::App& command, ExchangeOptions& options);

// Before anything is measured: thresholds that cannot be read, files that cannot be written.
Result<void> CheckExchange(const ExchangeOptions& options);

// Writes the files and says which bounds are broken. 0; 1 where a file could not be written or a
// threshold names no figure; 3 where a bound is broken.
int WriteExchange(const ExchangeOptions& options, const std::string& command,
                  const std::string& title, const std::vector<Figure>& figures);

}  // namespace iiifbench
