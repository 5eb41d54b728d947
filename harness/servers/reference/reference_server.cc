#include "harness/servers/reference/reference_server.h"

#include <fcntl.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "harness/servers/reference/answer_cache.h"
#include "harness/servers/reference/info_json.h"
#include "harness/servers/reference/picture_file.h"
#include "harness/servers/reference/spoiled_answer.h"
#include "harness/servers/store/stored_source.h"
#include "harness/stats/milliseconds.h"
#include "kernels/iiif/render.h"

namespace iiifbench {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::string_view kInfoSuffix = "/info.json";

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

// "/iiif/2/page.jpg/full/..." taken apart; `rest` is what follows the version.
struct Target {
  ApiVersion version = ApiVersion::k2;
  std::string_view rest;
  bool known = false;

  explicit Target(std::string_view path) {
    const bool two = path.starts_with("/iiif/2/"), three = path.starts_with("/iiif/3/");
    known = two || three;
    if (known) rest = path.substr(8);
    if (three) version = ApiVersion::k3;
  }
  bool is_base() const { return rest.find('/') == std::string_view::npos; }
  std::string_view identifier() const { return rest.substr(0, rest.find('/')); }
  bool is_info() const { return rest.substr(identifier().size()) == kInfoSuffix; }
};

// A URI part from the client as it may stand in JSON and in a header.
std::string SafeInUri(std::string_view part) {
  std::string out;
  for (const char c : part) {
    const bool plain =
        c > 0x20 && c < 0x7F && std::string_view("\"<>\\^`{|}").find(c) == std::string_view::npos;
    if (plain) {
      out.push_back(c);
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

std::string BaseUri(const http::Request& request, const Target& target) {
  return fmt::format("http://{}/iiif/{}/{}", request.host, target.version == ApiVersion::k2 ? 2 : 3,
                     SafeInUri(target.identifier()));
}

// The formats that the standard names (4.5): legal, and 501 where they are not offered. Any other
// word is no format.
constexpr std::string_view kFormats[] = {"jpg", "tif", "png", "gif", "jp2", "pdf", "webp"};

Result<void> CheckSyntax(const Target& target) {
  // A slash in an identifier must be escaped: this one names nothing.
  if (std::ranges::count(target.rest, '/') > 4)
    return Fail(ErrorKind::kNotFound, "'{}': no such image; a / in an identifier is spelled %2F",
                target.rest);
  auto request = ParseImageRequest(target.rest, target.version);
  if (!request) return request.error();
  if (std::ranges::find(kFormats, request->format) == std::end(kFormats) &&
      CodecForExtension(request->format) == nullptr)
    return Fail(ErrorKind::kBadRequest, "format '{}' is none of the standard's", request->format);
  return {};
}

void AllowEveryOrigin(http::Response& response) {
  response.fields.emplace_back("Access-Control-Allow-Origin", "*");
  response.fields.emplace_back("Timing-Allow-Origin", "*");
}

}  // namespace

struct ReferenceServer::State {
  State(const ReferenceOptions& o, PictureFolder f) : options(o), folder(std::move(f)) {}
  ReferenceOptions options;
  PictureFolder folder;
  OutputLimits output;
  AnswerCache cache;
  std::atomic<int> images{0}, answers{0};
  std::ofstream truth;
  std::mutex truth_mutex;
  std::unique_ptr<http::Listener> listener;  // last: its threads use all others

  void Answer(http::Response& response, const Error& error) const;
  std::optional<http::Lane> Begin(const http::Request& request, http::Response& response);
  void Work(const http::Call& call, http::Response& response);
  Result<std::unique_ptr<Source>> Open(const std::string& identifier, bool picture,
                                       const http::Call& call) const;
  Result<void> Picture(const http::Call& call, const Target& target, http::Response& response);
  Result<void> RenderAnswer(Source& source, const Codec& codec, const std::string& identifier,
                            const RenderPlan& plan, Rendered& rendered, http::Response& response);
  void Finish(const http::Call& call, const Target& target, const RenderPlan& plan,
              Rendered& rendered, http::Response& response);
  void SayStages(std::string_view path, const StageTimes& stages, std::chrono::nanoseconds total,
                 http::Response& response);
  Result<void> Info(const http::Call& call, const Target& target, http::Response& response);
};

// Messages name files as their sources are named, by the identifier. What still holds the folder or
// the store, a library's own words for example, loses it.
void ReferenceServer::State::Answer(http::Response& response, const Error& error) const {
  std::string message = error.message;
  for (const std::string& prefix :
       {folder.path() + "/", options.folder + "/", options.faults.store}) {
    if (prefix.size() <= 1) continue;
    for (size_t at = 0; (at = message.find(prefix, at)) != std::string::npos;)
      message.erase(at, prefix.size());
  }
  http::SetText(response, StatusOf(error.kind), message);
}

std::optional<http::Lane> ReferenceServer::State::Begin(const http::Request& request,
                                                        http::Response& response) {
  if (request.method == "OPTIONS") {
    response.status = 204;
    response.fields = {{"Access-Control-Allow-Origin", "*"},
                       {"Access-Control-Allow-Methods", "GET, HEAD, OPTIONS"},
                       {"Access-Control-Allow-Headers", "*"},
                       {"Allow", "GET, HEAD, OPTIONS"}};
    return std::nullopt;
  }
  AllowEveryOrigin(response);
  const Target target(request.path);
  if (!target.known) {
    Answer(response,
           Fail(ErrorKind::kNotFound, "{}: images are under /iiif/2/ and /iiif/3/", request.path));
    return std::nullopt;
  }
  if (target.is_base()) {
    response.status = 303;  // clause 2.1: the base URI redirects
    response.fields.emplace_back("Location", BaseUri(request, target) + std::string(kInfoSuffix));
    return std::nullopt;
  }
  if (target.is_info()) return http::Lane::kInfo;
  if (options.faults.cache) {
    if (auto kept = cache.Find(request.path)) {
      response.content_type = std::move(kept->content_type);
      response.body = std::move(kept->body);
      return std::nullopt;
    }
  }
  // Before it waits for a slot; what it says is read again by the one who has it.
  auto syntax = CheckSyntax(target);
  if (syntax) return http::Lane::kPicture;
  Answer(response, syntax.error());
  return std::nullopt;
}

void ReferenceServer::State::Work(const http::Call& call, http::Response& response) {
  AllowEveryOrigin(response);
  const Target target(call.request.path);
  auto done = target.is_info() ? Info(call, target, response) : Picture(call, target, response);
  if (!done) Answer(response, done.error());
}

// From the folder; by the fault plan also from a store, or from a copy that a subprocess makes.
Result<std::unique_ptr<Source>> ReferenceServer::State::Open(const std::string& identifier,
                                                             bool picture,
                                                             const http::Call& call) const {
  const FaultPlan& faults = options.faults;
  auto named = CheckIdentifier(identifier);
  if (!named) return named.error();
  if (!faults.store.empty())
    return OpenStored(faults.store, identifier, int64_t{1024} * faults.store_chunk_kb);
  const auto wanted = [&call] { return call.Wanted(); };
  auto source = folder.OpenPicture(identifier, wanted);
  if (!source || !picture || !faults.burdens.subprocess) return source;
  auto copy = CopyBySubprocess(folder.path() + "/" + identifier);
  if (!copy) return Fail(ErrorKind::kIo, "{}: the copy failed", identifier);
  const int opened = ::open(copy->c_str(), O_RDONLY | O_CLOEXEC);
  std::error_code ignored;
  fs::remove(*copy, ignored);  // the open file stays readable
  if (opened < 0) return Fail(ErrorKind::kIo, "{}: the copy cannot be opened", identifier);
  return SourceOver(opened, identifier, wanted);
}

Result<void> ReferenceServer::State::Picture(const http::Call& call, const Target& target,
                                             http::Response& response) {
  auto request = ParseImageRequest(target.rest, target.version);
  if (!request) return request.error();
  static thread_local Rendered rendered;
  auto source = Open(request->identifier, true, call);
  if (!source) return source.error();
  auto codec = CodecOf(**source);
  if (!codec) return codec.error();
  auto info = (*codec)->probe(**source);
  if (!info) return info.error();
  auto plan = MakeRenderPlan(*info, WithinLimits(*request, info->size, output),
                             options.faults.Apply(options.render));
  if (!plan) return plan.error();
  if (!Fits(plan->output, output))
    return Fail(ErrorKind::kTooLarge, "size {}x{} is beyond the limit of {}x{}", plan->output.width,
                plan->output.height, output.max_width, output.max_height);
  // Before any buffer is made for them.
  const int64_t decoded = plan->level_region.size().pixels();
  if (decoded > options.render.limits.max_pixels)
    return Fail(ErrorKind::kTooLarge, "{}: {} pixels to decode are beyond the limit of {}",
                request->identifier, decoded, options.render.limits.max_pixels);
  const int64_t largest = std::max(decoded, plan->output.pixels());
  if (largest * info->channels > kKeptBytes) http::Call::Grown();
  auto done = RenderAnswer(**source, **codec, request->identifier, *plan, rendered, response);
  if (rendered.decode.pixels_decoded * info->channels > kKeptBytes) http::Call::Grown();
  if (!done) return done.error();
  if (options.faults.resample_always && plan->output == plan->crop.size())
    ResampleForNothing(plan->output, info->channels, plan->filter, rendered.stages);
  options.faults.Carry(rendered.stages, (*source)->size(), plan->region.size().pixels());
  options.faults.Spend(rendered.stages, rendered.bytes_read);
  Finish(call, target, *plan, rendered, response);
  return {};
}

// With `<file>.mcuindex`, as `iiifbench index` writes it, where there is one. One that is refused
// (stale, of another file, damaged) costs time, never the answer.
Result<void> ReferenceServer::State::RenderAnswer(Source& source, const Codec& codec,
                                                  const std::string& identifier,
                                                  const RenderPlan& plan, Rendered& rendered,
                                                  http::Response& response) {
  static thread_local Renderer renderer;
  rendered.decode = {};
  if (codec.build_index != nullptr) {
    if (auto sidecar = folder.OpenPicture(identifier + ".mcuindex")) {
      auto done = Result<void>(Error{});
      auto bytes = (*sidecar)->ReadAll();
      if (bytes) {
        RenderPlan with_index = plan;
        with_index.settings.variant = Variant::kIndexed;
        done = renderer.Render(source, with_index, rendered, *bytes);
      }
      response.fields.emplace_back("X-Mcu-Index", bytes && done ? "used" : "refused");
      if (bytes && done) return {};
      fmt::print(stderr, "{}: not used: {}\n", (*sidecar)->name(),
                 bytes ? done.error().message : bytes.error().message);
    }
  }
  auto done = renderer.Render(source, plan, rendered);
  // A file that the folder holds and that cannot be rendered is never the request's syntax.
  if (!done && done.error().kind != ErrorKind::kTooLarge &&
      done.error().kind != ErrorKind::kUnsupported)
    return Error{ErrorKind::kBadInput, done.error().message};
  return done;
}

void ReferenceServer::State::Finish(const http::Call& call, const Target& target,
                                    const RenderPlan& plan, Rendered& rendered,
                                    http::Response& response) {
  if (options.faults.pause_every > 0 && ++images % options.faults.pause_every == 0)
    std::this_thread::sleep_for(options.faults.pause);
  rendered.stages[Stage::kWait] = call.waited;
  SayStages(target.rest, rendered.stages, std::chrono::steady_clock::now() - call.arrival,
            response);
  response.body.assign(reinterpret_cast<const char*>(rendered.bytes.data()), rendered.bytes.size());
  response.content_type = rendered.media_type;
  const bool spoilt = ++answers % options.faults.spoil_every == 0;
  // Until the client or the server gives up.
  while (spoilt && options.faults.answer == FaultyAnswer::kHang && call.Wanted())
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  if (spoilt && options.faults.answer != FaultyAnswer::kRight)
    SpoilAnswer(options.faults.answer, plan.output, response);
  if (options.faults.cache) cache.Put(call.request.path, {response.content_type, response.body});
  if (static_cast<int64_t>(rendered.bytes.capacity()) > kKeptBytes) http::Call::Grown();
}

void ReferenceServer::State::SayStages(std::string_view path, const StageTimes& stages,
                                       std::chrono::nanoseconds total, http::Response& response) {
  std::string header;
  json line = {{"path", path}};
  auto say = [&](std::string_view name, std::chrono::nanoseconds time) {
    const double ms = MsOf(time);
    header += fmt::format("{}{};dur={:.4f}", header.empty() ? "" : ", ", name, ms);
    line[std::string(name)] = ms;
  };
  for (Stage stage : {Stage::kWait, Stage::kRead, Stage::kDecode, Stage::kResize, Stage::kConvert,
                      Stage::kEncode})
    say(StageName(stage), stages[stage]);
  say("total", total);
  if (options.truth_file.empty()) {
    response.fields.emplace_back("Server-Timing", header);
    return;
  }
  const std::lock_guard lock(truth_mutex);
  truth << line.dump(-1, ' ', false, json::error_handler_t::replace) << std::endl;
}

Result<void> ReferenceServer::State::Info(const http::Call& call, const Target& target,
                                          http::Response& response) {
  if (options.faults.info_delay.count() > 0) std::this_thread::sleep_for(options.faults.info_delay);
  auto source = Open(PercentDecode(target.identifier()), false, call);
  if (!source) return source.error();
  auto codec = CodecOf(**source);
  if (!codec) return codec.error();
  auto info = (*codec)->probe(**source);
  if (!info) return info.error();
  response.body = InfoJson(*info, BaseUri(call.request, target), target.version, output);
  response.content_type =
      target.version == ApiVersion::k3
          ? "application/ld+json;profile=\"http://iiif.io/api/image/3/context.json\""
      : call.request.accept.find("application/ld+json") != std::string::npos ? "application/ld+json"
                                                                             : "application/json";
  return {};
}

ReferenceServer::ReferenceServer(std::unique_ptr<State> state) : state_(std::move(state)) {}

Result<std::unique_ptr<ReferenceServer>> ReferenceServer::Start(const ReferenceOptions& options) {
  auto folder = PictureFolder::Open(options.folder);
  if (!folder) return folder.error();
  auto state = std::make_unique<State>(options, std::move(*folder));
  State* s = state.get();
  s->output = {.max_width = options.max_width,
               .max_height = options.max_height,
               .max_area = options.render.max_output_pixels};
  if (!options.truth_file.empty()) {
    s->truth.open(options.truth_file, std::ios::app);
    if (!s->truth) return Fail(ErrorKind::kIo, "{}: cannot be written", options.truth_file);
  }
  http::Limits limits = options.limits;
  // A server that hangs shall not end that by itself.
  if (options.faults.answer == FaultyAnswer::kHang) limits.work_time = {};
  auto listener = http::Listener::Start(
      {.host = options.host,
       .port = options.port,
       .picture_slots = options.workers,
       .limits = limits},
      {.begin = [s](const http::Request& q, http::Response& r) { return s->Begin(q, r); },
       .work = [s](const http::Call& call, http::Response& r) { s->Work(call, r); }});
  if (!listener) return listener.error();
  s->listener = std::move(*listener);
  return std::unique_ptr<ReferenceServer>(new ReferenceServer(std::move(state)));
}

int ReferenceServer::port() const { return state_->listener->port(); }
void ReferenceServer::Wait() { state_->listener->Wait(); }
void ReferenceServer::Stop() { state_->listener->Stop(); }
bool ReferenceServer::StoppedWithin(std::chrono::milliseconds patience) {
  return state_->listener->StoppedWithin(patience);
}
ReferenceServer::~ReferenceServer() = default;  // the listener stops and waits

}  // namespace iiifbench
