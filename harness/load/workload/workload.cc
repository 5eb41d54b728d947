#include "harness/load/workload/workload.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "harness/load/workload/access_log.h"
#include "harness/stats/uniform.h"
#include "kernels/iiif/image_request.h"

namespace iiifbench {
namespace {

using nlohmann::json;

Error Wrong(const std::string& where, std::string_view what) {
  return Fail(ErrorKind::kBadRequest, "workload: {}: {}", where, what);
}

bool TakeSpan(const json& value, Span& out) {
  auto whole = [](const json& v) { return v.is_number_integer() && v >= 1 && v <= 1'000'000; };
  if (whole(value)) {
    out = {value.get<int>(), value.get<int>()};
    return true;
  }
  if (!value.is_array() || value.size() != 2 || !whole(value[0]) || !whole(value[1])) return false;
  out = {value[0].get<int>(), value[1].get<int>()};
  return out.least <= out.most;
}

Result<void> TakeRegion(const json& value, const std::string& where, RequestTemplate& out) {
  if (value.is_string()) {
    out.region = value;
    return {};
  }
  const std::string name = where + ".region";
  if (!value.is_object()) return Wrong(name, "text, {width, height} or {tile, scale}");
  for (const auto& [key, unused] : value.items()) {
    if (key != "width" && key != "height" && key != "tile" && key != "scale")
      return Wrong(name + "." + key, "unknown: width and height, or tile and scale");
  }
  if (value.contains("tile")) {
    Span tile, scale{1, 1};
    if (!TakeSpan(value["tile"], tile) ||
        (value.contains("scale") && !TakeSpan(value["scale"], scale)))
      return Wrong(name, "tile and scale are whole numbers from 1");
    out.place = RequestTemplate::Place::kTile;
    out.tile = tile.least, out.scale = scale.least;
    return {};
  }
  out.place = RequestTemplate::Place::kBox;
  if (!value.contains("width") || !value.contains("height") ||
      !TakeSpan(value["width"], out.width) || !TakeSpan(value["height"], out.height))
    return Wrong(name, "width and height: pixels, or [least, most]");
  return {};
}

Result<RequestTemplate> ParseTemplate(const json& value, const std::string& where) {
  RequestTemplate out;
  if (!value.is_object()) return Wrong(where, "an object");
  for (const auto& [key, member] : value.items()) {
    const std::string name = where + "." + key;
    if (key == "class" || key == "size" || key == "format") {
      if (!member.is_string() || member.get<std::string>().empty()) return Wrong(name, "text");
      (key == "class" ? out.name : key == "size" ? out.size : out.format) = member;
    } else if (key == "weight") {
      if (!member.is_number() || member.get<double>() <= 0) return Wrong(name, "a number above 0");
      out.weight = member;
    } else if (key == "info") {
      if (!member.is_boolean()) return Wrong(name, "true or false");
      out.info = member;
    } else if (key == "region") {
      auto taken = TakeRegion(member, where, out);
      if (!taken) return taken.error();
    } else {
      return Wrong(name, "unknown: class, weight, info, region, size, format");
    }
  }
  if (out.name.empty())
    return Wrong(where + ".class", "is missing: the name of these requests in results");
  const bool share = out.size.starts_with("1/");
  if (share && std::atoi(out.size.c_str() + 2) < 1) return Wrong(where + ".size", "1/n: n from 1");
  const auto part = [&](const char* name, const std::string& path) -> Result<void> {
    const auto parsed = ParseImageRequest(path, ApiVersion::k2);
    if (parsed || ParseImageRequest(path, ApiVersion::k3)) return {};
    return Wrong(where + "." + name, parsed.error().message);
  };
  for (const auto& [name, path] :
       {std::pair{"region", fmt::format("id/{}/full/0/default.jpg", out.region)},
        {"size", fmt::format("id/full/{}/0/default.jpg", share ? "full" : out.size)},
        {"format", fmt::format("id/full/full/0/default.{}", out.format)}}) {
    auto legal = part(name, path);
    if (!legal) return legal.error();
  }
  return out;
}

// A whole number of [0, n). The modulo's bias is below n / 2^64.
int64_t Below(std::mt19937_64& random, int64_t n) {
  return n <= 1 ? 0 : static_cast<int64_t>(random() % static_cast<uint64_t>(n));
}

int Between(std::mt19937_64& random, Span span) {
  return span.least + static_cast<int>(Below(random, span.most - span.least + 1));
}

}  // namespace

Result<Workload> ParseWorkload(std::string_view text) {
  const json body = json::parse(text, nullptr, false);
  if (!body.is_object()) return Fail(ErrorKind::kBadRequest, "workload: not a JSON object");
  Workload out;
  for (const auto& [key, value] : body.items()) {
    if (key == "name" || key == "about") {
      if (!value.is_string()) return Wrong(key, "text");
      (key == "name" ? out.name : out.about) = value;
    } else if (key == "order") {
      if (value == "mix") {
        out.order = Workload::Order::kMix;
      } else if (value == "page") {
        out.order = Workload::Order::kPage;
      } else if (value == "each") {
        out.order = Workload::Order::kEach;
      } else {
        return Wrong(key, "mix, page or each");
      }
    } else if (key == "per_page") {
      if (!TakeSpan(value, out.per_page))
        return Wrong(key, "requests per page: a number, or [least, most]");
    } else if (key == "requests") {
      if (!value.is_array()) return Wrong(key, "a list");
      for (size_t i = 0; i < value.size(); ++i) {
        auto one = ParseTemplate(value[i], fmt::format("requests[{}]", i));
        if (!one) return one.error();
        out.requests.push_back(*one);
      }
    } else {
      return Wrong(key, "unknown: name, about, order, per_page, requests");
    }
  }
  if (out.requests.empty()) return Wrong("requests", "none");
  return out;
}

Result<Workload> LoadWorkload(const std::string& name_or_file, std::string_view log_prefix) {
  if (!BuiltInWorkload(name_or_file).empty()) return ParseWorkload(BuiltInWorkload(name_or_file));
  std::ifstream in(name_or_file, std::ios::binary);
  if (!in) {
    return Fail(ErrorKind::kNotFound, "workload '{}': no such file, and not one of {}",
                name_or_file, fmt::join(BuiltInWorkloads(), ", "));
  }
  const std::string text(std::istreambuf_iterator<char>(in), {});
  if (name_or_file.ends_with(".json")) {
    auto parsed = ParseWorkload(text);
    if (!parsed) return Fail(parsed.error().kind, "{}: {}", name_or_file, parsed.error().message);
    if (parsed->name.empty()) parsed->name = name_or_file;
    return parsed;
  }
  auto log = ParseAccessLog(text, log_prefix);
  if (!log) return Fail(log.error().kind, "{}: {}", name_or_file, log.error().message);
  return Workload{
      .name = "access log",
      .about = fmt::format(
          "{} requests of an access log; left out: {} other paths, {} that failed, {} not GET",
          log->arrivals.size(), log->other_paths, log->failed, log->other_methods),
      .order = Workload::Order::kLog,
      .log = std::move(log->arrivals)};
}

RequestStream::RequestStream(const Workload& workload, std::vector<WorkloadImage> images,
                             uint64_t seed, std::string full_size)
    : workload_(workload),
      images_(std::move(images)),
      random_(seed),
      full_size_(std::move(full_size)) {
  IIIFBENCH_CHECK(workload_.order == Workload::Order::kLog || !images_.empty(),
                  "no image to ask for");
}

const RequestTemplate& RequestStream::DrawByWeight() {
  double sum = 0;
  for (const auto& request : workload_.requests) sum += request.weight;
  double at = sum * Uniform(random_);
  for (const auto& request : workload_.requests) {
    if (at < request.weight) return request;
    at -= request.weight;
  }
  return workload_.requests.back();
}

PlannedRequest RequestStream::Draw(const RequestTemplate& request, size_t image,
                                   double height_share) {
  const Size size = images_[image].size;
  PlannedRequest out{.request_class = request.name, .image = image};
  if (request.info) {
    out.path = "info.json";
    return out;
  }
  std::string region = request.region;
  int width = size.width;  // of the region, for "1/n"
  if (request.place == RequestTemplate::Place::kBox) {
    width = std::min(size.width, Between(random_, request.width));
    const int height = std::min(size.height, Between(random_, request.height));
    const auto x = Below(random_, size.width - width + 1);
    const auto y = height_share >= 0 ? static_cast<int64_t>(height_share * (size.height - height))
                                     : Below(random_, size.height - height + 1);
    region = fmt::format("{},{},{},{}", x, y, width, height);
  } else if (request.place == RequestTemplate::Place::kTile) {
    const int side = request.tile * request.scale;
    const auto x = Below(random_, (size.width + side - 1) / side) * side;
    const auto y = Below(random_, (size.height + side - 1) / side) * side;
    width = static_cast<int>(std::min<int64_t>(side, size.width - x));
    region = fmt::format("{},{},{},{}", x, y, width, std::min<int64_t>(side, size.height - y));
  }
  std::string scaled = request.size;
  if (scaled.starts_with("1/")) {
    const int n = std::atoi(scaled.c_str() + 2);
    scaled = fmt::format("{},", std::max(1, (width + n - 1) / n));  // rounded up, as viewers do
  } else if (scaled == "full") {
    scaled = full_size_;
  }
  out.path = fmt::format("{}/{}/0/default.{}", region, scaled, request.format);
  return out;
}

std::optional<PlannedRequest> RequestStream::Next() {
  switch (workload_.order) {
    case Workload::Order::kMix: {
      const auto image = static_cast<size_t>(Below(random_, static_cast<int64_t>(images_.size())));
      return Draw(DrawByWeight(), image, -1);
    }
    case Workload::Order::kEach: {
      const size_t image = position_ / workload_.requests.size() % images_.size();
      return Draw(workload_.requests[position_++ % workload_.requests.size()], image, -1);
    }
    case Workload::Order::kPage: {
      if (left_on_page_ == 0) {
        if (on_page_ > 0) ++position_;
        left_on_page_ = on_page_ = Between(random_, workload_.per_page);
      }
      const double share = (on_page_ - left_on_page_ + 0.5) / on_page_;
      --left_on_page_;
      return Draw(DrawByWeight(), position_ % images_.size(), share);
    }
    case Workload::Order::kLog:
      break;
  }
  if (position_ >= workload_.log.size()) return {};
  const LoggedArrival& arrival = workload_.log[position_++];
  return PlannedRequest{
      .request_class = ClassOfPath(arrival.path), .path = arrival.path, .due = arrival.due};
}

}  // namespace iiifbench
