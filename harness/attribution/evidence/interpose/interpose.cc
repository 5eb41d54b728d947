#include "harness/attribution/evidence/interpose/interpose.h"

#include <cstring>
#include <filesystem>
#include <fstream>

#include "harness/attribution/evidence/interpose/counters.h"

namespace iiifbench {

namespace fs = std::filesystem;

Result<std::map<std::string, std::string>> InterposeEnvironment(const std::string& folder) {
  std::error_code error;
  const fs::path library =
      fs::read_symlink("/proc/self/exe", error).parent_path() / "libiiifbench_interpose.so";
  if (!fs::exists(library, error))
    return Fail(ErrorKind::kNotFound,
                "{}: not there; it is built with the target iiifbench_interpose", library.string());
  return std::map<std::string, std::string>{
      {"LD_PRELOAD", library.string()},
      {"IIIFBENCH_INTERPOSE", fs::absolute(folder, error).string()}};
}

Interposed ReadInterposed(const std::string& folder) {
  Interposed out;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() != ".counters") continue;
    // The kernel shows a mapped file's memory to whoever reads it.
    uint64_t words[6] = {};
    static_assert(sizeof(words) == sizeof(InterposeCounters));
    std::ifstream in(entry.path(), std::ios::binary);
    if (!in.read(reinterpret_cast<char*>(words), sizeof words)) continue;  // just being made
    out.decode_ms += static_cast<double>(words[0]) / 1e6;
    out.decode_calls += static_cast<int64_t>(words[1]);
    out.encode_ms += static_cast<double>(words[2]) / 1e6;
    out.encode_calls += static_cast<int64_t>(words[3]);
    out.between_ms += static_cast<double>(words[4]) / 1e6;
  }
  return out;
}

void TakeInterposed(const Interposed& before, const Interposed& after, StageSamples& samples) {
  if (after.decode_calls > before.decode_calls)
    samples[Stage::kDecode].push_back(after.decode_ms - before.decode_ms);
  if (after.between_ms > before.between_ms)
    samples[OtherPart::kBetweenCalls].push_back(after.between_ms - before.between_ms);
  if (after.encode_calls > before.encode_calls)
    samples[Stage::kEncode].push_back(after.encode_ms - before.encode_ms);
}

}  // namespace iiifbench
