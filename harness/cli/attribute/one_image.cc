#include "harness/cli/attribute/one_image.h"

#include <algorithm>
#include <filesystem>
#include <memory>

#include "data/write_file.h"
#include "harness/attribution/observe/observation_log.h"
#include "harness/cli/attribute/images.h"
#include "harness/cli/interrupt.h"
#include "harness/cli/output.h"
#include "harness/http/link_proxy.h"
#include "harness/report/attribution_report.h"
#include "harness/report/terminal/attribution_answer.h"

namespace iiifbench {

namespace fs = std::filesystem;

int SaveAttributions(const AttributeOptions& options, const nlohmann::json& all) {
  if (options.json.empty() || all.empty()) return 0;
  const auto body =
      all.size() == 1 ? all.front() : nlohmann::json{{"schema", 1}, {"attributions", all}};
  auto saved = WriteFile(options.json, ShownOf(options, JsonText(body)));
  if (saved) return 0;
  Complain("iiifbench attribute: {}\nThe text above is all that is left of this run.\n",
           saved.error().message);
  return 1;
}
bool IsOver(int status) { return (status == 0 || status == 3) && !interrupted; }
int AttributeOne(const AttributeOptions& options, AttributionOptions steps,
                 ExperimentOptions* experiments, nlohmann::json& all,
                 std::vector<std::vector<StoreSample>>* store) {
  ObserveOptions& observe = steps.observe;
  if (observe.log != nullptr) {
    const auto done = observe.log->BeginImage(fs::path(observe.source).filename().string());
    if (done && done->contains("requests")) {
      all.push_back(*done);
      PrintText(ShownOf(options, fmt::format("\n{}\n", AttributionToText(*done))));
      return (*done)["requests"].empty() || !done->value("refusals", nlohmann::json()).empty() ? 3
                                                                                               : 0;
    }
  }
  std::unique_ptr<LinkProxy> link;
  if (options.link_ms > 0 || options.link_mbit > 0) {
    auto started = LinkBefore(observe.url, options.link_ms / 2,
                              static_cast<int64_t>(125'000 * options.link_mbit));
    if (!started) {
      Complain("iiifbench attribute: {}\n", started.error().message);
      return 1;
    }
    link = std::move(*started);
    observe.url = link->Through(observe.url);
    if (!link->HostHeader().empty()) observe.headers.push_back(link->HostHeader());
  }
  steps.fresh_connections = steps.cold_pass = steps.check_still_answers = steps.not_offered = true;
  steps.clients = options.clients;
  steps.experiments = experiments;
  steps.budget = std::chrono::duration<double>(options.budget);
  // Early, and once more below with all that came after it.
  if (!options.quiet)
    steps.answered = [](const Attribution& attribution) {
      Complain("First answer: {}\n", attribution.sentence);
    };
  auto attributed = Attribute(steps);
  if (!attributed) {
    ComplainText(
        ShownOf(options, fmt::format("iiifbench attribute: {}\n", attributed.error().message)));
    return 1;
  }
  if (observe.log != nullptr) {
    auto whole = observe.log->Check();
    if (!whole) {
      Complain("iiifbench attribute: {}\n", whole.error().message);
      return 1;
    }
  }
  const Attribution& attribution = attributed->attribution;
  if (!attributed->not_written.empty())
    Complain("iiifbench attribute: {}\n", attributed->not_written);
  if (experiments != nullptr && attribution.model)
    experiments->known[attribution.codec] = *attribution.model;
  const auto json = AttributionToJson(attribution, attributed->observed,
                                      AttributeCommand(options, observe.source));
  all.push_back(json);
  // Saved before anything is printed, whose reader may be gone.
  const int saved = SaveAttributions(options, all);
  const std::string answer =
      options.verbose ? AttributionToText(json) : AttributionAnswer(json, StyleOfOutput());
  PrintText(ShownOf(options, answer));
  if (store != nullptr) store->push_back(attributed->observed.store_samples);
  if (!attributed->lost.empty()) {
    Complain("iiifbench attribute: {}\n", attributed->lost);
    return 1;
  }
  if (saved != 0) return saved;
  const bool died = std::ranges::find(attribution.findings, "server-stopped-answering",
                                      &Finding::id) != attribution.findings.end();
  return attribution.requests.empty() || !attribution.refusals.empty() || died ? 3 : 0;
}

}  // namespace iiifbench
