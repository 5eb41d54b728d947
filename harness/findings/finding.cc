#include "harness/findings/finding.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace iiifbench {
namespace {

using nlohmann::json;

void TakeRemedy(const json& id, json& out) {
  if (!id.is_string()) return;
  const FindingEntry* entry = EntryOf(id.get<std::string>());
  if (entry != nullptr && !entry->remedy.empty()) out[std::string(entry->id)] = entry->remedy;
}

void TakeRemedies(const json& value, json& out) {
  if (value.is_array()) {
    for (const json& inner : value) TakeRemedies(inner, out);
  } else if (value.is_object()) {
    for (const auto& [name, inner] : value.items()) {
      if (name.ends_with("_id")) {
        TakeRemedy(inner, out);
      } else if (name.ends_with("_ids") && inner.is_array()) {
        for (const json& id : inner) TakeRemedy(id, out);
      } else {
        TakeRemedies(inner, out);
      }
    }
  }
}

}  // namespace

void ThereIsNoSuchFinding() {}

const FindingEntry* EntryOf(std::string_view id) {
  const auto found = std::ranges::find(kFindingTable, id, &FindingEntry::id);
  return found == std::end(kFindingTable) ? nullptr : &*found;
}

Finding Finding::Recorded(std::string_view known_as, std::string words) {
  Finding out;
  out.text = std::move(words);
  if (const FindingEntry* entry = EntryOf(known_as)) out.id = entry->id, out.remedy = entry->remedy;
  return out;
}

Finding At(const std::string& where, const Finding& finding) {
  return Finding::Recorded(finding.id, where + ": " + finding.text);
}

std::vector<std::string> TextsOf(std::span<const Finding> findings) {
  std::vector<std::string> out;
  for (const Finding& finding : findings) out.push_back(finding.text);
  return out;
}

std::vector<std::string_view> IdsOf(std::span<const Finding> findings) {
  std::vector<std::string_view> out;
  for (const Finding& finding : findings) out.push_back(finding.id);
  return out;
}

void PutFindings(std::span<const Finding> findings, const char* texts, const char* ids, json& out) {
  out[texts] = TextsOf(findings);
  out[ids] = IdsOf(findings);
}

std::vector<Finding> FindingsIn(const json& object, const char* texts, const char* ids) {
  std::vector<Finding> out;
  if (!object.is_object() || !object.contains(texts) || !object[texts].is_array()) return out;
  const json names = object.contains(ids) ? object[ids] : json();
  for (size_t i = 0; i < object[texts].size(); ++i) {
    if (!object[texts][i].is_string()) continue;
    const bool named = names.is_array() && i < names.size() && names[i].is_string();
    out.push_back(Finding::Recorded(named ? names[i].get<std::string>() : std::string(),
                                    object[texts][i].get<std::string>()));
  }
  return out;
}

json RemediesFor(const json& file) {
  json out = json::object();
  TakeRemedies(file, out);
  return out;
}

}  // namespace iiifbench
