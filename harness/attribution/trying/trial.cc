#include "harness/attribution/trying/trial.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <thread>

#include "data/corpus.h"
#include "harness/attribution/trying/predict.h"
#include "harness/load/client.h"
#include "harness/load/response_check.h"
#include "harness/servers/launch/launch.h"
#include "harness/stats/quantile.h"
#include "kernels/iiif/render.h"

namespace iiifbench {
namespace {

namespace fs = std::filesystem;

constexpr double kWorthALine = 0.05;  // of the request, predicted or measured

double Ms(const Exchange& exchange) {
  return std::chrono::duration<double, std::milli>(exchange.latency()).count();
}

// What another way to store a source is worth trying for.
std::vector<std::string> RecipesFor(const std::string& codec, const ImageInfo& info) {
  if (codec == "tiff" && (info.levels.size() == 1 || info.tile.width == 0))
    return {"tiff_deflate", "tiff_jpeg"};
  if (codec == "tiff") return {"tiff_none", "tiff_jpeg"};
  if (codec == "jpeg") return {"tiff_jpeg", "jpeg_q90_restart"};
  std::vector<std::string> out = {"tiff_deflate", "jp2_10to1", "jp2_10to1_tiled"};
  for (const Recipe& recipe : FindCodec("jp2")->recipes) {
    if (recipe.options.high_throughput) out.insert(out.begin(), std::string(recipe.name));
  }
  return out;
}

std::string WordsFor(const Recipe& recipe) {
  const std::string name(recipe.name);
  if (recipe.options.high_throughput) return "store the source as HTJ2K (" + name + ")";
  if (name == "tiff_deflate") return "store the source as a pyramid of deflated TIFF tiles (tiff_deflate)";
  if (name == "tiff_none") return "leave the TIFF's tiles uncompressed (tiff_none)";
  if (name == "tiff_jpeg") return "store the source as a pyramid of TIFF tiles in JPEG (tiff_jpeg)";
  return "store the source as " + name;
}

class Trials {
 public:
  Trials(const TrialOptions& options, Observed& o, Attribution& a) : options_(options), o_(o), a_(a) {
    for (const Case& c : o_.cases) {
      if (c.held_out && c.probe.path.find("/max/") != std::string::npos) version_ = ApiVersion::k3;
    }
  }
  void Run();

 private:
  bool Stopped() const { return options_.stop != nullptr && options_.stop->load(); }
  void Say(const std::string& line) const {
    if (options_.progress) options_.progress("trying: " + line);
  }
  void Sources();
  void Requests();
  void Quality();
  void Warm(const RunningServer& server);
  void Cache();
  void Workers();
  // Asks both in turn and records predicted beside measured.
  void Measure(const Case& now, const std::string& words, const std::string& url_now,
               const std::string& url_new, const Prediction& predicted, bool same_picture = false);
  std::string UrlOf(const RunningServer& server, const std::string& file, const std::string& path) const {
    return server.ImageUrl(file) + "/" + path;
  }
  Result<std::unique_ptr<RunningServer>> Another(const char* name,
                                                 const std::function<void(ServerSettings&)>& change) const {
    ServerSettings settings = options_.settings;
    settings.run_folder += std::string("-") + name;
    change(settings);
    return Launch(*options_.server, settings);
  }
  // As it is at this moment, before anything is changed.
  double LatencyNow(const Case& now) {
    std::vector<double> samples;
    double spent = 0;
    for (int i = 0; i < 9 && (i < 3 || spent < 500); ++i) {
      samples.push_back(Ms(client_.Get(UrlOf(*options_.running, file(), now.probe.path))));
      spent += samples.back();
    }
    return Median(samples);
  }
  std::string file() const { return fs::path(options_.source).filename(); }

  const TrialOptions& options_;
  Observed& o_;
  Attribution& a_;
  ApiVersion version_ = ApiVersion::k2;
  Client client_{{.headers = options_.running->headers}};
};

void Trials::Measure(const Case& now, const std::string& words, const std::string& url_now,
                     const std::string& url_new, const Prediction& predicted, bool same_picture) {
  std::vector<double> before, after;
  Result<Image> first = Fail(ErrorKind::kNotFound, "no answer");
  for (const auto& url : {url_now, url_new}) {  // warm; also the check that it is answered
    const Exchange exchange = client_.Get(url);
    if (exchange.status == 200) {
      if (!same_picture) continue;
      // OpenJPEG 2.5.0 answers grey, with success, for regions of HTJ2K.
      if (!first) {
        first = DecodeWhole(*Source::Borrow(exchange.body, "answer"));
        continue;
      }
      const auto right = CheckResponse(exchange, first->view());
      if (right) continue;
      a_.findings.push_back(fmt::format("not tried: {}: {}", words, right.error().message));
      return;
    }
    a_.findings.push_back(
        fmt::format("not tried: {}: the server answers {} {}", words, exchange.status, exchange.error));
    return;
  }
  const auto start = std::chrono::steady_clock::now();
  while (before.size() < 5 ||
         (before.size() < 60 && std::chrono::steady_clock::now() - start < options_.budget)) {
    if (Stopped()) break;
    before.push_back(Ms(client_.Get(url_now)));
    after.push_back(Ms(client_.Get(url_new)));
  }
  if (before.size() < 3) return;
  // The machine may have changed since: the prediction is a share, and shares are of the latency now.
  const double scale = predicted.latency_ms > 0 ? Median(before) / predicted.latency_ms : 1;
  WhatIf what{.path = now.probe.path,
              .change = words,
              .saves_ms = scale * predicted.saves_ms,
              .low = scale * predicted.low,
              .high = scale * predicted.high,
              .tried_before_ms = Median(before),
              .tried_after_ms = Median(after)};
  what.tried_saves_ms = *what.tried_before_ms - *what.tried_after_ms;
  const double least = kWorthALine * *what.tried_before_ms;
  if (std::abs(what.saves_ms) < least && std::abs(*what.tried_saves_ms) < least) return;
  a_.what_ifs.push_back(what);
}

void Trials::Sources() {
  auto source = Source::Open(options_.source);
  if (!source) return;
  auto picture = DecodeWhole(**source);
  if (!picture) return;
  for (const auto& name : RecipesFor(o_.codec, *o_.info)) {
    const Codec* codec = nullptr;
    const Recipe* recipe = FindRecipe(name, &codec);
    if (recipe == nullptr || !options_.server->refuses(*recipe).empty()) continue;
    if (Stopped()) return;
    Say(WordsFor(*recipe));
    EncodeOptions encode = recipe->options;
    encode.threads = 2;
    std::vector<uint8_t> bytes;
    auto encoded = codec->encode(picture->view(), encode, bytes);
    const std::string path =
        fmt::format("{}/{}-iiifbench-try-{}.{}", fs::path(options_.source).parent_path().string(),
                    fs::path(options_.source).stem().string(), name, recipe->extension);
    if (encoded) encoded = WriteWhole(path, bytes);
    struct Removed {
      const std::string& path;
      ~Removed() { std::remove(path.c_str()); }
    } const removed{path};
    auto placed = Source::Open(path);
    auto info = placed ? codec->probe(**placed) : Result<ImageInfo>(placed.error());
    if (!encoded || !info) {
      a_.findings.push_back(fmt::format("not tried: {}: {}", WordsFor(*recipe),
                                        encoded ? info.error().message : encoded.error().message));
      continue;
    }
    if (codec->name == o_.codec && info->detail == o_.info->detail) continue;  // it is stored so already
    for (const Case& now : o_.cases) {
      if (!now.held_out) continue;
      Case then = now;
      then.codec = codec->name, then.file = path, then.info = &*info;
      then.file_bytes = static_cast<int64_t>(bytes.size());
      const auto other = options_.known.find(then.codec);
      const Prediction predicted =
          then.codec == o_.codec
              ? PredictChange(LatencyNow(now), now, then, *a_.model, *o_.costs, o_.foreign_encoder)
              : PredictOther(LatencyNow(now), now, then, *a_.model,
                             other == options_.known.end() ? nullptr : &other->second, *o_.costs,
                             o_.foreign_encoder);
      Measure(now, WordsFor(*recipe), UrlOf(*options_.running, file(), now.probe.path),
              UrlOf(*options_.running, fs::path(path).filename(), now.probe.path), predicted, true);
    }
  }
}

void Trials::Requests() {
  for (const Case& now : o_.cases) {
    if (!now.held_out || Stopped()) continue;
    const std::string aligned = AlignedRequest(*now.info, now.probe.path, version_);
    const std::string spelled = WidthOnlyRequest(*now.info, now.probe.path, version_);
    const std::string stored = StoredSizeRequest(*now.info, now.probe.path, version_);
    for (const auto& [path, words] :
         {std::pair{spelled, fmt::format("spell the size with its width only: {}", spelled)},
          std::pair{aligned, fmt::format("ask on tile boundaries: {}", aligned)},
          std::pair{stored, fmt::format("ask for a size that is stored: {}", stored)}}) {
      if (path.empty()) continue;
      Say(words);
      auto then = ChangedRequest(now, path, version_, 0, *o_.costs);
      if (!then) continue;
      const Prediction predicted =
          PredictChange(LatencyNow(now), now, *then, *a_.model, *o_.costs, o_.foreign_encoder);
      Measure(now, words, UrlOf(*options_.running, file(), now.probe.path),
              UrlOf(*options_.running, file(), path), predicted);
    }
  }
}

// As far as a fresh process goes, all its requests asked: an instance that has served a whole attribution has
// another heap than one that starts, which made "before" up to a tenth faster than "after" whatever was
// changed.
void Trials::Warm(const RunningServer& server) {
  for (int i = 0; i < 3; ++i) {
    for (const Case& c : o_.cases) {
      if (c.held_out && !Stopped()) client_.Get(UrlOf(server, file(), c.probe.path));
    }
  }
}

// How much longer the request's decode takes while another core does the same; 1 where nothing is known.
double BusyFactor(const Case& c, const Hypothesis& hypothesis) {
  auto plan = PlanOf(c, hypothesis);
  if (!plan) return 1;
  auto decode = [&](std::vector<double>& ms) {
    auto source = Source::Open(c.file);
    auto codec = source ? CodecOf(**source) : Result<const Codec*>(source.error());
    if (!codec) return;
    Image out(plan->level_region.size(), c.info->channels);
    for (int i = 0; i < 5; ++i) {
      const auto start = std::chrono::steady_clock::now();
      auto done = (*codec)->decode(
          **source, {.region = plan->decoded, .level = plan->level, .variant = hypothesis.variant},
          out.view());
      const auto end = std::chrono::steady_clock::now();
      if (done && i > 0) ms.push_back(std::chrono::duration<double, std::milli>(end - start).count());
    }
  };
  std::vector<double> alone, first, second;
  decode(alone);
  std::thread other([&] { decode(second); });
  decode(first);
  other.join();
  if (alone.empty() || first.empty() || second.empty()) return 1;
  return std::max(1.0, (Median(first) + Median(second)) / 2 / Median(alone));
}

void Trials::Quality() {
  constexpr int kLower = 75;
  if (options_.settings.jpeg_quality <= kLower || Stopped()) return;
  const std::string words =
      fmt::format("answer with JPEG quality {} instead of {}", kLower, options_.settings.jpeg_quality);
  Say(words);
  auto other = Another("quality", [](ServerSettings& s) { s.jpeg_quality = kLower; });
  auto same = Another("control", [](ServerSettings&) {});
  if (!other || !same)
    return a_.findings.push_back(
        fmt::format("not tried: {}: {}", words, other ? same.error().message : other.error().message));
  Warm(**other), Warm(**same);
  for (const Case& now : o_.cases) {
    if (!now.held_out || now.encode_work < 0 || Stopped()) continue;
    auto then = ChangedRequest(now, now.probe.path, version_, kLower, *o_.costs);
    if (!then) continue;
    const Prediction predicted =
        PredictChange(LatencyNow(now), now, *then, *a_.model, *o_.costs, o_.foreign_encoder);
    Measure(now, words, UrlOf(**same, file(), now.probe.path), UrlOf(**other, file(), now.probe.path),
            predicted);
  }
}

void Trials::Cache() {
  if (options_.server->name != "reference" || Stopped()) return;
  const std::string words = "keep answers in a cache (repeated requests)";
  Say(words);
  const std::string plan = options_.settings.run_folder + "-cache.json";
  const std::string_view text = R"({"cache": true})";
  auto written = WriteWhole(plan, {reinterpret_cast<const uint8_t*>(text.data()), text.size()});
  if (!written) return;
  auto other = Another("cache", [&](ServerSettings& s) { s.options["fault-plan"] = plan; });
  std::remove(plan.c_str());
  if (!other) return a_.findings.push_back(fmt::format("not tried: {}: {}", words, other.error().message));
  for (const Case& now : o_.cases) {
    if (!now.held_out || Stopped()) continue;
    Measure(now, words, UrlOf(*options_.running, file(), now.probe.path),
            UrlOf(**other, file(), now.probe.path), PredictHit(LatencyNow(now), now, *a_.model));
  }
}

// Two clients at once: with one worker they wait for each other, with two they do not.
void Trials::Workers() {
  if (options_.settings.workers != 1 || std::thread::hardware_concurrency() < 2 || Stopped()) return;
  const std::string words = "two workers instead of one, at two clients";
  Say(words);
  auto other = Another("workers", [](ServerSettings& s) { s.workers = 2; });
  if (!other) return a_.findings.push_back(fmt::format("not tried: {}: {}", words, other.error().message));
  for (const Case& now : o_.cases) {
    if (!now.held_out || Median(now.samples_ms) < 5 || Stopped()) continue;
    auto closed_loop = [&](const std::string& url) {
      std::vector<double> latencies[2];
      std::vector<std::thread> clients;
      for (auto& mine : latencies) {
        clients.emplace_back([&, url] {
          Client client({.headers = options_.running->headers});
          const auto start = std::chrono::steady_clock::now();
          while (std::chrono::steady_clock::now() - start < options_.budget / 2)
            mine.push_back(Ms(client.Get(url)));
        });
      }
      for (auto& client : clients) client.join();
      latencies[0].insert(latencies[0].end(), latencies[1].begin(), latencies[1].end());
      return latencies[0];
    };
    const std::string url = UrlOf(*options_.running, file(), now.probe.path);
    std::vector<double> before = closed_loop(url), after;
    // One worker serves two clients in turn: half of the latency is waiting. The other half takes longer when
    // both cores decode.
    const double busy = BusyFactor(now, a_.model->hypothesis);
    const double predicted = Median(before) * (1 - busy / 2);
    for (int i = 0; i < 2; ++i) {
      for (double ms : closed_loop(UrlOf(**other, file(), now.probe.path))) after.push_back(ms);
      for (double ms : closed_loop(url)) before.push_back(ms);
    }
    a_.what_ifs.push_back({.path = now.probe.path,
                           .change = words,
                           .saves_ms = predicted,
                           .low = 0.6 * predicted,  // both workers and both clients share the cores
                           .high = Median(before) / 2,
                           .tried_saves_ms = Median(before) - Median(after),
                           .tried_before_ms = Median(before),
                           .tried_after_ms = Median(after)});
  }
}

void Trials::Run() {
  Requests();
  Sources();
  Quality();
  Cache();
  Workers();
  std::ranges::stable_sort(a_.what_ifs,
                           [](const WhatIf& a, const WhatIf& b) { return a.saves_ms > b.saves_ms; });
}

}  // namespace

std::string AlignedRequest(const ImageInfo& info, const std::string& path, ApiVersion version) {
  auto request = ParseImageRequest("id/" + path, version);
  auto plan = request ? MakeRenderPlan(info, *request) : Result<RenderPlan>(request.error());
  if (!plan || info.tile.width == 0 || plan->region.size() == info.size) return {};
  const int across = info.tile.width << plan->level, down = info.tile.height << plan->level;
  const int x = plan->region.x / across * across, y = plan->region.y / down * down;
  if (x == plan->region.x && y == plan->region.y) return {};
  return fmt::format("{},{},{},{}{}", x, y, plan->region.width, plan->region.height,
                     path.substr(path.find('/')));
}

std::string WidthOnlyRequest(const ImageInfo& info, const std::string& path, ApiVersion version) {
  const size_t size = path.find('/') + 1, end = path.find('/', size), comma = path.find(',', size);
  if (end == std::string::npos || comma > end || comma + 1 >= end || path[size] == '!' || comma == size)
    return {};
  const std::string other = path.substr(0, comma + 1) + path.substr(end);
  auto one = ParseImageRequest("id/" + path, version), two = ParseImageRequest("id/" + other, version);
  auto now = one ? MakeRenderPlan(info, *one) : Result<RenderPlan>(one.error());
  auto then = two ? MakeRenderPlan(info, *two) : Result<RenderPlan>(two.error());
  return now && then && now->output == then->output ? other : "";
}

std::string StoredSizeRequest(const ImageInfo& info, const std::string& path, ApiVersion version) {
  auto request = ParseImageRequest("id/" + path, version);
  auto plan = request ? MakeRenderPlan(info, *request) : Result<RenderPlan>(request.error());
  if (!plan || plan->region.size() != info.size || !plan->resize) return {};
  // The nearest, by ratio; one that is far off is another picture.
  double nearest = std::log(1.3);
  std::string out;
  for (const Size& level : info.levels) {
    const double far = std::abs(std::log(static_cast<double>(level.width) / plan->output.width));
    if (far >= nearest) continue;
    nearest = far;
    const size_t size = path.find('/');
    out = fmt::format("{}/{},{}", path.substr(0, size), level.width, path.substr(path.find('/', size + 1)));
  }
  return out;
}

void TryChanges(const TrialOptions& options, Observed& observed, Attribution& attribution) {
  if (options.server == nullptr || options.running == nullptr || !attribution.model) return;
  Trials(options, observed, attribution).Run();
}

}  // namespace iiifbench
