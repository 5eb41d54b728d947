// kept_record: what a run folder still holds after a run went wrong, and whether it can be read.
//
// Of `load`: every load-*.json parses and the histogram of each of its points decodes. Of `study`:
// every line of samples.jsonl parses, but for a last one that was cut; study.json parses where
// there is one.
#pragma once

#include <string>
#include <vector>

namespace iiifbench {

struct KeptRecord {
  int points = 0, samples = 0;  // measured: of load, of study
  bool study_json = false;
  std::vector<std::string> files;       // names, sorted
  std::vector<std::string> unreadable;  // what cannot be read, and why

  std::string Words() const;  // "load-url-viewer.json: 2 points"
};
KeptRecord ReadKept(const std::string& folder);

}  // namespace iiifbench
