#include "harness/plan/run_plan.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "data/built_from.h"
#include "data/corpus.h"

namespace iiifbench {
namespace {

using nlohmann::json;

constexpr int kRunPlanSchema = 1;

std::string HashOf(const json& members) {
  const std::string text = members.dump();
  return Checksum({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
}

json WithoutHash(const RunPlan& plan) {
  json out = plan.fixed;
  out["schema"] = kRunPlanSchema;
  out["kind"] = plan.kind;
  out["version"] = plan.version;
  out["arguments"] = plan.arguments;
  return out;
}

std::string Short(const json& value) {
  constexpr size_t kMost = 160;
  std::string text = value.dump(-1, ' ', false, json::error_handler_t::replace);
  if (text.size() > kMost) text = text.substr(0, kMost) + "...";
  return text;
}

}  // namespace

RunPlan MakeRunPlan(const std::string& kind, const std::vector<std::string>& arguments,
                    const json& fixed) {
  RunPlan plan{.kind = kind,
               .version = std::string(BuiltFrom()),
               .arguments = arguments,
               .fixed = fixed,
               .hash = {}};
  plan.hash = HashOf(WithoutHash(plan));
  return plan;
}

json RunPlanToJson(const RunPlan& plan) {
  json out = WithoutHash(plan);
  out["hash"] = plan.hash;
  return out;
}

Result<RunPlan> ReadRunPlan(const std::string& path, const std::string& kind) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return Fail(ErrorKind::kNotFound, "{}: no such plan", path);
  json body = json::parse(std::string(std::istreambuf_iterator<char>(in), {}), nullptr, false);
  if (!body.is_object() || body.value("kind", json()) != kind)
    return Fail(ErrorKind::kBadInput, "{}: not a plan: no JSON object of the kind \"{}\"", path,
                kind);
  if (body.value("schema", json()) != kRunPlanSchema)
    return Fail(ErrorKind::kUnsupported, "{}: plan: schema {}; this program reads {}", path,
                body.value("schema", json()).dump(), kRunPlanSchema);
  const json said = body.value("hash", json());
  body.erase("hash");
  const std::string hash = HashOf(body);
  if (said != hash)
    return Fail(ErrorKind::kBadInput,
                "{}: plan: its hash is {}, and of its content {}: it was changed after it was "
                "made; make another by --write-plan",
                path, said.dump(), hash);
  RunPlan plan{.kind = kind, .version = {}, .arguments = {}, .fixed = {}, .hash = hash};
  try {
    plan.version = body.at("version");
    plan.arguments = body.at("arguments").get<std::vector<std::string>>();
  } catch (const json::exception& error) {
    return Fail(ErrorKind::kBadInput, "{}: plan: {}", path, error.what());
  }
  for (const char* member : {"schema", "kind", "version", "arguments"}) body.erase(member);
  plan.fixed = std::move(body);
  return plan;
}

Result<void> CheckSame(const RunPlan& plan, const json& here) {
  for (const auto& [name, value] : plan.fixed.items()) {
    const json ours = here.value(name, json());
    if (ours == value) continue;
    if (value.is_array() && ours.is_array()) {
      for (size_t i = 0; i < std::max(value.size(), ours.size()); ++i) {
        const json there = i < value.size() ? value[i] : json(),
                   own = i < ours.size() ? ours[i] : json();
        if (there != own)
          return Fail(ErrorKind::kBadRequest,
                      "plan: {}: number {} is {} in the plan of version {}, and {} here", name, i,
                      Short(there), plan.version, Short(own));
      }
    }
    return Fail(ErrorKind::kBadRequest, "plan: {}: {} in the plan of version {}, and {} here", name,
                Short(value), plan.version, Short(ours));
  }
  return {};
}

}  // namespace iiifbench
