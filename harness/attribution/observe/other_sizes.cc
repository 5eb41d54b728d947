#include <algorithm>
#include <cmath>
#include <filesystem>

#include "harness/answers/info_document.h"
#include "harness/attribution/observe/prober.h"
#include "harness/http/address.h"
#include "kernels/codecs/opened.h"

namespace iiifbench {
namespace {

// Two widths nearer than this say the same.
constexpr double kAsWide = 1.15;

// Beside the source; their URLs have another file name as the identifier's last component.
std::vector<std::string> PlacedSeries(const ObserveOptions& options, Observed& observed) {
  const std::string name = std::filesystem::path(options.source).filename().string();
  const std::string tail = PercentEncode(name);
  if (!options.url.ends_with(tail) && !options.url.ends_with(name)) {
    observed.findings.push_back(
        {"no-size-series", fmt::format("no size series: the URL does not end in {}, so the URLs of "
                                       "files beside it are unknown",
                                       name)});
    return {};
  }
  const std::string head = options.url.substr(
      0, options.url.size() - (options.url.ends_with(tail) ? tail : name).size());
  auto series = SizeSeries::Place(options.source, options.place);
  if (!series) {
    observed.findings.push_back({"no-size-series", "no size series: " + series.error().message});
    return {};
  }
  observed.series = std::move(*series);
  std::vector<std::string> urls;
  for (const auto& step : observed.series.steps()) urls.push_back(head + PercentEncode(step.file));
  return urls;
}

struct Other {
  OtherImage image;
  InfoDocument info;
  SizeSeries::Step step;
};

Result<Other> AskOther(const OtherImage& image, Client& client, const Observed& observed) {
  auto asked = AskInfo(client, image.url);
  if (!asked) return asked.error();
  Other other{.image = {asked->url, image.source}, .info = asked->info};
  const Size size = asked->info.size;
  other.step.info = {.size = size, .channels = 3, .levels = {size}};
  if (image.source.empty()) return other;
  auto opened = OpenImage(image.source);
  if (!opened) return opened.error();
  if (opened->codec->name != observed.codec)
    return Fail(ErrorKind::kUnsupported, "it is a {}, and the first image is a {}",
                opened->codec->name, observed.codec);
  if (opened->info.size != size)
    return Fail(ErrorKind::kBadInput, "info.json says {}x{}, and {} is {}x{}", size.width,
                size.height, image.source, opened->info.size.width, opened->info.size.height);
  std::error_code ignored;
  other.step.path = image.source;
  other.step.info = opened->info;
  other.step.bytes = static_cast<int64_t>(std::filesystem::file_size(image.source, ignored));
  return other;
}

// The picture, kept uncompressed beside the page's.
Result<void> Fetch(const ObserveOptions& options, Client& client, WithoutFile& without,
                   Other& other) {
  int requests = without.fetched.requests;
  double megabytes = without.fetched.megabytes;
  auto fetched = FetchPicture(client, other.info,
                              {.url = other.image.url,
                               .max_requests = options.max_fetches - requests,
                               .max_megabytes = options.max_fetched_megabytes - megabytes,
                               .progress = options.progress,
                               .stop = options.stop});
  if (!fetched) return fetched.error();
  if (options.progress) options.progress("fetched " + fetched->words);
  without.fetched.requests += fetched->requests;
  without.fetched.megabytes += fetched->megabytes;
  auto stored = without.stand_ins.AddOther(std::as_const(fetched->picture).view());
  if (!stored) return stored;
  const StoredFile& file = without.stand_ins.all().front()->others.back();
  other.step = {.path = file.file, .info = file.info, .bytes = file.bytes};
  without.others.push_back(std::move(fetched->picture));
  return {};
}

std::vector<std::string> SeriesOfOthers(const ObserveOptions& options, Client& client, bool fetch,
                                        Observed& observed) {
  std::vector<Other> others;
  const auto leave_out = [&](const OtherImage& image, const std::string& why) {
    observed.findings.push_back(
        {"other-image-left-out",
         fmt::format("{} is left out: {}", WithoutSecrets(image.url), why)});
  };
  for (const OtherImage& image : options.others) {
    auto other = AskOther(image, client, observed);
    if (!other) {
      leave_out(image, other.error().message);
      continue;
    }
    const auto as_wide = [&](int width) {
      const double ratio = static_cast<double>(width) / other->step.info.size.width;
      return std::max(ratio, 1 / ratio) < kAsWide;
    };
    if (as_wide(observed.info->size.width) || std::ranges::any_of(others, [&](const Other& o) {
          return as_wide(o.step.info.size.width);
        }))
      leave_out(image, fmt::format("{} pixels wide, about as wide as another; pictures of other "
                                   "sizes tell more",
                                   other->step.info.size.width));
    else
      others.push_back(std::move(*other));
  }
  std::ranges::sort(others, {}, [](const Other& o) { return o.step.info.size.width; });
  std::vector<SizeSeries::Step> steps;
  std::vector<std::string> urls;
  for (Other& other : others) {
    if (fetch && observed.without_file) {
      auto done = Fetch(options, client, *observed.without_file, other);
      if (!done) {
        leave_out(other.image, done.error().message);
        continue;
      }
    }
    steps.push_back(other.step);
    urls.push_back(other.image.url);
  }
  observed.series = SizeSeries(std::move(steps));
  return urls;
}

}  // namespace

std::vector<std::string> MakeSizeSeries(const ObserveOptions& options, Client& client, bool fetch,
                                        Observed& observed) {
  if (!options.place.empty() && !observed.without_file) return PlacedSeries(options, observed);
  if (!options.others.empty()) return SeriesOfOthers(options, client, fetch, observed);
  return {};
}

}  // namespace iiifbench
