#include "harness/study/answer_traps.h"

#include <algorithm>
#include <cstdlib>

#include "harness/answers/encoder_facts.h"
#include "kernels/image/source.h"

namespace iiifbench {
namespace {

constexpr int kQualityTolerance = 2;  // encoders round their tables differently

bool IsTheSource(std::span<const uint8_t> body, const std::string& path) {
  auto source = Source::Open(path);
  if (!source || (*source)->size() != static_cast<int64_t>(body.size())) return false;
  auto bytes = (*source)->ReadAll();
  return bytes && std::ranges::equal(*bytes, body);
}

}  // namespace

std::vector<Finding> AnswerTraps(std::span<const uint8_t> body, const std::string& source_path,
                                 int quality) {
  if (IsTheSource(body, source_path))
    return {Finding("source-streamed", std::string(kStreamedSource))};
  std::vector<Finding> traps;
  const auto facts = ReadEncoderFacts(body);
  if (!facts) return traps;
  if (std::abs(facts->options.quality - quality) > kQualityTolerance)
    traps.push_back(
        {"other-quality", fmt::format("q{} instead of q{}", facts->options.quality, quality)});
  if (facts->options.progressive) traps.push_back({"progressive-answer", "progressive"});
  return traps;
}

bool IsStreamedSource(const Finding& trap) {
  return trap.id == "source-streamed" || (trap.id.empty() && trap.text == kStreamedSource);
}

std::string AnswerSettings(std::span<const uint8_t> body) {
  const auto facts = ReadEncoderFacts(body);
  return facts ? Describe(*facts) : std::string();
}

}  // namespace iiifbench
