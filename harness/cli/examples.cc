#include "harness/cli/examples.h"

namespace iiifbench {
namespace {

struct Examples {
  std::string_view command, first, second;
};

// At most 98 columns each.
constexpr Examples kExamples[] = {
    {"", "iiifbench doctor", "iiifbench attribute https://host/iiif/page.tif --source page.tif"},
    {"study", "iiifbench study --servers iipsrv,loris --recipes jpeg_q90,tiff_deflate",
     "iiifbench study --preset founding --minutes 20 --out results/founding"},
    {"attribute", "iiifbench attribute https://host/iiif/page.tif --source page.tif --dry-run",
     "iiifbench attribute --server reference --recipes jpeg_q90 --small"},
    {"load", "iiifbench load --server iipsrv --workload viewer --clients 1,2,4,8",
     "iiifbench load --url https://host/iiif/page.tif --clients 4 --fail-if 'p95 > 300 ms'"},
    {"plan", "iiifbench plan --url https://host/iiif/page.tif --clients 64 --out plan.json",
     "iiifbench plan --urls images.txt --workload training --rate 200 --out plan.json"},
    {"merge", "iiifbench merge shards --out whole", "iiifbench merge run-a run-b --out whole"},
    {"profile", "iiifbench profile /srv/images --out profile",
     "iiifbench profile files.txt --sample 1000 --shard 0/4 --out profile"},
    {"compare", "iiifbench compare --servers iipsrv,loris --recipes jpeg_q90",
     "iiifbench compare --run './old --benchmark_format=json' './new --benchmark_format=json'"},
    {"calibrate", "iiifbench calibrate", "iiifbench calibrate --turns 5 --json calibrate.json"},
    {"page", "iiifbench page results/MACHINE/RUN",
     "iiifbench page results/MACHINE/RUN --out page.html"},
    {"index", "iiifbench index page.jpg", "iiifbench index --verify page.jpg"},
    {"doctor", "iiifbench doctor", "iiifbench doctor --folder /srv/images --json doctor.json"},
    {"serve", "iiifbench serve /srv/images", "iiifbench serve /srv/images --port 8080 --workers 4"},
};

}  // namespace

std::string ExamplesOf(std::string_view command) {
  for (const Examples& one : kExamples) {
    if (one.command == command)
      return "\nExamples:\n  " + std::string(one.first) + "\n  " + std::string(one.second);
  }
  return {};
}

}  // namespace iiifbench
