#include "harness/validation/real/real_run.h"

#include <cmath>
#include <filesystem>
#include <numeric>
#include <random>

#include "harness/attribution/attribute.h"
#include "harness/http/client.h"
#include "harness/servers/launch/copied_sources.h"
#include "harness/stats/quantile.h"
#include "harness/validation/real/evidence_truth.h"

namespace iiifbench {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

// A profile of fewer samples has shares that are noise: 1 / sqrt(100) is 10 points.
constexpr int kLeastSamples = 100;

bool HoldsJpeg(const Observed& o) {
  return o.codec == "jpeg" || o.info->facts.compression == "jpeg";
}

// Tiles, regions, a text line and whole pages whose sizes have no rounding: servers round heights
// in different ways, and a picture that is one row off is another picture. Raw output of
// std::mt19937_64, so that they are the same everywhere.
std::vector<std::string> HeldOut(uint64_t seed, Size image) {
  std::mt19937_64 random(seed);
  auto draw = [&](int low, int high) {
    return low + static_cast<int>(random() % static_cast<uint64_t>(std::max(1, high - low + 1)));
  };
  std::vector<std::string> out;
  auto region = [&](int width, int height, int output) {
    const int x = draw(0, image.width - width), y = draw(0, image.height - height);
    out.push_back(fmt::format("{},{},{},{}/{},/0/default.jpg", x, y, width, height, output));
  };
  for (int side : {256, 256, std::min(image.width, image.height) >= 2048 ? 1024 : 512}) {
    const int x = draw(0, image.width / side - 1) * side,
              y = draw(0, image.height / side - 1) * side;
    out.push_back(fmt::format("{},{},{},{}/256,/0/default.jpg", x, y, side, side));
  }
  // Half as much again, two and a half times, three times the output.
  for (int halves : {3, 5, 6}) {
    const int most = std::min(image.width, image.height) * 3 / 4 * 2 / halves / 2;
    const int width = 2 * draw(most / 4, most), height = 2 * draw(most / 4, most);
    region(width * halves / 2, height * halves / 2, width);
  }
  const int line = draw(image.width / 3, image.width * 4 / 5);
  region(line, std::max(40, image.height / 30), line);
  const int step = image.width / std::gcd(image.width, image.height);
  for (int i = 0; i < 2; ++i)
    out.push_back(fmt::format("full/{},/0/default.jpg",
                              draw(image.width / 20 / step, image.width / 4 / step) * step));
  return out;
}

json EvidenceToJson(const RequestAttribution& request, const EvidenceTruth& truth) {
  const RealError error = CompareWith(request, truth);
  return {{"method", truth.method},
          {"stages", Named(truth.stages)},
          {"latency_ms", truth.latency_ms},
          {"unknown_ms", truth.unknown_ms},
          {"work", truth.work},
          {"samples", truth.samples},
          {"worst", error.stages},
          {"points", error.points},
          {"signed_points", error.signed_points},
          {"merged_ms", error.merged_ms}};
}

json RequestToJson(const RequestAttribution& request) {
  json out = {{"path", request.path},
              {"measured_ms", request.measured_ms},
              {"merged", MergedNames(request.merged)},
              {"unexplained_ms", request.unexplained_ms},
              {"estimated", json::object()},
              {"evidence", json::array()}};
  for (const auto& [stage, estimate] : request.stages)
    out["estimated"][std::string(StageName(stage))] = estimate.ms;
  return out;
}

json HeadOf(const Server& server, const RunningServer& running, const CorpusEntry& entry,
            const Observed& observed, const Attribution& attribution) {
  json out = {{"server", server.name},
              {"version", running.installation.version},
              {"recipe", entry.recipe},
              {"spawns", SpawnsDecoder(server, observed.codec)},
              {"seconds", observed.seconds},
              {"rounds", observed.rounds},
              {"sentence", attribution.sentence},
              {"fit_error", attribution.fit_error},
              {"requests", json::array()}};
  PutFindings(attribution.findings, "findings", "finding_ids", out);
  PutFindings(attribution.refusals, "refusals", "refusal_ids", out);
  for (const auto& verdict : attribution.strategy) {
    out["strategy"][verdict.stage] = {{"name", verdict.name},
                                      {"identified", verdict.identified},
                                      {"error", verdict.error},
                                      {"runner_up", verdict.runner_up},
                                      {"runner_up_error", verdict.runner_up_error}};
  }
  for (const auto& [stage, times] : attribution.multiples)
    out["multiples"][std::string(StageName(stage))] = times.ms;
  for (size_t i = 0; i < attribution.predicted_ms.size(); ++i) {
    const Case& c = observed.cases[i];
    out["probes"].push_back(
        {c.probe.name, Median(c.samples_ms), c.samples_ms.size(), attribution.predicted_ms[i]});
  }
  return out;
}

// Compilers of a JVM need more than a warm-up of one kind of request: all kinds in turn, until two
// windows agree or a quarter of the probing's time is over.
void WarmUp(const RunningServer& running, const std::string& url, Size size,
            const RealOptions& options) {
  Client client({.headers = running.headers});
  const auto start = std::chrono::steady_clock::now();
  const auto paths = HeldOut(options.seed + 1, size);
  double before = 0;
  for (;;) {
    const auto window = std::chrono::steady_clock::now();
    int passes = 0;
    while (passes == 0 || std::chrono::steady_clock::now() - window < options.probing / 12) {
      for (const auto& path : paths) {
        if (options.stop != nullptr && options.stop->load()) return;
        client.Get(url + "/" + path);
      }
      ++passes;
    }
    const double pass =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - window).count() / passes;
    if (std::abs(pass / before - 1) < 0.03 ||
        std::chrono::steady_clock::now() - start > options.probing / 4)
      return;
    before = pass;
  }
}

}  // namespace

bool SpawnsDecoder(const Server& server, const std::string& codec) {
  return codec == "jp2" &&
         (server.name == "loris" || server.name.find("cantaloupe") != std::string::npos);
}

Result<json> RunReal(const Server& server, const CorpusEntry& entry, const RealOptions& options) {
  auto copies = CopiedSources::Make({entry.path});
  if (!copies) return copies.error();
  auto running = server.start({.image_folder = copies->images(),
                               .run_folder = copies->run(),
                               .log_verbosity = 5,
                               .options = {}});
  if (!running) return running.error();
  const std::string source = copies->files().front();
  const std::string url = (*running)->ImageUrl(fs::path(source).filename().string());
  if (server.name.find("cantaloupe") != std::string::npos)
    WarmUp(**running, url, entry.size, options);
  auto attributed = Attribute({.observe = {.url = url,
                                           .source = source,
                                           .place = copies->images(),
                                           .requests = HeldOut(options.seed, entry.size),
                                           .headers = (*running)->headers,
                                           .budget = options.probing,
                                           .seed = options.seed,
                                           .progress = options.progress,
                                           .stop = options.stop}});
  auto alive = (*running)->Check();
  if (!alive) return alive.error();
  if (!attributed) return attributed.error();
  const Observed& observed = attributed->observed;
  const Attribution& attribution = attributed->attribution;
  json row = HeadOf(server, **running, entry, observed, attribution);
  // Frozen: from here on nothing goes back into it.
  PerfOptions profile{.process_ids = (*running)->ProcessIds(),
                      .image_url = url,
                      .headers = (*running)->headers,
                      .jpeg_source = HoldsJpeg(observed),
                      .budget = options.profiling,
                      .folder = copies->run(),
                      .stop = options.stop};
  std::vector<std::string> paths;
  for (const auto& request : attribution.requests) {
    paths.push_back(request.path);
    profile.latency_ms[request.path] = request.measured_ms;
  }
  if (paths.empty()) return row;
  if (options.progress) options.progress("the server's log");
  const auto log = LogOf(**running, url, paths,
                         options.logging.count() / static_cast<double>(paths.size()), options.stop);
  if (options.progress) options.progress("a profile of its processes");
  auto profiled = ProfileRequests(profile);
  alive = (*running)->Check();
  if (!alive) return alive.error();
  if (!profiled) {
    row["findings"].push_back(profiled.error().message);
    row["finding_ids"].push_back(FindingName("no-profile").entry().id);
  }
  for (const auto& request : attribution.requests) {
    row["requests"].push_back(RequestToJson(request));
    json& evidence = row["requests"].back()["evidence"];
    if (const auto found = log.find(request.path); found != log.end())
      evidence.push_back(EvidenceToJson(request, found->second));
    if (!profiled || profiled->samples[request.path] < kLeastSamples) continue;
    // Of threads that work at once the critical path is compared, and all their work is told.
    EvidenceTruth truth = FromProfile(profiled->wall[request.path], profiled->samples[request.path],
                                      request.measured_ms);
    truth.work = FromProfile(profiled->stages[request.path], profiled->samples[request.path],
                             request.measured_ms)
                     .work;
    evidence.push_back(EvidenceToJson(request, truth));
  }
  if (!profiled) return row;
  row["profile_cost"] = profiled->cost;
  row["unknown_objects"] = profiled->unknown_objects;
  if (options.folder.empty()) return row;
  const std::string text = FoldedText(profiled->folded);
  auto kept = WriteFile(
      fmt::format("{}/profile-{}-{}.folded", options.folder, server.name, entry.recipe), text);
  if (!kept) return kept.error();
  return row;
}

}  // namespace iiifbench
