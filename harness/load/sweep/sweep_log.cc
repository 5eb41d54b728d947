#include "harness/load/sweep/sweep_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>

#include "data/whole_number.h"

namespace iiifbench {
namespace {

using nlohmann::json;
using std::chrono::nanoseconds;

constexpr int kSweepLogSchema = 1;
using SampleTime = nanoseconds LoadSample::*;
constexpr SampleTime kSampleTimes[] = {
    &LoadSample::due, &LoadSample::latency,    &LoadSample::slot,
    &LoadSample::lag, &LoadSample::dns,        &LoadSample::connect,
    &LoadSample::tls, &LoadSample::first_byte, &LoadSample::body};

int32_t NumberOf(std::vector<std::string>& names, const std::string& name) {
  const auto found = std::ranges::find(names, name);
  if (found != names.end()) return static_cast<int32_t>(found - names.begin());
  names.push_back(name);
  return static_cast<int32_t>(names.size() - 1);
}

std::string Dumped(const json& line) {
  return line.dump(-1, ' ', false, json::error_handler_t::replace);
}

// Samples of half a second, with the names that they use.
struct Batch {
  std::vector<LoadSample> samples;
  std::vector<std::string> classes, failures;
  std::string line;  // behind them
};

std::string Text(const Batch& batch) {
  std::vector<std::string> classes, failures;
  for (const auto& name : batch.classes) classes.push_back(Dumped(name));
  for (const auto& name : batch.failures) failures.push_back(Dumped(name));
  std::string text;
  for (const LoadSample& sample : batch.samples) {
    text += '[';
    for (const SampleTime time : kSampleTimes)
      fmt::format_to(std::back_inserter(text), "{},", (sample.*time).count());
    fmt::format_to(std::back_inserter(text), "{},{:d},{},{}]\n", sample.bytes, sample.reused,
                   classes[static_cast<size_t>(sample.request_class)],
                   sample.failure < 0 ? "\"\"" : failures[static_cast<size_t>(sample.failure)]);
  }
  return text + batch.line + "\n";
}

// A sitting of a point as it is read: what is behind its last "until" does not count.
struct Reading {
  PointSoFar* point = nullptr;
  LoadRun run;
  RunSoFar so_far;
  int64_t taken = 0;
  size_t counted = 0;  // samples

  void End() {
    run.samples.resize(counted);
    if (point != nullptr && so_far.measured.count() > 0) JoinSitting(*point, run, so_far, taken);
    *this = {};
  }
};

void TakeSample(const json& line, LoadRun& run) {
  LoadSample sample;
  size_t column = 0;
  for (const SampleTime time : kSampleTimes)
    sample.*time = nanoseconds(WholeNumber(line.at(column++)));
  sample.bytes = WholeNumber(line.at(column++));
  sample.reused = WholeNumber(line.at(column++)) != 0;
  sample.request_class = NumberOf(run.classes, line.at(column++).get<std::string>());
  const std::string failure = line.at(column);
  if (!failure.empty()) sample.failure = NumberOf(run.failures, failure);
  run.samples.push_back(sample);
}

void TakeEnd(const json& end, PointSoFar& point) {
  LoadRun& run = point.run;
  run.ended_early = end.value("ended_early", "");
  run.http_version = end.value("http_version", "");
  run.kept_one_in = WholeNumber(end, "kept_one_in", 1);
  run.not_answered = WholeNumber(end, "not_answered", 0);
  for (const json& wrong : end.value("wrong", json::array()))
    run.samples.at(static_cast<size_t>(WholeNumber(wrong))).failure =
        NumberOf(run.failures, "wrong picture");
  if (run.ended_early.empty()) point.facts = end;
}

Result<void> ReadSweep(const std::string& path, const std::string& command,
                       std::map<int, PointSoFar>& points) {
  std::ifstream in(path);
  if (!in) return Fail(ErrorKind::kNotFound, "{}: no samples of an unfinished run there", path);
  Reading now;
  int number = 0;
  for (std::string text; std::getline(in, text);) {
    ++number;
    const json line = json::parse(text, nullptr, false);
    if (line.is_discarded() && in.peek() == EOF) break;  // cut while it was written
    if (line.is_discarded())
      return Fail(ErrorKind::kBadInput, "{}: line {} is no JSON", path, number);
    try {
      if (line.is_array()) {
        if (now.point != nullptr) TakeSample(line, now.run);
      } else if (line.contains("load")) {
        now.End();
        if (line["load"].at("schema") != kSweepLogSchema || line["load"].at("command") != command)
          return Fail(ErrorKind::kBadInput, "{}: measured by `{}`; resume with the same options",
                      path, line["load"].at("command").get<std::string>());
      } else if (line.contains("point")) {
        now.End();
        now.point = &points[static_cast<int>(WholeNumber(line["point"].at("number")))];
      } else if (now.point != nullptr && line.contains("until")) {
        const json& until = line["until"];
        now.run.warm_up_requests = WholeNumber(until.at("warm_up"));
        now.so_far = {.measured = nanoseconds(WholeNumber(until.at("measured"))),
                      .in_flight_seconds = until.at("in_flight_seconds"),
                      .waited = nanoseconds(WholeNumber(until.at("waited")))};
        now.taken = WholeNumber(until.at("taken"));
        now.counted = now.run.samples.size();
      } else if (now.point != nullptr && line.contains("end")) {
        PointSoFar& point = *now.point;
        now.End();
        TakeEnd(line["end"], point);
      }
    } catch (const std::exception& error) {
      return Fail(ErrorKind::kBadInput, "{}: line {}: {}", path, number, error.what());
    }
  }
  now.End();
  return {};
}

// What is cut goes, so that the next line does not become its end.
void EndLastLine(const std::string& path) {
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  std::streamoff whole = 0;
  for (std::streamoff at = in ? static_cast<std::streamoff>(in.tellg()) : 0; at > 0; --at) {
    in.seekg(at - 1);
    if (in.get() == '\n') {
      whole = at;
      break;
    }
  }
  std::error_code error;
  std::filesystem::resize_file(path, static_cast<uintmax_t>(whole), error);
}

}  // namespace

void JoinSitting(PointSoFar& point, const LoadRun& run, const RunSoFar& so_far, int64_t taken) {
  LoadRun& all = point.run;
  std::vector<int32_t> classes, failures;
  for (const auto& name : run.classes) classes.push_back(NumberOf(all.classes, name));
  for (const auto& name : run.failures) failures.push_back(NumberOf(all.failures, name));
  all.samples.reserve(all.samples.size() + run.samples.size());
  for (LoadSample sample : run.samples) {
    sample.due += all.measured;
    sample.request_class = classes[static_cast<size_t>(sample.request_class)];
    if (sample.failure >= 0) sample.failure = failures[static_cast<size_t>(sample.failure)];
    all.samples.push_back(sample);
  }
  all.warm_up_requests += run.warm_up_requests;
  all.measured += so_far.measured;
  all.not_answered_waited += so_far.waited;
  point.in_flight_seconds += so_far.in_flight_seconds;
  const double seconds = std::chrono::duration<double>(all.measured).count();
  if (seconds > 0) all.mean_in_flight = point.in_flight_seconds / seconds;
  point.taken += taken;
  ++point.sittings;
}

struct SweepLog::State {
  std::string path;
  int file = -1;
  std::map<int, PointSoFar> points;
  int next_point = 0;
  size_t added = 0;  // samples of this sitting of the point

  mutable std::mutex mutex;
  std::condition_variable work;
  std::vector<Batch> queue;
  bool ending = false;
  std::string failure;
  std::thread writer;

  void Put(Batch batch) {
    {
      const std::lock_guard lock(mutex);
      queue.push_back(std::move(batch));
    }
    work.notify_one();
  }
  void Write(const std::string& text);
  void WriteAll();
};

void SweepLog::State::Write(const std::string& text) {
  for (size_t at = 0; at < text.size();) {
    const ssize_t written = ::write(file, text.data() + at, text.size() - at);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      const std::lock_guard lock(mutex);
      failure = fmt::format(
          "{}: {}; what was measured before stands there: make room, then --resume its folder",
          path, std::strerror(errno));
      return;
    }
    at += static_cast<size_t>(written);
  }
}

void SweepLog::State::WriteAll() {
  for (;;) {
    std::vector<Batch> batches;
    {
      std::unique_lock lock(mutex);
      work.wait(lock, [this] { return ending || !queue.empty(); });
      if (queue.empty()) return;
      batches.swap(queue);
      if (!failure.empty()) continue;  // nothing behind a gap
    }
    for (const Batch& batch : batches) Write(Text(batch));
  }
}

Result<std::unique_ptr<SweepLog>> SweepLog::Open(const std::string& path,
                                                 const std::string& command, bool resume) {
  auto state = std::make_unique<State>();
  state->path = path;
  if (resume) {
    auto read = ReadSweep(path, command, state->points);
    if (!read) return read.error();
    EndLastLine(path);
  }
  state->file =
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | (resume ? O_APPEND : O_TRUNC), 0644);
  if (state->file < 0)
    return Fail(ErrorKind::kIo, "{}: cannot be written: {}", path, std::strerror(errno));
  state->Write(Dumped({{"load", {{"schema", kSweepLogSchema}, {"command", command}}}}) + "\n");
  if (!state->failure.empty()) return Fail(ErrorKind::kIo, "{}", state->failure);
  state->writer = std::thread([raw = state.get()] { raw->WriteAll(); });
  return std::unique_ptr<SweepLog>(new SweepLog(std::move(state)));
}

SweepLog::SweepLog(std::unique_ptr<State> state) : state_(std::move(state)) {}
SweepLog::~SweepLog() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->ending = true;
  }
  state_->work.notify_one();
  state_->writer.join();
  ::close(state_->file);
}

PointSoFar SweepLog::BeginPoint(const std::string& load) {
  const int number = state_->next_point++;
  state_->added = 0;
  const auto earlier = state_->points.find(number);
  PointSoFar point = earlier == state_->points.end() ? PointSoFar{} : std::move(earlier->second);
  if (point.facts.is_null())
    state_->Put({.line = Dumped({{"point", {{"number", number}, {"load", load}}}})});
  return point;
}

void SweepLog::Add(const LoadRun& run, const RunSoFar& so_far, int64_t taken) {
  Batch batch{
      .samples = {run.samples.begin() + static_cast<ptrdiff_t>(state_->added), run.samples.end()},
      .classes = run.classes,
      .failures = run.failures,
      .line = Dumped({{"until",
                       {{"measured", so_far.measured.count()},
                        {"in_flight_seconds", so_far.in_flight_seconds},
                        {"waited", so_far.waited.count()},
                        {"taken", taken},
                        {"warm_up", run.warm_up_requests}}}})};
  state_->added = run.samples.size();
  state_->Put(std::move(batch));
}

void SweepLog::EndPoint(const json& facts) { state_->Put({.line = Dumped({{"end", facts}})}); }

Result<void> SweepLog::Check() const {
  const std::lock_guard lock(state_->mutex);
  if (state_->failure.empty()) return {};
  return Fail(ErrorKind::kIo, "{}", state_->failure);
}

void SweepLog::Remove() { ::unlink(state_->path.c_str()); }

}  // namespace iiifbench
