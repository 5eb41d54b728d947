#include "harness/report/page/parts.h"

#include <algorithm>
#include <set>

#include "harness/report/page/markup.h"
#include "harness/report/page/sections/sections.h"

namespace iiifbench {
namespace {

using nlohmann::json;

// Groups of names, joined until no two share one.
std::vector<std::set<std::string>> GroupsOf(const json& request) {
  std::vector<std::set<std::string>> out;
  for (const json& merged : ListIn(request, "merged")) {
    std::set<std::string> group;
    for (const json& name : merged) {
      if (name.is_string()) group.insert(name.get<std::string>());
    }
    for (auto other = out.begin(); other != out.end();) {
      const bool shared =
          std::ranges::any_of(group, [&](const auto& name) { return other->contains(name); });
      if (shared) group.insert(other->begin(), other->end());
      other = shared ? out.erase(other) : other + 1;
    }
    out.push_back(std::move(group));
  }
  return out;
}

}  // namespace

std::vector<Part> PartsOf(const json& request) {
  std::vector<Part> out;
  const json& stages = ObjectIn(request, "stages");
  const auto groups = GroupsOf(request);
  std::set<std::string> done;
  for (const Stage stage : kStages) {
    const std::string name(StageName(stage));
    if (done.contains(name)) continue;
    const auto group = std::ranges::find_if(
        groups, [&](const std::set<std::string>& g) { return g.contains(name); });
    Part part;
    for (const Stage other : kStages) {
      const std::string member(StageName(other));
      if (member != name && (group == groups.end() || !group->contains(member))) continue;
      const auto ms = NumberIn(ObjectIn(stages, member), "ms");
      if (!ms) continue;
      done.insert(member);
      part.stages.push_back(member);
      part.ms += *ms;
    }
    if (part.stages.empty()) continue;
    if (part.stages.size() == 1) {
      part.low = NumberIn(ObjectIn(stages, part.stages.front()), "low");
      part.high = NumberIn(ObjectIn(stages, part.stages.front()), "high");
    }
    out.push_back(std::move(part));
  }
  return out;
}

std::string NameOf(const Part& part) { return fmt::format("{}", fmt::join(part.stages, " + ")); }

double FloorMs(const json& request) {
  double sum = 0;
  for (const Stage stage : kStages)
    sum += NumberIn(ObjectIn(ObjectIn(request, "methods"), "floor"), std::string(StageName(stage)))
               .value_or(0);
  return sum;
}

const json& RequestIn(const AttributionFile& file, const std::string& path) {
  static const json none;
  for (const json& request : ListIn(file.body, "requests")) {
    if (TextIn(request, "path") == path) return request;
  }
  return none;
}

std::string WhoOf(const RunFiles& run, const AttributionFile& file) {
  return fmt::format("{} {}", ServerTitle(run, file.server), Escaped(file.recipe));
}

std::string AnchorOf(const std::string& section, const AttributionFile& file) {
  std::string out = section + "-" + file.server + "-" + file.recipe;
  for (char& c : out) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    if (!plain) c = '-';
  }
  return out;
}

std::string LinkTo(const std::string& section, const AttributionFile& file,
                   const std::string& escaped_text) {
  return fmt::format("<a href=\"#{}\">{}</a>", AnchorOf(section, file), escaped_text);
}

std::string LandingOf(const std::string& section, const AttributionFile& file) {
  return fmt::format("<span id=\"{}\"></span>", AnchorOf(section, file));
}

}  // namespace iiifbench
