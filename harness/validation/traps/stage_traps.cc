// Traps in the stages of one request at a time: what is slow, named from outside.
#include "harness/stats/quantile.h"
#include "harness/validation/traps/scenes.h"

namespace iiifbench {
namespace {

Said Caught(bool caught, std::string says) {
  return {.says = std::move(says), .verdict = caught ? TrapVerdict::kCaught : TrapVerdict::kMissed};
}

Said Misaligned(const Attributed& seen) {
  const auto& requests = seen.attribution.requests;
  if (requests.size() != 2) return {};
  const double one = StageMs(requests[0], Stage::kDecode),
               other = StageMs(requests[1], Stage::kDecode);
  Said said =
      Caught(other > 2 * one,
             fmt::format("decode {:.1f} ms aligned, {:.1f} ms half a tile off", one, other));
  said.naive = fmt::format("the same 256 px of the same page: {:.1f} and {:.1f} ms",
                           requests[0].measured_ms, requests[1].measured_ms);
  return said;
}

Said Link(const Attributed& seen) {
  const auto& a = seen.attribution;
  if (a.requests.empty()) return {};
  const auto& request = a.requests[0];
  Said said = Named(a.findings, {"fresh-connection-cost"});
  if (StageMs(request, Stage::kNetwork) < 0.8 * request.measured_ms)
    said.verdict = TrapVerdict::kMissed;
  said.says = a.sentence + " " + said.says;
  const auto fresh = request.methods.find("fresh");
  if (fresh != request.methods.end())
    said.naive =
        fmt::format("the server needs {:.0f} ms for a tile", fresh->second.at(OtherPart::kTotal));
  return said;
}

}  // namespace

void AddStageTraps(std::vector<Trap>& traps) {
  traps.push_back({'A', "slow source read", "storage of 100 ms per MB",
                   By({.faults = {{"read_ms_per_mb", 100}}}, [](const Attributed& s) {
                     return Named(s.attribution.findings,
                                  {"slow-storage", "decode-or-storage-slow", "storage-when-cold"});
                   })});
  traps.push_back({'B', "resize that changes nothing",
                   "a resample at equal sizes, 20 times our cost",
                   By({.faults = {{"resample_always", true}, {"multiplier", {{"resize", 20}}}}},
                      [](const Attributed& s) {
                        return WhatIfSays(s.attribution, "do not resample where sizes are equal");
                      })});
  traps.push_back({'C', "misaligned regions", "a TIFF tile, and the same size half a tile off",
                   By({.faults = {{"multiplier", {{"decode", 2}}}},
                       .requests = {"256,512,256,256/256,/0/default.jpg",
                                    "128,384,256,256/256,/0/default.jpg"}},
                      Misaligned)});
  traps.push_back({'D', "JP2 without PLT", "packet headers parsed for every picture, 20 ms per MB",
                   By({.recipe = "jp2_lossless_noplt", .faults = {{"parse_ms_per_mb", 20}}},
                      [](const Attributed& s) {
                        return Named(s.attribution.findings, {"packet-lengths-missing"});
                      })});
  traps.push_back({'E', "wrong resolution level", "TIFF pyramid whose levels are not used",
                   By({.faults = {{"levels", "none"}}}, [](const Attributed& s) {
                     return WhatIfSays(s.attribution, "pyramid level that the answer needs");
                   })});
  traps.push_back({'G', "fixed script delay", "every picture waits 25 ms for a script",
                   By({.faults = {{"delay_ms", {{"overhead", 25}}}}}, [](const Attributed& s) {
                     if (s.attribution.requests.empty()) return Said{};
                     const double ms = StageMs(s.attribution.requests[0], Stage::kOverhead);
                     return Caught(ms > 20 && ms < 32, s.attribution.sentence);
                   })});
  traps.push_back(
      {'L', "TLS without reuse over a link of 46 ms",
       "TLS, 23 ms each way before the server, fresh connections beside kept ones",
       By({.one_way_delay = std::chrono::milliseconds(23), .fresh_connections = true, .tls = true},
          Link)});
  traps.push_back({'M', "progressive JPEG source", "the page as progressive JPEG",
                   By({.recipe = "jpeg_q90_progressive"}, [](const Attributed& s) {
                     return Named(s.attribution.findings, {"progressive-source"});
                   })});
  traps.push_back(
      {'P', "slow encode", "JPEG encoder at 8 times our cost",
       By({.faults = {{"multiplier", {{"encode", 8}}}},
           .requests = {"0,0,640,640/640,/0/default.jpg", "100,200,500,500/400,/0/default.jpg"}},
          [](const Attributed& s) {
            return WhatIfSays(s.attribution, "encode with libjpeg-turbo");
          })});
}

}  // namespace iiifbench
