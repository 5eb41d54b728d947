#include "harness/load/target/load_target.h"

#include <filesystem>
#include <set>

#include "data/corpus.h"
#include "harness/answers/info_document.h"
#include "harness/http/address.h"
#include "harness/http/client.h"
#include "harness/servers/launch/launch.h"
#include "harness/servers/launch/process.h"

namespace iiifbench {

namespace fs = std::filesystem;

Result<LoadTarget> StartTarget(const TargetOptions& options) {
  const Server* server = FindServer(options.server);
  if (server == nullptr)
    return Fail(ErrorKind::kNotFound, "server '{}': no such server", options.server);
  auto corpus = EnsureCorpus(
      {.small = options.small,
       .recipes = options.recipes,
       .pages = options.pages.empty() ? std::vector<std::string>{"map"} : options.pages});
  if (!corpus) return corpus.error();
  auto running = Launch(*server, {.image_folder = corpus->image_folder,
                                  .run_folder = options.run_folder,
                                  .workers = options.workers,
                                  .threads = options.threads,
                                  .options = {},
                                  .engine = options.engine,
                                  .stop = options.stop});
  if (!running) return running.error();
  LoadTarget target{.name = std::string(server->title),
                    .version = (*running)->installation.version,
                    .full_size = std::string(server->full_size),
                    .api = server->version,
                    .headers = (*running)->headers};
  std::set<std::string> recipes;
  for (const auto& entry : corpus->entries) {
    const std::string refusal = server->refuses(*FindRecipe(entry.recipe));
    if (!refusal.empty()) {
      target.refused.push_back(fmt::format("{}: {}: {}", server->title, entry.recipe, refusal));
      continue;
    }
    recipes.insert(entry.recipe);
    target.images.push_back({.file = entry.file, .path = entry.path, .size = entry.size});
    target.image_urls.push_back((*running)->ImageUrl(entry.file));
    target.labels.push_back(entry.recipe);
  }
  if (recipes.size() < 2) target.labels.assign(target.images.size(), "");
  if (target.images.empty())
    return Fail(ErrorKind::kUnsupported, "{} takes none of these files", server->title);
  target.log_url = (*running)->ImageUrl("");
  target.running = std::move(*running);
  return target;
}

Result<LoadTarget> AskUrls(const TargetOptions& options, bool log) {
  LoadTarget target;
  target.headers = options.headers;
  target.log_url = options.urls.front() + "/";
  if (log) return target;
  Client client({.headers = target.headers, .ca_file = options.ca_file});
  for (const auto& url : options.urls) {
    auto asked = AskInfo(client, url);
    if (!asked) return asked.error();
    if (!asked->redirect.empty())
      target.refused.push_back(
          fmt::format("{}: followed {}", WithoutSecrets(url), asked->redirect));
    if (asked->info.version == ApiVersion::k3)
      target.api = ApiVersion::k3, target.full_size = "max";
    target.images.push_back({.file = fs::path(WithoutSecrets(url)).filename(),
                             .path = options.urls.size() == 1 ? options.source : "",
                             .size = asked->info.size});
    target.image_urls.push_back(asked->url);
    target.labels.emplace_back();
  }
  return target;
}

Result<std::string> PutLink(const std::string& text, LoadTarget& target) {
  if (text.empty()) return std::string("no link added");
  char* end = nullptr;
  const double delay = std::strtod(text.c_str(), &end),
               mbit = *end == ':' ? std::strtod(end + 1, &end) : 0;
  if (*end != '\0' || delay < 0 || delay > 10'000 || mbit < 0)
    return Fail(ErrorKind::kBadRequest,
                "--link {}: one-way milliseconds, and after a colon Mbit/s: 23:100", text);
  const std::string url = target.image_urls.empty() ? target.log_url : target.image_urls.front();
  auto link = LinkBefore(url, delay, static_cast<int64_t>(mbit * 125'000));
  if (!link) return link.error();
  for (auto& each : target.image_urls) each = (*link)->Through(each);
  target.log_url = (*link)->Through(target.log_url);
  if (!(*link)->HostHeader().empty()) target.headers.push_back((*link)->HostHeader());
  target.link = std::move(*link);
  return fmt::format("link of {:g} ms one way, {}", delay,
                     mbit > 0 ? fmt::format("{:g} Mbit/s", mbit) : std::string("unlimited rate"));
}

}  // namespace iiifbench
