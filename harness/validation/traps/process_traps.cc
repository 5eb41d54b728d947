// Traps in how a server works: they show in its processes, in the spread of its answers or in what
// it says of itself, not in a median.
#include "harness/validation/traps/scenes.h"

namespace iiifbench {
namespace {

std::function<Said(const Attributed&)> Finds(FindingName name) {
  return [name](const Attributed& seen) { return Named(seen.attribution.findings, {name}); };
}

Said Cold(const Attributed& seen) {
  Said said = Named(seen.attribution.findings, {"storage-when-cold"});
  if (said.verdict == TrapVerdict::kMissed)
    said = Named(seen.attribution.findings, {"cold-at-start"});
  for (const Case& c : seen.observed.cases) {
    if (c.held_out && c.samples_ms.size() > 1 && said.naive.empty())
      said.naive =
          fmt::format("one run first: {:.1f} ms, the next {:.1f} ms: a change for the better",
                      c.samples_ms.front(), c.samples_ms.back());
  }
  return said;
}

}  // namespace

void AddProcessTraps(std::vector<Trap>& traps) {
  traps.push_back({'H', "cold against warm page cache",
                   "the source out of the page cache, before and after",
                   By({.recipe = "jp2_lossless", .evicted = true, .cold_pass = true}, Cold)});
  traps.push_back(
      {'N', "a subprocess and a temporary file", "`cp` to a temporary file for each picture",
       By({.faults = {{"subprocess", true}}, .processes = true}, Finds("subprocess-per-picture"))});
  traps.push_back(
      {'O', "periodic pauses", "every 6th picture waits 60 ms",
       By({.faults = {{"pause_every", 6}, {"pause_ms", 60}}, .budget = 5}, Finds("pauses"))});
  traps.push_back(
      {'R', "decode threads oversubscribed", "8 threads decode on what cores there are",
       By({.recipe = "jp2_lossless", .faults = {{"decode_threads", 8}}, .processes = true},
          Finds("cores-oversubscribed"))});
  traps.push_back(
      {'U', "stages that overlap", "decode and encode at the same time, times in Server-Timing",
       By({.faults = {{"overlap", true}, {"multiplier", {{"decode", 15}, {"encode", 25}}}},
           .processes = true,
           .server_timing = true},
          Finds("stages-overlap"))});
  traps.push_back(
      {'W', "memory that grows with the region", "60 MB touched anew for each Mpx of region",
       By({.faults = {{"touch_mb_per_mpx", 60}},
           .requests = {"256,512,256,256/256,/0/default.jpg", "full/200,/0/default.jpg"},
           .processes = true},
          Finds("memory-grows-with-region"))});
}

}  // namespace iiifbench
