#include "harness/cli/attribute_options.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "harness/http/address.h"
#include "harness/http/plain_text.h"

namespace iiifbench {

std::string ImageUrlOf(std::string url) {
  constexpr std::string_view kInfo = "/info.json";
  while (url.ends_with("/")) url.pop_back();
  if (url.ends_with(kInfo)) url.resize(url.size() - kInfo.size());
  return url;
}

Result<std::vector<std::string>> ReadRequests(const std::string& path,
                                              const std::string& image_url) {
  std::vector<std::string> out;
  std::ifstream in(path);
  if (!in) return Fail(ErrorKind::kNotFound, "--requests {}: cannot be read", path);
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    const size_t end = line.find_last_not_of(" \t\r/");
    size_t begin = line.find_first_not_of(" \t/");
    if (begin == std::string::npos || line[begin] == '#') continue;
    std::string request = line.substr(begin, end - begin + 1);
    if (request.starts_with("http://") || request.starts_with("https://")) {
      if (image_url.empty() || !request.starts_with(image_url + "/"))
        return Fail(ErrorKind::kBadRequest, "--requests {}:{}: this URL is not below {}", path,
                    number, image_url.empty() ? "the server's image" : WithoutSecrets(image_url));
      request.erase(0, image_url.size() + 1);
    }
    if (std::ranges::count(request, '/') != 3)
      return Fail(ErrorKind::kBadRequest,
                  "--requests {}:{}: '{}' is no region/size/rotation/quality.format, as in "
                  "full/800,/0/default.jpg",
                  path, number, PlainText(request));
    out.push_back(std::move(request));
  }
  if (out.empty()) return Fail(ErrorKind::kBadRequest, "--requests {}: no request in it", path);
  return out;
}

std::string AnswersFile(const std::string& json) {
  namespace fs = std::filesystem;
  std::error_code unknown;
  const auto kind = fs::status(json, unknown).type();
  // Beside a device or a pipe there is no place for it.
  if (json.empty() || (kind != fs::file_type::regular && kind != fs::file_type::not_found))
    return {};
  return fs::path(json).replace_extension(".answers.jsonl").string();
}

std::vector<std::string> AttributeWords(const AttributeOptions& options) {
  std::vector<std::string> words;
  const auto add = [&](const char* name, const auto& value, bool given) {
    if (given) words.insert(words.end(), {name, fmt::format("{}", value)});
  };
  for (const auto& source : options.sources) add("--source", source, true);
  add("--server", options.server, !options.server.empty());
  add("--engine", options.engine, !options.engine.empty());
  add("--recipes", fmt::format("{}", fmt::join(options.recipes, ",")), !options.recipes.empty());
  for (const std::string& option : options.given_options) add("--server-option", option, true);
  add("--levels", options.levels, options.levels > 0);
  add("--link", options.link_ms, options.link_ms > 0);
  add("--link-mbit", options.link_mbit, options.link_mbit > 0);
  add("--clients", options.clients, options.clients > 0);
  add("--max-requests", options.production.max_requests, options.production.max_requests > 0);
  add("--pause", options.production.pause_ms, options.production.pause_ms > 0);
  add("--share", options.production.share_percent, options.production.share_percent < 100);
  add("--budget", options.budget, true);
  add("--seed", options.observe.seed, true);
  for (const auto& [word, given] : {std::pair{"--small", options.small},
                                    {"--without-source", options.without_source},
                                    {"--interpose", options.interpose},
                                    {"--no-profile", !options.profile},
                                    {"--try", options.attempt}}) {
    if (given) words.emplace_back(word);
  }
  return words;
}

std::string AttributeCommand(const AttributeOptions& options, const std::string& source) {
  std::string out = "iiifbench attribute";
  const auto add = [&](const char* name, const auto& value, bool given) {
    if (given) out += fmt::format(" {} {}", name, value);
  };
  if (options.server.empty()) out += " " + options.url;
  for (const OtherImage& other : options.observe.others) out += " " + other.url;
  add("--source", std::filesystem::path(source).filename().string(),
      options.server.empty() && !source.empty());
  for (const OtherImage& other : options.observe.others) {
    if (!other.source.empty()) out += " " + std::filesystem::path(other.source).filename().string();
  }
  add("--server", options.server, !options.server.empty());
  add("--engine", options.engine, !options.engine.empty());
  add("--recipes", fmt::format("{}", fmt::join(options.recipes, ",")), !options.recipes.empty());
  for (const std::string& option : options.given_options) add("--server-option", option, true);
  add("--levels", options.levels, options.levels > 0);
  add("--link", options.link_ms, options.link_ms > 0);
  add("--link-mbit", options.link_mbit, options.link_mbit > 0);
  add("--clients", options.clients, options.clients > 0);
  add("--max-requests", options.production.max_requests, options.production.max_requests > 0);
  add("--pause", options.production.pause_ms, options.production.pause_ms > 0);
  add("--share", options.production.share_percent, options.production.share_percent < 100);
  for (const auto& [word, given] : {std::pair{" --small", options.small},
                                    {" --without-source", options.without_source},
                                    {" --interpose", options.interpose},
                                    {" --store", options.store},
                                    {" --try", options.attempt}}) {
    if (given) out += word;
  }
  return out + fmt::format(" --budget {} --seed {}", options.budget, options.observe.seed);
}

}  // namespace iiifbench
