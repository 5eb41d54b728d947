#include "harness/answers/manifest/manifest.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "harness/http/plain_text.h"

namespace iiifbench {
namespace {

using nlohmann::json;

constexpr int kDeepest = 64;  // nested further is no manifest that anybody wrote

// A member as a list: itself where it is one, one element where it is an object or text.
std::vector<const json*> ListOf(const json& object, const char* name) {
  std::vector<const json*> out;
  if (!object.is_object()) return out;
  const auto found = object.find(name);
  if (found == object.end()) return out;
  if (found->is_array())
    for (const json& element : *found) out.push_back(&element);
  else if (!found->is_null())
    out.push_back(&*found);
  return out;
}

// The first of these members that is text.
std::string TextOf(const json& object, std::initializer_list<const char*> names) {
  if (object.is_string()) return object.get<std::string>();
  if (!object.is_object()) return {};
  for (const char* name : names) {
    const auto found = object.find(name);
    if (found != object.end() && found->is_string()) return found->get<std::string>();
  }
  return {};
}

Size SizeOf(const json& object) {
  const auto side = [&](const char* name) {
    const auto found = object.is_object() ? object.find(name) : object.end();
    if (!object.is_object() || found == object.end() || !found->is_number()) return 0;
    const double value = found->get<double>();
    return value >= 1 && value <= std::numeric_limits<int>::max() ? static_cast<int>(value) : 0;
  };
  const Size size{side("width"), side("height")};
  return size.width > 0 && size.height > 0 ? size : Size{};
}

// Text, a list of texts, {"@value": ...}, or lists by language.
std::string LabelOf(const json& object) {
  for (const json* label : ListOf(object, "label")) {
    if (label->is_string()) return PlainText(label->get<std::string>());
    if (!label->is_object()) continue;
    if (const std::string value = TextOf(*label, {"@value"}); !value.empty())
      return PlainText(value);
    for (const auto& [language, values] : label->items()) {
      for (const json* value : ListOf(*label, language.c_str()))
        if (value->is_string()) return PlainText(value->get<std::string>());
    }
  }
  return {};
}

// Not authentication or search, which stand beside it.
bool IsImageService(const json& service) {
  const std::string type = TextOf(service, {"@type", "type"});
  if (type.starts_with("ImageService")) return true;
  for (const char* member : {"profile", "@context"}) {
    for (const json* value : ListOf(service, member)) {
      if (!value->is_string()) continue;
      const auto text = value->get<std::string>();
      if (text.find("/image/") != std::string::npos ||
          text.find("image-api") != std::string::npos || text == "level0" || text == "level1" ||
          text == "level2")
        return true;
    }
  }
  return false;
}

// The image of one annotation's body or resource; of a choice the first that has a service.
void AddImage(const json& body, const json& canvas, std::vector<ManifestPage>& pages, int depth) {
  if (depth > kDeepest) return;
  for (const char* choice : {"default", "item", "items"}) {
    for (const json* one : ListOf(body, choice)) {
      const size_t before = pages.size();
      AddImage(*one, canvas, pages, depth + 1);
      if (pages.size() > before) return;
    }
  }
  for (const json* service : ListOf(body, "service")) {
    std::string url = TextOf(*service, {"@id", "id"});
    if (!service->is_object() || !IsImageService(*service) || url.empty()) continue;
    while (url.ends_with('/')) url.pop_back();
    Size size = SizeOf(body);
    if (size == Size{}) size = SizeOf(canvas);
    pages.push_back({.url = std::move(url), .label = LabelOf(canvas), .size = size});
    return;
  }
}

// Canvases below: sequences and canvases of version 2, items of version 3.
void AddPages(const json& node, std::vector<ManifestPage>& pages) {
  for (const json* sequence : ListOf(node, "sequences")) {
    for (const json* canvas : ListOf(*sequence, "canvases")) {
      for (const json* image : ListOf(*canvas, "images")) {
        for (const json* resource : ListOf(*image, "resource"))
          AddImage(*resource, *canvas, pages, 0);
      }
    }
  }
  for (const json* canvas : ListOf(node, "items")) {
    for (const json* page : ListOf(*canvas, "items")) {
      for (const json* annotation : ListOf(*page, "items")) {
        for (const json* body : ListOf(*annotation, "body")) AddImage(*body, *canvas, pages, 0);
      }
    }
  }
}

}  // namespace

Result<Manifest> ParseManifest(std::string_view text) {
  const json document = json::parse(text, nullptr, false);
  if (document.is_discarded())
    return Fail(ErrorKind::kBadInput, "no JSON: a manifest of the IIIF Presentation API is wanted");
  const std::string type = TextOf(document, {"type", "@type"});
  const bool collection = type.ends_with("Collection");
  if (!document.is_object() || (!collection && !type.ends_with("Manifest")))
    return Fail(ErrorKind::kBadInput,
                "type '{}': a Manifest or a Collection of the IIIF Presentation API 2 or 3 is "
                "wanted",
                PlainText(type));
  Manifest out;
  if (!collection) {
    AddPages(document, out.pages);
    return out;
  }
  for (const char* member : {"manifests", "members", "items", "collections"}) {
    for (const json* entry : ListOf(document, member)) {
      const std::string url = TextOf(*entry, {"id", "@id"});
      if (url.starts_with("http")) out.manifests.push_back(url);
    }
  }
  return out;
}

std::vector<ManifestPage> PagesOfOtherSizes(const std::vector<ManifestPage>& pages) {
  constexpr double kAlike = 1.15;
  std::vector<ManifestPage> chosen;
  const auto width = [](const ManifestPage& page) { return static_cast<double>(page.size.width); };
  const auto known = [](const ManifestPage& page) { return page.size.pixels() > 0; };
  for (const ManifestPage& page : pages) {
    if (known(page) && (chosen.empty() || page.size.pixels() > chosen.front().size.pixels()))
      chosen = {page};
  }
  if (chosen.empty()) return chosen;
  for (double share : {0.4, 0.2}) {
    const ManifestPage* best = nullptr;
    double nearest = std::numeric_limits<double>::max();
    for (const ManifestPage& page : pages) {
      const auto alike = [&](const ManifestPage& other) {
        return std::abs(std::log(width(page) / width(other))) < std::log(kAlike);
      };
      if (!known(page) || std::ranges::any_of(chosen, alike)) continue;
      const double away = std::abs(std::log(width(page) / (share * width(chosen.front()))));
      if (away < nearest) best = &page, nearest = away;
    }
    if (best != nullptr) chosen.push_back(*best);
  }
  return chosen;
}

}  // namespace iiifbench
