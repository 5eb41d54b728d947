#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>

#include "harness/answers/info_document.h"
#include "harness/answers/response_check.h"
#include "harness/attribution/observe/measure_network.h"
#include "harness/attribution/observe/prober.h"
#include "harness/attribution/observe/warm_up.h"
#include "harness/http/address.h"
#include "harness/stats/milliseconds.h"
#include "harness/stats/quantile.h"
#include "kernels/codecs/opened.h"

namespace iiifbench {

namespace {

// The format that the identifier's extension names, when it is one that we read and not `codec`;
// else empty.
std::string OtherFormat(const std::string& url, const std::string& codec) {
  static const std::map<std::string, std::string> kFormats = {{".jpg", "jpeg"},  {".jpeg", "jpeg"},
                                                              {".tif", "tiff"},  {".tiff", "tiff"},
                                                              {".ptif", "tiff"}, {".jp2", "jp2"}};
  const size_t dot = url.rfind('.');
  const auto found = dot == std::string::npos ? kFormats.end() : kFormats.find(url.substr(dot));
  return found == kFormats.end() || found->second == codec ? "" : found->second;
}

}  // namespace

Result<Spelling> ReadServer(const ObserveOptions& options, Client& client, Observed& observed) {
  if (options.source.empty()) return FetchFromServer(options, client, observed);
  auto opened = OpenImage(options.source);
  if (!opened) return opened.error();
  observed.codec = opened->codec->name;
  observed.info = std::make_unique<ImageInfo>(opened->info);
  const Exchange exchange = client.Get(Below(options.url, "info.json"));
  if (const std::string advice = TrustAdvice(exchange); !advice.empty())
    return Fail(ErrorKind::kIo, "{}/info.json: {}{}", WithoutSecrets(options.url), exchange.error,
                advice);
  auto info = ParseInfo(exchange);
  if (!info)
    return Fail(info.error().kind, "{}/info.json: {}", WithoutSecrets(options.url),
                info.error().message);
  auto right = CheckInfo(exchange, opened->info.size);
  if (!right)
    return Fail(ErrorKind::kBadInput,
                "{}/info.json: {}; is --source {} the file that this URL serves?",
                WithoutSecrets(options.url), right.error().message, options.source);
  if (const std::string other = OtherFormat(options.url, observed.codec); !other.empty())
    observed.findings.push_back(
        {"format-differs-from-url",
         fmt::format("the URL names a {} and --source {} is a {}: the stages hold only if the "
                     "server reads that very file",
                     other, std::filesystem::path(options.source).filename().string(),
                     observed.codec)});
  if (info->version == ApiVersion::k3) return Spelling{.full = "max", .upscale = "^"};
  return Spelling{};
}

Result<std::vector<Case>> MakeCases(const ObserveOptions& options, const Spelling& spelling,
                                    const Observed& observed) {
  std::vector<Case> cases;
  std::vector<Size> sizes;
  for (const auto& step : observed.series.steps()) sizes.push_back(step.info.size);
  std::error_code ignored;
  const std::string& file = observed.without_file
                                ? observed.without_file->stand_ins.all().front()->page.file
                                : options.source;
  const auto bytes = static_cast<int64_t>(std::filesystem::file_size(file, ignored));
  auto add = [&](const ProbeRequest& probe, bool held_out) -> Result<void> {
    Case c{.probe = probe,
           .held_out = held_out,
           .codec = observed.codec,
           .file = file,
           .file_bytes = bytes,
           .info = observed.info.get()};
    if (probe.image > 0) {
      const auto& step = observed.series.steps()[static_cast<size_t>(probe.image) - 1];
      c.file = step.path, c.file_bytes = step.bytes, c.info = &step.info;
    }
    if (!probe.info) {
      auto request = ParseImageRequest("id/" + probe.path,
                                       spelling.full == "max" ? ApiVersion::k3 : ApiVersion::k2);
      if (!request) return request.error();
      auto plan = MakeRenderPlan(*c.info, *request);
      if (!plan) return Fail(plan.error().kind, "{}: {}", probe.path, plan.error().message);
      c.request = *request;
    }
    cases.push_back(std::move(c));
    return {};
  };
  for (const auto& probe :
       DesignProbes(observed.info->size, sizes, spelling.full, spelling.upscale)) {
    auto done = add(probe, false);
    if (!done) return done.error();
  }
  const auto wanted =
      options.requests.empty() ? DefaultRequests(observed.info->size) : options.requests;
  for (const auto& path : wanted) {
    auto done = add({.name = "request:" + path, .path = path}, true);
    if (!done) return done.error();
  }
  return cases;
}

// Distinct requests, so that a cache cannot end the warm-up. At least as long as kShortest and
// until the latencies fall no more, but the probes must have their time: a server that is then
// still getting faster is named.
std::optional<Finding> WarmUp(Prober& prober, Size size) {
  constexpr double kShortest = 1, kSlow = 2;
  constexpr size_t kFew = 12;
  std::vector<double> latencies;
  const int side = std::min({300, size.width, size.height});
  const double start = Elapsed(prober), limit = prober.options.budget.count() / 6;
  size_t look = kLeastSeries;
  WarmUpTrend trend;
  const Courtesy* courtesy = CourtesyOfAll();
  for (int i = 0; Elapsed(prober) < limit && !Stopped(prober); ++i) {
    if (courtesy != nullptr && courtesy->used() > 0.15) break;
    const int x = static_cast<int>(prober.random() % static_cast<uint64_t>(size.width - side + 1));
    const int y = static_cast<int>(prober.random() % static_cast<uint64_t>(size.height - side + 1));
    const Exchange exchange =
        prober.client.Get(Below(prober.options.url, fmt::format("{},{},{},{}/{},/0/default.jpg", x,
                                                                y, side, side, side * 2 / 3)));
    // The probes will say what is wrong.
    if (exchange.status != 200 || !exchange.error.empty()) return {};
    latencies.push_back(MsOf(exchange.latency()));
    // A dozen slow answers whose halves agree are enough for the first answer to come in seconds.
    if (latencies.size() == kFew && Elapsed(prober) - start > kSlow) {
      const std::span<const double> all(latencies);
      if (std::abs(Median(all.last(kFew / 3)) / Median(all.last(2 * kFew / 3).first(kFew / 3)) -
                   1) < 0.07) {
        prober.warm_ms = Median(latencies);
        return {};
      }
    }
    if (latencies.size() < look || Elapsed(prober) - start < kShortest) continue;
    trend = TrendOf(latencies);
    if (!trend.falling) break;
    look = latencies.size() * 5 / 4;  // what was looked at more often falls more often by chance
  }
  if (!latencies.empty()) prober.warm_ms = Median(latencies);
  trend = TrendOf(latencies);
  if (!trend.falling) return {};
  return Finding(
      "warm-up-cut-short",
      fmt::format("the warm-up was cut short: after {} requests in {:.0f} s the server was still "
                  "getting faster (the last "
                  "quarter of them took {:.0f} % less than the one before): what the first probes "
                  "saw is slower than the "
                  "server will be; warm it up before, or give a larger --budget",
                  latencies.size(), Elapsed(prober) - start, 100 * trend.fall));
}

}  // namespace iiifbench
