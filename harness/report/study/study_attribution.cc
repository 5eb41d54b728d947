#include "harness/report/study/study_attribution.h"

#include <algorithm>
#include <filesystem>

#include "harness/attribution/attribute.h"
#include "harness/report/attribution_report.h"
#include "harness/servers/launch/copied_sources.h"
#include "harness/servers/launch/launch.h"
#include "harness/stats/quantile.h"

namespace iiifbench {
namespace {

using nlohmann::json;

constexpr double kTooSlowMs = 1000;  // milliseconds

class Attributor {
 public:
  Attributor(const StudyAttributionOptions& options, const Corpus& corpus)
      : options_(options), corpus_(corpus) {}
  // All targets are of one server.
  Result<void> Run(const ServerChoice& choice, const std::vector<StudyTarget>& targets);
  const std::vector<std::string>& failed() const { return failed_; }

 private:
  Result<void> One(const ServerChoice& choice, const StudyTarget& target, RunningServer& running,
                   const std::string& source, const CopiedSources& copies);
  void Say(const std::string& line) const {
    if (options_.say) options_.say(line);
  }
  void Failed(const std::string& what, const Error& error) {
    Say(fmt::format("{}: not attributed: {}", what, error.message));
    failed_.push_back(what);
  }
  bool Stopped() const { return options_.stop != nullptr && options_.stop->load(); }

  const StudyAttributionOptions& options_;
  const Corpus& corpus_;
  std::vector<std::string> failed_;
};

Result<void> Attributor::Run(const ServerChoice& choice, const std::vector<StudyTarget>& targets) {
  std::vector<std::string> sources;
  for (const StudyTarget& target : targets) {
    const auto entry = std::ranges::find_if(corpus_.entries, [&](const CorpusEntry& e) {
      return e.page == target.page && e.recipe == target.recipe;
    });
    if (entry == corpus_.entries.end())
      return Fail(ErrorKind::kNotFound, "{}: the corpus has no page {} as {}", corpus_.folder,
                  target.page, target.recipe);
    sources.push_back(entry->path);
  }
  auto copies = CopiedSources::Make(sources);
  if (!copies) return copies.error();
  auto running = LaunchLogged(choice, copies->images(), copies->run(), options_.jpeg_quality,
                              options_.engine, options_.stop);
  if (!running) {
    Failed(choice.title(), running.error());
    return {};
  }
  for (size_t i = 0; i < targets.size() && !Stopped(); ++i) {
    auto done = One(choice, targets[i], **running, copies->files()[i], *copies);
    if (!done) return done;
  }
  return {};
}

Result<void> Attributor::One(const ServerChoice& choice, const StudyTarget& target,
                             RunningServer& running, const std::string& source,
                             const CopiedSources& copies) {
  const std::string who = fmt::format("{} {}", choice.title(), target.recipe);
  const std::string file_name = std::filesystem::path(source).filename();
  if (options_.progress) options_.progress(fmt::format("{}: probes", who));
  // A server that was started elsewhere reads its own files, not our copies.
  const bool ours = !running.ProcessIds().empty();
  AttributionOptions steps{.observe = {.url = running.ImageUrl(file_name),
                                       .source = source,
                                       .place = ours ? copies.images() : "",
                                       .requests = target.requests,
                                       .headers = running.headers,
                                       .budget = options_.budget,
                                       .seed = options_.seed,
                                       .running = ours ? &running : nullptr,
                                       .progress = options_.progress,
                                       .stop = options_.stop},
                           .fresh_connections = true,
                           .cold_pass = ours,
                           .check_still_answers = true,
                           .not_offered = true};
  if (ours)
    steps.profile =
        ProfileStep{.folder = copies.run(),
                    .folded_file = fmt::format("{}/profile-{}-{}.folded", options_.folder,
                                               choice.folder_name(), target.recipe),
                    .budget = std::clamp(options_.budget / 5, std::chrono::duration<double>(1),
                                         std::chrono::duration<double>(6))};
  auto attributed = Attribute(steps);
  if (!attributed) {
    Failed(who, attributed.error());
    return {};
  }
  const Attribution& attribution = attributed->attribution;
  json body = AttributionToJson(attribution, attributed->observed, options_.command);
  body["server"] = {{"name", choice.label}, {"version", running.installation.version}};
  body["recipe"] = target.recipe;
  for (const auto& refusal : attribution.refusals)
    Say(fmt::format("{}: REFUSED: {}", who, refusal.text));
  if (!attribution.sentence.empty()) Say(fmt::format("{}: {}", who, attribution.sentence));
  const std::string text = body.dump(1) + "\n";
  auto written = WriteFile(fmt::format("{}/attribution-{}-{}.json", options_.folder,
                                       choice.folder_name(), target.recipe),
                           text);
  if (written && !attributed->not_written.empty())
    return Fail(ErrorKind::kIo, "{}", attributed->not_written);
  return written;
}

}  // namespace

std::vector<StudyTarget> TargetsOf(const Study& study) {
  std::vector<StudyTarget> out;
  for (const StudyCell& cell : study.cells) {
    if (!cell.state.measured() || cell.request_class == "info" || cell.link != kLoopback) continue;
    // All pixels at full size: a verdict asks for them, and what takes seconds a time would use up
    // the probes' budget.
    if (cell.request_class.starts_with("full-size") &&
        (cell.total_ms.empty() || Median(cell.total_ms) > kTooSlowMs))
      continue;
    auto found = std::ranges::find_if(out, [&](const StudyTarget& t) {
      return t.server == cell.server && t.recipe == cell.recipe;
    });
    if (found == out.end())
      found = out.insert(
          out.end(),
          {.server = cell.server, .recipe = cell.recipe, .page = cell.page, .requests = {}});
    // The first page only: stages are of one image.
    if (found->page == cell.page) found->requests.push_back(cell.path);
  }
  // A tile is what most requests are: the sentence is about the first.
  for (StudyTarget& target : out) {
    const auto tile = std::ranges::find_if(study.cells, [&](const StudyCell& cell) {
      return cell.server == target.server && cell.recipe == target.recipe &&
             cell.page == target.page && cell.request_class == "tile" && cell.state.measured();
    });
    if (tile == study.cells.end()) continue;
    const auto found = std::ranges::find(target.requests, tile->path);
    std::rotate(target.requests.begin(), found, found + 1);
  }
  return out;
}

Result<void> AttributeStudy(const Study& study, const StudyAttributionOptions& options) {
  auto corpus = EnsureCorpus(options.corpus);
  if (!corpus) return corpus.error();
  Attributor attributor(options, *corpus);
  std::map<std::string, std::vector<StudyTarget>> by_server;
  for (StudyTarget& target : TargetsOf(study))
    by_server[target.server].push_back(std::move(target));
  for (const auto& [name, targets] : by_server) {
    if (options.stop != nullptr && options.stop->load()) break;
    auto choice = ParseChoice(name);
    if (!choice) return choice.error();
    auto done = attributor.Run(*choice, targets);
    if (!done) return done;
  }
  if (!attributor.failed().empty())
    return Fail(ErrorKind::kIo, "not attributed: {}; the others are in {}",
                fmt::join(attributor.failed(), ", "), options.folder);
  return {};
}

}  // namespace iiifbench
