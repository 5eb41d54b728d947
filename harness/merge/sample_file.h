// sample_file: the samples of a planned load, a line each, in the order of arrivals.
//
// Tab-separated, the first line names the columns: arrival, due, latency, slot, lag, dns, connect,
// tls, first_byte, body (nanoseconds, as generate.h), bytes, reused (0 or 1), class, failure
// (empty: an answer that looks right). Text is kept without tabs and line breaks. Samples written
// by one process or merged from many are the same bytes. Memory: one line. Errors: kIo, kBadInput
// with path and line. Threads: none.
#pragma once

#include <cstdio>
#include <fstream>
#include <memory>
#include <optional>
#include <string>

#include "harness/load/generator/generate.h"

namespace iiifbench {

struct SampleRow {
  LoadSample sample;  // its indices of class and failure do not count
  std::string request_class, failure;
};

class SampleWriter {
 public:
  static Result<SampleWriter> Create(const std::string& path);
  Result<void> Add(const SampleRow& row);
  Result<void> Close();

 private:
  struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::string path_, line_;
  std::unique_ptr<std::FILE, CloseFile> file_;
};

class SampleReader {
 public:
  static Result<SampleReader> Open(const std::string& path);
  // Into `row`, whose memory is used again; false at the end.
  Result<bool> Next(SampleRow& row);
  const std::string& path() const { return path_; }
  int64_t line() const { return line_; }

 private:
  std::string path_, text_;
  std::ifstream in_;
  int64_t line_ = 1;
};

// All samples of a run, sorted by arrival.
Result<void> WriteSamples(const LoadRun& run, const std::string& path);

}  // namespace iiifbench
