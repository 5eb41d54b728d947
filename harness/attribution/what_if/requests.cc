// The same picture request for in another way.
#include <cmath>

#include "harness/attribution/what_if/experiment.h"

namespace iiifbench {

Tried TryOtherRequests(Experiment& experiment) {
  Tried out;
  bool aligned_any = false, spelled_any = false;
  for (const HeldOutRequest& request : experiment.requests) {
    if (Stopped(experiment)) return out;
    const Case& now = request.now;
    const std::string aligned = AlignedRequest(*now.info, now.probe.path, experiment.version);
    const std::string spelled = WidthOnlyRequest(*now.info, now.probe.path, experiment.version);
    const std::string stored = StoredSizeRequest(*now.info, now.probe.path, experiment.version);
    aligned_any |= !aligned.empty(), spelled_any |= !spelled.empty();
    const auto intervention = [&](const std::string& kind, const std::string& words,
                                  const std::string& path) {
      return Intervention{
          .kind = kind,
          .words = fmt::format("{}: {}", words, path),
          .url_now = UrlOf(*experiment.options.running, FileName(experiment), now.probe.path),
          .url_new = UrlOf(*experiment.options.running, FileName(experiment), path)};
    };
    // No kernel knows of spellings, but all probes have this one: the fit speaks of it.
    if (!spelled.empty()) {
      Say(experiment, "spelled " + spelled);
      Measure(experiment, request,
              intervention("spelling", "spell the size with its width only", spelled),
              PredictAsProbed(BaselineNow(experiment, request), experiment.model), out);
    }
    for (const auto& [kind, words, path] :
         {std::tuple{"aligned requests", "ask on tile boundaries", aligned},
          std::tuple{"stored size", "ask for a size that is stored", stored}}) {
      if (path.empty()) continue;
      Say(experiment, fmt::format("{}: {}", words, path));
      auto then = ChangedRequest(now, path, experiment.version, 0, experiment.costs);
      if (then)
        Measure(experiment, request, intervention(kind, words, path),
                Predict(experiment, request, {.then = &*then}), out);
    }
  }
  if (!aligned_any)
    out.Not("aligned requests", "no request crosses more tiles of the source than it must");
  if (!spelled_any)
    out.Not("spelling", "no request spells both width and height of an undistorted size");
  return out;
}

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
  if (end == std::string::npos || comma > end || comma + 1 >= end || path[size] == '!' ||
      comma == size)
    return {};
  const std::string other = path.substr(0, comma + 1) + path.substr(end);
  auto one = ParseImageRequest("id/" + path, version),
       two = ParseImageRequest("id/" + other, version);
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
    out = fmt::format("{}/{},{}", path.substr(0, size), level.width,
                      path.substr(path.find('/', size + 1)));
  }
  return out;
}

}  // namespace iiifbench
