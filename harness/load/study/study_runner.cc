#include "harness/load/study/study_runner.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <random>
#include <set>

#include "harness/load/client.h"
#include "harness/load/link_proxy.h"
#include "harness/load/request_class.h"
#include "harness/load/response_check.h"
#include "harness/load/study/answer_traps.h"
#include "kernels/iiif/render.h"

namespace iiifbench {
namespace {

using Milliseconds = std::chrono::duration<double, std::milli>;
double Ms(std::chrono::nanoseconds t) { return Milliseconds(t).count(); }

Result<StudyWork> Prepare(StudyCell& cell, const CorpusEntry& entry, std::string url,
                          const StudyOptions& options) {
  StudyWork work{.cell = &cell, .entry = &entry, .url = std::move(url), .info = cell.request_class == "info"};
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
Result<void> MeasureFloor(StudyWork& work, Renderer& renderer, Rendered& rendered, bool keep) {
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
void TakeStages(StudyWork& work, const Exchange& exchange, const std::vector<LoggedRequest>& log) {
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
Result<void> WarmUp(StudyWork& work, Client& client, RunningServer& running, Renderer& renderer,
                    Rendered& rendered, int jpeg_quality) {
  std::vector<double> times;
  // Behind a link the server is warm already: the connection is opened, the answer checked.
  const bool linked = work.cell->link != kLoopback;
  for (int i = 0; i < (linked ? 1 : 12); ++i) {
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
      work.cell->traps = AnswerTraps(exchange.body, work.entry->path, jpeg_quality);
      work.cell->settings = AnswerSettings(exchange.body);
    }
    times.push_back(Ms(exchange.latency()));
    if (i < 2 && !linked) {
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

// The port behind "http://127.0.0.1:8080/iiif/2/page.tif".
Result<LinkOptions> BehindUrl(const std::string& url) {
  constexpr std::string_view kScheme = "http://";
  const size_t slash = url.find('/', kScheme.size()), colon = url.find(':', kScheme.size());
  if (!url.starts_with(kScheme))
    return Fail(ErrorKind::kUnsupported, "{}: a link with delay takes plain http only", url);
  LinkOptions options{.port = 80};
  options.host = url.substr(kScheme.size(), std::min(slash, colon) - kScheme.size());
  if (colon < slash) options.port = std::atoi(url.c_str() + colon + 1);
  return options;
}

}  // namespace

StudyRunner::StudyRunner(const StudyOptions& options, const Corpus& corpus, EarlierSamples earlier,
                         SampleLog log, Study& study)
    : options_(options),
      corpus_(corpus),
      earlier_(std::move(earlier)),
      log_(std::move(log)),
      study_(study),
      random_(options.seed) {}

bool StudyRunner::Stopped() const {
  return !study_.failure.empty() || (options_.stop != nullptr && options_.stop->load());
}

void StudyRunner::Say(const std::string& line) const {
  if (options_.progress) options_.progress(line);
}

bool StudyRunner::Complete(const StudyCell& cell) const {
  return static_cast<int>(cell.total_ms.size()) >= options_.rounds;
}

// Sends one request; its answer counts when the server lives and the body is right.
void StudyRunner::Sample(StudyWork& work, Client& client, RunningServer& running) {
  const Exchange exchange = client.Get(work.url);
  const auto log = running.TakeLog();
  auto alive = running.Check();
  auto right = work.info ? CheckInfo(exchange, work.entry->size) : Result<void>();
  if (!work.info) {
    auto facts = CheckResponse(exchange, work.expected.view());
    if (!facts) right = facts.error();
  }
  StudyCell& cell = *work.cell;
  if (!alive || !right) {
    ++cell.wrong;
    cell.status = alive ? "wrong answer: " + right.error().message : alive.error().message;
    Say(fmt::format("  {} {}: {}", cell.recipe, cell.request_class, cell.status));
    return;
  }
  cell.total_ms.push_back(Ms(exchange.latency()));
  cell.first_byte_ms.push_back(Ms(exchange.first_byte - exchange.due));
  cell.bytes = static_cast<int64_t>(exchange.body.size());
  TakeStages(work, exchange, log);
  if (cell.link == kLoopback) {
    auto floor = MeasureFloor(work, renderer_, rendered_, true);
    if (!floor) cell.status = "floor: " + floor.error().message;
  }
  auto written = log_.AddSample(cell);
  if (!written) study_.failure = written.error().message;
}

void StudyRunner::Round(std::vector<StudyWork>& works, Client& client, RunningServer& running) {
  std::vector<size_t> order(works.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  for (size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random_() % i]);
  for (size_t i : order) {
    StudyWork& work = works[i];
    if (!Stopped() && work.cell->status == "measured" && !Complete(*work.cell)) Sample(work, client, running);
  }
}

// The cells of one server over one link, with what an earlier sitting measured.
void StudyRunner::MakeCells(const Server& server, const std::string& link) {
  for (const CorpusEntry& entry : corpus_.entries) {
    for (const RequestClass& c : Classes(entry.size)) {
      StudyCell cell = {.server = std::string(server.name),
                        .recipe = entry.recipe,
                        .request_class = c.name,
                        .page = entry.page,
                        .path = c.path,
                        .link = link};
      for (StudyCell& before : earlier_.cells) {
        if (!SameCell(before, cell)) continue;
        before.path = cell.path;
        cell = std::move(before);
      }
      if (Complete(cell)) cell.status = "measured";
      const std::string refusal = server.refuses(*FindRecipe(entry.recipe));
      if (!refusal.empty()) cell.status = refusal;
      study_.cells.push_back(std::move(cell));
    }
  }
}

std::vector<RequestClass> StudyRunner::Classes(Size size) const {
  return options_.founding ? FoundingClasses(size) : RequestClasses(size);
}

// False when the server has died: `about.status` says how.
bool StudyRunner::RunLink(const std::string& link, size_t first, RunningServer& running, StudyServer& about) {
  using Seconds = std::chrono::duration<double>;
  const Seconds share =
      (options_.budget - Seconds(std::chrono::steady_clock::now() - began_)) / std::max(1, parts_left_--);
  const auto part_began = std::chrono::steady_clock::now();
  Client client({.headers = running.headers});
  std::unique_ptr<LinkProxy> proxy;
  if (link != kLoopback) {
    auto behind = BehindUrl(running.ImageUrl("x"));
    if (behind) {
      behind->one_way_delay = std::chrono::nanoseconds(std::llround(std::stod(link) / 2 * 1e6));
      behind->bytes_per_second = options_.link_bytes_per_second;
    }
    auto started = behind ? LinkProxy::Start(*behind) : Result<std::unique_ptr<LinkProxy>>(behind.error());
    if (!started) {
      Say(fmt::format("{}: no link of {}: {}", about.title, link, started.error().message));
      for (StudyCell& cell : study_.cells) {
        if (cell.server == about.name && cell.link == link) cell.status = started.error().message;
      }
      return true;
    }
    proxy = std::move(*started);
  }
  std::vector<StudyWork> works;
  size_t index = first;
  for (const CorpusEntry& entry : corpus_.entries) {
    const size_t before = works.size();
    for (size_t c = 0; c < Classes(entry.size).size(); ++c, ++index) {
      StudyCell& cell = study_.cells[index];
      if (cell.status != "not measured" || Stopped()) continue;
      const std::string url = running.ImageUrl(entry.file) + "/" + cell.path;
      auto work = Prepare(cell, entry, proxy == nullptr ? url : proxy->Through(url), options_);
      auto warm = work ? WarmUp(*work, client, running, renderer_, rendered_, options_.jpeg_quality)
                       : Result<void>(work.error());
      if (!warm) {
        cell.status = warm.error().message;
        Say(fmt::format("  {} {}: {}", cell.recipe, cell.request_class, cell.status));
        if (auto alive = running.Check(); !alive) {
          about.status = alive.error().message;
          return false;
        }
        continue;
      }
      cell.status = "measured";
      works.push_back(std::move(*work));
    }
    if (works.size() > before) Say(fmt::format("{}: {} is warm", about.title, entry.file));
  }
  running.TakeLog();
  const auto start = std::chrono::steady_clock::now();
  for (int round = 0; round < options_.rounds && !Stopped() && !works.empty(); ++round) {
    Round(works, client, running);
    const double elapsed = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    Say(fmt::format("{}, {}: round {}/{}, {:.0f} s left for this server", about.title, link, round + 1,
                    options_.rounds, elapsed / (round + 1) * (options_.rounds - round - 1)));
    const Seconds spent = std::chrono::steady_clock::now() - part_began;
    if (options_.budget.count() > 0 && round + 1 < options_.rounds &&
        spent.count() + elapsed / (round + 1) > share.count()) {
      Say(fmt::format("{}, {}: its share of the time, {:.0f} s, is used up", about.title, link,
                      share.count()));
      break;
    }
  }
  return true;
}

// A link's floor is that of the same request on loopback: our kernels do not see the link.
void StudyRunner::ShareFloors(size_t first) {
  for (size_t i = first; i < study_.cells.size(); ++i) {
    StudyCell& cell = study_.cells[i];
    if (cell.status == "measured" && cell.total_ms.empty()) cell.status = "stopped before it was measured";
    if (cell.link == kLoopback) continue;
    StudyCell key = {
        .server = cell.server, .recipe = cell.recipe, .request_class = cell.request_class, .page = cell.page};
    for (size_t k = first; k < i; ++k) {
      if (!SameCell(study_.cells[k], key)) continue;
      cell.floor_ms = study_.cells[k].floor_ms;
      cell.floor_stages_ms = study_.cells[k].floor_stages_ms;
    }
  }
}

void StudyRunner::RunServer(const Server& server) {
  StudyServer about{.name = std::string(server.name), .title = std::string(server.title)};
  std::vector<std::string> links = {std::string(kLoopback)};
  for (const double ms : options_.links_ms) links.push_back(fmt::format("{:g} ms", ms));
  const size_t first = study_.cells.size();
  std::vector<size_t> firsts;
  for (const auto& link : links) {
    firsts.push_back(study_.cells.size());
    MakeCells(server, link);
  }
  const auto open = [&] {
    return std::any_of(study_.cells.begin() + static_cast<ptrdiff_t>(first), study_.cells.end(),
                       [](const StudyCell& cell) { return cell.status == "not measured"; });
  };
  auto finish = [&](const std::string& status) {
    about.status = status;
    // Read back from what came, not from what was asked for.
    std::set<std::string> settings;
    for (size_t i = first; i < study_.cells.size(); ++i) {
      if (!study_.cells[i].settings.empty())
        settings.insert(study_.cells[i].recipe + " " + study_.cells[i].settings);
    }
    if (!settings.empty()) about.effective["answers"] = fmt::format("{}", fmt::join(settings, ", "));
    for (size_t i = first; i < study_.cells.size(); ++i) {
      if (study_.cells[i].status == "not measured") study_.cells[i].status = status;
    }
    ShareFloors(first);
    study_.servers.push_back(about);
    if (status != "measured") Say(fmt::format("{}: {}", about.title, status));
  };
  if (const auto before = earlier_.servers.find(about.name); before != earlier_.servers.end() && !open()) {
    about.version = before->second.version;
    about.effective = before->second.effective;
    return finish("measured");
  }
  auto found = server.find();
  if (!found) return finish(found.error().message);
  about.version = found->version;
  auto running = server.start({.image_folder = corpus_.image_folder,
                               .run_folder = options_.run_folder + "/" + about.name,
                               .jpeg_quality = options_.jpeg_quality,
                               .log_verbosity = 5});
  if (!running) return finish(running.error().message);
  about.version = (*running)->installation.version;
  about.effective = (*running)->effective;
  if (auto written = log_.AddServer(about); !written) study_.failure = written.error().message;
  for (size_t i = 0; i < links.size(); ++i) {
    if (!RunLink(links[i], firsts[i], **running, about)) return finish(about.status);
  }
  finish("measured");
}

}  // namespace iiifbench
