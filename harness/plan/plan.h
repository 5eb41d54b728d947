// plan: a load run fixed in a file, so that many processes can each do a part of it, and anybody
// can do it again.
//
// {"schema": 1, "kind": "load plan", "hash", "version", "workload": {as workload.h, in full},
// "images": [{"url", "width", "height"}], "api": 2 | 3, "rate_per_second" or "clients", "poisson",
// "warm_up_s", "seconds", "slots" (connections, of all shards together), "connections",
// "timeout_s", "seed", "begins": checksum of the first arrivals}. Canonical: JSON with sorted names
// and no spaces; the hash is FNV-1a, 64 bit, of it without "hash": against accidents. "version" is
// the commit that made it; "begins" is checked where it is run, since arrivals are not listed but
// drawn again from the seed: 10^8 of them are as small a file as ten.
// Open loop: arrival i is due at the i-th instant of arrivals.h and asks the i-th request of the
// stream. Closed loop: arrival i is the i-th request; client c belongs to shard c mod n, and a
// shard needs one. An access log cannot be planned: it is one already, and has no images. Memory:
// the images. Errors: kBadRequest, kBadInput, kNotFound, kIo with the member. Threads: none.
#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "harness/load/workload/arrivals.h"
#include "harness/load/workload/workload.h"
#include "harness/plan/shard.h"

namespace iiifbench {

struct PlanImage {
  std::string url;  // base URL
  Size size;
};

struct Plan {
  std::string version;
  nlohmann::json workload;  // text of workload.h
  std::vector<PlanImage> images;
  int api = 2;
  double rate_per_second = 0;  // 0: closed loop
  int clients = 0;
  bool poisson = true;
  double warm_up_s = 2, seconds = 10, timeout_s = 30;
  int slots = 64;
  std::string connections = "reuse";
  uint64_t seed = 1;
};

// With "hash" and "begins".
nlohmann::json PlanToJson(const Plan& plan);
// Refuses what is not a plan, what was changed by hand (its hash), and what this program would
// expand to other arrivals than the one that made it.
Result<Plan> ParsePlan(std::string_view text);
Result<Plan> ReadPlan(const std::string& path);
std::string PlanHash(const Plan& plan);
// Checks the members against each other; ParsePlan does.
Result<void> CheckPlan(const Plan& plan);

struct PlanArrival {
  int64_t number = 0;
  std::optional<std::chrono::nanoseconds> due;  // from the start; of an open loop
  PlannedRequest request;
};

// The arrivals of a shard, in order. An open loop ends at warm-up + seconds, a closed one does not.
class PlanStream {
 public:
  PlanStream(const Plan& plan, const Shard& shard);  // CHECKs that CheckPlan is content
  std::optional<PlanArrival> Next();

 private:
  Shard shard_;
  RequestStream requests_;
  bool open_;
  Arrivals arrivals_;
  std::chrono::nanoseconds end_;
  int64_t number_ = 0;
};

int64_t ClientsOf(const Plan& plan, const Shard& shard);  // closed loop
int64_t SlotsOf(const Plan& plan, const Shard& shard);    // at least 1

}  // namespace iiifbench
