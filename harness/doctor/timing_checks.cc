#include "harness/doctor/timing_checks.h"

#include <hwy/targets.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "harness/stats/milliseconds.h"
#include "harness/stats/quantile.h"
#include "kernels/codecs/codec.h"
#include "kernels/image/source.h"
#include "kernels/pixels/resize.h"

namespace iiifbench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kSide = 512;
constexpr double kLeastSimdGain = 1.3;

double MsSince(Clock::time_point start) { return MsOf(Clock::now() - start); }

bool Stopped(const TimingOptions& options) { return options.stop != nullptr && *options.stop; }

// Some picture with edges and tones.
Image Pattern(Size size) {
  Image image(size, 3);
  for (int y = 0; y < size.height; ++y) {
    uint8_t* row = image.view().row(y);
    for (int x = 0; x < 3 * size.width; ++x)
      row[x] = static_cast<uint8_t>((x * 7 + y * 13 + (x & y)) & 0xFF);
  }
  return image;
}

struct Jiffies {
  int64_t steal = 0, total = 0;
};
Jiffies ReadJiffies() {
  std::ifstream in("/proc/stat");
  std::string label;
  in >> label;
  Jiffies out;
  int64_t value = 0;
  for (int i = 0; i < 8 && in >> value; ++i) {
    out.total += value;
    if (i == 7) out.steal = value;
  }
  return out;
}

// Times of one kernel until the seconds are over.
std::vector<double> KernelTimes(const TimingOptions& options) {
  const Image source = Pattern({kSide, kSide});
  Image out({kSide / 3, kSide / 3}, 3);
  std::vector<double> times;
  const auto start = Clock::now();
  while (MsSince(start) < 1000 * options.seconds && !Stopped(options)) {
    const auto one = Clock::now();
    Resize(source.view(), WholeOf(source.size()), out.view());
    times.push_back(MsSince(one));
  }
  return times;
}

Check Speed(const TimingOptions& options) {
  const std::vector<double> times = KernelTimes(options);
  if (times.size() < 40) return {.id = "speed", .found = "stopped"};
  const std::span<const double> all(times);
  const size_t half = times.size() / 2;
  return GradeSpeed(Quantile(all, 0.9) / Quantile(all, 0.1),
                    Median(all.subspan(half)) / Median(all.first(half)));
}

Check Timer(const TimingOptions& options) {
  std::vector<double> late;
  for (int i = 0; i < 200 && !Stopped(options); ++i) {
    const auto start = Clock::now();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    late.push_back(MsSince(start) - 1);
  }
  if (late.size() < 40) return {.id = "timer", .found = "stopped"};
  return GradeTimer(Quantile(late, 0.99));
}

// The fastest of some decodes of a JPEG by the library. 0: it failed.
double FastestDecode() {
  const Image image = Pattern({kSide, kSide});
  std::vector<uint8_t> bytes;
  if (!FindCodec("jpeg")->encode(image.view(), {}, bytes)) return 0;
  auto source = Source::Borrow(bytes, "a picture of the doctor");
  double best = 0;
  for (int i = 0; i < 12; ++i) {
    const auto start = Clock::now();
    if (!DecodeWhole(*source, Variant::kNaive)) return 0;
    const double ms = MsSince(start);
    if (best == 0 || ms < best) best = ms;
  }
  return best;
}

// In a process of its own: libjpeg-turbo asks the environment once whether it shall do without
// SIMD.
double FastestDecodeApart(bool without_simd) {
  int ends[2];
  if (::pipe(ends) != 0) return 0;
  const pid_t child = ::fork();
  if (child == 0) {
    if (without_simd) ::setenv("JSIMD_FORCENONE", "1", 1);
    const double best = FastestDecode();
    (void)!::write(ends[1], &best, sizeof best);
    ::_exit(0);
  }
  ::close(ends[1]);
  double best = 0;
  if (child < 0 || ::read(ends[0], &best, sizeof best) != sizeof best) best = 0;
  ::close(ends[0]);
  if (child > 0) ::waitpid(child, nullptr, 0);
  return best;
}

Check Simd() {
  const double with = FastestDecodeApart(false), without = FastestDecodeApart(true);
  if (with <= 0 || without <= 0) return {.id = "simd", .found = "could not be measured"};
  const auto targets = hwy::SupportedAndGeneratedTargets();
  const std::string own = targets.empty() ? "none" : hwy::TargetName(targets.front());
  const std::string found = fmt::format(
      "libjpeg decodes {:.1f} times as fast with SIMD; our kernels use {}", without / with, own);
  if (std::getenv("JSIMD_FORCENONE") != nullptr)
    return {.id = "simd",
            .grade = Grade::kBad,
            .found = "JSIMD_FORCENONE is set: libjpeg does without SIMD",
            .remedy = "unset JSIMD_FORCENONE"};
  if (without / with >= kLeastSimdGain)
    return {.id = "simd", .grade = Grade::kGood, .found = found};
  return {.id = "simd",
          .grade = Grade::kDoubtful,
          .found = found,
          .remedy = "install libjpeg-turbo built with SIMD (nasm at build time)"};
}

}  // namespace

Check GradeSpeed(double spread, double second_half_to_first) {
  const double drift = std::max(second_half_to_first, 1 / second_half_to_first);
  const std::string found = fmt::format(
      "the same work takes {:.0f} % longer at times (p90 to p10); {:.0f} % between "
      "the halves",
      100 * (spread - 1), 100 * (drift - 1));
  if (spread < 1.1 && drift < 1.03) return {.id = "speed", .grade = Grade::kGood, .found = found};
  return {.id = "speed",
          .grade = spread < 1.5 && drift < 1.15 ? Grade::kDoubtful : Grade::kBad,
          .found = found,
          .remedy = "end what else runs; compare only figures of one interleaved run, as ratios"};
}

Check GradeSteal(double share) {
  const std::string found =
      fmt::format("the hypervisor took {:.1f} % of the processor time", 100 * share);
  if (share < 0.005) return {.id = "steal", .grade = Grade::kGood, .found = found};
  return {.id = "steal",
          .grade = share <= 0.02 ? Grade::kDoubtful : Grade::kBad,
          .found = found,
          .remedy = "another hour, or a machine with processors of its own"};
}

Check GradeTimer(double p99_late_ms) {
  const std::string found = fmt::format("a sleep ends {:.2f} ms late (p99)", p99_late_ms);
  if (p99_late_ms < 0.5) return {.id = "timer", .grade = Grade::kGood, .found = found};
  return {.id = "timer",
          .grade = p99_late_ms < 5 ? Grade::kDoubtful : Grade::kBad,
          .found = found,
          .remedy = "load at low rates only; latencies count from when a request was due"};
}

std::vector<Check> TimingChecks(const TimingOptions& options) {
  const Jiffies before = ReadJiffies();
  // Before anything here decodes: its child asks the library afresh.
  Check simd = Simd();
  Check speed = Speed(options);
  Check timer = Timer(options);
  const Jiffies after = ReadJiffies();
  Check steal = {.id = "steal", .found = "/proc/stat does not say"};
  if (after.total > before.total)
    steal = GradeSteal(static_cast<double>(after.steal - before.steal) /
                       static_cast<double>(after.total - before.total));
  return {steal, speed, timer, simd};
}

}  // namespace iiifbench
