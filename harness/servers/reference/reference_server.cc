#include "harness/servers/reference/reference_server.h"

#include <httplib.h>

#include <atomic>
#include <condition_variable>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "harness/servers/store/stored_source.h"
#include "kernels/iiif/render.h"

namespace iiifbench {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

int StatusOf(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kBadRequest:
      return 400;
    case ErrorKind::kNotFound:
      return 404;
    case ErrorKind::kTooLarge:
      return 413;
    case ErrorKind::kUnsupported:
      return 501;
    default:
      return 500;
  }
}

void Answer(httplib::Response& response, const Error& error) {
  response.status = StatusOf(error.kind);
  response.set_content(error.message + "\n", "text/plain; charset=utf-8");
}

// Lets `workers` requests render at a time.
class Slots {
 public:
  explicit Slots(int workers) : free_(workers) {}
  std::chrono::nanoseconds Take() {
    const auto start = std::chrono::steady_clock::now();
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return free_ > 0; });
    --free_;
    return std::chrono::steady_clock::now() - start;
  }
  void Give() {
    {
      const std::lock_guard lock(mutex_);
      ++free_;
    }
    changed_.notify_one();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int free_;
};

// The source of an identifier: a file of the flat folder and nothing else.
Result<std::unique_ptr<Source>> OpenIdentifier(const std::string& folder,
                                               const std::string& identifier) {
  if (identifier.empty() || identifier.find('/') != std::string::npos ||
      identifier.find('\\') != std::string::npos || identifier.front() == '.' ||
      identifier.find('\0') != std::string::npos) {
    return Fail(ErrorKind::kBadRequest,
                "identifier '{}': the name of a file in the image folder is expected", identifier);
  }
  auto source = Source::Open(folder + "/" + identifier);
  if (!source && source.error().kind == ErrorKind::kNotFound) {
    return Fail(ErrorKind::kNotFound, "identifier '{}': no such image", identifier);
  }
  return source;
}

// `<file>.mcuindex`, as `iiifbench index` writes it; null when there is none or the format has no
// index.
std::unique_ptr<Source> OpenSidecar(const Codec& codec, const std::string& file) {
  if (codec.build_index == nullptr) return nullptr;
  auto sidecar = Source::Open(file + ".mcuindex");
  return sidecar ? std::move(*sidecar) : nullptr;
}

// Answers by path, never dropped: a derivative cache for experiments.
class AnswerCache {
 public:
  const std::string* Find(const std::string& path) {
    const std::lock_guard lock(mutex_);
    const auto found = answers_.find(path);
    return found == answers_.end() ? nullptr : &found->second;
  }
  void Put(const std::string& path, const std::string& body) {
    const std::lock_guard lock(mutex_);
    answers_.emplace(path, body);
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::string> answers_;
};

// What a fault plan asks for instead of the right answer.
void SpoilAnswer(FaultyAnswer how, Size size, httplib::Response& response) {
  switch (how) {
    case FaultyAnswer::kTruncated:
      response.body.resize(response.body.size() / 2);
      break;
    case FaultyAnswer::kHtml:
      response.set_content("<!doctype html><title>Sorry</title><p>Try again later.</p>\n",
                           "text/html");
      break;
    case FaultyAnswer::kGrey:
    case FaultyAnswer::kSmaller: {
      if (how == FaultyAnswer::kSmaller) --size.width;
      Image grey(size, 3);
      std::memset(grey.view().data, 128, static_cast<size_t>(grey.bytes()));
      std::vector<uint8_t> bytes;
      if (FindCodec("jpeg")->encode(grey.view(), {}, bytes))
        response.set_content(reinterpret_cast<const char*>(bytes.data()), bytes.size(),
                             "image/jpeg");
      break;
    }
    default:
      break;
  }
}

// Our resize copies where sizes are equal; a server that resamples all the same does the work of a
// size one off.
void ResampleForNothing(Size size, int channels, Filter filter, StageTimes& stages) {
  static thread_local Image from, to;
  if (from.size() != size || from.channels() != channels) {
    from = Image(size, channels);
    to = Image({size.width, std::max(1, size.height - 1)}, channels);
    std::memset(from.view().data, 128, static_cast<size_t>(from.bytes()));
  }
  const StageTimer timer(stages, Stage::kResize);
  Resize(from.view(), WholeOf(size), to.view(), {.filter = filter});
}

json InfoOf(const ImageInfo& info, const std::string& id, ApiVersion version, int64_t max_pixels) {
  json sizes = json::array(), factors = json::array();
  for (size_t n = info.levels.size(); n-- > 0;) {
    sizes.push_back({{"width", info.levels[n].width}, {"height", info.levels[n].height}});
  }
  for (size_t n = 0; n < info.levels.size(); ++n) factors.push_back(int64_t{1} << n);
  const Size tile = info.tile.width > 0 ? info.tile : Size{512, 512};
  const json tiles =
      json::array({{{"width", tile.width}, {"height", tile.height}, {"scaleFactors", factors}}});
  json out;
  if (version == ApiVersion::k2) {
    out = {{"@context", "http://iiif.io/api/image/2/context.json"},
           {"@id", id},
           {"protocol", "http://iiif.io/api/image"}};
    out["profile"] = json::array(
        {"http://iiif.io/api/image/2/level2.json",
         {{"formats", {"jpg", "png", "tif", "webp", "jp2"}},
          {"qualities", {"default", "color", "gray", "bitonal"}},
          {"maxArea", max_pixels},
          {"supports", {"mirroring", "regionSquare", "sizeAboveFull", "rotationBy90s"}}}});
  } else {
    out = {{"@context", "http://iiif.io/api/image/3/context.json"},
           {"id", id},
           {"type", "ImageService3"},
           {"protocol", "http://iiif.io/api/image"},
           {"profile", "level2"},
           {"maxArea", max_pixels},
           {"extraFormats", {"tif", "webp", "jp2"}},
           {"extraQualities", {"color", "gray", "bitonal"}},
           {"extraFeatures", {"mirroring", "sizeUpscaling"}}};
  }
  out["width"] = info.size.width;
  out["height"] = info.size.height;
  out["sizes"] = sizes;
  out["tiles"] = tiles;
  return out;
}

}  // namespace

struct ReferenceServer::State {
  explicit State(const ReferenceOptions& o) : options(o), slots(o.workers) {}
  ReferenceOptions options;
  Slots slots;
  AnswerCache cache;
  std::atomic<int> images{0}, answers{0};
  httplib::Server http;
  std::thread thread;
  std::atomic<bool> stopping{false};
  int port = 0;

  std::ofstream truth;
  std::mutex truth_mutex;

  Result<std::unique_ptr<Source>> Open(const std::string& identifier, bool picture);
  void Image(const std::string& path, ApiVersion version, httplib::Response& response);
  void SayStages(const std::string& path, const StageTimes& stages, std::chrono::nanoseconds total,
                 httplib::Response& response);
  void Info(const std::string& identifier, ApiVersion version, const std::string& base,
            httplib::Response& response);
  void Route(const httplib::Request& request, httplib::Response& response);
};

// From the folder; by the fault plan also from a store, or from a copy that a subprocess makes.
Result<std::unique_ptr<Source>> ReferenceServer::State::Open(const std::string& identifier,
                                                             bool picture) {
  const FaultPlan& faults = options.faults;
  if (!faults.store.empty())
    return OpenStored(faults.store, identifier, int64_t{1024} * faults.store_chunk_kb);
  auto source = OpenIdentifier(options.folder, identifier);
  if (!source || !picture || !faults.burdens.subprocess) return source;
  auto copy = CopyBySubprocess((*source)->name());
  if (!copy) return copy.error();
  auto opened = Source::Open(*copy);
  std::error_code ignored;
  fs::remove(*copy, ignored);  // the open file stays readable
  return opened;
}

void ReferenceServer::State::Image(const std::string& path, ApiVersion version,
                                   httplib::Response& response) {
  const auto start = std::chrono::steady_clock::now();
  if (const std::string* kept = cache.Find(path)) return response.set_content(*kept, "image/jpeg");
  auto request = ParseImageRequest(path, version);
  if (!request) return Answer(response, request.error());
  static thread_local Renderer renderer;
  static thread_local Rendered rendered;
  const auto waited = slots.Take();
  struct Release {
    Slots& slots;
    ~Release() { slots.Give(); }
  } const release{slots};
  auto source = Open(request->identifier, true);
  if (!source) return Answer(response, source.error());
  const int64_t file_bytes = (*source)->size();
  auto codec = CodecOf(**source);
  if (!codec) return Answer(response, codec.error());
  auto info = (*codec)->probe(**source);
  if (!info) return Answer(response, {ErrorKind::kBadInput, info.error().message});
  auto plan = MakeRenderPlan(*info, *request, options.faults.Apply(options.render));
  if (!plan) return Answer(response, plan.error());
  // A sidecar that is refused (stale, of another file, damaged) costs time, never the answer.
  auto done = Result<void>(Error{});
  bool indexed = false;
  if (auto sidecar = OpenSidecar(**codec, options.folder + "/" + request->identifier)) {
    auto bytes = sidecar->ReadAll();
    if (bytes) {
      RenderPlan with_index = *plan;
      with_index.settings.variant = Variant::kIndexed;
      done = renderer.Render(**source, with_index, rendered, *bytes);
      indexed = done.ok();
    }
    const std::string refusal = !bytes ? bytes.error().message : !done ? done.error().message : "";
    if (!refusal.empty()) fmt::print(stderr, "{}: not used: {}\n", sidecar->name(), refusal);
    response.set_header("X-Mcu-Index", indexed ? "used" : "refused");
  }
  if (!indexed) done = renderer.Render(**source, *plan, rendered);
  if (!done)
    return Answer(response, {done.error().kind == ErrorKind::kTooLarge ? ErrorKind::kTooLarge
                                                                       : ErrorKind::kBadInput,
                             done.error().message});
  if (options.faults.resample_always && plan->output == plan->crop.size())
    ResampleForNothing(plan->output, info->channels, plan->filter, rendered.stages);
  options.faults.Carry(rendered.stages, file_bytes, plan->region.size().pixels());
  options.faults.Spend(rendered.stages, rendered.bytes_read);
  if (options.faults.pause_every > 0 && ++images % options.faults.pause_every == 0)
    std::this_thread::sleep_for(options.faults.pause);
  rendered.stages[Stage::kWait] = waited;
  SayStages(path, rendered.stages, std::chrono::steady_clock::now() - start, response);
  response.set_content(reinterpret_cast<const char*>(rendered.bytes.data()), rendered.bytes.size(),
                       rendered.media_type);
  const bool spoilt = ++answers % options.faults.spoil_every == 0;
  // Until the client or the server gives up.
  while (spoilt && options.faults.answer == FaultyAnswer::kHang && !stopping)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  if (spoilt && options.faults.answer != FaultyAnswer::kRight)
    SpoilAnswer(options.faults.answer, plan->output, response);
  if (options.faults.cache) cache.Put(path, response.body);
}

void ReferenceServer::State::SayStages(const std::string& path, const StageTimes& stages,
                                       std::chrono::nanoseconds total,
                                       httplib::Response& response) {
  std::string header;
  json line = {{"path", path}};
  auto say = [&](std::string_view name, std::chrono::nanoseconds time) {
    const double ms = std::chrono::duration<double, std::milli>(time).count();
    header += fmt::format("{}{};dur={:.4f}", header.empty() ? "" : ", ", name, ms);
    line[std::string(name)] = ms;
  };
  for (Stage stage : {Stage::kWait, Stage::kRead, Stage::kDecode, Stage::kResize, Stage::kConvert,
                      Stage::kEncode})
    say(StageName(stage), stages[stage]);
  say("total", total);
  if (options.truth_file.empty()) return response.set_header("Server-Timing", header);
  const std::lock_guard lock(truth_mutex);
  truth << line.dump() << std::endl;
}

void ReferenceServer::State::Info(const std::string& identifier, ApiVersion version,
                                  const std::string& base, httplib::Response& response) {
  if (options.faults.info_delay.count() > 0) std::this_thread::sleep_for(options.faults.info_delay);
  auto source = Open(PercentDecode(identifier), false);
  if (!source) return Answer(response, source.error());
  auto codec = CodecOf(**source);
  if (!codec) return Answer(response, codec.error());
  auto info = (*codec)->probe(**source);
  if (!info) return Answer(response, {ErrorKind::kBadInput, info.error().message});
  response.set_content(
      InfoOf(*info, base + "/" + identifier, version, options.render.max_output_pixels).dump(2) +
          "\n",
      version == ApiVersion::k2
          ? "application/json"
          : "application/ld+json;profile=\"http://iiif.io/api/image/3/context.json\"");
}

// RFC 9110 6.6.1: load generators compare clocks by it.
static std::string HttpDate() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  char text[40];
  std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &utc);  // the C locale stands
  return text;
}

void ReferenceServer::State::Route(const httplib::Request& request, httplib::Response& response) {
  // The target as sent: decoding the path first would turn %2F into a separator.
  std::string target = request.target.substr(0, request.target.find('?'));
  const bool two = target.starts_with("/iiif/2/"), three = target.starts_with("/iiif/3/");
  response.set_header("Access-Control-Allow-Origin", "*");
  response.set_header("Timing-Allow-Origin", "*");
  response.set_header("Date", HttpDate());
  if (!two && !three)
    return Answer(response,
                  Fail(ErrorKind::kNotFound, "{}: images are under /iiif/2/ and /iiif/3/", target));
  const ApiVersion version = two ? ApiVersion::k2 : ApiVersion::k3;
  const std::string rest = target.substr(8);
  const std::string base =
      fmt::format("http://{}/iiif/{}", request.get_header_value("Host"), two ? 2 : 3);
  const size_t slash = rest.find('/');
  if (slash == std::string::npos) {
    response.set_redirect(base + "/" + rest + "/info.json",
                          303);  // clause 2.1: the base URI redirects
  } else if (rest.substr(slash) == "/info.json") {
    Info(rest.substr(0, slash), version, base, response);
  } else {
    Image(rest, version, response);
  }
}

ReferenceServer::ReferenceServer(std::unique_ptr<State> state) : state_(std::move(state)) {}

Result<std::unique_ptr<ReferenceServer>> ReferenceServer::Start(const ReferenceOptions& options) {
  if (!fs::is_directory(options.folder))
    return Fail(ErrorKind::kNotFound, "{}: not a folder of images", options.folder);
  auto state = std::make_unique<State>(options);
  State* s = state.get();
  if (!options.truth_file.empty()) {
    s->truth.open(options.truth_file, std::ios::app);
    if (!s->truth) return Fail(ErrorKind::kIo, "{}: cannot be written", options.truth_file);
  }
  s->http.new_task_queue = [] { return new httplib::ThreadPool(64); };
  s->http.set_tcp_nodelay(true);
  s->http.set_keep_alive_max_count(1000000);
  s->http.set_keep_alive_timeout(60);
  s->http.Get(".*", [s](const httplib::Request& q, httplib::Response& r) { s->Route(q, r); });
  s->http.Options(".*", [](const httplib::Request&, httplib::Response& r) {
    r.set_header("Access-Control-Allow-Origin", "*");
    r.set_header("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS");
    r.set_header("Access-Control-Allow-Headers", "*");
    r.status = 204;
  });
  if (options.port == 0) {
    s->port = s->http.bind_to_any_port(options.host.c_str());
  } else {
    s->port = s->http.bind_to_port(options.host.c_str(), options.port) ? options.port : -1;
  }
  if (s->port <= 0)
    return Fail(ErrorKind::kIo, "cannot listen on {}:{}; is another server using it?", options.host,
                options.port);
  s->thread = std::thread([s] { s->http.listen_after_bind(); });
  while (!s->http.is_running()) std::this_thread::yield();
  return std::unique_ptr<ReferenceServer>(new ReferenceServer(std::move(state)));
}

int ReferenceServer::port() const { return state_->port; }
void ReferenceServer::Wait() {
  if (state_->thread.joinable()) state_->thread.join();
}
void ReferenceServer::Stop() {
  // Before: httplib waits for its workers, and a hanging answer waits for this.
  state_->stopping = true;
  state_->http.stop();
}
ReferenceServer::~ReferenceServer() {
  Stop();
  Wait();
}

}  // namespace iiifbench
