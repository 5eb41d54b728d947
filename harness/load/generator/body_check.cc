#include "harness/load/generator/body_check.h"

#include <algorithm>
#include <map>
#include <random>

#include "harness/answers/expected_answer.h"

namespace iiifbench {
namespace {

constexpr size_t kRememberedRenderings = 32;
constexpr size_t kMostExamples = 5;

using Renderings = std::map<std::pair<size_t, std::string>, ExpectedAnswer>;

// Decodes, and has a size that was asked for, where the image's own is known.
Result<ResponseFacts> DecodesAtItsSize(const Exchange& exchange, const std::string& path,
                                       Size image, ApiVersion version) {
  auto source = Source::Borrow(exchange.body, "answer");
  auto picture = DecodeWhole(*source, Variant::kLibrary);
  if (!picture) return picture.error();
  if (image.width == 0) return ResponseFacts{};
  auto request = ParseImageRequest("id/" + path, version);
  if (!request) return request.error();
  auto resolved = ResolveRequest(*request, image);
  if (!resolved) return resolved.error();
  const Size came = picture->size(), asked = resolved->size;
  if (auto rounding = AllowedRounding(*request, image, came))
    return ResponseFacts{.size = came, .rounding = *rounding};
  return Fail(ErrorKind::kBadInput, "{}x{} pixels came instead of {}x{}", came.width, came.height,
              asked.width, asked.height);
}

Result<ResponseFacts> FactsOf(const Exchange& exchange, const KeptBody& kept,
                              const WorkloadImage& image, const BodyCheckOptions& options,
                              Renderings& renderings) {
  if (kept.path.ends_with("info.json")) {
    if (image.size.width == 0) return ResponseFacts{};
    auto right = CheckInfo(exchange, image.size);
    if (!right) return right.error();
    return ResponseFacts{};
  }
  if (image.path.empty()) return DecodesAtItsSize(exchange, kept.path, image.size, options.version);
  const std::pair key(kept.image, kept.path);
  auto known = renderings.find(key);
  if (known == renderings.end()) {
    if (renderings.size() >= kRememberedRenderings) renderings.clear();
    auto expected = ExpectAnswer(image.path, kept.path, options.version, options.jpeg_quality);
    if (!expected) return expected.error();
    known = renderings.emplace(key, std::move(*expected)).first;
  }
  return CheckAgainst(known->second, exchange);
}

// Counts what is said of an answer, and keeps an example.
void Note(const std::string& path, const std::string& said, int64_t& count,
          std::vector<std::string>& examples) {
  if (said.empty()) return;
  ++count;
  const std::string finding = path + ": " + said;
  if (examples.size() < kMostExamples && std::ranges::find(examples, finding) == examples.end())
    examples.push_back(finding);
}

}  // namespace

BodyCheck CheckBodies(LoadRun& run, const std::vector<WorkloadImage>& images,
                      const BodyCheckOptions& options) {
  BodyCheck out{.kept = static_cast<int64_t>(run.kept.size())};
  std::mt19937_64 random(options.seed);
  for (size_t i = run.kept.size(); i > 1; --i) std::swap(run.kept[i - 1], run.kept[random() % i]);
  Renderings renderings;
  const auto end = std::chrono::steady_clock::now() + options.budget;
  for (KeptBody& kept : run.kept) {
    if (out.checked + out.doubted > 0 && std::chrono::steady_clock::now() > end) break;
    const WorkloadImage image = kept.image < images.size() ? images[kept.image] : WorkloadImage{};
    Exchange exchange{.url = kept.path, .status = 200, .content_type = kept.content_type};
    exchange.body = std::move(kept.body);
    out.compared = out.compared && (kept.path.ends_with("info.json") || !image.path.empty());
    const auto facts = FactsOf(exchange, kept, image, options, renderings);
    if (facts) {
      if (facts->judged()) ++out.checked;
      Note(kept.path, facts->rounding, out.rounded, out.roundings);
      Note(kept.path, facts->change, out.changed, out.changes);
      Note(kept.path, facts->doubt, out.doubted, out.doubts);
      continue;
    }
    ++out.checked, ++out.wrong;
    if (out.examples.size() < kMostExamples)
      out.examples.push_back(kept.path + ": " + facts.error().message);
    const auto name = std::ranges::find(run.failures, "wrong picture");
    run.samples[kept.sample].failure = static_cast<int32_t>(name - run.failures.begin());
    if (name == run.failures.end()) run.failures.emplace_back("wrong picture");
  }
  run.kept.clear();
  return out;
}

std::string NothingJudged(const BodyCheck& check) {
  if (check.checked > 0 || check.doubted == 0) return {};
  return fmt::format("none of {} answers could be judged: {}", check.doubted, check.doubts.front());
}

}  // namespace iiifbench
