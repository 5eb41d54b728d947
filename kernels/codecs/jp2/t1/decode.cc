#include "kernels/codecs/jp2/t1/decode.h"

#include "kernels/codecs/jp2/t1/core.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace iiifbench::jp2 {
namespace {

#if defined(__x86_64__)
// Before Zen 3 (family 19h) AMD runs pext as a loop of microcode.
bool HasFastBmi2() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (__get_cpuid(0x80000001, &a, &b, &c, &d) == 0 || (c & (1u << 5)) == 0) return false;  // LZCNT
  if (!__builtin_cpu_supports("bmi2")) return false;
  if (__get_cpuid(0, &a, &b, &c, &d) == 0) return false;
  // "Auth", "Hygo"
  const bool amd = b == signature_AMD_ebx || b == 0x6f677948u;
  if (__get_cpuid(1, &a, &b, &c, &d) == 0) return false;
  const unsigned family = (a >> 8 & 15) + (a >> 20 & 255);
  return !amd || family >= 0x19;
}
bool HasLanes() {
  return HasFastBmi2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512vbmi") &&
         __builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("avx512vpopcntdq");
}
#endif

std::vector<BlockTarget> Detect() {
  std::vector<BlockTarget> targets = {BlockTarget::kPortable};
#if defined(__x86_64__)
  if (HasFastBmi2()) targets.push_back(BlockTarget::kBmi2);
  if (HasLanes()) targets.push_back(BlockTarget::kAvx512);
#endif
  return targets;
}

}  // namespace

std::string_view BlockTargetName(BlockTarget target) {
  static constexpr std::string_view kNames[] = {"portable", "BMI2", "AVX-512"};
  return kNames[static_cast<int>(target)];
}

std::vector<BlockTarget> BlockTargets() {
  static const std::vector<BlockTarget> targets = Detect();
  return targets;
}

bool DecodeCodeBlocks(std::span<const CodeBlock> blocks) {
  static const BlockTarget best = BlockTargets().back();
  return DecodeCodeBlocks(blocks, best);
}

bool DecodeCodeBlocks(std::span<const CodeBlock> blocks, BlockTarget target) {
  switch (target) {
#if defined(__x86_64__)
    case BlockTarget::kBmi2:
      return t1::bmi2::DecodeInTurns(blocks);
    case BlockTarget::kAvx512:
      return t1::avx512::DecodeInLanes(blocks);
#else
    case BlockTarget::kBmi2:
    case BlockTarget::kAvx512:
#endif
    case BlockTarget::kPortable:
      break;
  }
  return t1::portable::DecodeInTurns(blocks);
}

}  // namespace iiifbench::jp2
