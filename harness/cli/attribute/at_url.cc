#include "harness/cli/attribute/at_url.h"

#include "harness/attribution/observe/designed_probes.h"
#include "harness/cli/attribute/one_image.h"
#include "harness/cli/interrupt.h"
#include "harness/cli/output.h"
#include "harness/cli/production.h"
#include "harness/http/address.h"

namespace iiifbench {
namespace {

// What will be sent at most, a sentence.
std::string WhatIsSent(const AttributeOptions& options) {
  const ProductionOptions& pace = options.production;
  const double share = pace.share_percent / 100;
  return fmt::format(
      "{}One request at a time will be sent for at most {:g} s{}{}: at most {:.0f} s of the "
      "server's time.",
      options.sources.empty()
          ? fmt::format(
                "First the whole picture is fetched, in at most {} requests and {:.0f} MB. ",
                options.observe.max_fetches, options.observe.max_fetched_megabytes)
          : std::string(),
      options.budget,
      pace.max_requests > 0 ? fmt::format(", {} requests at most", pace.max_requests)
                            : std::string(),
      pace.pause_ms > 0 ? fmt::format(", with {:g} ms between them", pace.pause_ms) : std::string(),
      share * options.budget);
}

int DryRun(const AttributeOptions& options) {
  auto paths = DesignedProbes(options.observe);
  if (!paths) {
    Complain("iiifbench attribute: {}\n", paths.error().message);
    return 1;
  }
  for (const auto& path : *paths) Print("{}\n", path);
  Print(
      "{} probes below {}. Each is asked once, then again while there is time; a warm-up of a "
      "dozen requests or more comes first. {}\n",
      paths->size(), WithoutSecrets(options.observe.url), WhatIsSent(options));
  return 0;
}

}  // namespace

int AttributeUrl(AttributeOptions& options, nlohmann::json& all) {
  const ProductionOptions& pace = options.production;
  const auto fail = [](const Error& error, int status) {
    Complain("iiifbench attribute: {}\n", error.message);
    return status;
  };
  auto headers = HeadersOf(pace);
  if (!headers) return fail(headers.error(), 2);
  options.observe.headers = *headers;
  auto leave = AskLeave(options.observe.url, WhatIsSent(options), pace.yes || pace.dry_run);
  if (!leave) return fail(leave.error(), 2);
  if (pace.dry_run) return DryRun(options);
  if (!options.quiet) Complain("{}\n", WhatIsSent(options));
  Courtesy courtesy(
      {.max_requests = pace.max_requests,
       .pause = std::chrono::duration<double>(pace.pause_ms / 1000),
       .share = pace.share_percent / 100,
       .until = std::chrono::steady_clock::now() +
                std::chrono::milliseconds(static_cast<int64_t>(1000 * options.budget)),
       .stop = &interrupted});
  SetCourtesy(&courtesy);
  const int status = AttributeOne(options, {.observe = options.observe}, nullptr, all);
  SetCourtesy(nullptr);
  if (!all.empty())
    all.back()["sent"] = {{"requests", courtesy.requests()},
                          {"server_seconds", courtesy.server_seconds()},
                          {"told_to_wait", courtesy.told_to_wait()},
                          {"ended", courtesy.ended()}};
  if (!options.quiet)
    Complain("{} requests were sent; the server worked {:.1f} s on them{}{}\n", courtesy.requests(),
             courtesy.server_seconds(),
             courtesy.told_to_wait() > 0
                 ? fmt::format("; it asked {} times to come again later, and we did",
                               courtesy.told_to_wait())
                 : std::string(),
             courtesy.ended().empty() ? std::string() : "; no more, because " + courtesy.ended());
  return status;
}

}  // namespace iiifbench
