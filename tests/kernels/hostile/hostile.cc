// hostile DIR...: is an archive of files safe with these kernels? Runs every file through every
// entry point in a process of its own, with limits of time and memory, and prints a table.
//
// hostile --compare FILE EXPECTED.png [SIZE] prints how far an answer is from a known one. Exit
// status: 1 where anything crashed, was slow, took too much memory, or gave two answers.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <map>

#include "kernels/codecs/codec.h"
#include "kernels/iiif/render.h"
#include "tests/kernels/hostile/entry_points.h"

namespace iiifbench::hostile {
namespace {

constexpr std::string_view kUsage =
    "usage: hostile [--regions N] [--seed N] [--verbose] [--no-memory | --memory-times N] "
    "FILE|FOLDER...\n"
    "       hostile --compare FILE EXPECTED.png [SIZE]\n";

int CompareWith(const std::string& file, const std::string& expected, const std::string& size) {
  auto source = Source::Open(file), reference = Source::Open(expected);
  if (!source.ok() || !reference.ok()) return 2;
  auto codec = CodecOf(**source);
  auto info = codec ? (*codec)->probe(**source) : Result<ImageInfo>(codec.error());
  if (!info) return fmt::print("refused: {}\n", info.error().message), 1;
  auto request = ParseImageRequest("id/full/" + size + "/0/default.png", ApiVersion::k2);
  auto wanted = DecodeWhole(**reference);
  if (!request || !wanted) return 2;
  for (const Variant variant : {Variant::kNaive, Variant::kLibrary, Variant::kBest}) {
    RenderSettings settings;
    settings.variant = variant;
    auto plan = MakeRenderPlan(*info, *request, settings);
    if (!plan) return fmt::print("refused: {}\n", plan.error().message), 1;
    Renderer renderer;
    StageTimes times;
    DecodeReport report;
    auto pixels = renderer.RenderPixels(**source, *plan, times, report);
    if (!pixels) {
      fmt::print("{}: refused: {}\n", VariantName(variant), pixels.error().message);
      continue;
    }
    Image same(pixels->size(), pixels->channels);
    ResizeScalar(wanted->view(), WholeOf(wanted->size()), same.view(), Filter::kBicubic);
    const auto difference = wanted->channels() == pixels->channels
                                ? Compare(*pixels, same.view())
                                : Difference{.mean = -1, .maximum = 999};
    fmt::print("{}: {}x{}x{}, mean {:.3f}, largest {}\n", VariantName(variant), pixels->width,
               pixels->height, pixels->channels, difference.mean, difference.maximum);
  }
  return 0;
}

std::vector<std::string> FilesOf(const std::vector<std::string>& places) {
  std::vector<std::string> files;
  for (const std::string& place : places) {
    if (!std::filesystem::is_directory(place)) {
      files.push_back(place);
      continue;
    }
    for (const auto& entry : std::filesystem::recursive_directory_iterator(place)) {
      if (entry.is_regular_file()) files.push_back(entry.path().string());
    }
  }
  std::ranges::sort(files);
  return files;
}

// A variant may refuse damage that another one does not come upon ("partly", "uneven"); it may not
// answer otherwise.
bool IsBad(const std::string& verdict) {
  return verdict != "answered" && verdict != "partly" && verdict != "uneven" &&
         !verdict.starts_with("refused");
}

// Numbers in a message differ from file to file; the reason is what stays.
std::string Reason(const std::string& message, const std::string& file) {
  std::string text = message;
  for (size_t at = text.find(file); at != std::string::npos; at = text.find(file))
    text.replace(at, file.size(), "FILE");
  std::string out;
  for (const char c : text) {
    const bool digit = c >= '0' && c <= '9';
    if (digit && !out.empty() && out.back() == '#') continue;
    out.push_back(digit ? '#' : c);
  }
  return out.substr(0, 110);
}

int Count(const std::string& text, const std::string& part) {
  int count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

int Table(const std::vector<std::string>& places, const Trial& trial, const Limits& limits,
          bool verbose, bool memory) {
  std::map<std::string, int> verdicts, reasons;
  int answered = 0, refused = 0, bad = 0, twice = 0, unnamed = 0;
  double slowest = 0;
  int64_t largest = 0;
  const auto files = FilesOf(places);
  for (const std::string& file : files) {
    const auto steps =
        InChild(limits, [&](Report& report) { TryFile(file, trial, limits, report); });
    int good = 0, no = 0;
    std::string worst;
    for (const Step& step : steps) {
      std::string verdict = step.verdict;
      if (memory && !IsBad(verdict) && step.peak_bytes > step.allowed_bytes) verdict = "memory";
      if (!IsBad(verdict) && step.milliseconds > 1000 * limits.seconds) verdict = "slow";
      ++verdicts[verdict];
      slowest = std::max(slowest, step.milliseconds);
      largest = std::max(largest, step.peak_bytes);
      if (verdict == "answered" || verdict == "partly" || verdict == "uneven") ++good;
      if (verdict.starts_with("refused")) {
        ++no;
        ++reasons[verdict.substr(9) + ": " + Reason(step.detail, file)];
        if (Count(step.detail, file) > 1) ++twice;
        if (Count(step.detail, file) == 0 && !step.name.starts_with("render")) ++unnamed;
      }
      if (IsBad(verdict) || verbose) {
        fmt::print("{:<9} {}: {}: {} ({:.0f} ms, {:.1f} of {:.1f} MB)\n", verdict, file, step.name,
                   step.detail, step.milliseconds, static_cast<double>(step.peak_bytes) / 1e6,
                   static_cast<double>(step.allowed_bytes) / 1e6);
      }
      if (IsBad(verdict)) worst = verdict;
    }
    if (!worst.empty()) {
      ++bad;
    } else if (good > 1 || (good == 1 && no == 0)) {
      ++answered;
    } else {
      ++refused;
    }
  }
  fmt::print("\n{} files: {} answered, {} refused, {} with a fault\n", files.size(), answered,
             refused, bad);
  fmt::print("slowest step {:.0f} ms of {:.0f}, largest {:.1f} MB\n", slowest,
             limits.seconds * 1000, static_cast<double>(largest) / 1e6);
  fmt::print("messages: {} name the file twice, {} not at all\n\nsteps by verdict\n", twice,
             unnamed);
  for (const auto& [verdict, count] : verdicts) fmt::print("{:>8}  {}\n", count, verdict);
  fmt::print("\nrefusals by reason\n");
  for (const auto& [reason, count] : reasons) fmt::print("{:>8}  {}\n", count, reason);
  return bad == 0 ? 0 : 1;
}

int Main(std::vector<std::string> arguments) {
  Trial trial;
  Limits limits;
  bool verbose = false, memory = true;
  if (arguments.size() >= 3 && arguments[0] == "--compare")
    return CompareWith(arguments[1], arguments[2], arguments.size() > 3 ? arguments[3] : "max");
  std::vector<std::string> places;
  for (size_t n = 0; n < arguments.size(); ++n) {
    const std::string& a = arguments[n];
    const bool value = n + 1 < arguments.size();
    if (a == "--regions" && value) {
      trial.regions = std::atoi(arguments[++n].c_str());
    } else if (a == "--seed" && value) {
      trial.seed = static_cast<uint64_t>(std::atoll(arguments[++n].c_str()));
    } else if (a == "--memory-times" && value) {
      limits.memory_times = std::max(1, std::atoi(arguments[++n].c_str()));
    } else if (a == "--verbose") {
      verbose = true;
    } else if (a == "--no-memory") {
      memory = false;  // under a sanitizer, whose own memory counts
    } else if (a.starts_with("-")) {
      return fmt::print(stderr, "{}", kUsage), 2;
    } else {
      places.push_back(a);
    }
  }
  if (places.empty()) return fmt::print(stderr, "{}", kUsage), 2;
  return Table(places, trial, limits, verbose, memory);
}

}  // namespace
}  // namespace iiifbench::hostile

int main(int argc, char** argv) { return iiifbench::hostile::Main({argv + 1, argv + argc}); }
