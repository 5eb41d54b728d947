#include "harness/validation/traps/scenes.h"

#include <algorithm>
#include <filesystem>

#include "data/corpus.h"
#include "harness/attribution/evidence/page_cache.h"
#include "harness/attribution/findings/packet_search.h"
#include "harness/validation/proof/faulty_server.h"
#include "harness/validation/traps/tls_front.h"

namespace iiifbench {

namespace fs = std::filesystem;

Result<std::string> Scenes::File(const std::string& recipe, const std::string& page) {
  auto corpus = EnsureCorpus({.small = true, .recipes = {recipe}, .pages = {page}});
  if (!corpus) return corpus.error();
  return corpus->entries.front().path;
}

Result<Setting> Scenes::Start(const Look& look, int workers) {
  auto file = File(look.recipe);
  if (!file) return file.error();
  Setting setting{.images = folder_ + "/images"};
  const std::string hidden = folder_ + "/hidden";
  std::error_code error;
  for (const auto& folder : {setting.images, hidden}) fs::create_directories(folder, error);
  setting.source = setting.images + "/" + fs::path(*file).filename().string();
  fs::copy_file(*file, setting.source, fs::copy_options::overwrite_existing, error);
  if (error) return Fail(ErrorKind::kIo, "{}: {}", setting.source, error.message());
  auto running = StartFaulty("reference", look.faults, workers, setting.images, hidden,
                             look.server_timing ? std::string() : hidden + "/truth.jsonl");
  if (!running) return running.error();
  setting.server = std::move(*running);
  setting.url = setting.server->ImageUrl(fs::path(setting.source).filename().string());
  return setting;
}

Result<Attributed> Scenes::At(const Look& look) {
  auto setting = Start(look);
  if (!setting) return setting.error();
  std::string url = setting->url, source = setting->source;
  std::unique_ptr<TlsFront> front;
  if (look.tls) {
    auto started = TlsFront::Start(folder_ + "/tls", std::stoi(url.substr(url.find(':', 7) + 1)));
    if (!started) return started.error();
    front = std::move(*started);
    ::setenv("IIIFBENCH_CA_FILE", front->certificate().c_str(), 1);
    url = fmt::format("https://127.0.0.1:{}{}", front->port(), url.substr(url.find('/', 8)));
  }
  std::unique_ptr<OddFront> gateway;
  if (look.before) {
    auto started = OddFront::Start(std::stoi(url.substr(url.find(':', 7) + 1)), *look.before);
    if (!started) return started.error();
    gateway = std::move(*started);
    url = fmt::format("http://127.0.0.1:{}{}", gateway->port(), url.substr(url.find('/', 8)));
  }
  std::unique_ptr<LinkProxy> link;
  if (look.one_way_delay.count() > 0) {
    const int port = front ? front->port() : std::stoi(url.substr(url.find(':', 7) + 1));
    auto started = LinkProxy::Start({.port = port, .one_way_delay = look.one_way_delay});
    if (!started) return started.error();
    link = std::move(*started);
    url = link->Through(url);
  }
  if (look.other_page) {
    auto other = File(look.recipe, "print");
    if (!other) return other.error();
    source = *other;
  }
  if (look.evicted) {
    auto evicted = EvictFromPageCache(source);
    if (!evicted) return evicted.error();
  }
  return Attribute({.observe = {.url = url,
                                .source = source,
                                .place = look.other_page ? std::string() : setting->images,
                                .requests = look.requests,
                                .budget = std::chrono::duration<double>(look.budget),
                                .running = look.processes ? setting->server.get() : nullptr},
                    .fresh_connections = look.fresh_connections,
                    .cold_pass = look.cold_pass});
}

Said Named(std::span<const Finding> findings, std::initializer_list<FindingName> names) {
  for (const Finding& finding : findings) {
    for (const FindingName& name : names) {
      if (finding.id == name.entry().id)
        return {.says = finding.text, .verdict = TrapVerdict::kCaught};
    }
  }
  return {};
}

Said WhatIfSays(const Attribution& attribution, const std::string& words) {
  for (const auto& what : attribution.what_ifs) {
    if (what.change.find(words) != std::string::npos && what.low > 0)
      return {.says = fmt::format("what-if: {} (saves {:.1f} ms of {})", what.change, what.saves_ms,
                                  what.path),
              .verdict = TrapVerdict::kCaught};
  }
  return {};
}

double StageMs(const RequestAttribution& request, Stage stage) {
  const auto found = request.stages.find(stage);
  return found == request.stages.end() ? 0 : found->second.ms;
}

std::string NaiveReading(const Attribution& attribution) {
  if (attribution.requests.empty()) return {};
  const RequestAttribution& request = attribution.requests.front();
  const auto naive = request.methods.find("naive");
  if (naive == request.methods.end() || naive->second.empty())
    return fmt::format("p50 is {:.1f} ms", request.measured_ms);
  const auto largest = std::ranges::max_element(
      naive->second, [](const auto& a, const auto& b) { return a.second < b.second; });
  return fmt::format("naive fit: {:.1f} of {:.1f} ms is {}", largest->second, request.measured_ms,
                     PartName(largest->first));
}

std::function<Result<Said>(Scenes&)> By(Look look, std::function<Said(const Attributed&)> says) {
  return [look = std::move(look), says = std::move(says)](Scenes& scenes) -> Result<Said> {
    auto seen = scenes.At(look);
    if (!seen) return seen.error();
    Said said = says(*seen);
    if (said.verdict == TrapVerdict::kMissed && !seen->attribution.refusals.empty())
      said.says += "; refused: " + seen->attribution.refusals.front().text;
    if (said.naive.empty()) said.naive = NaiveReading(seen->attribution);
    return said;
  };
}

}  // namespace iiifbench
