#include "harness/report/page/run_files.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <tuple>

#include "harness/report/study/floor_beaten.h"

namespace iiifbench {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int kSchema = 1;  // of studies and attributions

Result<std::string> ReadText(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(in), {});
  if (!in.is_open() || in.bad()) return Fail(ErrorKind::kIo, "{}: cannot be read", path.string());
  return text;
}

Result<json> ReadJson(const fs::path& path) {
  auto text = ReadText(path);
  if (!text) return text.error();
  json body = json::parse(*text, nullptr, /*allow_exceptions=*/false);
  if (body.is_discarded())
    return Fail(
        ErrorKind::kBadInput,
        "{}: damaged: its {} bytes are not JSON; was it cut off? Remove it or make it again",
        path.string(), text->size());
  if (!body.is_object())
    return Fail(ErrorKind::kBadInput, "{}: damaged: a JSON object is expected, not {}",
                path.string(), body.type_name());
  return body;
}

// A result of ours has its schema and the list that everything is drawn from.
Result<void> CheckOurs(const std::string& path, const json& body, const char* list) {
  const auto schema = NumberIn(body, "schema");
  if (!schema || *schema != kSchema)
    return Fail(ErrorKind::kBadInput, "{}: \"schema\" is {}; this program reads schema {}", path,
                schema ? fmt::format("{}", *schema) : "missing", kSchema);
  if (!body.contains(list) || !body[list].is_array())
    return Fail(ErrorKind::kBadInput, "{}: damaged: \"{}\" is missing or not a list", path, list);
  for (const json& entry : body[list]) {
    if (!entry.is_object())
      return Fail(ErrorKind::kBadInput, "{}: damaged: an entry of \"{}\" is {}, not an object",
                  path, list, entry.type_name());
  }
  return {};
}

Result<void> AddAttribution(const fs::path& path, json body, RunFiles& out) {
  const std::string stem = path.stem().string().substr(std::string("attribution-").size());
  const size_t dash = stem.find('-');
  AttributionFile file{.file = path.filename().string(),
                       .server = TextIn(ObjectIn(body, "server"), "name"),
                       .recipe = TextIn(body, "recipe")};
  if (file.server.empty()) file.server = stem.substr(0, dash);
  if (file.recipe.empty())
    file.recipe = dash == std::string::npos ? TextIn(body, "source") : stem.substr(dash + 1);
  auto checked = CheckOurs(path.string(), body, "requests");
  if (!checked) return checked;
  file.body = std::move(body);
  out.attributions.push_back(std::move(file));
  return {};
}

// A merged attribution by its lines: those that are drawn are read, the others counted.
Result<void> AddLines(const fs::path& path, RunFiles& out) {
  std::ifstream in(path, std::ios::binary);
  int64_t number = 0;
  for (std::string text; std::getline(in, text);) {
    ++number;
    if (out.attributions.size() >= kDrawnAttributions) {
      ++out.more_attributions;
      continue;
    }
    json body = json::parse(text, nullptr, false);
    if (!body.is_object())
      return Fail(ErrorKind::kBadInput, "{}: damaged: line {} is no JSON object", path.string(),
                  number);
    auto added = AddAttribution("attribution-images.json", std::move(body), out);
    if (!added) return added;
  }
  return {};
}

Result<FoldedStacks> ReadStacks(const fs::path& path) {
  auto text = ReadText(path);
  if (!text) return text.error();
  FoldedStacks out{.file = path.filename().string()};
  size_t begin = 0;
  for (int line = 1; begin < text->size(); ++line) {
    const size_t end = std::min(text->find('\n', begin), text->size());
    std::string stack = text->substr(begin, end - begin);
    begin = end + 1;
    if (!stack.empty() && stack.back() == '\r') stack.pop_back();
    if (stack.empty()) continue;
    const size_t space = stack.rfind(' ');
    double count = 0;
    const char* last = stack.data() + stack.size();
    const bool number = space != std::string::npos && space > 0 &&
                        std::from_chars(stack.data() + space + 1, last, count).ptr == last &&
                        count > 0 && count < 1e15;
    if (!number)
      return Fail(ErrorKind::kBadInput,
                  "{}: line {}: not a folded stack; \"frame;frame;frame COUNT\" is expected",
                  path.string(), line);
    out.samples[stack.substr(0, space)] += count;
  }
  return out;
}

// The requests that come first, each of all servers, so that they stay side by side; and every cell
// that beats the floor, which is our bug.
void KeepDrawnCells(json& cells, RunFiles& out) {
  if (cells.size() <= kDrawnCells) return;
  const auto request = [](const json& cell) {
    return std::tuple(TextIn(cell, "page"), TextIn(cell, "class"), TextIn(cell, "recipe"),
                      TextIn(cell, "link"));
  };
  std::map<decltype(request(cells)), size_t> asked;  // how many cells have it
  for (const json& cell : cells) ++asked[request(cell)];
  std::set<decltype(request(cells))> drawn;
  size_t count = 0;
  for (const auto& [name, servers] : asked) {
    if (count + servers > kDrawnCells) break;
    drawn.insert(name);
    count += servers;
  }
  json kept = json::array();
  for (json& cell : cells) {
    if (drawn.contains(request(cell)) || (FloorBeaten(cell) && kept.size() < 2 * kDrawnCells)) {
      kept.push_back(std::move(cell));
    } else {
      ++out.more_cells;
    }
  }
  cells = std::move(kept);
}

Result<void> AddFile(const fs::path& path, RunFiles& out) {
  const std::string name = path.filename().string();
  if (path.extension() == ".folded") {
    auto stacks = ReadStacks(path);
    if (!stacks) return stacks.error();
    out.stacks.push_back(std::move(*stacks));
    return {};
  }
  if (path.extension() != ".json") return {};
  auto body = ReadJson(path);
  if (!body) return body.error();
  if (name == "study.json") {
    auto checked = CheckOurs(path.string(), *body, "cells");
    if (!checked) return checked;
    // Bars and ratios are of loopback; what a link adds stands apart.
    auto& cells = (*body)["cells"];
    KeepDrawnCells(cells, out);
    json near = json::array();
    for (json& cell : cells) {
      const std::string link = TextIn(cell, "link");
      (link.empty() || link == "loopback" ? near : out.far_cells).push_back(std::move(cell));
    }
    cells = std::move(near);
    out.study = std::move(*body);
  } else if (name.starts_with("attribution-")) {
    if (!body->contains("attributions")) return AddAttribution(path, std::move(*body), out);
    auto checked = CheckOurs(path.string(), *body, "attributions");
    if (!checked) return checked;
    for (const json& one : (*body)["attributions"]) {
      if (out.attributions.size() >= kDrawnAttributions) {
        ++out.more_attributions;
        continue;
      }
      auto added = AddAttribution(path, one, out);
      if (!added) return added;
    }
  } else if (name == "shards.json") {
    out.shards = std::move(*body);
  } else if (name == "run.json") {
    out.about = std::move(*body);
  } else if (name == "profile.json") {
    out.profile = std::move(*body);
  } else if (name.starts_with("load")) {
    out.loads.push_back({name, std::move(*body)});
  } else if (name.starts_with("peers")) {
    out.peers.push_back({name, std::move(*body)});
  } else if (body->contains("benchmarks")) {
    out.kernels.push_back({name, std::move(*body)});
  }
  return {};
}

const json& EmptyList() {
  static const json empty = json::array();
  return empty;
}
const json& EmptyObject() {
  static const json empty = json::object();
  return empty;
}

}  // namespace

Result<RunFiles> ReadRunFiles(const std::string& folder) {
  RunFiles out{.folder = folder};
  std::error_code error;
  std::vector<fs::path> paths;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (it->is_regular_file(error)) paths.push_back(it->path());
  }
  if (error)
    return Fail(ErrorKind::kNotFound, "{}: cannot be listed: {}; give the folder of a run", folder,
                error.message());
  std::ranges::sort(paths);
  const fs::path lines = fs::path(folder) / "attributions.jsonl";
  const bool merged = std::ranges::find(paths, lines) != paths.end();
  if (merged) {
    auto added = AddLines(lines, out);
    if (!added) return added.error();
  }
  for (const fs::path& path : paths) {
    if (merged && path.filename() == "attribution-images.json") continue;  // the same, as a list
    auto added = AddFile(path, out);
    if (!added) return added.error();
  }
  if (out.study.is_null() && out.attributions.empty() && out.loads.empty() && out.profile.is_null())
    return Fail(ErrorKind::kNotFound,
                "{}: neither study.json nor attribution-*.json nor load*.json nor profile.json is "
                "there; make them by: "
                "iiifbench study "
                "--attribute --out {}",
                folder, folder);
  return out;
}

std::optional<double> NumberIn(const json& object, const std::string& name) {
  if (!object.is_object()) return std::nullopt;
  const auto found = object.find(name);
  if (found == object.end() || !found->is_number()) return std::nullopt;
  return found->get<double>();
}

std::string TextIn(const json& object, const std::string& name) {
  if (!object.is_object()) return {};
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

const json& ListIn(const json& object, const std::string& name) {
  if (!object.is_object()) return EmptyList();
  const auto found = object.find(name);
  return found != object.end() && found->is_array() ? *found : EmptyList();
}

const json& FirstOf(const RunFiles& run) {
  if (!run.study.is_null()) return run.study;
  if (!run.attributions.empty()) return run.attributions.front().body;
  return run.loads.empty() ? run.profile : run.loads.front().body;
}

const json& ObjectIn(const json& object, const std::string& name) {
  if (!object.is_object()) return EmptyObject();
  const auto found = object.find(name);
  return found != object.end() && found->is_object() ? *found : EmptyObject();
}

std::vector<std::string> TextsIn(const json& object, const std::string& name) {
  std::vector<std::string> out;
  for (const json& text : ListIn(object, name)) {
    if (text.is_string()) out.push_back(text.get<std::string>());
  }
  return out;
}

}  // namespace iiifbench
