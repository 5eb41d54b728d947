#include "harness/archive/costs.h"

#include <malloc.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <optional>

#include "harness/archive/facts.h"
#include "harness/stats/milliseconds.h"
#include "harness/stats/quantile.h"
#include "kernels/codecs/opened.h"
#include "kernels/iiif/render.h"

namespace iiifbench {
namespace {

using std::chrono::steady_clock;

constexpr int64_t kSlowUs = 1'000'000;

int64_t CpuUs() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000;
}

// Of this process; empty where the kernel does not tell.
std::optional<int64_t> StatusKb(std::string_view field) {
  std::ifstream in("/proc/self/status");
  for (std::string line; std::getline(in, line);)
    if (line.starts_with(field)) return std::atoll(line.c_str() + field.size());
  return {};
}

bool ForgetPeak() {
  std::ofstream out("/proc/self/clear_refs");
  out << "5";  // proc(5): the peak of resident memory begins again
  out.close();
  return static_cast<bool>(out);
}

struct Spent {
  int64_t cpu_us = 0, wall_us = 0;
};

// Runs `work` as costs.h says. `memory_kb` grows to what its first run took.
template <typename Work>
Result<Spent> MedianOf(int repeat, std::optional<int64_t>& memory_kb, const Work& work) {
  ::malloc_trim(0);
  const auto before = StatusKb("VmRSS:");
  const bool peak = ForgetPeak();
  std::vector<double> cpu, wall;  // microseconds
  for (int run = 0; run <= repeat; ++run) {
    const auto start = steady_clock::now();
    const int64_t cpu_start = CpuUs();
    Result<void> done = work();
    const int64_t used = CpuUs() - cpu_start;
    if (!done) return done.error();
    cpu.push_back(static_cast<double>(used));
    wall.push_back(1e3 * MsSince(start));
    if (run > 0) continue;
    const auto after = StatusKb("VmHWM:");
    if (peak && before && after)
      memory_kb = std::max(memory_kb.value_or(0), std::max<int64_t>(0, *after - *before));
    if (used > kSlowUs) break;
  }
  if (cpu.size() > 1) cpu.erase(cpu.begin()), wall.erase(wall.begin());
  return Spent{std::llround(Median(cpu)), std::llround(Median(wall))};
}

Region Centre(Size size, int side) {
  const int width = std::min(side, size.width), height = std::min(side, size.height);
  return {(size.width - width) / 2, (size.height - height) / 2, width, height};
}

// The request in IIIF's words, of API 3.0.
std::string Wanted(std::string_view name, Size size) {
  const auto region = [](const Region& r, std::string_view scaled) {
    return fmt::format("x/{},{},{},{}/{}/0/default.jpg", r.x, r.y, r.width, r.height, scaled);
  };
  if (name == "tile") return region(Centre(size, 256), "max");
  if (name == "region") return region(Centre(size, 1024), "max");
  if (name == "zoomed") {
    const Region r = Centre(size, 1024);
    return region(r, fmt::format("{},", std::max(1, (r.width + 3) / 4)));
  }
  if (name == "last tile") {
    const int width = std::min(256, size.width), height = std::min(256, size.height);
    return region({size.width - width, size.height - height, width, height}, "max");
  }
  return fmt::format("x/full/{},/0/default.jpg", std::min(1024, size.width));
}

Result<void> Answer(Source& source, const ImageInfo& info, std::string_view name,
                    Renderer& renderer, Rendered& out) {
  auto request = ParseImageRequest(Wanted(name, info.size), ApiVersion::k3);
  if (!request) return request.error();
  auto plan = MakeRenderPlan(info, *request);
  if (!plan) return plan.error();
  const DecodeLimits limits;
  if (plan->level_region.size().pixels() > limits.max_pixels)
    return Fail(ErrorKind::kTooLarge, "{}: {}x{} pixels for one answer are beyond the limit of {}",
                source.name(), plan->level_region.width, plan->level_region.height,
                limits.max_pixels);
  return renderer.Render(source, *plan, out);
}

Row Refused(const Error& error, std::string_view at) {
  return {{"damage", error.message}, {"kind", DamageKind(error.kind)}, {"at", at}};
}

}  // namespace

Row CostsOf(Source& source, const Codec& codec, const ImageInfo& info, int repeat) {
  Row row = Row::object();
  std::optional<int64_t> memory_kb;
  {
    Renderer renderer;
    Rendered out;
    auto last = Answer(source, info, "last tile", renderer, out);
    if (!last) return Refused(last.error(), "last tile");
  }
  for (const std::string_view name : kArchiveRequests) {
    Renderer renderer;
    Rendered out;
    auto spent = MedianOf(repeat, memory_kb, [&]() -> Result<void> {
      if (name != "info") return Answer(source, info, name, renderer, out);
      auto probed = codec.probe(source);
      return probed ? Result<void>() : Result<void>(probed.error());
    });
    if (!spent) return Refused(spent.error(), name);
    row[fmt::format("{}_us", name)] = spent->cpu_us;
    row[fmt::format("{}_wall_us", name)] = spent->wall_us;
  }
  if (memory_kb) row["memory_kb"] = *memory_kb;
  return row;
}

Row CostsOf(const std::string& path, int repeat) {
  auto opened = OpenImage(path);
  if (!opened) return Refused(opened.error(), "info");
  return CostsOf(*opened->source, *opened->codec, opened->info, repeat);
}

Row TryRecipes(const std::string& path, const std::vector<std::string>& recipes, int repeat,
               int64_t max_pixels) {
  auto opened = OpenImage(path);
  if (!opened) return {{"refused", opened.error().message}};
  const int64_t pixels = opened->info.size.pixels();
  if (pixels > max_pixels)
    return {{"refused", fmt::format("{} pixels, and at most {} are encoded again for a trial",
                                    pixels, max_pixels)}};
  auto whole = DecodeWhole(*opened->source);
  if (!whole) return {{"refused", whole.error().message}};
  auto stored = opened->source->ReadAll();
  if (!stored) return {{"refused", stored.error().message}};
  auto in_memory = Source::Borrow(*stored, path);
  const Row as_is = CostsOf(*in_memory, *opened->codec, opened->info, repeat);
  if (as_is.contains("damage")) return {{"refused", as_is["damage"]}};
  Row out = {{"pixels", pixels}, {"as_is", as_is}, {"tries", Row::array()}};
  for (const std::string& name : recipes) {
    const Codec* codec = nullptr;
    const Recipe* recipe = FindRecipe(name, &codec);
    IIIFBENCH_CHECK(recipe != nullptr && codec->encode != nullptr, "recipe {}", name);
    std::vector<uint8_t> bytes;
    const int64_t start = CpuUs();
    auto encoded = codec->encode(whole->view(), recipe->options, bytes);
    const int64_t encode_us = CpuUs() - start;
    if (!encoded) {
      out["tries"].push_back({{"recipe", name}, {"refused", encoded.error().message}});
      continue;
    }
    auto source = Source::Borrow(bytes, path + " as " + name);
    auto info = codec->probe(*source);
    Row row = info ? CostsOf(*source, *codec, *info, repeat) : Refused(info.error(), "info");
    if (row.contains("damage")) row = {{"refused", row["damage"]}};
    row["recipe"] = name;
    row["bytes"] = bytes.size();
    row["encode_us"] = encode_us;
    out["tries"].push_back(std::move(row));
  }
  return out;
}

}  // namespace iiifbench
