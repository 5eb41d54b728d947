// finding: something that was found, refused or broken, in words, with the id that it is known by.
//
// Ids stand in finding_table.h; one that does not stand there does not compile. The text carries
// the figures of this run; the remedy says what to do, and is the same for every run. In JSON the
// texts keep their field, and the ids stand beside them in the same order ("findings",
// "finding_ids"). Memory: a text each. Errors, threads: none.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/findings/finding_table.h"

namespace iiifbench {

// Not constexpr: the compiler stops here when an id does not stand in the table.
void ThereIsNoSuchFinding();

// An id of the table.
class FindingName {
 public:
  // NOLINTNEXTLINE: a literal is meant to become one.
  consteval FindingName(const char* id) : entry_(nullptr) {
    for (const FindingEntry& entry : kFindingTable) {
      if (entry.id == std::string_view(id)) entry_ = &entry;
    }
    if (entry_ == nullptr) ThereIsNoSuchFinding();
  }
  constexpr const FindingEntry& entry() const { return *entry_; }

 private:
  const FindingEntry* entry_;
};

struct Finding {
  std::string_view id;  // empty: recorded before findings had ids
  std::string text;
  std::string_view remedy;

  Finding(FindingName name, std::string words)
      : id(name.entry().id), text(std::move(words)), remedy(name.entry().remedy) {}
  // As a file has it; an id that is not known any more becomes empty.
  static Finding Recorded(std::string_view known_as, std::string words);

  bool operator==(const Finding&) const = default;

 private:
  Finding() = default;
};

// The entry of an id; null: there is none.
const FindingEntry* EntryOf(std::string_view id);

// The same, with where it is: "4 clients: ...".
Finding At(const std::string& where, const Finding& finding);
std::vector<std::string> TextsOf(std::span<const Finding> findings);
std::vector<std::string_view> IdsOf(std::span<const Finding> findings);

// out[texts] and out[ids], in one order.
void PutFindings(std::span<const Finding> findings, const char* texts, const char* ids,
                 nlohmann::json& out);
// What PutFindings has written; a file of before has no ids.
std::vector<Finding> FindingsIn(const nlohmann::json& object, const char* texts, const char* ids);
// {id: remedy} of every id in a file's members that end in "_id" or "_ids".
nlohmann::json RemediesFor(const nlohmann::json& file);

}  // namespace iiifbench
