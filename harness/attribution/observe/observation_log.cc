#include "harness/attribution/observe/observation_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "data/whole_number.h"

namespace iiifbench {
namespace {

using nlohmann::json;

constexpr int kObservationSchema = 1;

std::string TextOf(const json& line) {
  return line.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

// Lines of one image, in the order they were written, and the result where it is over.
struct EarlierImage {
  std::vector<json> lines;
  json done;
};

}  // namespace

struct ObservationLog::State {
  std::string path, failure;
  int file = -1;
  std::map<std::string, EarlierImage> earlier;
  const EarlierImage* image = nullptr;
  bool answers = false;
};

ObservationLog::ObservationLog(std::unique_ptr<State> state) : state_(std::move(state)) {}
ObservationLog::~ObservationLog() {
  if (state_->file >= 0) ::close(state_->file);
}

Result<std::unique_ptr<ObservationLog>> ObservationLog::Open(const std::string& path,
                                                             const std::string& command,
                                                             bool resume) {
  auto state = std::make_unique<State>();
  state->path = path;
  off_t whole = 0;  // without a last line that was cut
  if (resume) {
    std::ifstream in(path);
    if (!in) return Fail(ErrorKind::kNotFound, "{}: no answers of an unfinished run there", path);
    EarlierImage* image = nullptr;
    int number = 0;
    for (std::string text; std::getline(in, text) && !in.eof();) {
      ++number;
      json line = json::parse(text, nullptr, false);
      if (!line.is_object())
        return Fail(ErrorKind::kBadInput, "{}: line {} is no JSON object", path, number);
      whole += static_cast<off_t>(text.size()) + 1;
      if (line.contains("attribute")) {
        const json head = {{"schema", kObservationSchema}, {"command", command}};
        if (line["attribute"] != head)
          return Fail(ErrorKind::kBadInput, "{}: measured by {}; resume with the same options",
                      path, TextOf(line["attribute"]));
        image = nullptr;
      } else if (line.contains("image") && line["image"].is_string()) {
        image = &state->earlier[line["image"].get<std::string>()];
      } else if (image != nullptr && line.contains("done")) {
        image->done = line["done"];
      } else if (image != nullptr) {
        image->lines.push_back(std::move(line));
        state->answers = true;
      }
    }
  }
  state->file =
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | (resume ? O_APPEND : O_TRUNC), 0644);
  if (state->file < 0 || (resume && ::ftruncate(state->file, whole) != 0))
    return Fail(ErrorKind::kIo, "{}: cannot be written: {}", path, std::strerror(errno));
  std::unique_ptr<ObservationLog> log(new ObservationLog(std::move(state)));
  log->Write({{"attribute", {{"schema", kObservationSchema}, {"command", command}}}});
  auto begun = log->Check();
  if (!begun) return begun.error();
  return log;
}

void ObservationLog::Write(const json& line) {
  if (!state_->failure.empty()) return;  // nothing behind a gap
  const std::string text = TextOf(line);
  for (size_t at = 0; at < text.size();) {
    const ssize_t written = ::write(state_->file, text.data() + at, text.size() - at);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      state_->failure =
          fmt::format("{}: {}; what was measured before stands there: make room, then --resume",
                      state_->path, std::strerror(errno));
      return;
    }
    at += static_cast<size_t>(written);
  }
}

Result<void> ObservationLog::Check() const {
  if (state_->failure.empty()) return {};
  return Fail(ErrorKind::kIo, "{}", state_->failure);
}

bool ObservationLog::HasAnswers() const { return state_->answers; }

void ObservationLog::Remove() { ::unlink(state_->path.c_str()); }

std::optional<json> ObservationLog::BeginImage(const std::string& source) {
  state_->image = &state_->earlier[source];
  if (!state_->image->done.is_null()) return state_->image->done;
  Write({{"image", source}});
  return {};
}

namespace {

// The part of a latency that has this name in JSON.
std::optional<LatencyPart> PartNamed(std::string_view name) {
  for (const Stage stage : kStages)
    if (PartName(stage) == name) return stage;
  for (int i = 0; i <= static_cast<int>(OtherPart::kBody); ++i) {
    const auto other = static_cast<OtherPart>(i);
    if (PartName(other) == name) return other;
  }
  return {};
}

// A failure, an answer or a kernel's run, given back to where it belongs.
void RestoreLine(const json& line, Observed& observed) {
  if (line.contains("kernel")) {
    const json& kernel = line["kernel"];
    observed.costs->Remember(kernel.at("name"), kernel.at("ms"), kernel.value("read_ms", -1.0),
                             WholeNumber(kernel, "bytes_read", 0));
    return;
  }
  ++observed.exchanges;
  if (line.contains("failure")) {
    ++observed.failures[line["failure"].at("kind")];
    return;
  }
  const json& said = line.at("answer");
  const std::string name = said.at("probe");
  const auto found =
      std::ranges::find_if(observed.cases, [&](const Case& c) { return c.probe.name == name; });
  if (found == observed.cases.end()) return;
  const json& transfer = said.at("transfer");
  const TimedTransfer timed{.bytes = transfer.at("bytes"),
                            .body_ms = transfer.at("body_ms"),
                            .fresh = transfer.at("fresh"),
                            .connect_ms = transfer.at("connect_ms"),
                            .tls_ms = transfer.at("tls_ms")};
  const double ms = said.at("ms"), first_byte = said.at("first_byte_ms");
  using ByName = std::map<std::string, std::map<std::string, std::vector<double>>>;
  const auto methods = said.value("methods", json::object()).get<ByName>();
  found->samples_ms.push_back(ms);
  found->first_byte_ms.push_back(first_byte);
  found->transfers.push_back(timed);
  observed.fresh_connections += timed.fresh ? 1 : 0;
  observed.closing += said.value("closes", false) ? 1 : 0;
  observed.image_answers += found->probe.info ? 0 : 1;
  for (const auto& [method, stages] : methods) {
    StageSamples& all = observed.methods[found->probe.path][method];
    for (const auto& [name, values] : stages) {
      const auto part = PartNamed(name);
      if (part) all[*part].insert(all[*part].end(), values.begin(), values.end());
    }
  }
}

double AtOf(const json& line) {
  for (const char* kind : {"answer", "failure"}) {
    if (line.contains(kind)) return line[kind].value("at", 0.0);
  }
  return -1;
}

}  // namespace

double ObservationLog::Restore(Observed& observed) const {
  double seconds = 0, sitting = 0;
  if (state_->image == nullptr) return 0;
  for (const json& line : state_->image->lines) {
    try {
      RestoreLine(line, observed);
      const double at = AtOf(line);
      if (at < 0) continue;
      if (at < sitting) seconds += sitting;  // of the sitting before this one
      sitting = at;
    } catch (const json::exception&) {
      // Damaged, and so not measured.
    }
  }
  return seconds + sitting;
}

void ObservationLog::AddAnswer(const Case& c, double at, const Exchange& exchange,
                               const std::map<std::string, StageSamples>& methods) {
  const TimedTransfer& transfer = c.transfers.back();
  json line = {{"probe", c.probe.name},
               {"at", at},
               {"ms", c.samples_ms.back()},
               {"first_byte_ms", c.first_byte_ms.back()},
               {"transfer",
                {{"bytes", transfer.bytes},
                 {"body_ms", transfer.body_ms},
                 {"fresh", transfer.fresh},
                 {"connect_ms", transfer.connect_ms},
                 {"tls_ms", transfer.tls_ms}}}};
  for (const auto& [method, parts] : methods) line["methods"][method] = NamedParts(parts);
  if (exchange.closes) line["closes"] = true;
  state_->answers = true;
  Write({{"answer", line}});
}

void ObservationLog::AddFailure(const Case& c, double at, const std::string& kind) {
  Write({{"failure", {{"probe", c.probe.name}, {"at", at}, {"kind", kind}}}});
}

void ObservationLog::AddKernel(const std::string& name, const KernelCosts& costs, int work) {
  json line = {{"name", name}, {"ms", costs.samples_ms(work).back()}};
  if (!costs.read_samples_ms(work).empty()) {
    line["read_ms"] = costs.read_samples_ms(work).back();
    line["bytes_read"] = costs.bytes_read(work);
  }
  Write({{"kernel", line}});
}

void ObservationLog::AddDone(const json& result) { Write({{"done", result}}); }

}  // namespace iiifbench
