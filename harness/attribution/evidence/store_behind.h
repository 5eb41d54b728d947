// store_behind: a server's image folder behind HTTP, with the tap between: what `attribute --store`
// puts there.
//
// Start it, give `server_options()` to the server, ask through it, then End: the store's own log
// beside the tap. Errors: kNotFound names the package that the store needs; kUnsupported a server
// that reads no HTTP.
#pragma once

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "harness/attribution/evidence/store_reads.h"
#include "harness/servers/server.h"

namespace iiifbench {

struct StoreBehind {
  std::unique_ptr<RangeStore> store;
  std::unique_ptr<StoreTap> tap;

  // Serves `images`; writes to `run`. `one_way_delay`: between the store's gateway and its files.
  static Result<StoreBehind> Put(const std::string& images, const std::string& run,
                                 std::chrono::nanoseconds one_way_delay);
  // Ends the store and lays its log beside the tap's samples, one group per image: Markdown for
  // people; each group's rows into its record's "store".
  Result<std::string> EndAndCompare(const std::vector<std::vector<StoreSample>>& images,
                                    nlohmann::json& records);
  // Where the server shall read: an option of Cantaloupe ("source-url").
  std::string url() const { return tap->url(); }
};

// Whether the harness can set a server's source address.
Result<void> ReadsFromStore(const Server& server);

}  // namespace iiifbench
