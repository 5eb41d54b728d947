#include "harness/plan/shard.h"

#include <charconv>
#include <cstdlib>
#include <optional>
#include <vector>

namespace iiifbench {
namespace {

std::optional<int64_t> Whole(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return {};
  return value;
}

// A pair of variables, one that says which and one that says how many.
struct Engine {
  const char* name;
  const char* index;
  const char* count;
  bool takes_ours = false;  // IIIFBENCH_SHARDS may say how many
  int64_t first = 0;        // number of the first task
};
constexpr Engine kEngines[] = {
    {"OpenMPI", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"},
    {"PMI", "PMI_RANK", "PMI_SIZE"},
    {"Slurm array", "SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_COUNT", true},
    {"Slurm task", "SLURM_PROCID", "SLURM_NTASKS"},
    {"Kubernetes", "JOB_COMPLETION_INDEX", "JOB_COMPLETIONS", true},
    {"GNU parallel", "PARALLEL_SEQ", nullptr, true, 1},
};
constexpr std::string_view kMpi[] = {"OpenMPI", "PMI"};
constexpr const char* kOurCount = "IIIFBENCH_SHARDS";

Error Wrong(std::string_view what) {
  return Fail(ErrorKind::kBadRequest, "--shard auto: {}; or give --shard i/n, i from 0", what);
}

Result<std::optional<int64_t>> Number(const Variable& variable, const char* name) {
  const char* text = name == nullptr ? nullptr : variable(name);
  if (text == nullptr || *text == '\0') return std::optional<int64_t>();
  const auto value = Whole(text);
  if (!value || *value > int64_t{1} << 40)
    return Wrong(fmt::format("{}={} is not a whole number", name, text));
  return value;
}

// The array's tasks counted from 0: --array=10-80:10 has tasks 10, 20, ... 80.
Result<int64_t> IndexInArray(const Variable& variable, int64_t id, int64_t count) {
  const auto least = Number(variable, "SLURM_ARRAY_TASK_MIN");
  const auto most = Number(variable, "SLURM_ARRAY_TASK_MAX");
  const auto step = Number(variable, "SLURM_ARRAY_TASK_STEP");
  for (const auto* each : {&least, &most, &step})
    if (!*each) return each->error();
  if (!*least) return id;
  const int64_t by = step->value_or(1) < 1 ? 1 : step->value_or(1);
  if (*most && (**most - **least) / by + 1 != count)
    return Wrong(
        fmt::format("a Slurm array of {} tasks from {} to {} by {} has gaps, so its tasks cannot "
                    "be counted; use --array=0-{}, or set {} where lost tasks run again",
                    count, **least, **most, by, count - 1, kOurCount));
  if (count == 1 && id > 0)
    return Wrong(
        fmt::format("a Slurm array of one task, number {}, looks like a lost task that runs "
                    "again: of how many? set {}",
                    id, kOurCount));
  if (id < **least || (id - **least) % by != 0)
    return Wrong(
        fmt::format("SLURM_ARRAY_TASK_ID={} is none of {}, {}, ...", id, **least, **least + by));
  return (id - **least) / by;
}

Result<std::optional<Shard>> Of(const Engine& engine, const Variable& variable,
                                std::optional<int64_t> ours, std::string& half) {
  const auto index = Number(variable, engine.index);
  if (!index) return index.error();
  const auto said = Number(variable, engine.count);
  if (!said) return said.error();
  if (!*index) return std::optional<Shard>();
  const bool array = std::string_view(engine.name) == "Slurm array";
  std::optional<int64_t> count = *said;
  int64_t at = **index - engine.first;
  if (engine.takes_ours && ours && (!count || (array && *ours != *count))) {
    count = ours;
  } else if (!count) {
    // A batch script has SLURM_PROCID and may have no SLURM_NTASKS: an error only where nothing
    // else is there.
    half = fmt::format("{} says {}={} and not how many there are; set {}", engine.name,
                       engine.index, **index, engine.count == nullptr ? kOurCount : engine.count);
    return std::optional<Shard>();
  } else if (ours && *ours != *count && *count != 1) {
    return Wrong(fmt::format("{}={} and {}={} contradict each other", kOurCount, *ours,
                             engine.count, *count));
  } else if (array) {
    auto counted = IndexInArray(variable, **index, *count);
    if (!counted) return counted.error();
    at = *counted;
  }
  if (*count < 1 || *count > kMostShards)
    return Wrong(fmt::format("{} shards; from 1 to {}", *count, kMostShards));
  if (at < 0 || at >= *count)
    return Wrong(fmt::format("{} says {}={} of {}; from {} to {}", engine.name, engine.index,
                             **index, *count, engine.first, engine.first + *count - 1));
  return std::optional(Shard{.index = at, .count = *count, .from = engine.name});
}

}  // namespace

Result<Shard> ShardFromEnvironment(const Variable& variable) {
  const auto ours = Number(variable, kOurCount);
  if (!ours) return ours.error();
  std::vector<Shard> found;
  std::string half;
  for (const Engine& engine : kEngines) {
    auto shard = Of(engine, variable, *ours, half);
    if (!shard) return shard.error();
    if (*shard) found.push_back(**shard);
  }
  if (found.empty() && !half.empty()) return Wrong(half);
  if (found.empty()) {
    std::vector<std::string_view> looked;
    for (const Engine& engine : kEngines) looked.emplace_back(engine.index);
    return Wrong(fmt::format("no engine has started this process: none of {} is set",
                             fmt::join(looked, ", ")));
  }
  const Shard* chosen = nullptr;
  for (const Shard& shard : found) {
    if (shard.count == 1) continue;
    if (chosen == nullptr) {
      chosen = &shard;
      continue;
    }
    const bool mpi = chosen->from == kMpi[0] || chosen->from == kMpi[1];
    if (mpi && shard.from == "Slurm task") continue;
    if (shard.index != chosen->index || shard.count != chosen->count)
      return Wrong(
          fmt::format("{} says {} and {} says {}, so that a shard would run twice or not at all",
                      chosen->from, chosen->Name(), shard.from, shard.Name()));
  }
  return chosen == nullptr ? found.front() : *chosen;
}

Result<Shard> TakeShard(std::string_view text) {
  if (text.empty()) return Shard{};
  if (text == "auto")
    return ShardFromEnvironment([](const char* name) { return std::getenv(name); });
  const size_t slash = text.find('/');
  const auto index = Whole(text.substr(0, slash));
  const auto count = slash == std::string_view::npos ? std::nullopt : Whole(text.substr(slash + 1));
  if (!index || !count || *count < 1 || *count > kMostShards || *index >= *count)
    return Fail(ErrorKind::kBadRequest,
                "--shard {}: i/n with i from 0 to n - 1 (0/8 is the first of eight), or auto",
                text);
  return Shard{.index = *index, .count = *count};
}

}  // namespace iiifbench
