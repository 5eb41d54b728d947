#include "harness/merge/sample_file.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>

namespace iiifbench {
namespace {

constexpr std::string_view kColumns =
    "arrival\tdue\tlatency\tslot\tlag\tdns\tconnect\ttls\tfirst_byte\tbody\tbytes\treused\tclass\t"
    "failure";
using Time = std::chrono::nanoseconds LoadSample::*;
constexpr Time kTimes[] = {&LoadSample::due, &LoadSample::latency,    &LoadSample::slot,
                           &LoadSample::lag, &LoadSample::dns,        &LoadSample::connect,
                           &LoadSample::tls, &LoadSample::first_byte, &LoadSample::body};

void AppendText(std::string& line, std::string_view text) {
  line += '\t';
  for (const char c : text) line += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
}

void AppendNumber(std::string& line, int64_t value) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  line.append(digits.data(), end);
}

bool TakeNumber(std::string_view& text, int64_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end == text.data() + text.size() || *end != '\t') return false;
  text.remove_prefix(static_cast<size_t>(end - text.data()) + 1);
  return true;
}

}  // namespace

Result<SampleWriter> SampleWriter::Create(const std::string& path) {
  SampleWriter writer;
  writer.path_ = path;
  writer.file_.reset(std::fopen(path.c_str(), "w"));
  if (writer.file_ == nullptr)
    return Fail(ErrorKind::kIo, "{}: cannot be written: {}", path, std::strerror(errno));
  std::fputs((std::string(kColumns) + "\n").c_str(), writer.file_.get());
  return writer;
}

Result<void> SampleWriter::Add(const SampleRow& row) {
  line_.clear();
  AppendNumber(line_, row.sample.arrival);
  for (const Time time : kTimes) {
    line_ += '\t';
    AppendNumber(line_, (row.sample.*time).count());
  }
  line_ += '\t';
  AppendNumber(line_, row.sample.bytes);
  line_ += row.sample.reused ? "\t1" : "\t0";
  AppendText(line_, row.request_class);
  AppendText(line_, row.failure);
  line_ += '\n';
  if (std::fwrite(line_.data(), 1, line_.size(), file_.get()) != line_.size())
    return Fail(ErrorKind::kIo, "{}: {}", path_, std::strerror(errno));
  return {};
}

Result<void> SampleWriter::Close() {
  const bool bad = std::ferror(file_.get()) != 0;
  if (std::fclose(file_.release()) != 0 || bad)
    return Fail(ErrorKind::kIo, "{}: {}", path_, std::strerror(errno));
  return {};
}

Result<SampleReader> SampleReader::Open(const std::string& path) {
  SampleReader reader;
  reader.path_ = path;
  reader.in_.open(path, std::ios::binary);
  if (!reader.in_) return Fail(ErrorKind::kNotFound, "{}: {}", path, std::strerror(errno));
  if (!std::getline(reader.in_, reader.text_) || reader.text_ != kColumns)
    return Fail(ErrorKind::kBadInput, "{}: its first line is not that of a file of samples", path);
  return reader;
}

Result<bool> SampleReader::Next(SampleRow& row) {
  if (!std::getline(in_, text_)) return false;
  ++line_;
  const auto bad = [&](std::string_view what) {
    return Fail(ErrorKind::kBadInput, "{}: line {}: {}", path_, line_, what);
  };
  if (in_.eof()) return bad("was cut");
  std::string_view left = text_;
  int64_t value = 0;
  if (!TakeNumber(left, row.sample.arrival) || row.sample.arrival < 0) return bad("arrival");
  for (const Time time : kTimes) {
    if (!TakeNumber(left, value)) return bad("a time is no number");
    row.sample.*time = std::chrono::nanoseconds(value);
  }
  if (!TakeNumber(left, row.sample.bytes)) return bad("bytes");
  if (!TakeNumber(left, value) || value < 0 || value > 1) return bad("reused");
  row.sample.reused = value == 1;
  const size_t tab = left.find('\t');
  if (tab == std::string_view::npos || left.find('\t', tab + 1) != std::string_view::npos)
    return bad("not 14 columns");
  row.request_class = left.substr(0, tab);
  row.failure = left.substr(tab + 1);
  return true;
}

Result<void> WriteSamples(const LoadRun& run, const std::string& path) {
  std::vector<const LoadSample*> sorted;
  sorted.reserve(run.samples.size());
  for (const LoadSample& sample : run.samples) sorted.push_back(&sample);
  std::ranges::sort(sorted, {}, &LoadSample::arrival);
  auto writer = SampleWriter::Create(path);
  if (!writer) return writer.error();
  SampleRow row;
  for (const LoadSample* sample : sorted) {
    row.sample = *sample;
    row.request_class = run.classes[static_cast<size_t>(sample->request_class)];
    row.failure = sample->failure < 0 ? "" : run.failures[static_cast<size_t>(sample->failure)];
    auto added = writer->Add(row);
    if (!added) return added.error();
  }
  return writer->Close();
}

}  // namespace iiifbench
