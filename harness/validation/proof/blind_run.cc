#include "harness/validation/proof/blind_run.h"

#include <signal.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "harness/attribution/attribute.h"
#include "harness/servers/launch/spawned_server.h"
#include "harness/servers/reference/reference_server.h"
#include "harness/stats/quantile.h"
#include "harness/validation/proof/faulty_server.h"
#include "harness/validation/proof/truth.h"
#ifdef IIIFBENCH_VIPS
#include "harness/validation/proof/vips_server.h"
#endif

namespace iiifbench {

namespace fs = std::filesystem;

int ServeFaulty(const std::vector<std::string>& arguments) {
  IIIFBENCH_CHECK(arguments.size() == 6, "server, plan, images, truth, port, workers");
  std::ifstream in(arguments[1]);
  const std::string text(std::istreambuf_iterator<char>(in), {});
#ifdef IIIFBENCH_VIPS
  if (arguments[0] == "vips")
    return ServeVips(nlohmann::json::parse(text), arguments[2], arguments[3],
                     std::stoi(arguments[4]));
#endif
  if (arguments[0] != "reference") {
    fmt::print(stderr, "{}: not built in; it needs the package libvips-dev\n", arguments[0]);
    return 1;
  }
  auto plan = ParseFaultPlan(text);
  if (!plan) {
    fmt::print(stderr, "{}: {}\n", arguments[1], plan.error().message);
    return 1;
  }
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  auto server = ReferenceServer::Start({.folder = arguments[2],
                                        .port = std::stoi(arguments[4]),
                                        .workers = std::stoi(arguments[5]),
                                        .truth_file = arguments[3],
                                        .faults = *plan});
  if (!server) {
    fmt::print(stderr, "{}\n", server.error().message);
    return 1;
  }
  int signal = 0;
  sigwait(&ends, &signal);
  (*server)->Stop();
  return 0;
}

Result<nlohmann::json> RunBlind(const DrawnPlan& plan, const BlindOptions& options) {
  const std::string images = options.work_folder + "/images",
                    hidden = options.work_folder + "/hidden";
  std::error_code error;
  for (const auto& folder : {images, hidden}) fs::create_directories(folder, error);
  const std::string source = images + "/" + fs::path(options.source).filename().string();
  fs::copy_file(options.source, source, fs::copy_options::overwrite_existing, error);
  if (error) return Fail(ErrorKind::kIo, "{}: {}", source, error.message());
  const std::string truth_file = hidden + "/truth.jsonl";
  fs::remove(truth_file, error);
  auto running = StartFaulty(options.server, plan.faults, plan.workers, images, hidden, truth_file);
  if (!running) return running.error();
  SizeSeries pictures;
  std::vector<OtherImage> others;
  if (options.sizes == "pictures") {
    const int widths[] = {options.size.width / 5, options.size.width * 2 / 5};
    auto placed = SizeSeries::Place(source, images, widths);
    if (!placed) return placed.error();
    pictures = std::move(*placed);
    for (const auto& step : pictures.steps())
      others.push_back(
          {(*running)->ImageUrl(step.file), options.without_source ? std::string() : step.path});
  }
  auto attributed = Attribute(
      {.observe = {
           .url = (*running)->ImageUrl(fs::path(source).filename().string()),
           .source = options.without_source ? std::string() : source,
           .place = options.without_source || options.sizes != "folder" ? std::string() : images,
           .others = others,
           .requests = DrawRequests(plan.seed, plan.number, options.size),
           .budget = std::chrono::duration<double>(options.budget),
           .seed = plan.seed,
           .progress = options.progress,
           .stop = options.stop}});
  auto alive = (*running)->Check();
  if (!alive) return alive.error();
  if (!attributed) return attributed.error();
  const Observed& observed = attributed->observed;
  const Attribution& attribution = attributed->attribution;
  for (const auto& [path, methods] : observed.methods) {
    const auto timing = methods.find("server-timing");
    IIIFBENCH_CHECK(timing == methods.end() || timing->second.empty(),
                    "the estimator saw the truth");
  }
  running->reset();
  auto truth = ReadTruth(truth_file);
  if (!truth) return truth.error();
  auto row =
      Score(attribution, *truth, {plan.decode_name, plan.resize_name, plan.noop_resize_name});
  if (attribution.stored) row["stored"] = ScoreStored(*attribution.stored, source);
  row["number"] = plan.number;
  row["recipe"] = plan.recipe;
  row["plan"] = plan.Describe();
  row["faults"] = plan.faults;
  row["cache"] = plan.cached();
  // Every probe, so that an error can be looked into: name, median and samples, what the fit says.
  for (size_t i = 0; i < attribution.predicted_ms.size(); ++i) {
    const Case& c = observed.cases[i];
    row["probes"].push_back(
        {c.probe.name, Median(c.samples_ms), c.samples_ms.size(), attribution.predicted_ms[i]});
  }
  const Signatures& signatures = observed.signatures;
  const auto measured = [](std::optional<double> v) {
    return v ? nlohmann::json(*v) : nlohmann::json();
  };
  row["signatures"] = {{"second_to_first", measured(signatures.second_to_first)},
                       {"bottom_to_top", measured(signatures.bottom_to_top)},
                       {"above_level", measured(signatures.above_level)},
                       {"pixel_to_small", measured(signatures.pixel_to_small)},
                       {"info_to_small", measured(signatures.info_to_small)},
                       {"info_ms", signatures.info_ms},
                       {"repeats", nlohmann::json::array()}};
  for (const auto& repeat : signatures.repeats)
    row["signatures"]["repeats"].push_back({repeat.name, repeat.first_ms, repeat.again_ms});
  row["seconds"] = observed.seconds;
  row["rounds"] = observed.rounds;
  return row;
}

}  // namespace iiifbench
