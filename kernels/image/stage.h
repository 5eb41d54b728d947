// The stages that a latency is split into, and the only clock in kernels/.
//
// Units: std::chrono::nanoseconds of the steady clock. Threads: a StageTimes belongs to one
// request.
#pragma once

#include <array>
#include <chrono>
#include <string_view>

namespace iiifbench {

enum class Stage { kNetwork, kWait, kRead, kDecode, kResize, kConvert, kEncode, kOverhead };
inline constexpr int kStageCount = 8;
inline constexpr std::array<Stage, kStageCount> kStages = {
    Stage::kNetwork, Stage::kWait,    Stage::kRead,   Stage::kDecode,
    Stage::kResize,  Stage::kConvert, Stage::kEncode, Stage::kOverhead};
// "network", "wait", "read", "decode", "resize", "convert", "encode", "overhead".
std::string_view StageName(Stage stage);

struct StageTimes {
  std::array<std::chrono::nanoseconds, kStageCount> time{};
  std::chrono::nanoseconds& operator[](Stage stage) { return time[static_cast<size_t>(stage)]; }
  std::chrono::nanoseconds operator[](Stage stage) const {
    return time[static_cast<size_t>(stage)];
  }
  std::chrono::nanoseconds total() const {
    std::chrono::nanoseconds sum{};
    for (auto t : time) sum += t;
    return sum;
  }
};

// Adds the time of its own life to one stage.
class StageTimer {
 public:
  StageTimer(StageTimes& times, Stage stage)
      : slot_(times[stage]), start_(std::chrono::steady_clock::now()) {}
  ~StageTimer() { slot_ += std::chrono::steady_clock::now() - start_; }
  StageTimer(const StageTimer&) = delete;
  StageTimer& operator=(const StageTimer&) = delete;

 private:
  std::chrono::nanoseconds& slot_;
  std::chrono::steady_clock::time_point start_;
};

}  // namespace iiifbench
