#include "harness/attribution/observe/designed_probes.h"

#include "harness/answers/info_document.h"
#include "harness/attribution/observe/prober.h"
#include "harness/http/address.h"

namespace iiifbench {

Result<std::vector<std::string>> DesignedProbes(const ObserveOptions& given) {
  ObserveOptions options = given;
  Observed observed;
  Prober prober(options);
  auto asked = AskInfo(prober.client, options.url);
  if (!asked) return asked.error();
  options.url = asked->url;
  Result<Spelling> spelling = Spelling{};
  if (options.source.empty()) {  // the picture is fetched by the run itself
    const Size size = asked->info.size;
    observed.info =
        std::make_unique<ImageInfo>(ImageInfo{.size = size, .channels = 3, .levels = {size}});
    if (asked->info.version == ApiVersion::k3) spelling = Spelling{.full = "max", .upscale = "^"};
  } else {
    spelling = ReadServer(options, prober.client, observed);
  }
  if (!spelling) return spelling.error();
  options.place.clear();
  const std::vector<std::string> others = MakeSizeSeries(options, prober.client, false, observed);
  auto cases = MakeCases(options, *spelling, observed);
  if (!cases) return cases.error();
  std::vector<std::string> paths;
  for (const Case& c : *cases) {
    const auto image = static_cast<size_t>(c.probe.image);
    paths.push_back(image == 0 ? c.probe.path : Below(others[image - 1], c.probe.path));
  }
  return paths;
}

}  // namespace iiifbench
