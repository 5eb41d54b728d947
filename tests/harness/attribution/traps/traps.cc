#include "tests/harness/attribution/traps/traps.h"

#include <algorithm>
#include <filesystem>
#include <functional>

#include "harness/attribution/attribute.h"
#include "harness/load/link_proxy.h"
#include "tests/harness/attribution/proof/blind_run.h"

namespace iiifbench {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using Says = std::pair<std::string, bool>;  // what, and whether that is enough

struct Look {
  std::string recipe = "tiff_deflate";
  json faults = json::object();
  std::vector<std::string> requests = {"256,512,256,256/256,/0/default.jpg",
                                       "100,200,500,500/200,/0/default.jpg"};
  std::chrono::nanoseconds one_way_delay{};
  bool other_page = false;
};

class Scenes {
 public:
  explicit Scenes(std::string folder) : folder_(std::move(folder)) {}

  Result<std::string> File(const std::string& recipe, const std::string& page = "map") {
    auto corpus = EnsureCorpus({.small = true, .recipes = {recipe}, .pages = {page}});
    if (!corpus) return corpus.error();
    return corpus->entries.front().path;
  }
  // The attribution, or the reason why there is none.
  Result<Attribution> At(const Look& look) {
    auto file = File(look.recipe);
    if (!file) return file.error();
    const std::string images = folder_ + "/images", hidden = folder_ + "/hidden";
    std::error_code error;
    for (const auto& folder : {images, hidden}) fs::create_directories(folder, error);
    std::string source = images + "/" + fs::path(*file).filename().string();
    fs::copy_file(*file, source, fs::copy_options::overwrite_existing, error);
    if (error) return Fail(ErrorKind::kIo, "{}: {}", source, error.message());
    auto running = StartFaulty("reference", look.faults, 1, images, hidden, hidden + "/truth.jsonl");
    if (!running) return running.error();
    std::string url = (*running)->ImageUrl(fs::path(source).filename().string());
    std::unique_ptr<LinkProxy> link;
    if (look.one_way_delay.count() > 0) {
      const int port = std::stoi(url.substr(url.find(':', 7) + 1));
      auto started = LinkProxy::Start({.port = port, .one_way_delay = look.one_way_delay});
      if (!started) return started.error();
      link = std::move(*started);
      url = link->Through(url);
    }
    if (look.other_page) {
      auto other = File(look.recipe, "print");
      if (!other) return other.error();
      source = *other;
    }
    auto observed = Observe({.url = url,
                             .source = source,
                             .place = look.other_page ? std::string() : images,
                             .requests = look.requests,
                             .budget = std::chrono::duration<double>(3)});
    if (!observed) return observed.error();
    return Attribute(*observed);
  }

 private:
  std::string folder_;
};

// The first of the sentences that holds `words`.
Says Sentence(const std::vector<std::string>& sentences, const std::string& words) {
  for (const auto& sentence : sentences) {
    if (sentence.find(words) != std::string::npos) return {sentence, true};
  }
  return {"nothing of it", false};
}

Says WhatIfSays(const Attribution& attribution, const std::string& words) {
  for (const auto& what : attribution.what_ifs) {
    if (what.change.find(words) != std::string::npos)
      return {fmt::format("what-if: {} (saves {:.1f} ms of {})", what.change, what.saves_ms, what.path),
              true};
  }
  return {"nothing of it", false};
}

double StageMs(const RequestAttribution& request, const std::string& stage) {
  const auto found = request.stages.find(stage);
  return found == request.stages.end() ? 0 : found->second.ms;
}

struct Trap {
  char letter;
  std::string trap, scenario;
  std::function<Result<Says>(Scenes&)> spring;  // empty: no scenario yet
};

// A trap that a look at one faulty server decides.
std::function<Result<Says>(Scenes&)> By(Look look, std::function<Says(const Attribution&)> says) {
  return [look = std::move(look), says = std::move(says)](Scenes& scenes) -> Result<Says> {
    auto attribution = scenes.At(look);
    if (!attribution) return attribution.error();
    return says(*attribution);
  };
}

// A refusal may come as an error too, before there is anything to attribute.
std::function<Result<Says>(Scenes&)> Refused(Look look, const std::string& words) {
  return [look = std::move(look), words](Scenes& scenes) -> Result<Says> {
    auto attribution = scenes.At(look);
    if (!attribution) return Sentence({attribution.error().message}, words);
    auto refusals = attribution->refusals;
    refusals.insert(refusals.end(), attribution->findings.begin(), attribution->findings.end());
    return Sentence(refusals, words);
  };
}

std::vector<Trap> Traps() {
  std::vector<Trap> out;
  out.push_back({'A', "slow source read", "storage of 100 ms per MB",
                 By({.faults = {{"read_ms_per_mb", 100}}},
                    [](const Attribution& a) { return Sentence(a.findings, "storage"); })});
  out.push_back(
      {'B', "resize that changes nothing", "a resample at equal sizes, 6 times our cost",
       By({.faults = {{"resample_always", true}, {"multiplier", {{"resize", 6}}}}},
          [](const Attribution& a) { return WhatIfSays(a, "do not resample where sizes are equal"); })});
  out.push_back(
      {'C', "misaligned regions", "a TIFF tile, and the same size half a tile off",
       By({.faults = {{"multiplier", {{"decode", 2}}}},
           .requests = {"256,512,256,256/256,/0/default.jpg", "128,384,256,256/256,/0/default.jpg"}},
          [](const Attribution& a) -> Says {
            if (a.requests.size() != 2) return {"no stages", false};
            const double one = StageMs(a.requests[0], "decode"), other = StageMs(a.requests[1], "decode");
            return {fmt::format("decode {:.1f} ms aligned, {:.1f} ms half a tile off", one, other),
                    other > 2 * one};
          })});
  out.push_back({'D', "JP2 without PLT", "", {}});
  out.push_back({'E', "wrong resolution level", "TIFF pyramid whose levels are not used",
                 By({.faults = {{"levels", "none"}}}, [](const Attribution& a) {
                   return WhatIfSays(a, "pyramid level that the answer needs");
                 })});
  out.push_back({'F', "one worker, ten clients", "", {}});
  out.push_back({'G', "fixed script delay", "every picture waits 25 ms for a script",
                 By({.faults = {{"delay_ms", {{"overhead", 25}}}}}, [](const Attribution& a) -> Says {
                   if (a.requests.empty()) return {"no stages", false};
                   const double ms = StageMs(a.requests[0], "overhead");
                   return {a.sentence, ms > 20 && ms < 30};
                 })});
  out.push_back({'H', "cold against warm page cache", "", {}});
  out.push_back({'I', "a derivative cache left on", "answers are kept",
                 Refused({.faults = {{"cache", true}}}, "a cache answers")});
  out.push_back({'J', "a constant picture answered fast", "grey pictures of the right size",
                 Refused({.faults = {{"answer", "grey"}}}, "not the picture that was asked for")});
  out.push_back({'K', "another size", "pictures one pixel too narrow",
                 Refused({.faults = {{"answer", "smaller"}}}, "not the picture that was asked for")});
  out.push_back({'L', "a link of 46 ms", "23 ms each way before the server",
                 By({.one_way_delay = std::chrono::milliseconds(23)}, [](const Attribution& a) -> Says {
                   if (a.requests.empty()) return {"no stages", false};
                   const auto& request = a.requests[0];
                   return {a.sentence, StageMs(request, "network") > 0.8 * request.measured_ms};
                 })});
  out.push_back({'M', "progressive JPEG source", "the page as progressive JPEG",
                 By({.recipe = "jpeg_q90_progressive"},
                    [](const Attribution& a) { return Sentence(a.findings, "progressive"); })});
  out.push_back({'N', "subprocess and temporary file", "", {}});
  out.push_back({'O', "periodic pauses", "every 6th picture waits 60 ms",
                 By({.faults = {{"pause_every", 6}, {"pause_ms", 60}}},
                    [](const Attribution& a) { return Sentence(a.findings, "pauses"); })});
  out.push_back({'P', "slow encode", "JPEG encoder at 5 times our cost",
                 By({.faults = {{"multiplier", {{"encode", 5}}}}},
                    [](const Attribution& a) { return WhatIfSays(a, "encode with libjpeg-turbo"); })});
  out.push_back({'Q', "labels swapped", "the file named is another page than the URL serves",
                 Refused({.other_page = true}, "answers are not the picture")});
  out.push_back({'R', "decode threads oversubscribed", "", {}});
  out.push_back({'S', "broken answers among the successes", "every answer is cut in half",
                 Refused({.faults = {{"answer", "truncated"}}}, "answers are not the picture")});
  out.push_back({'T', "a client that paces itself", "", {}});
  out.push_back({'U', "stages that overlap", "", {}});
  out.push_back({'V', "sources in an object store", "", {}});
  out.push_back({'W', "memory that grows with the region", "", {}});
  return out;
}

}  // namespace

std::vector<TrapOutcome> SpringTraps(const std::string& letters, const std::string& work_folder) {
  std::vector<TrapOutcome> out;
  Scenes scenes(work_folder);
  for (const Trap& trap : Traps()) {
    if (!letters.empty() && letters.find(trap.letter) == std::string::npos) continue;
    TrapOutcome outcome{.letter = trap.letter, .trap = trap.trap, .scenario = trap.scenario};
    if (!trap.spring) {
      outcome.scenario = "-", outcome.says = "no scenario yet";
    } else {
      auto says = trap.spring(scenes);
      outcome.says = says ? says->first : "error: " + says.error().message;
      outcome.caught = says && says->second;
    }
    out.push_back(std::move(outcome));
  }
  return out;
}

std::string TrapTable(const std::vector<TrapOutcome>& outcomes) {
  std::string out = "| | trap | scenario | says | |\n|---|---|---|---|---|\n";
  for (const auto& o : outcomes)
    out += fmt::format("| {} | {} | {} | {} | {} |\n", o.letter, o.trap, o.scenario, o.says,
                       o.caught ? "caught" : "missed");
  const auto caught = std::ranges::count_if(outcomes, [](const auto& o) { return o.caught; });
  return out + fmt::format("\n{} of {} caught.\n", caught, outcomes.size());
}

}  // namespace iiifbench
