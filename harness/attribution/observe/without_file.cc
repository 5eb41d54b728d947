#include <time.h>

#include <algorithm>
#include <map>
#include <set>

#include "harness/attribution/fit/case_fit.h"
#include "harness/attribution/observe/prober.h"
#include "harness/attribution/stand_in/ways_to_store.h"
#include "harness/http/address.h"
#include "harness/stats/quantile.h"

namespace iiifbench {
namespace {

constexpr double kSlowest = 2.2;    // times the server's latency: no decoder of it
constexpr int kCrop = 768;          // what is encoded to see how slow a decoder is
constexpr int kPart = 256;          // and decoded of it
constexpr double kMuchWorse = 2.5;  // a stand-in that explains so much worse is dropped
constexpr double kWorse = 0.04;     // or this much of the latencies

// The least that a decoder of this kind of file needs for a tile here; of a format without random
// access, for the whole picture.
std::optional<double> LeastTileMs(ConstPixelView picture, const WayToStore& way) {
  const Codec* codec = FindCodec(way.codec);
  const Region part{(picture.width - std::min(kCrop, picture.width)) / 2,
                    (picture.height - std::min(kCrop, picture.height)) / 2,
                    std::min(kCrop, picture.width), std::min(kCrop, picture.height)};
  std::vector<uint8_t> bytes;
  if (!codec->encode(picture.crop(part), way.options, bytes)) return {};
  auto source = Source::Borrow(bytes, way.name);
  const Size tile{std::min(kPart, part.width), std::min(kPart, part.height)};
  Image out(tile, picture.channels);
  std::optional<double> least;
  // On the processor: what else this machine does would make every decoder slow.
  const auto on_cpu = [] {
    timespec now;
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
  };
  for (int i = 0; i < 3; ++i) {
    const double start = on_cpu();
    if (!codec->decode(*source, {.region = {0, 0, tile.width, tile.height}}, out.view())) return {};
    const double ms = on_cpu() - start;
    least = std::min(ms, least.value_or(ms));
  }
  if (way.codec == "png")
    *least *=
        static_cast<double>(picture.size().pixels()) / static_cast<double>(part.size().pixels());
  return least;
}

}  // namespace

Result<Spelling> FetchFromServer(const ObserveOptions& options, Client& client,
                                 Observed& observed) {
  const Exchange exchange = client.Get(Below(options.url, "info.json"));
  auto info = ParseInfo(exchange);
  if (!info)
    return Fail(info.error().kind, "{}/info.json: {}", WithoutSecrets(options.url),
                info.error().message);
  if (options.progress)
    options.progress(fmt::format(
        "no --source: the picture of {}x{} is fetched, in at most {} requests and "
        "{:.0f} MB",
        info->size.width, info->size.height, options.max_fetches, options.max_fetched_megabytes));
  auto fetched = FetchPicture(client, *info,
                              {.url = options.url,
                               .max_requests = options.max_fetches,
                               .max_megabytes = options.max_fetched_megabytes,
                               .progress = options.progress,
                               .stop = options.stop});
  if (!fetched)
    return Fail(fetched.error().kind, "{}: {}", WithoutSecrets(options.url),
                fetched.error().message);
  if (options.progress) options.progress("fetched " + fetched->words);
  WithoutFile& without = observed.without_file.emplace();
  without.fetched = std::move(*fetched);
  without.info = *info;
  const ConstPixelView picture = std::as_const(without.fetched.picture).view();
  if (without.fetched.exact) {
    without.grid = FindBlockGrid(picture);
    without.wavelet = FindWaveletTrace(picture);
  }
  auto plain = without.stand_ins.Make(picture, PlainWay(*info));
  if (!plain) return plain.error();
  observed.info = std::make_unique<ImageInfo>((*plain)->page.info);
  if (info->version == ApiVersion::k3) return Spelling{.full = "max", .upscale = "^"};
  return Spelling{};
}

void MakeStandIns(Prober& prober, Observed& observed) {
  WithoutFile& without = *observed.without_file;
  const ConstPixelView picture = std::as_const(without.fetched.picture).view();
  const auto add = [&](const StoredAs* stored) {
    for (Hypothesis h : AllHypotheses(stored->way.codec, stored->page.info)) {
      h.stored = stored;
      observed.hypotheses.push_back(h);
    }
  };
  add(without.stand_ins.all().front().get());
  const Case* tile = Find(prober, observed, "equal:256");
  const double latency = tile == nullptr || tile->samples_ms.empty() ? 0 : Median(tile->samples_ms);
  int made = 0;
  for (const WayToStore& way : WaysToStore(without.info, without.grid)) {
    if (Stopped(prober)) return;
    const bool may_be_slow = way.codec == "jp2" || way.codec == "png";
    const auto least =
        may_be_slow && latency > 0 ? LeastTileMs(picture, way) : std::optional<double>();
    if (least && *least > kSlowest * latency + 0.5) {
      without.left_out.emplace_back(
          way, fmt::format("a tile of it takes {:.1f} ms to decode here, and the server answers "
                           "one in {:.1f}",
                           *least, latency));
      continue;
    }
    auto stored = without.stand_ins.Make(picture, way);
    if (!stored) {
      without.left_out.emplace_back(way, stored.error().message);
      continue;
    }
    Result<void> others;
    for (const Image& other : without.others) {
      if (others) others = without.stand_ins.AddOther(other.view());
    }
    if (!others) {
      without.left_out.emplace_back(way, others.error().message);
      without.stand_ins.DropLast();
      continue;
    }
    add(*stored);
    ++made;
    Say(prober, fmt::format("stand-in: {}, {:.2f} MB ({:.0f} s)", way.name,
                            static_cast<double>((*stored)->page.bytes) / 1e6, Elapsed(prober)));
  }
  without.fetched.picture = Image();
  without.others.clear();
  std::string pixels = without.grid.words();
  if (without.wavelet.there()) pixels += "; " + without.wavelet.words();
  Say(prober, fmt::format("{} ways to store the picture are candidates; {}", made + 1, pixels));
}

void ScreenStandIns(const Prober& prober, Observed& observed) {
  if (!observed.without_file) return;
  observed.foreign_encoder = ForeignEncoder(observed.cases);
  const CaseFit fit = FitOf(observed.cases, observed.foreign_encoder);
  if (fit.rows.size() < 12 || observed.hypotheses.empty()) return;
  std::map<const StoredAs*, double> errors;
  for (Hypothesis h : observed.hypotheses) {
    // What is decoded makes the difference, so one resize stands for all.
    if (h.filter != Filter::kBicubic || h.by_taps || h.two_step || h.resample_always) continue;
    for (Additional additional : {Additional::kNone, Additional::kRead}) {
      h.additional = additional;
      const auto x =
          RowsOf(MatrixOf(observed.cases, h, *observed.costs, observed.foreign_encoder), fit.rows);
      const double error = fit.fit.CrossValidatedError(x, prober.options.seed);
      const auto [found, fresh] = errors.try_emplace(h.stored, error);
      if (!fresh) found->second = std::min(found->second, error);
    }
  }
  if (errors.empty()) return;
  const double best =
      std::ranges::min_element(errors, {}, [](const auto& e) { return e.second; })->second;
  for (const auto& [stored, error] : errors) {
    Say(prober, fmt::format("{}: {:.1f} %", stored->way.name, 100 * error));
    if (error <= std::max(kMuchWorse * best, best + kWorse)) continue;
    observed.without_file->left_out.emplace_back(
        stored->way, fmt::format("explains the first probes to {:.0f} %, the best to {:.0f} %",
                                 100 * error, 100 * best));
    std::erase_if(observed.hypotheses,
                  [&, dropped = stored](const Hypothesis& h) { return h.stored == dropped; });
  }
}

}  // namespace iiifbench
