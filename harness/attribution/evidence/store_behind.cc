#include "harness/attribution/evidence/store_behind.h"

#include <algorithm>
#include <cmath>

namespace iiifbench {

Result<StoreBehind> StoreBehind::Put(const std::string& images, const std::string& run,
                                     std::chrono::nanoseconds one_way_delay) {
  StoreBehind behind;
  auto store =
      RangeStore::Start({.folder = images, .run_folder = run, .one_way_delay = one_way_delay});
  if (!store) return store.error();
  behind.store = std::move(*store);
  auto tap = StoreTap::Start({.port = behind.store->port()});
  if (!tap) return tap.error();
  behind.tap = std::move(*tap);
  return behind;
}

Result<std::string> StoreBehind::EndAndCompare(const std::vector<std::vector<StoreSample>>& images,
                                               nlohmann::json& records) {
  auto log = store->EndAndReadLog();
  if (!log) return log.error();
  std::string out;
  double worst = 0;
  for (size_t i = 0; i < std::min(images.size(), records.size()); ++i) {
    const auto rows = CompareWithLog(images[i], *log);
    out += fmt::format("\n{}\n{}", records[i].value("source", ""), StoreTable(rows));
    for (const auto& row : rows) {
      worst = std::max(worst, std::abs(row.tap_ms / row.log_ms - 1));
      records[i]["store"].push_back({{"path", row.path},
                                     {"answers", row.answers},
                                     {"range_requests", row.requests},
                                     {"tap_ms", row.tap_ms},
                                     {"log_ms", row.log_ms}});
    }
  }
  return out +
         fmt::format("read by the tap is at most {:.1f} % off the store's own log\n", 100 * worst);
}

Result<void> ReadsFromStore(const Server& server) {
  if (server.name == "cantaloupe" || server.name == "turbocantaloupe") return {};
  return Fail(
      ErrorKind::kUnsupported,
      "--store: {} is not set up to read its sources over HTTP; cantaloupe and turbocantaloupe are",
      server.title);
}

}  // namespace iiifbench
