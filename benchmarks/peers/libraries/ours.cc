// ours: the kernels of this repository, cold ("best") and with an index where the format has one;
// and the plain best use of the format's library, which the codecs hold as the variant `library`.
#include <chrono>
#include <memory>

#include "benchmarks/common/pages.h"
#include "benchmarks/peers/libraries/libtiff.h"
#include "benchmarks/peers/libraries/part.h"
#include "benchmarks/peers/peer.h"
#include "kernels/iiif/render.h"
#include "kernels/image/parallel.h"

namespace iiifbench::peers {
namespace {

Result<std::string> Version() { return std::string("this build"); }

std::string UrlOf(const Task& task) {
  return fmt::format("page/{},{},{},{}/{},/0/default.jpg", task.region.x, task.region.y,
                     task.region.width, task.region.height, task.out.width);
}

Job RegionJob(const Task& task, Variant variant, std::string label, int threads) {
  auto page = std::make_shared<Result<OpenPage>>(OpenForBench(task.path, variant));
  auto out = std::make_shared<Image>();
  return {.label = std::move(label), .run = [=](Answer& answer) -> Result<void> {
            if (!*page) return page->error();
            OpenPage& open = **page;
            const Size size = LevelRegion(open.info, task.region, task.level).size();
            if (out->size() != size) *out = Image(size, open.info.channels);
            auto report = open.codec->decode(*open.source,
                                             {.region = task.region,
                                              .level = task.level,
                                              .variant = variant,
                                              .threads = threads,
                                              .index = open.index},
                                             out->view());
            if (!report) return report.error();
            if (answer.keep) {
              answer.pixels = Image(size, open.info.channels);
              CopyPixels(out->view(), answer.pixels.view());
            }
            return {};
          }};
}

Job RequestJob(const Task& task, Variant variant, std::string label, int) {
  struct State {
    Renderer renderer;
    Rendered rendered;
  };
  auto page = std::make_shared<Result<OpenPage>>(OpenForBench(task.path, variant));
  auto state = std::make_shared<State>();
  return {.label = std::move(label), .run = [=](Answer& answer) -> Result<void> {
            if (!*page) return page->error();
            OpenPage& open = **page;
            auto request = ParseImageRequest(UrlOf(task), ApiVersion::k2);
            if (!request) return request.error();
            RenderSettings settings{.encode = {.quality = task.quality}, .variant = variant};
            auto plan = MakeRenderPlan(open.info, *request, settings);
            if (!plan) return plan.error();
            auto done = state->renderer.Render(*open.source, *plan, state->rendered, open.index);
            if (done && answer.keep) answer.bytes = state->rendered.bytes;
            return done;
          }};
}

Job ResizeJob(const Task& task, std::string label, int threads) {
  auto out = std::make_shared<Image>(task.out, 3);
  return {.label = std::move(label), .run = [=](Answer& answer) -> Result<void> {
            Resize(task.pixels, WholeOf(task.pixels.size()), out->view(),
                   {.filter = task.filter, .threads = threads});
            if (answer.keep) {
              answer.pixels = Image(task.out, 3);
              CopyPixels(out->view(), answer.pixels.view());
            }
            return {};
          }};
}

Job EncodeJob(const Task& task, std::string label, int threads) {
  auto bytes = std::make_shared<std::vector<uint8_t>>();
  EncodeOptions options = task.encode;
  options.threads = threads;
  return {.label = std::move(label), .run = [=](Answer& answer) -> Result<void> {
            auto done = FindCodec(task.format)->encode(task.pixels, options, *bytes);
            if (done && answer.keep) answer.bytes = *bytes;
            return done;
          }};
}

using FileJob = Job (*)(const Task&, Variant, std::string, int threads);
std::vector<Job> FileJobs(const Task& task, FileJob job) {
  std::vector<Job> jobs = {job(task, Variant::kBest, "ours", 1)};
  if (FindCodec(task.format)->build_index != nullptr)
    jobs.push_back(job(task, Variant::kIndexed, "ours, indexed", 1));
  return jobs;
}

// With what the codecs alone take of it.
std::vector<Job> RequestJobs(const Task& task) {
  std::vector<Job> jobs = FileJobs(task, RequestJob);
  auto part = PartOf(task);
  if (part) jobs.push_back(std::move(*part));
  return jobs;
}

// What two processors can give here: two callers side by side, each with the one-thread job,
// several times so that their meeting costs nothing. The time of one request.
Job CeilingJob(Job first, Job second, std::string label, int each) {
  return {.label = std::move(label), .run = [=](Answer& answer) -> Result<void> {
            const auto start = std::chrono::steady_clock::now();
            Answer other;
            auto done = ForEachPiece(2, 2, [&](int caller) -> Result<void> {
              for (int i = 0; i < each; ++i) {
                auto one = caller == 0 ? first.run(answer) : second.run(other);
                if (!one) return one;
              }
              return {};
            });
            const std::chrono::duration<double, std::milli> all =
                std::chrono::steady_clock::now() - start;
            answer.milliseconds = all.count() / (2 * each);
            return done;
          }};
}

std::vector<Job> ThreadJobs(const Task& task) {
  std::vector<Job> jobs;
  const auto add = [&](Variant variant, const std::string& label) {
    const auto job = [&](int threads, const std::string& name) {
      return task.kind == Kind::kEncode   ? EncodeJob(task, name, threads)
             : task.kind == Kind::kResize ? ResizeJob(task, name, threads)
                                          : RegionJob(task, variant, name, threads);
    };
    jobs.push_back(job(1, label));
    jobs.push_back(job(2, label + ", 2 threads"));
    jobs.push_back(CeilingJob(job(1, ""), job(1, ""), label + ", 2 callers (ceiling)",
                              task.format == "jp2" ? 1 : 8));
  };
  add(Variant::kBest, "ours");
  if (task.kind == Kind::kRegion && FindCodec(task.format)->build_index != nullptr)
    add(Variant::kIndexed, "ours, indexed");
  return jobs;
}

std::vector<Job> Prepare(const Task& task) {
  if (task.by_threads) return ThreadJobs(task);
  switch (task.kind) {
    case Kind::kResize:
      return {ResizeJob(task, "ours", 1)};
    case Kind::kEncode:
      return {EncodeJob(task, "ours", 1)};
    case Kind::kRegion:
      return FileJobs(task, RegionJob);
    case Kind::kRequest:
      return RequestJobs(task);
  }
  return {};
}

Result<std::string> LibraryVersions() {
  return fmt::format("{}, {}, {}", FindCodec("jpeg")->version(), FindCodec("jp2")->version(),
                     FindCodec("tiff")->version());
}

// Encoding JPEG, JPEG 2000, PNG and WebP is the library's own in ours too, so there is nothing to
// compare.
std::vector<Job> PrepareLibrary(const Task& task) {
  const std::string name = task.format == "jpeg"  ? "libjpeg-turbo"
                           : task.format == "jp2" ? "OpenJPEG"
                                                  : "libtiff";
  if (task.kind == Kind::kRegion) return {RegionJob(task, Variant::kLibrary, name, 1)};
  if (task.kind == Kind::kEncode && task.format == "tiff")
    return {
        {.label = "libtiff", .run = [=](Answer& answer) { return EncodeByLibtiff(task, answer); }}};
  if (task.kind == Kind::kRequest)
    return {RequestJob(task, Variant::kLibrary, name + " by hand", 1)};
  return {};
}

}  // namespace

extern const Peer ours_peer, library_peer;
const Peer ours_peer = {.name = "ours", .version = Version, .prepare = Prepare};
const Peer library_peer = {.name = "format libraries",
                           .version = LibraryVersions,
                           .prepare = PrepareLibrary,
                           .calls = "OpenJPEG libtiff libjpeg-turbo libzstd libdeflate"};

}  // namespace iiifbench::peers
