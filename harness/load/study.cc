#include "harness/load/study.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <random>

#include "harness/load/client.h"
#include "harness/load/request_class.h"
#include "harness/load/response_check.h"
#include "kernels/iiif/render.h"

namespace iiifbench {
namespace {

using Milliseconds = std::chrono::duration<double, std::milli>;
double Ms(std::chrono::nanoseconds t) { return Milliseconds(t).count(); }

// One cell while it is measured.
struct Work {
  StudyCell* cell;
  const CorpusEntry* entry;
  std::string url;
  RenderPlan plan;  // unused for info
  bool info = false;
  Image expected;
};

Result<Work> Prepare(StudyCell& cell, const CorpusEntry& entry, const RunningServer& running,
                     const StudyOptions& options) {
  Work work{.cell = &cell,
            .entry = &entry,
            .url = running.ImageUrl(entry.file) + "/" + cell.path,
            .info = cell.request_class == "info"};
  if (work.info) return work;
  auto source = Source::Open(entry.path);
  if (!source) return source.error();
  auto codec = CodecOf(**source);
  auto info = codec ? (*codec)->probe(**source) : Result<ImageInfo>(codec.error());
  if (!info) return info.error();
  auto request = ParseImageRequest("id/" + cell.path, ApiVersion::k2);
  if (!request) return request.error();
  RenderSettings settings;
  settings.encode.quality = options.jpeg_quality;
  auto plan = MakeRenderPlan(*info, *request, settings);
  if (!plan) return plan.error();
  work.plan = *plan;
  Renderer renderer;
  StageTimes times;
  DecodeReport report;
  auto pixels = renderer.RenderPixels(**source, work.plan, times, report);
  if (!pixels) return pixels.error();
  work.expected = Image(pixels->size(), pixels->channels);
  CopyPixels(*pixels, work.expected.view());
  return work;
}

// Our own cost of the same answer, opening and probing the file included: that is what a server does.
Result<void> MeasureFloor(Work& work, Renderer& renderer, Rendered& rendered, bool keep) {
  const auto start = std::chrono::steady_clock::now();
  auto source = Source::Open(work.entry->path);
  if (!source) return source.error();
  if (work.info) {
    auto codec = CodecOf(**source);
    if (!codec) return codec.error();
    auto info = (*codec)->probe(**source);
    if (!info) return info.error();
    rendered.stages = {};
  } else {
    auto done = renderer.Render(**source, work.plan, rendered);
    if (!done) return done;
  }
  const double total = Ms(std::chrono::steady_clock::now() - start);
  if (!keep) return {};
  work.cell->floor_ms.push_back(total);
  for (Stage stage : {Stage::kRead, Stage::kDecode, Stage::kResize, Stage::kConvert, Stage::kEncode}) {
    work.cell->floor_stages_ms[std::string(StageName(stage))].push_back(Ms(rendered.stages[stage]));
  }
  return {};
}

// The server's own word about the exchange: header first, log otherwise.
void TakeStages(Work& work, const Exchange& exchange, const std::vector<LoggedRequest>& log) {
  StudyCell& cell = *work.cell;
  auto keep = [&](Stage stage, std::chrono::nanoseconds t) {
    cell.stages_ms[std::string(StageName(stage))].push_back(Ms(t));
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
      cell.server_ms.push_back(Ms(*timing.total));
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
    cell.server_ms.push_back(Ms(last.total));
  }
  cell.stage_source = "log";
}

// Sends the request until two windows of three agree within 15 %, at most 12 times; a wrong answer ends the
// cell.
Result<void> WarmUp(Work& work, Client& client, RunningServer& running, Renderer& renderer,
                    Rendered& rendered) {
  std::vector<double> times;
  for (int i = 0; i < 12; ++i) {
    const Exchange exchange = client.Get(work.url);
    auto alive = running.Check();
    if (!alive) return alive;
    if (work.info) {
      auto right = CheckInfo(exchange, work.entry->size);
      if (!right) return right;
    } else {
      auto facts = CheckResponse(exchange, work.expected.view());
      if (!facts) return facts.error();
      work.cell->psnr = facts->psnr;
      work.cell->detail = facts->detail;
    }
    times.push_back(Ms(exchange.latency()));
    if (i < 2) {
      auto floor = MeasureFloor(work, renderer, rendered, false);
      if (!floor) return floor;
    }
    if (times.size() >= 6) {
      const std::span<const double> all(times);
      const double before = Median(all.subspan(all.size() - 6, 3)), after = Median(all.last(3));
      if (std::abs(after / before - 1) < 0.15) break;
    }
    if (times.back() > 2000 && i >= 2) break;  // slow enough to be steady
  }
  return {};
}

class Runner {
 public:
  Runner(const StudyOptions& options, const Corpus& corpus, Study& study)
      : options_(options), corpus_(corpus), study_(study), random_(options.seed) {}

  void RunServer(const Server& server);

 private:
  bool Stopped() const { return options_.stop != nullptr && options_.stop->load(); }
  void Say(const std::string& line) const {
    if (options_.progress) options_.progress(line);
  }
  void Round(std::vector<Work>& works, Client& client, RunningServer& running);

  const StudyOptions& options_;
  const Corpus& corpus_;
  Study& study_;
  std::mt19937_64 random_;
  Renderer renderer_;
  Rendered rendered_;
};

void Runner::Round(std::vector<Work>& works, Client& client, RunningServer& running) {
  std::vector<size_t> order(works.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  for (size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random_() % i]);
  for (size_t i : order) {
    Work& work = works[i];
    if (Stopped() || work.cell->status != "measured") continue;
    const Exchange exchange = client.Get(work.url);
    const auto log = running.TakeLog();
    auto alive = running.Check();
    auto right = work.info ? CheckInfo(exchange, work.entry->size) : Result<void>();
    if (!work.info) {
      auto facts = CheckResponse(exchange, work.expected.view());
      if (!facts) right = facts.error();
    }
    if (!alive || !right) {
      ++work.cell->wrong;
      work.cell->status = alive ? "wrong answer: " + right.error().message : alive.error().message;
      Say(fmt::format("  {} {}: {}", work.cell->recipe, work.cell->request_class, work.cell->status));
      continue;
    }
    work.cell->total_ms.push_back(Ms(exchange.latency()));
    work.cell->first_byte_ms.push_back(Ms(exchange.first_byte - exchange.due));
    work.cell->bytes = static_cast<int64_t>(exchange.body.size());
    TakeStages(work, exchange, log);
    auto floor = MeasureFloor(work, renderer_, rendered_, true);
    if (!floor) work.cell->status = "floor: " + floor.error().message;
  }
}

void Runner::RunServer(const Server& server) {
  StudyServer about{.name = std::string(server.name), .title = std::string(server.title)};
  const size_t first = study_.cells.size();
  for (const CorpusEntry& entry : corpus_.entries) {
    for (const RequestClass& c : RequestClasses(entry.size)) {
      study_.cells.push_back({.server = about.name,
                              .recipe = entry.recipe,
                              .request_class = c.name,
                              .page = entry.page,
                              .path = c.path});
      const std::string refusal = server.refuses(*FindRecipe(entry.recipe));
      if (!refusal.empty()) study_.cells.back().status = refusal;
    }
  }
  auto give_up = [&](const std::string& reason) {
    about.status = reason;
    for (size_t i = first; i < study_.cells.size(); ++i) {
      if (study_.cells[i].status == "not measured") study_.cells[i].status = reason;
    }
    study_.servers.push_back(about);
    Say(fmt::format("{}: {}", about.title, reason));
  };
  auto found = server.find();
  if (!found) return give_up(found.error().message);
  about.version = found->version;
  auto running = server.start({.image_folder = corpus_.image_folder,
                               .run_folder = options_.run_folder + "/" + about.name,
                               .jpeg_quality = options_.jpeg_quality,
                               .log_verbosity = 5});
  if (!running) return give_up(running.error().message);
  about.version = (*running)->installation.version;
  about.effective = (*running)->effective;
  Client client({.headers = (*running)->headers});
  std::vector<Work> works;
  size_t index = first;
  for (const CorpusEntry& entry : corpus_.entries) {
    for (size_t c = 0; c < RequestClasses(entry.size).size(); ++c, ++index) {
      StudyCell& cell = study_.cells[index];
      if (cell.status != "not measured" || Stopped()) continue;
      auto work = Prepare(cell, entry, **running, options_);
      auto warm = work ? WarmUp(*work, client, **running, renderer_, rendered_) : Result<void>(work.error());
      if (!warm) {
        cell.status = warm.error().message;
        Say(fmt::format("  {} {}: {}", cell.recipe, cell.request_class, cell.status));
        if (!(*running)->Check()) return give_up((*running)->Check().error().message);
        continue;
      }
      cell.status = "measured";
      works.push_back(std::move(*work));
    }
    Say(fmt::format("{}: {} is warm", about.title, entry.file));
  }
  (*running)->TakeLog();
  const auto start = std::chrono::steady_clock::now();
  for (int round = 0; round < options_.rounds && !Stopped(); ++round) {
    Round(works, client, **running);
    const double elapsed = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    Say(fmt::format("{}: round {}/{}, {:.0f} s left for this server", about.title, round + 1, options_.rounds,
                    elapsed / (round + 1) * (options_.rounds - round - 1)));
  }
  for (Work& work : works) {
    if (work.cell->status == "measured" && work.cell->total_ms.empty())
      work.cell->status = "stopped before it was measured";
  }
  about.status = "measured";
  study_.servers.push_back(about);
}

// Latencies of the first half of the rounds against the second: a run that drifts is not reportable.
void JudgeDrift(Study& study) {
  std::map<std::string, std::pair<std::vector<double>, std::vector<double>>> halves;
  for (const StudyCell& cell : study.cells) {
    const size_t half = cell.total_ms.size() / 2;
    if (half < 3) continue;
    const double middle = Median(cell.total_ms);
    for (size_t i = 0; i < cell.total_ms.size(); ++i) {
      auto& pair = halves[cell.server];
      (i < half ? pair.first : pair.second).push_back(cell.total_ms[i] / middle);
    }
  }
  for (const auto& [server, pair] : halves) {
    const double drift = Median(pair.second) / Median(pair.first) - 1;
    if (std::abs(drift) > 0.05) {
      study.not_reportable.push_back(fmt::format(
          "{}: latencies drift by {:+.1f} % from the first half to the second", server, 100 * drift));
    }
  }
}

}  // namespace

Result<Study> RunStudy(const StudyOptions& options) {
  auto corpus = EnsureCorpus(options.corpus);
  if (!corpus) return corpus.error();
  Study study;
  Runner runner(options, *corpus, study);
  for (const auto& name : options.servers) {
    if (FindServer(name) == nullptr) return Fail(ErrorKind::kNotFound, "server '{}': no such server", name);
  }
  for (const Server* server : Servers()) {
    const bool wanted =
        options.servers.empty() || std::ranges::find(options.servers, server->name) != options.servers.end();
    if (wanted && !(options.stop != nullptr && options.stop->load())) runner.RunServer(*server);
  }
  study.complete = !(options.stop != nullptr && options.stop->load());
  JudgeDrift(study);
  int wrong = 0;
  for (const StudyCell& cell : study.cells) wrong += cell.wrong;
  if (wrong > 0)
    study.not_reportable.push_back(fmt::format("{} answers were wrong after a right warm-up", wrong));
  if (!study.complete) study.not_reportable.push_back("stopped before the end");
  return study;
}

}  // namespace iiifbench
