// iiifbench plan: fixes a load run in a file that many processes can share.
#include <filesystem>
#include <fstream>
#include <memory>

#include "data/built_from.h"
#include "data/corpus.h"
#include "harness/cli/commands.h"
#include "harness/cli/output.h"
#include "harness/http/client.h"
#include "harness/load/target/load_target.h"
#include "harness/plan/plan.h"

namespace iiifbench {
namespace {

struct PlanCommand {
  Plan plan;
  TargetOptions target;
  std::string workload = "viewer", list, out;
  bool constant = false;
};

Result<void> MakePlan(PlanCommand& command) {
  Plan& plan = command.plan;
  if (!command.list.empty()) {
    std::ifstream in(command.list);
    for (std::string line; std::getline(in, line);) {
      while (line.ends_with('\r') || line.ends_with(' ')) line.pop_back();
      if (!line.empty()) command.target.urls.push_back(line);
    }
  }
  if (command.target.urls.empty())
    return Fail(ErrorKind::kBadRequest, "no image: give --url BASE, or --urls FILE");
  for (auto& url : command.target.urls) {
    while (url.ends_with('/')) url.pop_back();
    if (url.ends_with("/info.json")) url.resize(url.size() - 10);
  }
  const auto text = BuiltInWorkload(command.workload);
  if (text.empty()) {
    if (!command.workload.ends_with(".json"))
      return Fail(ErrorKind::kBadRequest,
                  "--workload {}: one of {}, or a JSON file; an access log cannot be planned",
                  command.workload, fmt::join(BuiltInWorkloads(), ", "));
    std::ifstream in(command.workload);
    if (!in) return Fail(ErrorKind::kNotFound, "--workload {}: no such file", command.workload);
    plan.workload = nlohmann::json::parse(in, nullptr, false);
  } else {
    plan.workload = nlohmann::json::parse(text);
  }
  const auto parsed = ParseWorkload(plan.workload.dump());
  if (!parsed) return parsed.error();
  command.target.headers = HeadersOfEnvironment();
  const auto target = AskUrls(command.target, false);
  if (!target) return target.error();
  plan.api = target->api == ApiVersion::k3 ? 3 : 2;
  for (size_t i = 0; i < target->images.size(); ++i)
    plan.images.push_back({.url = target->image_urls[i], .size = target->images[i].size});
  plan.poisson = !command.constant;
  plan.version = std::string(BuiltFrom());
  auto checked = CheckPlan(plan);
  if (!checked) return checked;
  const auto json = PlanToJson(plan);
  const std::string whole = json.dump(1) + "\n";
  auto written = WriteFile(command.out, whole);
  if (!written) return written;
  Print("{}: plan {}, {} images, {}, {:g} s and {:g} s of warm-up\n", command.out,
        json["hash"].get<std::string>(), plan.images.size(),
        plan.rate_per_second > 0 ? fmt::format("{:g} per second", plan.rate_per_second)
                                 : fmt::format("{} clients", plan.clients),
        plan.seconds, plan.warm_up_s);
  return {};
}

}  // namespace

std::function<int()> AddPlan(CLI::App& app, CLI::App*& command) {
  auto options = std::make_shared<PlanCommand>();
  Plan& plan = options->plan;
  command = app.add_subcommand("plan",
                               "A load run fixed in a file: iiifbench load --plan FILE --shard i/n "
                               "does a part of it");
  command->add_option("--url", options->target.urls, "Base URL of an image; repeatable");
  command->add_option("--urls", options->list, "A file with a base URL a line")
      ->check(CLI::ExistingFile);
  command->add_option("--workload", options->workload, "Name or JSON file (default viewer)");
  auto* rate = command->add_option("--rate", plan.rate_per_second,
                                   "Open loop: requests per second, of all shards together");
  command->add_option("--clients", plan.clients, "Closed loop: clients, of all shards together")
      ->excludes(rate);
  command->add_flag("--constant", options->constant, "Even gaps instead of Poisson arrivals");
  command->add_option("--slots", plan.slots,
                      "Open loop: connections, of all shards together (default 64)");
  command->add_option("--seconds", plan.seconds, "After the warm-up (default 10)");
  command->add_option("--warm-up", plan.warm_up_s, "Seconds that do not count (default 2)");
  command->add_option("--timeout", plan.timeout_s, "Seconds per request (default 30)");
  command->add_option("--connections", plan.connections, "reuse (default), fresh or http2");
  command->add_option("--ca-file", options->target.ca_file, "Certificates to trust, for https")
      ->check(CLI::ExistingFile);
  command->add_option("--seed", plan.seed, "Of requests and arrivals");
  command->add_option("--out", options->out, "The plan's file")->required();
  return [options] {
    auto made = MakePlan(*options);
    if (made) return 0;
    Complain("iiifbench plan: {}\n", made.error().message);
    return 1;
  };
}

}  // namespace iiifbench
