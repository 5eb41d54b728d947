// Any bytes as a file that an earlier run has left: samples of a study, of a sweep and of an
// attribution, a file of timings, a folder of results. An error says why; nothing ends the process.
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "harness/attribution/observe/observation_log.h"
#include "harness/load/sweep/sweep_log.h"
#include "harness/report/compare/compare_input.h"
#include "harness/report/page/page.h"
#include "harness/report/page/run_files.h"
#include "harness/study/sample_log.h"
#include "tests/fuzz/fuzzed_decode.h"

namespace iiifbench {
namespace {

namespace fs = std::filesystem;

// In memory where the system has such a place; removed at the end of the process.
struct Scratch {
  Scratch() {
    const fs::path root = fs::is_directory("/dev/shm") ? "/dev/shm" : fs::temp_directory_path();
    path = root / fmt::format("iiifbench-fuzz-{}", ::getpid());
    fs::create_directories(path);
  }
  ~Scratch() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
  fs::path path;
};

template <typename T>
bool Good(const Result<T>& result) {
  if (!result.ok()) Demand(!result.error().message.empty(), "an error says why");
  return result.ok();
}

// Input: a byte that says which, the file.
void Try(std::span<const uint8_t> input) {
  static const Scratch scratch;
  if (input.empty()) return;
  static constexpr const char* kNames[] = {
      "samples.jsonl", "sweep.jsonl",          "answers.jsonl",     "study.json",
      "load-a.json",   "attribution-a-b.json", "benchmark-run.json"};
  const size_t which = input[0] % std::size(kNames);
  const std::string folder = scratch.path / "run", path = folder + "/" + kNames[which];
  fs::create_directories(folder);
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(input.data()) + 1,
             static_cast<std::streamsize>(input.size() - 1));
  switch (which) {
    case 0:
      static_cast<void>(Good(ReadSamples(path, "study")));
      break;
    case 1:
      if (auto log = SweepLog::Open(path, "load", true); Good(log)) (*log)->BeginPoint("1 clients");
      break;
    case 2:
      if (auto log = ObservationLog::Open(path, "attribute", true); Good(log)) {
        Observed observed;
        (*log)->BeginImage("page.jpg");
        static_cast<void>((*log)->Restore(observed));
      }
      break;
    case 6:
      static_cast<void>(Good(ReadTimedRun(path)));
      break;
    default:
      if (auto run = ReadRunFiles(folder); Good(run))
        Demand(!PageToHtml(*run).empty(), "a page is drawn of what is read");
  }
  fs::remove(path);
}

}  // namespace
}  // namespace iiifbench

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  iiifbench::Try({data, size});
  return 0;
}
