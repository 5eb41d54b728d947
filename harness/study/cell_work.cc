#include "harness/study/cell_work.h"

#include <algorithm>
#include <cmath>

#include "harness/stats/milliseconds.h"
#include "harness/study/answer_traps.h"

namespace iiifbench {
namespace {

void TakeStages(StudyCell& cell, const Exchange& exchange, const std::vector<LoggedRequest>& log) {
  auto keep = [&](Stage stage, std::chrono::nanoseconds t) {
    cell.stages_ms[stage].push_back(MsOf(t));
  };
  if (!exchange.server_timing.empty()) {
    const ServerTiming timing = ParseServerTiming(exchange.server_timing);
    std::chrono::nanoseconds sum{};
    for (Stage stage : timing.named) {
      keep(stage, timing.stages[stage]);
      sum += timing.stages[stage];
    }
    if (timing.total) {
      keep(Stage::kOverhead, *timing.total - sum);
      keep(Stage::kNetwork, exchange.latency() - *timing.total);
      cell.server_ms.push_back(MsOf(*timing.total));
    }
    cell.stage_source = "server-timing";
    return;
  }
  if (log.empty()) return;
  const LoggedRequest& last = log.back();
  for (Stage stage : kStages) {
    if (last.stages[stage].count() > 0) keep(stage, last.stages[stage]);
  }
  if (last.total.count() > 0) {
    keep(Stage::kNetwork, exchange.latency() - last.total);
    cell.server_ms.push_back(MsOf(last.total));
  }
  cell.stage_source = "log";
}

}  // namespace

Result<Prepared> Prepare(const CorpusEntry& entry, const std::string& path, int jpeg_quality) {
  Prepared prepared{.entry = &entry, .path = path, .info = path == "info.json"};
  if (prepared.info) return prepared;
  auto answer = ExpectAnswer(entry.path, path, ApiVersion::k2, jpeg_quality);
  if (!answer) return answer.error();
  prepared.answer = std::move(*answer);
  return prepared;
}

Result<Floor> MeasureFloor(const Prepared& prepared, Renderer& renderer, Rendered& rendered) {
  const auto start = std::chrono::steady_clock::now();
  auto source = Source::Open(prepared.entry->path);
  if (!source) return source.error();
  if (prepared.info) {
    auto codec = CodecOf(**source);
    if (!codec) return codec.error();
    auto info = (*codec)->probe(**source);
    if (!info) return info.error();
    rendered.stages = {};
  } else {
    auto done = renderer.Render(**source, prepared.answer.plan, rendered);
    if (!done) return done.error();
  }
  Floor floor{.total_ms = MsOf(std::chrono::steady_clock::now() - start), .stages_ms = {}};
  for (Stage stage :
       {Stage::kRead, Stage::kDecode, Stage::kResize, Stage::kConvert, Stage::kEncode})
    floor.stages_ms[stage] = MsOf(rendered.stages[stage]);
  return floor;
}

Result<ResponseFacts> CheckAnswer(const Prepared& prepared, const Exchange& exchange) {
  if (!prepared.info) return CheckAgainst(prepared.answer, exchange);
  auto right = CheckInfo(exchange, prepared.entry->size);
  if (!right) return right.error();
  return ResponseFacts{};
}

CellState WrongAnswer(const Error& error) {
  return {error.kind == ErrorKind::kIo ? CellStatus::kRequestFailed : CellStatus::kWrongAnswer,
          error.message};
}

Result<double> WarmUp(const Prepared& prepared, StudyCell& cell, const std::string& url,
                      Client& client, RunningServer& running, int jpeg_quality,
                      std::optional<std::chrono::steady_clock::time_point> until) {
  std::vector<double> times;
  const int most = cell.link == kLoopback ? 12 : 1;
  for (int i = 0; i < most; ++i) {
    const Exchange exchange = client.Get(url);
    auto alive = running.Check();
    if (!alive) return alive.error();
    auto facts = CheckAnswer(prepared, exchange);
    if (!facts) return facts.error();
    if (!prepared.info) {
      cell.psnr = facts->psnr;
      cell.detail = facts->detail;
      cell.rounding = facts->rounding;
      cell.traps = AnswerTraps(exchange.body, prepared.entry->path, jpeg_quality);
      cell.settings = AnswerSettings(exchange.body);
    }
    times.push_back(MsOf(exchange.latency()));
    if (times.size() >= 6) {
      const std::span<const double> all(times);
      const double before = Median(all.subspan(all.size() - 6, 3)), after = Median(all.last(3));
      if (std::abs(after / before - 1) < 0.15) break;
    }
    if (times.back() > 2000 && i >= 2) break;  // slow enough to be steady
    if (until && std::chrono::steady_clock::now() > *until) break;
  }
  return times.back();
}

void TakeSample(StudyCell& cell, int round, const Exchange& exchange,
                const std::vector<LoggedRequest>& log) {
  cell.rounds.push_back(round);
  cell.total_ms.push_back(MsOf(exchange.latency()));
  cell.first_byte_ms.push_back(MsOf(exchange.first_byte - exchange.due));
  cell.lag_ms.push_back(MsOf(exchange.lag));
  cell.bytes = static_cast<int64_t>(exchange.body.size());
  TakeStages(cell, exchange, log);
}

}  // namespace iiifbench
