#include "harness/validation/proof/vips_server.h"

#include <httplib.h>
#include <vips/vips.h>

#include <chrono>
#include <cmath>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

#include "harness/stats/milliseconds.h"

namespace iiifbench {
namespace {

using nlohmann::json;
using Clock = std::chrono::steady_clock;

struct Unref {
  void operator()(VipsImage* image) const { g_object_unref(image); }
};
using Picture = std::unique_ptr<VipsImage, Unref>;

double Since(Clock::time_point start) { return MsOf(Clock::now() - start); }

void WorkFor(double ms) {
  for (const auto start = Clock::now(); Since(start) < ms;) {
  }
}

struct Wanted {
  std::string file;
  bool whole = false;
  int x = 0, y = 0, width = 0, height = 0;  // of the full-size picture
  int out_width = 0, out_height = 0;
};

bool EndsWith(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

// One level of a file, or null.
Picture Open(const std::string& file, int level, bool sequential) {
  VipsImage* out = nullptr;
  const VipsAccess access = sequential ? VIPS_ACCESS_SEQUENTIAL : VIPS_ACCESS_RANDOM;
  if (EndsWith(file, ".jpg")) {
    vips_jpegload(file.c_str(), &out, "shrink", 1 << level, "access", access, nullptr);
  } else if (EndsWith(file, ".tif")) {
    vips_tiffload(file.c_str(), &out, "page", level, nullptr);
    if (out == nullptr) {
      vips_error_clear();
      vips_tiffload(file.c_str(), &out, "subifd", level - 1, nullptr);
    }
  } else {
    vips_jp2kload(file.c_str(), &out, "page", level, nullptr);
  }
  return Picture(out);
}

// A sequential JPEG must know before it is opened that all of it is wanted.
Picture InMemory(VipsImage* image) { return Picture(vips_image_copy_memory(image)); }

class VipsServer {
 public:
  VipsServer(json faults, std::string images, const std::string& truth_file)
      : faults_(std::move(faults)), images_(std::move(images)), truth_(truth_file, std::ios::app) {}
  void Route(const httplib::Request& request, httplib::Response& response);

 private:
  struct Source {
    int width = 0, height = 0;
    std::vector<std::pair<int, int>> levels;
  };
  const Source* Find(const std::string& name);
  bool Parse(const std::string& rest, Wanted& wanted, const Source*& source);
  std::string Make(const Wanted& wanted, const Source& source, json& line);
  int LevelOf(const Wanted& wanted, const Source& source) const;
  // Does the stage as often as its multiplier says; the last result counts.
  template <typename Work>
  auto Times(const char* stage, json& line, const Work& work) {
    const auto start = Clock::now();
    auto result = work();
    const double times = std::round(faults_["multiplier"].value(stage, 1.0));
    for (int i = 1; i < static_cast<int>(times); ++i) result = work();
    line[stage] = Since(start);
    return result;
  }

  json faults_;
  std::string images_;
  std::ofstream truth_;
  std::mutex one_;
  std::map<std::string, Source> sources_;
  std::map<std::string, std::string> cache_;
  int answers_ = 0;
};

const VipsServer::Source* VipsServer::Find(const std::string& name) {
  if (name.empty() || name.front() == '.' || name.find('/') != std::string::npos) return nullptr;
  const std::string file = images_ + "/" + name;
  if (!std::ifstream(file)) return nullptr;
  Source source;
  for (int level = 0; level < (EndsWith(file, ".jpg") ? 4 : 12); ++level) {
    const Picture picture = Open(file, level, true);
    if (picture == nullptr) break;
    const int width = vips_image_get_width(picture.get());
    if (level > 0 && width >= source.levels.back().first) break;  // a loader that ignores the level
    source.levels.emplace_back(width, vips_image_get_height(picture.get()));
  }
  vips_error_clear();
  if (source.levels.empty()) return nullptr;
  std::tie(source.width, source.height) = source.levels.front();
  return &(sources_[name] = source);
}

// region/size/0/default.jpg, as far as a proof asks for it.
bool VipsServer::Parse(const std::string& rest, Wanted& wanted, const Source*& source) {
  std::vector<std::string> parts;
  for (size_t at = 0; at <= rest.size();) {
    const size_t end = std::min(rest.find('/', at), rest.size());
    parts.push_back(rest.substr(at, end - at));
    at = end + 1;
  }
  if (parts.size() != 5 || parts[3] != "0" || parts[4] != "default.jpg") return false;
  source = Find(parts[0]);
  if (source == nullptr) return false;
  wanted.file = images_ + "/" + parts[0];
  wanted.whole = parts[1] == "full";
  wanted.width = source->width, wanted.height = source->height;
  if (!wanted.whole && std::sscanf(parts[1].c_str(), "%d,%d,%d,%d", &wanted.x, &wanted.y,
                                   &wanted.width, &wanted.height) != 4)
    return false;
  if (wanted.x < 0 || wanted.y < 0 || wanted.x >= source->width || wanted.y >= source->height)
    return false;
  wanted.width = std::min(wanted.width, source->width - wanted.x);
  wanted.height = std::min(wanted.height, source->height - wanted.y);
  if (wanted.width < 1 || wanted.height < 1) return false;
  if (parts[2] == "full" || parts[2] == "max") {
    wanted.out_width = wanted.width, wanted.out_height = wanted.height;
    return true;
  }
  const int given = std::sscanf(parts[2].c_str(), "%d,%d", &wanted.out_width, &wanted.out_height);
  if (given < 1 || wanted.out_width < 1 || wanted.out_width > 20000) return false;
  if (given == 1)
    wanted.out_height = std::max(
        1, static_cast<int>(std::lround(double(wanted.height) * wanted.out_width / wanted.width)));
  return wanted.out_height > 0 && wanted.out_height <= 20000;
}

int VipsServer::LevelOf(const Wanted& wanted, const Source& source) const {
  const std::string use = faults_["levels"];
  if (use == "none" || (use == "full_only" && !wanted.whole)) return 0;
  int fitting = 0;
  for (size_t n = 1; n < source.levels.size(); ++n) {
    if (double(source.levels[n].first) * wanted.width / source.width >= wanted.out_width - 0.5 &&
        double(source.levels[n].second) * wanted.height / source.height >= wanted.out_height - 0.5)
      fitting = static_cast<int>(n);
  }
  return use == "finer" ? std::max(0, fitting - 1) : fitting;
}

std::string VipsServer::Make(const Wanted& wanted, const Source& source, json& line) {
  const int level = LevelOf(wanted, source);
  const auto [level_width, level_height] = source.levels[static_cast<size_t>(level)];
  const double across = double(level_width) / source.width,
               down = double(level_height) / source.height;
  const int x = std::min(static_cast<int>(wanted.x * across), level_width - 1);
  const int y = std::min(static_cast<int>(wanted.y * down), level_height - 1);
  const int width =
      std::clamp(static_cast<int>(std::lround(wanted.width * across)), 1, level_width - x);
  const int height =
      std::clamp(static_cast<int>(std::lround(wanted.height * down)), 1, level_height - y);
  const bool full = faults_["access"] == "full";
  const auto region = Times("decode", line, [&]() -> Picture {
    Picture picture = Open(wanted.file, level, true);
    if (picture != nullptr && full) picture = InMemory(picture.get());
    VipsImage* part = nullptr;
    if (picture == nullptr ||
        vips_extract_area(picture.get(), &part, x, y, width, height, nullptr) != 0)
      return {};
    const Picture lazy(part);
    return InMemory(lazy.get());
  });
  if (region == nullptr) return {};
  Picture resized;
  VipsImage* out = region.get();
  if (width != wanted.out_width || height != wanted.out_height) {
    static const std::map<std::string, VipsKernel> kKernels = {
        {"nearest", VIPS_KERNEL_NEAREST}, {"bilinear", VIPS_KERNEL_LINEAR},
        {"box", VIPS_KERNEL_LINEAR},      {"triangle", VIPS_KERNEL_LINEAR},
        {"bicubic", VIPS_KERNEL_CUBIC},   {"lanczos3", VIPS_KERNEL_LANCZOS3}};
    resized = Times("resize", line, [&]() -> Picture {
      VipsImage* scaled = nullptr;
      if (vips_resize(region.get(), &scaled, double(wanted.out_width) / width, "vscale",
                      double(wanted.out_height) / height, "kernel", kKernels.at(faults_["filter"]),
                      nullptr) != 0)
        return {};
      const Picture lazy(scaled);
      return InMemory(lazy.get());
    });
    out = resized.get();
  }
  if (out == nullptr) return {};
  return Times("encode", line, [&]() -> std::string {
    void* bytes = nullptr;
    size_t size = 0;
    if (vips_jpegsave_buffer(out, &bytes, &size, "Q", 90, "strip", TRUE, "subsample_mode",
                             VIPS_FOREIGN_SUBSAMPLE_ON, nullptr) != 0)
      return {};
    std::string body(static_cast<const char*>(bytes), size);
    g_free(bytes);
    return body;
  });
}

void VipsServer::Route(const httplib::Request& request, httplib::Response& response) {
  const std::lock_guard lock(one_);
  const auto start = Clock::now();
  const std::string prefix = "/iiif/2/";
  response.status = 404;
  if (request.path.compare(0, prefix.size(), prefix) != 0) return;
  const std::string rest = request.path.substr(prefix.size());
  if (EndsWith(rest, "/info.json")) {
    WorkFor(faults_.value("info_delay_ms", 0.0));
    const Source* source = Find(rest.substr(0, rest.find('/')));
    if (source == nullptr) return;
    response.status = 200;
    const json info = {
        {"@context", "http://iiif.io/api/image/2/context.json"},
        {"@id", "http://127.0.0.1" + request.path.substr(0, request.path.rfind('/'))},
        {"protocol", "http://iiif.io/api/image"},
        {"profile", {"http://iiif.io/api/image/2/level1.json"}},
        {"width", source->width},
        {"height", source->height}};
    return response.set_content(info.dump(), "application/json");
  }
  if (const auto kept = cache_.find(rest); kept != cache_.end()) {
    response.status = 200;
    return response.set_content(kept->second, "image/jpeg");
  }
  Wanted wanted;
  const Source* source = nullptr;
  if (!Parse(rest, wanted, source)) return;
  json line = {{"path", rest}, {"wait", 0.0}};
  const std::string body = Make(wanted, *source, line);
  if (body.empty()) {
    response.status = 500;
    response.set_content(vips_error_buffer(), "text/plain");
    return vips_error_clear();
  }
  WorkFor(faults_["delay_ms"].value("overhead", 0.0));
  const int every = faults_.value("pause_every", 0);
  if (every > 0 && ++answers_ % every == 0)
    std::this_thread::sleep_for(std::chrono::milliseconds(faults_["pause_ms"].get<int>()));
  line["total"] = Since(start);
  truth_ << line.dump() << std::endl;
  response.status = 200;
  response.set_content(body, "image/jpeg");
  if (faults_.value("cache", false)) cache_[rest] = body;
}

}  // namespace

DrawnPlan AsVipsDoes(DrawnPlan plan) {
  if (plan.recipe.starts_with("jpeg") && plan.faults["access"] == "region")
    plan.faults["access"] = "rows";
  plan.faults["resample_always"] = false;
  plan.faults.erase("read_ms_per_mb");
  plan.faults.erase("subprocess");
  auto& delay = plan.faults["delay_ms"];
  delay.erase("read");
  for (auto& [stage, times] : plan.faults["multiplier"].items())
    times = std::round(times.get<double>());
  plan.decode_name =
      plan.faults["access"].get<std::string>() + "/" + plan.faults["levels"].get<std::string>();
  // libvips cuts a stream without tiles into its own, 512 x 512 of the level, and decodes each of
  // them whole.
  if (plan.recipe.starts_with("jp2") && plan.faults["access"] == "region")
    plan.decode_name = "tiles/" + plan.faults["levels"].get<std::string>();
  plan.resize_name = plan.faults["filter"] == "nearest" ? "point" : "antialiased";
  plan.noop_resize_name = "skipped";
  return plan;
}

int ServeVips(const nlohmann::json& faults, const std::string& images,
              const std::string& truth_file, int port) {
  if (VIPS_INIT("attribution_proof") != 0) return 1;
  vips_concurrency_set(1);
  vips_cache_set_max(0);
  VipsServer server(faults, images, truth_file);
  httplib::Server http;
  http.set_tcp_nodelay(true);
  http.set_keep_alive_max_count(1000000);
  http.set_keep_alive_timeout(60);
  http.Get(".*", [&](const httplib::Request& q, httplib::Response& r) { server.Route(q, r); });
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  if (!http.bind_to_port("127.0.0.1", port)) return 1;
  std::thread listener([&] { http.listen_after_bind(); });
  int signal = 0;
  sigwait(&ends, &signal);
  http.stop();
  listener.join();
  return 0;
}

}  // namespace iiifbench
