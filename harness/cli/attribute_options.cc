#include "harness/cli/attribute_options.h"

#include <filesystem>
#include <fstream>

namespace iiifbench {

Result<std::vector<std::string>> ReadRequests(const std::string& path) {
  std::vector<std::string> out;
  std::ifstream in(path);
  if (!in) return Fail(ErrorKind::kNotFound, "--requests {}: cannot be read", path);
  for (std::string line; std::getline(in, line);) {
    const size_t end = line.find_last_not_of(" \t\r/");
    const size_t begin = line.find_first_not_of(" \t/");
    if (begin == std::string::npos || line[begin] == '#') continue;
    out.push_back(line.substr(begin, end - begin + 1));
  }
  if (out.empty()) return Fail(ErrorKind::kBadRequest, "--requests {}: no request in it", path);
  return out;
}

std::string AttributeCommand(const AttributeOptions& options, const std::string& source) {
  std::string out = "iiifbench attribute";
  const auto add = [&](const char* name, const auto& value, bool given) {
    if (given) out += fmt::format(" {} {}", name, value);
  };
  if (options.server.empty()) out += " " + options.url;
  add("--source", std::filesystem::path(source).filename().string(),
      options.server.empty() && !source.empty());
  add("--server", options.server, !options.server.empty());
  add("--engine", options.engine, !options.engine.empty());
  add("--recipes", fmt::format("{}", fmt::join(options.recipes, ",")), !options.recipes.empty());
  for (const std::string& option : options.given_options) add("--server-option", option, true);
  add("--levels", options.levels, options.levels > 0);
  add("--link", options.link_ms, options.link_ms > 0);
  add("--link-mbit", options.link_mbit, options.link_mbit > 0);
  add("--clients", options.clients, options.clients > 0);
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
