// V: sources in an object store, read in small synchronous ranges. lighttpd is the store, the tap
// lies between; our own server reads through it, and Cantaloupe's HttpSource where it is installed.
#include <cmath>
#include <filesystem>

#include "harness/attribution/evidence/store_behind.h"
#include "harness/validation/traps/scenes.h"

namespace iiifbench {
namespace {

namespace fs = std::filesystem;

// Through a store with 2 ms each way. `start` gets the tap's URL.
Result<Said> Behind(
    Scenes& scenes, const std::string& source, const std::string& images,
    const std::function<Result<std::unique_ptr<RunningServer>>(const std::string&)>& start,
    double budget) {
  auto behind = StoreBehind::Put(images, scenes.folder() + "/store", std::chrono::milliseconds(2));
  if (!behind) return behind.error();
  auto running = start(behind->url());
  if (!running) return running.error();
  auto attributed =
      Attribute({.observe = {.url = (*running)->ImageUrl(fs::path(source).filename().string()),
                             .source = source,
                             .place = images,
                             .requests = Look().requests,
                             .budget = std::chrono::duration<double>(budget),
                             .tap = behind->tap.get()}});
  if (!attributed) return attributed.error();
  running->reset();
  auto log = behind->store->EndAndReadLog();
  if (!log) return log.error();
  const auto rows = CompareWithLog(attributed->observed.store_samples, *log);
  Said said = Named(attributed->attribution.findings, {"store-stalls"});
  said.naive = NaiveReading(attributed->attribution);
  double worst = 0;
  for (const auto& row : rows) worst = std::max(worst, std::abs(row.tap_ms / row.log_ms - 1));
  said.says += fmt::format("; read is {:.1f} % off the store's own log at most", 100 * worst);
  if (rows.empty() || worst > 0.1) said.verdict = TrapVerdict::kMissed;
  return said;
}

Result<Said> Store(Scenes& scenes) {
  auto setting = scenes.Start({.recipe = "tiff_deflate"});
  if (!setting) return setting.error();
  setting->server.reset();
  auto ours = Behind(
      scenes, setting->source, setting->images,
      [&](const std::string& url) -> Result<std::unique_ptr<RunningServer>> {
        auto again = scenes.Start({.faults = {{"store", url}, {"store_chunk_kb", 16}}});
        if (!again) return again.error();
        return std::move(again->server);
      },
      4);
  const Server* cantaloupe = FindServer("cantaloupe");
  if (!ours || !cantaloupe->find().ok()) return ours;
  auto foreign = Behind(
      scenes, setting->source, setting->images,
      [&](const std::string& url) {
        return cantaloupe->start({.image_folder = setting->images,
                                  .run_folder = scenes.folder() + "/cantaloupe",
                                  .options = {{"source-url", url}}});
      },
      10);
  if (!foreign) return foreign.error();
  ours->says += ". Cantaloupe: " + foreign->says;
  if (foreign->verdict == TrapVerdict::kMissed) ours->verdict = TrapVerdict::kMissed;
  return ours;
}

}  // namespace

void AddStoreTrap(std::vector<Trap>& traps) {
  traps.push_back({'V', "sources in an object store",
                   "lighttpd, 2 ms each way from its files, read in ranges of 16 kB (and by "
                   "Cantaloupe's HttpSource)",
                   Store});
}

}  // namespace iiifbench
