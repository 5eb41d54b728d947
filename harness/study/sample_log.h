// sample_log: the samples of a study as JSON lines, written one by one while it runs.
//
// First line {"study": {"schema", "command"}}; a server when it has started and again when it is
// done
// {"server": {"name", "version", "intended", "effective", "idle_cpu"}}, of which the last counts;
// then one line a sample {"sample": {"server", "link", "recipe", "class", "page", "round",
// "total_ms", "first_byte_ms", "floor_ms", "lag_ms", "server_ms", "bytes", "psnr", "detail",
// "settings", "traps", "trap_ids", "stages", "floor_stages", "stage_source"}}. A last line that was
// cut is dropped on reading. Errors: kIo with path and reason (full disk), kBadInput when a run is
// resumed with another command.
#pragma once

#include <cstdio>
#include <memory>

#include "harness/study/study.h"

namespace iiifbench {

class SampleLog {
 public:
  // Appends to a file that ReadSamples has read, or begins a new one. An empty path logs nowhere.
  static Result<SampleLog> Open(const std::string& path, const std::string& command, bool append);

  Result<void> AddServer(const StudyServer& server);
  // The cell's last sample.
  Result<void> AddSample(const StudyCell& cell);

 private:
  Result<void> Write(const nlohmann::json& line);
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::string path_;
  std::unique_ptr<std::FILE, Close> file_;
};

// What an earlier session has measured. Cells have the status kNotMeasured: the study decides what
// is left.
struct EarlierSamples {
  std::map<std::string, StudyServer> servers;
  std::vector<StudyCell> cells;
  int sittings = 0;
};
Result<EarlierSamples> ReadSamples(const std::string& path, const std::string& command);

}  // namespace iiifbench
