#include "benchmarks/peers/python/wheels.h"

#include <array>
#include <filesystem>

#include "benchmarks/peers/python/process.h"

namespace iiifbench::peers {
namespace {

using Json = nlohmann::json;

// Begins every label, so that a target of Debian's release is never judged by a newer one.
constexpr std::string_view kWheel = "wheel ";

constexpr std::array<std::string_view, 4> kPackages = {"pyvips", "opencv-python", "imagecodecs",
                                                       "Pillow"};

std::string& Interpreter() {
  static std::string path;
  return path;
}

Python& ProcessOf(size_t package) {
  static std::array<Python, kPackages.size()> processes = {
      Python(fmt::format("{}{}", kWheel, kPackages[0])),
      Python(fmt::format("{}{}", kWheel, kPackages[1])),
      Python(fmt::format("{}{}", kWheel, kPackages[2])),
      Python(fmt::format("{}{}", kWheel, kPackages[3]))};
  return processes[package];
}

template <size_t kPackage>
Result<std::string> Version() {
  static const Result<std::string> version = []() -> Result<std::string> {
    if (Interpreter().empty())
      return Fail(ErrorKind::kNotFound, "no virtual environment was named");
    return ProcessOf(kPackage).Start(
        Interpreter(), {IIIFBENCH_PEER_SCRIPTS "/wheel_peer.py", std::string(kPackages[kPackage])});
  }();
  return version;
}

std::string TextOf(const Json& object, const char* key) {
  const auto text = object.find(key);
  return text != object.end() && text->is_string() ? text->get<std::string>() : "";
}

// The script knows which ways its package has, since that depends on how the package was built.
template <size_t kPackage>
std::vector<Job> Prepare(const Task& task) {
  Json line = LineOf(task);
  Json question = line;
  question["plan"] = true;
  question["path"] = task.path;
  auto plan = ProcessOf(kPackage).Ask(question);
  if (!plan) {
    return {{.label = fmt::format("{}{}", kWheel, kPackages[kPackage]),
             .run = [error = plan.error()](Answer&) -> Result<void> { return error; }}};
  }
  std::vector<Job> jobs;
  if (!plan->contains("ways") || !(*plan)["ways"].is_array()) return jobs;
  for (const Json& way : (*plan)["ways"]) {
    if (!way.is_object()) continue;
    line["way"] = jobs.size();
    jobs.push_back({.label = fmt::format("{}{}", kWheel, TextOf(way, "label")),
                    .differs = TextOf(way, "differs"),
                    .run = [task, line](Answer& answer) {
                      return ProcessOf(kPackage).Turn(task, line, answer);
                    }});
  }
  return jobs;
}

// They call nothing of ours: each brings newer copies, so a tie is not the best there is.
constexpr Peer kWheels[] = {
    {.name = "wheel pyvips", .version = Version<0>, .prepare = Prepare<0>},
    {.name = "wheel opencv-python", .version = Version<1>, .prepare = Prepare<1>},
    {.name = "wheel imagecodecs", .version = Version<2>, .prepare = Prepare<2>},
    {.name = "wheel Pillow", .version = Version<3>, .prepare = Prepare<3>},
};

}  // namespace

Result<void> UseEnvironment(const std::string& folder) {
  const std::filesystem::path program = std::filesystem::path(folder) / "bin" / "python";
  std::error_code error;
  if (!std::filesystem::is_regular_file(program, error))
    return Fail(ErrorKind::kNotFound, "no bin/python in {}: is it a virtual environment?", folder);
  Interpreter() = program.string();
  return {};
}

std::span<const Peer> WheelPeers() { return kWheels; }

}  // namespace iiifbench::peers
