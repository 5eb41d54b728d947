// A plan as a file, and its shards: their union is the plan.
#include "harness/plan/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace iiifbench {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

Plan Example(double rate, int clients = 0) {
  return {.version = "v1",
          .workload = json::parse(BuiltInWorkload("viewer")),
          .images = {{"http://127.0.0.1:1/iiif/2/a", {4000, 3000}},
                     {"http://127.0.0.1:1/iiif/2/b", {900, 1200}}},
          .rate_per_second = rate,
          .clients = clients,
          .warm_up_s = 1,
          .seconds = 20,
          .seed = 7};
}

std::string Line(const PlanArrival& arrival) {
  return fmt::format("{} {} {} {} {}", arrival.number, arrival.due ? arrival.due->count() : -1,
                     arrival.request.image, arrival.request.request_class, arrival.request.path);
}

std::vector<PlanArrival> All(const Plan& plan, const Shard& shard, size_t most) {
  PlanStream stream(plan, shard);
  std::vector<PlanArrival> out;
  while (out.size() < most) {
    auto arrival = stream.Next();
    if (!arrival) break;
    out.push_back(std::move(*arrival));
  }
  return out;
}

TEST(Plan, UnionOfShardsIsThePlan) {
  for (const bool poisson : {true, false}) {
    for (const int64_t count : {1, 2, 7, 64}) {
      Plan plan = Example(333);
      plan.poisson = poisson;
      std::vector<PlanArrival> parts;
      for (int64_t i = 0; i < count; ++i) {
        for (auto& arrival : All(plan, {.index = i, .count = count}, 1'000'000)) {
          EXPECT_EQ(arrival.number % count, i);
          parts.push_back(std::move(arrival));
        }
      }
      std::ranges::sort(parts, {}, &PlanArrival::number);
      const auto whole = All(plan, {}, 1'000'000);
      EXPECT_NEAR(static_cast<double>(whole.size()), 333 * 21, 400);
      ASSERT_EQ(parts.size(), whole.size());
      for (size_t i = 0; i < whole.size(); ++i) ASSERT_EQ(Line(parts[i]), Line(whole[i]));
    }
  }
}

TEST(Plan, ClosedLoopSharesRequestsAndClients) {
  const Plan plan = Example(0, 10);
  const auto whole = All(plan, {}, 300);
  int64_t clients = 0;
  for (int64_t i = 0; i < 3; ++i) {
    const Shard shard{.index = i, .count = 3};
    clients += ClientsOf(plan, shard);
    const auto part = All(plan, shard, 100);
    for (size_t k = 0; k < part.size(); ++k)
      EXPECT_EQ(Line(part[k]), Line(whole[k * 3 + static_cast<size_t>(i)]));
  }
  EXPECT_EQ(clients, 10);
  EXPECT_EQ(ClientsOf(plan, {.index = 10, .count = 11}), 0);
}

TEST(Plan, FileAndBack) {
  const Plan plan = Example(50);
  const std::string text = PlanToJson(plan).dump(1);
  const auto read = ParsePlan(text);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(PlanToJson(*read).dump(1), text);
  EXPECT_EQ(PlanHash(*read), json::parse(text)["hash"]);
}

TEST(Plan, HashMovesWithEachMember) {
  const std::string hash = PlanHash(Example(50));
  const auto other = [&](auto change) {
    Plan plan = Example(50);
    change(plan);
    EXPECT_NE(PlanHash(plan), hash);
  };
  other([](Plan& p) { p.seed = 8; });
  other([](Plan& p) { p.version = "v2"; });
  other([](Plan& p) { p.rate_per_second = 51; });
  other([](Plan& p) { p.seconds = 21; });
  other([](Plan& p) { p.images[1].size.width = 901; });
  other([](Plan& p) { p.connections = "fresh"; });
  other([](Plan& p) { p.workload["requests"][0]["weight"] = 22; });
}

TEST(Plan, RefusesWhatIsNone) {
  const auto refused = [](const json& body, const std::string& why) {
    const auto plan = ParsePlan(body.dump());
    ASSERT_FALSE(plan) << why;
    EXPECT_THAT(plan.error().message, HasSubstr(why));
  };
  json good = PlanToJson(Example(50));
  const auto with = [&](const char* name, const json& value) {
    json body = good;
    body[name] = value;
    return body;
  };
  refused(json::array(), "not a plan");
  refused(with("schema", 2), "schema 2");
  refused(with("seconds", 21), "it was changed after it was made");
  refused(with("seconds", "long"), "plan: ");
  refused(with("seconds", -1), "seconds");
  refused(with("clients", 3), "one of the two");
  refused(with("images", json::array()), "images: none");
  refused(with("images", json::array({{{"url", "file:///x"}, {"width", 1}, {"height", 1}}})),
          "no http or https URL");
  refused(with("wish", 1), "wish: unknown");
  refused(with("workload", json::object()), "workload");
  json without = good;
  without.erase("seed");
  refused(without, "seed");
}

}  // namespace
}  // namespace iiifbench
