// kept_record: what a run folder still holds after a run went wrong, and whether it can be read.
//
// Of `load`: every load-*.json parses and the histogram of each of its points decodes; of an
// unfinished sweep the samples whose time is told. Of `study`: every line of samples.jsonl parses,
// but for a last one that was cut; study.json parses where there is one. Of `attribute`: likewise
// attribution-*.answers.jsonl and attribution-*.json.
#pragma once

#include <string>
#include <vector>

namespace iiifbench {

struct KeptRecord {
  int points = 0, samples = 0;          // measured: points of load; answers in files of lines
  int answers = 0;                      // in all
  bool whole = false;                   // the result of a run that came to its end
  std::vector<std::string> files;       // names, sorted
  std::vector<std::string> unreadable;  // what cannot be read, and why

  std::string Words() const;  // "load-url-viewer.json: 2 points"
};
KeptRecord ReadKept(const std::string& folder);

}  // namespace iiifbench
