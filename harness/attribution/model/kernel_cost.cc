#include "harness/attribution/model/kernel_cost.h"

#include <malloc.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>

#include <algorithm>

#include "harness/stats/milliseconds.h"
#include "kernels/pixels/to_gray.h"

namespace iiifbench {
namespace {

double Since(std::chrono::steady_clock::time_point start) {
  return MsOf(std::chrono::steady_clock::now() - start);
}

}  // namespace

PixelView KernelCosts::Scratch(std::vector<uint8_t>& memory, Size size, int channels) {
  const auto bytes = static_cast<size_t>(size.pixels() * channels);
  if (memory.size() < bytes) memory.resize(bytes);
  return {memory.data(), size.width, size.height, channels, ptrdiff_t{size.width} * channels};
}

int KernelCosts::Register(const std::string& key, std::function<double(Work&)> run) {
  const auto [found, fresh] = numbers_.try_emplace(key, count());
  if (fresh) {
    works_.push_back({.key = key, .run = std::move(run)});
    Recall(found->second, NameOf(found->second));
  }
  return found->second;
}

std::string KernelCosts::NameOf(int work) const {
  const std::string& key = works_[static_cast<size_t>(work)].key;
  const size_t folder = key.find('/'), file = key.rfind('/');
  return folder == std::string::npos ? key : key.substr(0, folder) + key.substr(file + 1);
}

void KernelCosts::Remember(const std::string& name, double ms, double read_ms, int64_t bytes_read) {
  Remembered& earlier = earlier_[name];
  earlier.ms.push_back(ms);
  if (read_ms >= 0) earlier.read_ms.push_back(read_ms);
  earlier.bytes_read = bytes_read;
}

void KernelCosts::Recall(int number, const std::string& name) {
  const auto earlier = earlier_.find(name);
  if (earlier == earlier_.end()) return;
  Work& work = works_[static_cast<size_t>(number)];
  work.ms = std::move(earlier->second.ms);
  work.read_ms = std::move(earlier->second.read_ms);
  work.bytes_read = earlier->second.bytes_read;
  earlier_.erase(earlier);
}

int KernelCosts::Add(const std::string& key, std::function<double()> run) {
  return Register(key, [run = std::move(run)](Work&) { return run(); });
}

int KernelCosts::Decode(const std::string& file, const ImageInfo& info, const RenderPlan& plan) {
  const Region& r = plan.decoded;
  const Variant variant = plan.settings.variant;
  const std::string key = fmt::format("decode {} {},{},{},{} level {} {}", file, r.x, r.y, r.width,
                                      r.height, plan.level, VariantName(variant));
  return Register(key, [this, file, channels = info.channels, region = r, level = plan.level,
                        size = plan.level_region.size(), variant](Work& work) {
    const PixelView out = Scratch(first_, size, channels);
    const auto start = std::chrono::steady_clock::now();
    auto source = Source::Open(file);
    auto codec = source ? CodecOf(**source) : Result<const Codec*>(source.error());
    auto done = codec ? (*codec)->decode(
                            **source, {.region = region, .level = level, .variant = variant}, out)
                      : Result<DecodeReport>(codec.error());
    const double total = Since(start);
    if (!done) {
      error_ = done.error().message;
      return -1.0;
    }
    work.read_ms.push_back(MsOf((*source)->read_time()));
    work.bytes_read = (*source)->bytes_read();
    return total;
  });
}

int KernelCosts::Resize(const RenderPlan& plan, int channels, Filter filter) {
  const Region crop = plan.crop;
  // Equal sizes would be a copy: the resample that a server does all the same has another height by
  // one.
  Size out = plan.output;
  if (out == crop.size()) out.height = std::max(1, out.height - 1);
  const std::string key =
      fmt::format("resize {}x{} of {} wide to {}x{} {} channels {}", crop.width, crop.height,
                  plan.level_region.width, out.width, out.height, channels, FilterName(filter));
  return Register(
      key, [this, delivered = plan.level_region.size(), crop, out, channels, filter](Work&) {
        const ConstPixelView source = Scratch(first_, delivered, channels);
        const PixelView target = Scratch(second_, out, channels);
        const auto start = std::chrono::steady_clock::now();
        iiifbench::Resize(source.crop(crop), WholeOf(crop.size()), target, {.filter = filter});
        return Since(start);
      });
}

Size ShrunkFirst(Size from, Size to) {
  const auto shrunk = [](int in, int out) {
    const int factor = std::max(1, in / std::max(1, 2 * out));
    return (in + factor - 1) / factor;
  };
  return {shrunk(from.width, to.width), shrunk(from.height, to.height)};
}

int KernelCosts::TwoStepResize(const RenderPlan& plan, int channels, Filter filter) {
  const Size from = plan.crop.size(), between = ShrunkFirst(from, plan.output);
  if (between == from) return Resize(plan, channels, filter);
  const std::string key =
      fmt::format("resize {}x{} of {} wide by {}x{} to {}x{} {} channels {}", from.width,
                  from.height, plan.level_region.width, between.width, between.height,
                  plan.output.width, plan.output.height, channels, FilterName(filter));
  auto middle = std::make_shared<Image>(between, channels);
  return Register(key, [this, middle, delivered = plan.level_region.size(), crop = plan.crop,
                        out = plan.output, channels, filter](Work&) {
    const ConstPixelView source = Scratch(first_, delivered, channels);
    const PixelView target = Scratch(second_, out, channels);
    const auto start = std::chrono::steady_clock::now();
    iiifbench::Resize(source.crop(crop), WholeOf(crop.size()), middle->view(),
                      {.filter = Filter::kBox});
    iiifbench::Resize(middle->view(), WholeOf(middle->size()), target, {.filter = filter});
    return Since(start);
  });
}

int KernelCosts::Encode(ConstPixelView picture, const EncoderFacts& facts) {
  auto copy = std::make_shared<Image>(picture.size(), picture.channels);
  CopyPixels(picture, copy->view());
  EncodeOptions options = facts.options;
  if (picture.channels == 1) options.subsampling = Subsampling::kGray;
  auto bytes = std::make_shared<std::vector<uint8_t>>();
  // No two answers share a work: the same settings cost more for a busier picture.
  const std::string key =
      fmt::format("encode {}x{} {} #{}", picture.width, picture.height, Describe(facts), count());
  return Register(key, [this, copy, options, bytes](Work&) {
    const auto start = std::chrono::steady_clock::now();
    auto done = FindCodec("jpeg")->encode(copy->view(), options, *bytes);
    const double total = Since(start);
    if (!done) error_ = done.error().message;
    return done ? total : -1.0;
  });
}

int KernelCosts::Convert(const RenderPlan& plan, int channels) {
  const bool gray = plan.quality == Quality::kGray || plan.quality == Quality::kBitonal;
  const std::string key =
      fmt::format("convert {}x{} {} channels{}{}", plan.output.width, plan.output.height, channels,
                  gray ? " gray" : "", plan.orientation.identity() ? "" : " turned");
  return Register(key, [this, size = plan.output, channels, gray, turn = plan.orientation](Work&) {
    PixelView picture = Scratch(first_, size, channels);
    const auto start = std::chrono::steady_clock::now();
    if (gray && channels == 3) {
      const PixelView out = Scratch(second_, size, 1);
      ToGray(picture, out);
      picture = out;
    }
    if (!turn.identity()) {
      std::vector<uint8_t>& other = picture.data == first_.data() ? second_ : first_;
      Rotate(picture, Scratch(other, Oriented(size, turn), picture.channels), turn);
    }
    return Since(start);
  });
}

void KernelCosts::MeasureFaults() {
  constexpr size_t kBytes = size_t{16} << 20;
  void* memory =
      ::mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return;
  const auto start = std::chrono::steady_clock::now();
  for (size_t at = 0; at < kBytes; at += 4096) static_cast<volatile uint8_t*>(memory)[at] = 1;
  ::munmap(memory, kBytes);
  faults_.push_back(Since(start) / (static_cast<double>(kBytes) / 1e6));
}

void KernelCosts::MeasureDecoderMemory(int number, int64_t delivered_bytes,
                                       const std::string& stand_in) {
  Work& work = works_[static_cast<size_t>(number)];
  work.run(work);  // code and file are there, and our own buffers
  // Every larger block comes from the system and goes back to it.
  ::mallopt(M_MMAP_THRESHOLD, 128 << 10);
  ::mallopt(M_TRIM_THRESHOLD, 128 << 10);
  ::malloc_trim(0);
  rusage before{}, after{};
  ::getrusage(RUSAGE_THREAD, &before);
  work.run(work);
  ::getrusage(RUSAGE_THREAD, &after);
  // From here on as glibc itself would have it by now: blocks are kept.
  ::mallopt(M_MMAP_THRESHOLD, 32 << 20);
  ::mallopt(M_TRIM_THRESHOLD, 64 << 20);
  decoder_memory_[stand_in] = static_cast<double>(after.ru_minflt - before.ru_minflt) * 4096 /
                              static_cast<double>(std::max<int64_t>(1, delivered_bytes));
}

namespace {

double ThreadMilliseconds() {
  timespec now;
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

}  // namespace

void KernelCosts::Evict() {
  walked_.resize(size_t{6} << 20);
  for (size_t at = 0; at < walked_.size(); at += 64)
    walked_[at] = static_cast<uint8_t>(walked_[at] + 1);
}

void KernelCosts::Measure(int number) {
  Work& work = works_[static_cast<size_t>(number)];
  Evict();
  const size_t reads = work.read_ms.size();
  const double before = ThreadMilliseconds();
  const double ms = work.run(work);
  const double worked =
      ThreadMilliseconds() - before + (work.read_ms.size() > reads ? work.read_ms.back() : 0);
  if (ms >= 0) work.ms.push_back(std::min(ms, worked));
}

double KernelCosts::ms(int work) const {
  const auto& samples = works_[static_cast<size_t>(work)].ms;
  return samples.empty() ? 0 : Median(samples);
}

double KernelCosts::read_ms(int work) const {
  const auto& samples = works_[static_cast<size_t>(work)].read_ms;
  return samples.empty() ? 0 : Median(samples);
}

}  // namespace iiifbench
