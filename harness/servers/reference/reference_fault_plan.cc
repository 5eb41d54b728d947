#include "harness/servers/reference/reference_fault_plan.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <span>
#include <thread>

#include "harness/stats/milliseconds.h"

namespace iiifbench {
namespace {

using nlohmann::json;

std::chrono::nanoseconds Nanoseconds(double ms) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(Milliseconds(ms));
}

constexpr std::string_view kAccess[] = {"region", "rows", "full"};
constexpr std::string_view kLevels[] = {"fitting", "none", "full_only", "finer"};
constexpr std::string_view kVariants[] = {"naive", "library", "best"};
constexpr std::string_view kFilters[] = {"nearest",  "bilinear", "box",
                                         "triangle", "bicubic",  "lanczos3"};
constexpr std::string_view kAnswers[] = {"right", "truncated", "html", "hang", "grey", "smaller"};

// The place of a word in its list, as the enumeration's value.
template <typename Enum>
Result<void> Word(const json& plan, const char* member, std::span<const std::string_view> words,
                  Enum* out) {
  if (!plan.contains(member)) return {};
  const json& value = plan[member];
  for (size_t i = 0; value.is_string() && i < words.size(); ++i) {
    if (value.get<std::string>() == words[i]) {
      *out = static_cast<Enum>(i);
      return {};
    }
  }
  std::string allowed;
  for (auto word : words) allowed += (allowed.empty() ? "" : ", ") + std::string(word);
  return Fail(ErrorKind::kBadRequest, "fault plan: {} is {}; allowed are {}", member, value.dump(),
              allowed);
}

Result<void> Number(const json& object, const std::string& member, double least, double* out) {
  if (!object.contains(member)) return {};
  const json& value = object[member];
  if (!value.is_number() || value.get<double>() < least || value.get<double>() > 1e6) {
    return Fail(ErrorKind::kBadRequest, "fault plan: {} is {}; a number of {} or more is expected",
                member, value.dump(), least);
  }
  *out = value.get<double>();
  return {};
}

Result<void> Flag(const json& object, const char* member, bool* out) {
  if (!object.contains(member)) return {};
  if (!object[member].is_boolean())
    return Fail(ErrorKind::kBadRequest, "fault plan: {} must be true or false", member);
  *out = object[member].get<bool>();
  return {};
}

constexpr Stage kFaultyStages[] = {Stage::kRead,    Stage::kDecode, Stage::kResize,
                                   Stage::kConvert, Stage::kEncode, Stage::kOverhead};

Result<void> PerStage(const json& plan, FaultPlan& out) {
  for (const char* member : {"multiplier", "delay_ms"}) {
    if (plan.contains(member) && !plan[member].is_object())
      return Fail(ErrorKind::kBadRequest, "fault plan: {} must be an object of stages", member);
  }
  for (Stage stage : kFaultyStages) {
    const std::string name(StageName(stage));
    double delay = 0;
    auto one = Number(plan.value("multiplier", json::object()), name, 1,
                      &out.multiplier[static_cast<size_t>(stage)]);
    if (!one) return one;
    auto two = Number(plan.value("delay_ms", json::object()), name, 0, &delay);
    if (!two) return two;
    out.delay[stage] = Nanoseconds(delay);
  }
  return {};
}

}  // namespace

Result<FaultPlan> ParseFaultPlan(std::string_view text) {
  const json plan = json::parse(text, nullptr, false);
  if (!plan.is_object()) return Fail(ErrorKind::kBadRequest, "fault plan: not a JSON object");
  static constexpr std::string_view kMembers[] = {
      "access",      "levels",   "variant",        "filter",           "resample_always",
      "multiplier",  "delay_ms", "read_ms_per_mb", "info_delay_ms",    "cache",
      "pause_every", "pause_ms", "answer",         "subprocess",       "decode_threads",
      "overlap",     "store",    "store_chunk_kb", "touch_mb_per_mpx", "parse_ms_per_mb",
      "spoil_every"};
  for (const auto& [member, value] : plan.items()) {
    if (std::ranges::find(kMembers, member) == std::end(kMembers))
      return Fail(ErrorKind::kBadRequest, "fault plan: no member is called {}", member);
  }
  FaultPlan out;
  double info_delay = 0, pause = 0, every = 0, threads = 0, chunk = out.store_chunk_kb, spoil = 1;
  for (auto done :
       {Word(plan, "access", kAccess, &out.habit.access),
        Word(plan, "levels", kLevels, &out.habit.levels),
        Word(plan, "variant", kVariants, &out.variant), Word(plan, "filter", kFilters, &out.filter),
        Word(plan, "answer", kAnswers, &out.answer),
        Flag(plan, "resample_always", &out.resample_always), Flag(plan, "cache", &out.cache),
        PerStage(plan, out), Number(plan, "read_ms_per_mb", 0, &out.read_ms_per_mb),
        Number(plan, "info_delay_ms", 0, &info_delay), Number(plan, "pause_every", 0, &every),
        Number(plan, "pause_ms", 0, &pause), Flag(plan, "subprocess", &out.burdens.subprocess),
        Flag(plan, "overlap", &out.overlap), Number(plan, "decode_threads", 0, &threads),
        Number(plan, "store_chunk_kb", 1, &chunk), Number(plan, "spoil_every", 1, &spoil),
        Number(plan, "touch_mb_per_mpx", 0, &out.burdens.touch_mb_per_mpx),
        Number(plan, "parse_ms_per_mb", 0, &out.burdens.parse_ms_per_mb)}) {
    if (!done) return done.error();
  }
  if (plan.contains("store")) {
    if (!plan["store"].is_string() || !plan["store"].get<std::string>().starts_with("http://"))
      return Fail(ErrorKind::kBadRequest, "fault plan: store must be a prefix http://...");
    out.store = plan["store"].get<std::string>();
  }
  out.spoil_every = static_cast<int>(spoil);
  out.store_chunk_kb = static_cast<int>(chunk);
  out.burdens.decode_threads = std::min(64, static_cast<int>(threads));
  out.info_delay = Nanoseconds(info_delay);
  out.pause = Nanoseconds(pause);
  out.pause_every = static_cast<int>(every);
  return out;
}

RenderSettings FaultPlan::Apply(RenderSettings settings) const {
  settings.habit = habit;
  settings.variant = variant;
  settings.filter = filter;
  settings.resample_always = resample_always;
  return settings;
}

void FaultPlan::Carry(StageTimes& stages, int64_t file_bytes, int64_t region_pixels) const {
  const auto start = std::chrono::steady_clock::now();
  const auto decode = stages[Stage::kDecode];
  if (burdens.decode_threads > 0) BurnOnThreads(burdens.decode_threads, decode);
  TouchNewMemory(burdens.touch_mb_per_mpx * static_cast<double>(region_pixels) / 1e6);
  Work(Nanoseconds(burdens.parse_ms_per_mb * static_cast<double>(file_bytes) / 1e6));
  stages[Stage::kDecode] += std::chrono::steady_clock::now() - start;
}

void FaultPlan::Spend(StageTimes& stages, int64_t bytes_read) const {
  const auto more = [&](Stage stage) {
    const double factor = multiplier[static_cast<size_t>(stage)] - 1;
    return std::chrono::nanoseconds(
        static_cast<int64_t>(factor * static_cast<double>(stages[stage].count())));
  };
  const auto spend = [&](Stage stage) {
    const auto start = std::chrono::steady_clock::now();
    const auto work = more(stage);
    if (work.count() > 0) Work(work);
    auto wait = delay[stage];
    if (stage == Stage::kRead)
      wait += Nanoseconds(read_ms_per_mb * static_cast<double>(bytes_read) / 1e6);
    if (wait.count() > 0) std::this_thread::sleep_for(wait);
    if (work.count() > 0 || wait.count() > 0)
      stages[stage] += std::chrono::steady_clock::now() - start;
  };
  if (overlap) {
    std::thread encoding([&] { spend(Stage::kEncode); });
    spend(Stage::kDecode);
    encoding.join();
  }
  for (Stage stage : kFaultyStages) {
    if (!overlap || (stage != Stage::kDecode && stage != Stage::kEncode)) spend(stage);
  }
}

}  // namespace iiifbench
