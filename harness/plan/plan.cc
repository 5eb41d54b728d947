#include "harness/plan/plan.h"

#include <cmath>
#include <fstream>
#include <iterator>
#include <set>

#include "data/corpus.h"

namespace iiifbench {
namespace {

using nlohmann::json;

constexpr int kPlanSchema = 1;
constexpr int kBeginning = 1000;  // arrivals that are expanded to check a plan
constexpr const char* kMembers[] = {
    "schema",          "kind",    "hash",    "version",   "workload", "images", "api",
    "rate_per_second", "clients", "poisson", "warm_up_s", "seconds",  "slots",  "connections",
    "timeout_s",       "seed",    "begins"};

std::string ChecksumOf(const std::string& text) {
  return Checksum({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
}

json Members(const Plan& plan) {
  json out = {{"schema", kPlanSchema},
              {"kind", "load plan"},
              {"version", plan.version},
              {"workload", plan.workload},
              {"images", json::array()},
              {"api", plan.api},
              {"poisson", plan.poisson},
              {"warm_up_s", plan.warm_up_s},
              {"seconds", plan.seconds},
              {"slots", plan.slots},
              {"connections", plan.connections},
              {"timeout_s", plan.timeout_s},
              {"seed", plan.seed}};
  for (const PlanImage& image : plan.images)
    out["images"].push_back(
        {{"url", image.url}, {"width", image.size.width}, {"height", image.size.height}});
  if (plan.rate_per_second > 0) {
    out["rate_per_second"] = plan.rate_per_second;
  } else {
    out["clients"] = plan.clients;
  }
  return out;
}

std::string Beginning(const Plan& plan) {
  PlanStream stream(plan, {});
  std::string text;
  for (int i = 0; i < kBeginning; ++i) {
    const auto arrival = stream.Next();
    if (!arrival) break;
    // To the microsecond: the logarithm of another library may differ in its last bit.
    text += fmt::format("{} {} {} {}\n", arrival->number,
                        arrival->due ? (arrival->due->count() + 500) / 1000 : -1,
                        arrival->request.image, arrival->request.path);
  }
  return ChecksumOf(text);
}

Workload WorkloadOf(const Plan& plan) {
  auto workload = ParseWorkload(plan.workload.dump());
  IIIFBENCH_CHECK(workload.ok(), "a plan that was not checked");
  return *workload;
}

std::vector<WorkloadImage> ImagesOf(const Plan& plan) {
  std::vector<WorkloadImage> images;
  for (const PlanImage& image : plan.images)
    images.push_back({.file = image.url, .path = "", .size = image.size});
  return images;
}

std::chrono::nanoseconds Seconds(double seconds) {
  return std::chrono::nanoseconds(static_cast<int64_t>(seconds * 1e9));
}

Result<Plan> TakeMembers(const json& body) {
  Plan plan{.version = body.at("version"),
            .workload = body.at("workload"),
            .api = body.at("api"),
            .rate_per_second = body.value("rate_per_second", 0.0),
            .clients = body.value("clients", 0),
            .poisson = body.at("poisson"),
            .warm_up_s = body.at("warm_up_s"),
            .seconds = body.at("seconds"),
            .timeout_s = body.at("timeout_s"),
            .slots = body.at("slots"),
            .connections = body.at("connections"),
            .seed = body.at("seed")};
  for (const json& image : body.at("images"))
    plan.images.push_back(
        {.url = image.at("url"), .size = {image.at("width"), image.at("height")}});
  return plan;
}

}  // namespace

std::string PlanHash(const Plan& plan) {
  json members = Members(plan);
  members["begins"] = Beginning(plan);
  return ChecksumOf(members.dump());
}

json PlanToJson(const Plan& plan) {
  json out = Members(plan);
  out["begins"] = Beginning(plan);
  out["hash"] = ChecksumOf(out.dump());
  return out;
}

Result<void> CheckPlan(const Plan& plan) {
  const auto wrong = [](std::string_view member, std::string_view what) {
    return Fail(ErrorKind::kBadRequest, "plan: {}: {}", member, what);
  };
  if (plan.images.empty()) return wrong("images", "none");
  for (const PlanImage& image : plan.images) {
    if (!image.url.starts_with("http://") && !image.url.starts_with("https://"))
      return wrong("images", fmt::format("'{}' is no http or https URL", image.url));
    if (image.size.width < 1 || image.size.height < 1)
      return wrong("images",
                   fmt::format("{} is {}x{}", image.url, image.size.width, image.size.height));
  }
  if (plan.api != 2 && plan.api != 3) return wrong("api", "2 or 3");
  const bool open = plan.rate_per_second != 0;
  if (open == (plan.clients != 0))
    return wrong("rate_per_second, clients", "one of the two, above 0");
  if (open && !(plan.rate_per_second >= 0.001 && plan.rate_per_second <= 1e9))
    return wrong("rate_per_second", "from 0.001 to 1e9, of all shards together");
  if (!open && (plan.clients < 1 || plan.clients > 1'000'000))
    return wrong("clients", "from 1 to 1000000, of all shards together");
  if (!(plan.warm_up_s >= 0 && plan.warm_up_s <= 86'400)) return wrong("warm_up_s", "0 to 86400");
  if (!(plan.seconds >= 0.2 && plan.seconds <= 604'800)) return wrong("seconds", "0.2 to 604800");
  if (!(plan.timeout_s >= 0.05 && plan.timeout_s <= 600)) return wrong("timeout_s", "0.05 to 600");
  if (plan.slots < 1 || plan.slots > 10'000'000) return wrong("slots", "from 1 to 10000000");
  if (plan.connections != "reuse" && plan.connections != "fresh" && plan.connections != "http2")
    return wrong("connections", "reuse, fresh or http2");
  auto workload = ParseWorkload(plan.workload.dump());
  if (!workload) return workload.error();
  return {};
}

Result<Plan> ParsePlan(std::string_view text) {
  const json body = json::parse(text, nullptr, false);
  if (!body.is_object() || body.value("kind", json()) != "load plan")
    return Fail(ErrorKind::kBadInput, "not a plan: no JSON object of the kind \"load plan\"");
  if (body.value("schema", json()) != kPlanSchema)
    return Fail(ErrorKind::kUnsupported, "plan: schema {}; this program reads {}",
                body.value("schema", json()).dump(), kPlanSchema);
  const std::set<std::string> known(std::begin(kMembers), std::end(kMembers));
  for (const auto& [name, value] : body.items())
    if (!known.contains(name)) return Fail(ErrorKind::kBadInput, "plan: {}: unknown", name);
  Plan plan;
  try {
    auto taken = TakeMembers(body);
    if (!taken) return taken.error();
    plan = std::move(*taken);
  } catch (const json::exception& error) {
    return Fail(ErrorKind::kBadInput, "plan: {}", error.what());
  }
  auto checked = CheckPlan(plan);
  if (!checked) return checked.error();
  json unsigned_body = body;
  unsigned_body.erase("hash");
  const std::string hash = ChecksumOf(unsigned_body.dump());
  if (body.value("hash", json()) != hash)
    return Fail(
        ErrorKind::kBadInput,
        "plan: its hash is {}, and of its content {}: it was changed after it was made; make "
        "another by iiifbench plan",
        body.value("hash", json()).dump(), hash);
  if (body.value("begins", json()) != Beginning(plan))
    return Fail(ErrorKind::kBadInput,
                "plan: this program draws other arrivals from it than the one that made it ({}); "
                "run it with that version",
                plan.version);
  return plan;
}

Result<Plan> ReadPlan(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return Fail(ErrorKind::kNotFound, "{}: no such plan", path);
  auto plan = ParsePlan(std::string(std::istreambuf_iterator<char>(in), {}));
  if (!plan) return Fail(plan.error().kind, "{}: {}", path, plan.error().message);
  return plan;
}

PlanStream::PlanStream(const Plan& plan, const Shard& shard)
    : shard_(shard),
      requests_(WorkloadOf(plan), ImagesOf(plan), plan.seed, plan.api == 3 ? "max" : "full"),
      open_(plan.rate_per_second > 0),
      // Not the seed of the requests: the same raw numbers would tie a gap to a region.
      arrivals_(open_ ? plan.rate_per_second : 1, plan.poisson, ~plan.seed),
      end_(Seconds(plan.warm_up_s) + Seconds(plan.seconds)) {}

std::optional<PlanArrival> PlanStream::Next() {
  for (;;) {
    PlanArrival arrival{.number = number_};
    if (open_) {
      arrival.due = arrivals_.Next();
      if (*arrival.due >= end_) return {};
    }
    auto request = requests_.Next();
    if (!request) return {};
    ++number_;
    if (!shard_.Has(arrival.number)) continue;
    arrival.request = std::move(*request);
    return arrival;
  }
}

int64_t ClientsOf(const Plan& plan, const Shard& shard) {
  return plan.clients / shard.count + (shard.index < plan.clients % shard.count ? 1 : 0);
}

int64_t SlotsOf(const Plan& plan, const Shard& shard) {
  return std::max<int64_t>(1, (plan.slots + shard.count - 1) / shard.count);
}

}  // namespace iiifbench
