// made_to_happen: one thing that goes wrong while iiifbench runs: what is printed, how it ends,
// what is kept, and whether that can be read again.
//
// The full disk is a file system of some kB in a user namespace of its own (unshare, no root);
// where that is not allowed, a limit on the size of files, which fails in the same call with other
// words. Errors: in Outcome::broken. Threads: none; the program is ended by force after two
// minutes.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "harness/validation/failures/kept_record.h"

namespace iiifbench {

struct FailureCase {
  std::string name;
  std::vector<std::string> words;  // after "iiifbench", without --out
  std::map<std::string, std::string> environment = {};
  std::vector<std::string> promised = {};  // to be printed, all of them
  std::vector<std::string> ends;           // one of them: "exit status 3"
  int least_kept = 1;                      // answers
  // Called again and again while it runs, with the process and what is kept so far; true: it has
  // done its part.
  std::function<bool(int id, const KeptRecord& kept)> meddle = {};
  int disk_kb = 0;      // 0: no full disk
  bool resume = false;  // to be brought to its end afterwards
};

struct FailureOutcome {
  std::string printed, ended, kept, again;
  std::vector<std::string> broken;  // promises
};

FailureOutcome Happen(const FailureCase& c, const std::string& folder, const std::string& program);

bool NamespacesAllowed();
std::string Replaced(std::string text, const std::string& from, const std::string& to);

}  // namespace iiifbench
