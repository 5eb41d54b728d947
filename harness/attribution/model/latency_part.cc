#include "harness/attribution/model/latency_part.h"

namespace iiifbench {
namespace {

std::string_view OtherName(OtherPart part) {
  switch (part) {
    case OtherPart::kTotal:
      return "total";
    case OtherPart::kUnknown:
      return "unknown";
    case OtherPart::kEitherJpeg:
      return "decode or encode";
    case OtherPart::kNearest:
      return "that of its neighbour";
    case OtherPart::kBackground:
      return "background";
    case OtherPart::kOffCpu:
      return "off-cpu";
    case OtherPart::kRunQueue:
      return "run-queue";
    case OtherPart::kBetweenCalls:
      return "between calls";
    case OtherPart::kWork:
      return "work";
    case OtherPart::kConnect:
      return "connect";
    case OtherPart::kTls:
      return "tls";
    case OtherPart::kFirstByte:
      return "first-byte";
    case OtherPart::kBody:
      return "body";
  }
  return "";
}

}  // namespace

std::vector<std::vector<std::string>> MergedNames(const std::vector<std::vector<Stage>>& groups) {
  std::vector<std::vector<std::string>> out;
  for (const auto& group : groups) {
    out.emplace_back();
    for (Stage stage : group) out.back().emplace_back(StageName(stage));
  }
  return out;
}

std::string JoinedNames(std::span<const Stage> stages) {
  std::string out;
  for (Stage stage : stages) out += (out.empty() ? "" : "+") + std::string(StageName(stage));
  return out;
}

std::string_view PartName(const LatencyPart& part) {
  const Stage* stage = std::get_if<Stage>(&part);
  return stage != nullptr ? StageName(*stage) : OtherName(std::get<OtherPart>(part));
}

}  // namespace iiifbench
