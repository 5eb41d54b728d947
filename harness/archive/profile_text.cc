// The summary of a profile as tables on the terminal.
#include <algorithm>
#include <cmath>

#include "harness/archive/profile.h"

namespace iiifbench {
namespace {

std::string Bytes(double bytes) {
  const char* sign = bytes < 0 ? "-" : "";
  double value = std::abs(bytes);
  for (const char* unit : {"B", "kB", "MB", "GB", "TB"}) {
    if (value < 1024) return fmt::format("{}{:.{}f} {}", sign, value, value < 10 ? 1 : 0, unit);
    value /= 1024;
  }
  return fmt::format("{}{:.1f} PB", sign, value);
}

std::string Serving(const Row& serving) {
  if (serving.contains("refused"))
    return "Serving: " + serving["refused"].get<std::string>() + "\n";
  std::string view;
  for (const auto& [name, count] : serving["view"].items()) {
    if (count.get<int64_t>() > 0)
      view += fmt::format("{}{} {}", view.empty() ? "" : ", ", count.get<int64_t>(), name);
  }
  const Row& cpu = serving["cpu_seconds_per_1000_views"];
  std::string text =
      fmt::format("A view is {}.\nServing costs {:.2f} processor seconds per 1,000 views", view,
                  cpu["value"].get<double>());
  if (cpu.contains("low"))
    text += fmt::format(" [{:.2f} {:.2f}]", cpu["low"].get<double>(), cpu["high"].get<double>());
  text += fmt::format(
      ", in our kernels on this machine.\nA tile takes {:.2f} ms at p50, {:.2f} at p95, "
      "{:.2f} at p99, alone and without a network.\n",
      serving["tile_ms"]["p50"].get<double>(), serving["tile_ms"]["p95"].get<double>(),
      serving["tile_ms"]["p99"].get<double>());
  if (cpu.contains("no_interval"))
    text += fmt::format("No interval: {}.\n", cpu["no_interval"].get<std::string>());
  if (serving.contains("memory_mb_per_request"))
    text += fmt::format("A request needs {:.1f} MB at p95, {:.1f} MB at most.\n",
                        serving["memory_mb_per_request"]["p95"].get<double>(),
                        serving["memory_mb_per_request"]["max"].get<double>());
  if (serving["files_without_costs"].get<int64_t>() > 0)
    text += fmt::format("{} images stand in strata without a measured file.\n",
                        serving["files_without_costs"].get<int64_t>());
  return text;
}

std::string Trials(const Row& trials) {
  if (trials.empty()) return "";
  std::string text = fmt::format(
      "\nEncoded again, by trial:\n{:<48} {:<20} {:>5} {:>10} {:>10} {:>9} {:>10} {:>9}\n",
      "stratum", "recipe", "tried", "view ms", "then ms", "saves", "bytes", "encoding");
  // Those that save most first; all of them stand in profile.json.
  std::vector<const Row*> sorted;
  for (const Row& trial : trials) sorted.push_back(&trial);
  const auto saves = [](const Row* trial) {
    return trial->value("saves_cpu_seconds_per_1000_views", -1e18);
  };
  std::ranges::stable_sort(sorted, std::greater<>(), saves);
  const size_t shown = std::min<size_t>(sorted.size(), 15);
  for (size_t i = 0; i < shown; ++i) {
    const Row& trial = *sorted[i];
    const auto stratum = trial["stratum"].get<std::string>();
    const auto recipe = trial["recipe"].get<std::string>();
    if (trial.contains("refused")) {
      text +=
          fmt::format("{:<48} {:<20} {}\n", stratum, recipe, trial["refused"].get<std::string>());
      continue;
    }
    text += fmt::format(
        "{:<48} {:<20} {:>5} {:>10.1f} {:>10.1f} {:>9.2f} {:>10} {:>7.2f} h\n", stratum, recipe,
        trial["tried"].get<int64_t>(), trial["view_cpu_ms_before"].get<double>(),
        trial["view_cpu_ms_after"].get<double>(),
        trial["saves_cpu_seconds_per_1000_views"].get<double>(),
        Bytes(trial["costs_bytes"].get<double>()), trial["encode_cpu_hours"].get<double>());
  }
  if (shown < sorted.size())
    text += fmt::format("{} more trials that save less stand in profile.json.\n",
                        sorted.size() - shown);
  return text +
         "saves: processor seconds per 1,000 views of the whole archive; bytes: more than now; a "
         "recipe that is not lossless changes pixels.\n";
}

}  // namespace

std::string ProfileToText(const Row& summary) {
  const Row& files = summary["files"];
  std::string text =
      fmt::format("{} files: {} images of {}", files["listed"].get<int64_t>(),
                  files["images"].get<int64_t>(), Bytes(summary["bytes"].get<double>()));
  static constexpr std::pair<const char*, const char*> kOthers[] = {
      {"damaged", "damaged"},
      {"unsupported", "not supported by our kernels"},
      {"too_large", "too large for our limits"},
      {"unreadable", "unreadable"},
      {"not_images", "no images"}};
  for (const auto& [name, words] : kOthers)
    if (files[name].get<int64_t>() > 0)
      text += fmt::format(", {} {}", files[name].get<int64_t>(), words);
  text += "\n";
  for (const auto& [field, values] : summary["fields"].items()) {
    std::string line;
    std::vector<std::pair<int64_t, std::string>> sorted;
    for (const auto& [value, count] : values.items())
      sorted.emplace_back(-count.get<int64_t>(), value);
    std::ranges::sort(sorted);
    for (size_t i = 0; i < sorted.size() && i < 6; ++i)
      line += fmt::format("{}{} {}", i == 0 ? "" : ", ", sorted[i].second, -sorted[i].first);
    if (sorted.size() > 6) line += fmt::format(", {} more", sorted.size() - 6);
    text += fmt::format("  {:<16} {}\n", field, line);
  }
  for (const auto& [kind, damage] : summary["damage"].items()) {
    text += fmt::format("{}: {} files\n", kind, damage["files"].get<int64_t>());
    for (const auto& example : damage["examples"])
      text += fmt::format("  {}\n", example.get<std::string>());
  }
  text += fmt::format("\n{:<48} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}\n", "stratum", "files",
                      "measured", "view ms", "tile p50", "tile p95", "MB");
  for (const Row& stratum : summary["strata"]) {
    text += fmt::format("{:<48} {:>9} {:>9}", stratum["name"].get<std::string>(),
                        stratum["files"].get<int64_t>(), stratum["measured"].get<int64_t>());
    if (stratum.contains("view_cpu_ms"))
      text +=
          fmt::format(" {:>9.1f} {:>9.2f} {:>9.2f} {:>9.1f}", stratum["view_cpu_ms"].get<double>(),
                      stratum["tile_ms"]["p50"].get<double>(),
                      stratum["tile_ms"]["p95"].get<double>(), stratum["memory_mb"].get<double>());
    text += "\n";
  }
  text += "\n" + Serving(summary["serving"]) + Trials(summary["reencoding"]);
  if (!summary["worst"].empty()) text += "\nThe dearest files, processor ms a view:\n";
  for (size_t i = 0; i < summary["worst"].size() && i < 10; ++i)
    text += fmt::format("{:>10.1f}  {}\n", summary["worst"][i]["view_cpu_ms"].get<double>(),
                        summary["worst"][i]["file"].get<std::string>());
  if (summary.contains("interrupted"))
    text += "INTERRUPTED: what stands above is of the files so far; --resume goes on.\n";
  return text;
}

}  // namespace iiifbench
