#include "harness/attribution/observe.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <random>
#include <set>

#include "harness/attribution/evidence.h"
#include "harness/load/client.h"
#include "harness/load/response_check.h"
#include "harness/stats/quantile.h"
#include "kernels/iiif/render.h"

namespace iiifbench {
namespace {

using Clock = std::chrono::steady_clock;
double Ms(std::chrono::nanoseconds t) { return std::chrono::duration<double, std::milli>(t).count(); }

class Observer {
 public:
  Observer(const ObserveOptions& options, Observed& out)
      : options_(options), out_(out), client_({.headers = options.headers}), random_(options.seed) {}

  Result<void> Run();

 private:
  struct Answer {
    std::vector<uint8_t> body;  // the first, checked one
    std::string wrong;          // why this case is left out
  };

  bool Stopped() const { return options_.stop != nullptr && options_.stop->load(); }
  double Elapsed() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }
  void Say(const std::string& line) const {
    if (options_.progress) options_.progress(line);
  }
  std::string UrlOf(const Case& c) const {
    return (c.probe.image == 0 ? options_.url : ladder_urls_[static_cast<size_t>(c.probe.image) - 1]) + "/" +
           c.probe.path;
  }
  Case* Find(const std::string& name) {
    for (auto& c : out_.cases) {
      if (c.probe.name == name && answers_[static_cast<size_t>(&c - out_.cases.data())].wrong.empty())
        return &c;
    }
    return nullptr;
  }
  Result<void> ReadServer();
  void PlaceLadder();
  Result<void> MakeCases();
  void WarmUp();
  void TakeSignatures();
  void PruneHypotheses();
  void Round(int number);
  void Ask(Case& c, Answer& answer, bool evidence);
  Result<void> CheckFirst(Case& c, const Exchange& exchange);
  void MeasureKernels(const Case& c, std::set<int>& done);
  void DropWrongAnswers();

  const ObserveOptions& options_;
  Observed& out_;
  Client client_;
  std::mt19937_64 random_;
  Clock::time_point start_ = Clock::now();
  std::vector<std::string> ladder_urls_;
  std::vector<Answer> answers_;
  std::vector<std::pair<double, double>> first_and_second_;
  std::vector<double> early_, late_;  // latencies of rounds over the case's median
  std::string full_ = "full", upscale_;
  Renderer renderer_;
};

// The file's header, and info.json, which must speak of the same picture.
Result<void> Observer::ReadServer() {
  auto source = Source::Open(options_.source);
  if (!source) return source.error();
  auto codec = CodecOf(**source);
  if (!codec) return codec.error();
  auto info = (*codec)->probe(**source);
  if (!info) return info.error();
  out_.codec = (*codec)->name;
  out_.info = std::make_unique<ImageInfo>(*info);
  const Exchange exchange = client_.Get(options_.url + "/info.json");
  auto right = CheckInfo(exchange, info->size);
  if (!right)
    return Fail(ErrorKind::kBadInput, "{}/info.json: {}; is --source {} the file that this URL serves?",
                options_.url, right.error().message, options_.source);
  const auto json = nlohmann::json::parse(exchange.body, nullptr, false);
  if (json.value("type", "").starts_with("ImageService3")) {
    full_ = "max";
    upscale_ = "^";
  }
  auto network = MeasureNetwork(options_.url + "/info.json", options_.headers);
  if (!network) return network.error();
  out_.network = *network;
  return {};
}

// URLs of the ladder: the identifier's last component with another file name.
void Observer::PlaceLadder() {
  if (options_.place.empty()) return;
  const std::string name = std::filesystem::path(options_.source).filename().string();
  const std::string tail = PercentEncode(name);
  if (!options_.url.ends_with(tail) && !options_.url.ends_with(name)) {
    out_.findings.push_back(fmt::format(
        "no ladder: the URL does not end in {}, so the URLs of files beside it are unknown", name));
    return;
  }
  const std::string head =
      options_.url.substr(0, options_.url.size() - (options_.url.ends_with(tail) ? tail : name).size());
  auto ladder = Ladder::Place(options_.source, options_.place);
  if (!ladder) {
    out_.findings.push_back("no ladder: " + ladder.error().message);
    return;
  }
  out_.ladder = std::move(*ladder);
  for (const auto& step : out_.ladder.steps()) ladder_urls_.push_back(head + PercentEncode(step.file));
}

Result<void> Observer::MakeCases() {
  std::vector<Size> sizes;
  for (const auto& step : out_.ladder.steps()) sizes.push_back(step.info.size);
  std::error_code ignored;
  const auto bytes = static_cast<int64_t>(std::filesystem::file_size(options_.source, ignored));
  auto add = [&](const ProbeRequest& probe, bool held_out) -> Result<void> {
    Case c{.probe = probe,
           .held_out = held_out,
           .codec = out_.codec,
           .file = options_.source,
           .file_bytes = bytes,
           .info = out_.info.get()};
    if (probe.image > 0) {
      const auto& step = out_.ladder.steps()[static_cast<size_t>(probe.image) - 1];
      c.file = step.path, c.file_bytes = step.bytes, c.info = &step.info;
    }
    if (!probe.info) {
      auto request = ParseImageRequest("id/" + probe.path, full_ == "max" ? ApiVersion::k3 : ApiVersion::k2);
      if (!request) return request.error();
      auto plan = MakeRenderPlan(*c.info, *request);
      if (!plan) return Fail(plan.error().kind, "{}: {}", probe.path, plan.error().message);
      c.request = *request;
    }
    out_.cases.push_back(std::move(c));
    return {};
  };
  for (const auto& probe : DesignProbes(out_.info->size, sizes, full_, upscale_)) {
    auto done = add(probe, false);
    if (!done) return done;
  }
  const auto wanted = options_.requests.empty() ? DefaultRequests(out_.info->size) : options_.requests;
  for (const auto& path : wanted) {
    auto done = add({.name = "request:" + path, .path = path}, true);
    if (!done) return done;
  }
  answers_.resize(out_.cases.size());
  return {};
}

// Distinct requests, so that a cache cannot end the warm-up.
void Observer::WarmUp() {
  std::vector<double> before, now;
  const Size size = out_.info->size;
  const int side = std::min({300, size.width, size.height});
  const double limit = options_.budget.count() / 6;
  for (int i = 0; Elapsed() < limit && !Stopped(); ++i) {
    const int x = static_cast<int>(random_() % static_cast<uint64_t>(size.width - side + 1));
    const int y = static_cast<int>(random_() % static_cast<uint64_t>(size.height - side + 1));
    const Exchange exchange = client_.Get(
        fmt::format("{}/{},{},{},{}/{},/0/default.jpg", options_.url, x, y, side, side, side * 2 / 3));
    if (exchange.status != 200) break;  // the probes will say what is wrong
    now.push_back(Ms(exchange.latency()));
    if (now.size() < 12) continue;
    if (!before.empty() && std::abs(Median(now) / Median(before) - 1) < 0.07) break;
    before = std::exchange(now, {});
  }
}

Result<void> Observer::CheckFirst(Case& c, const Exchange& exchange) {
  if (c.probe.info) return CheckInfo(exchange, c.info->size);
  auto source = Source::Open(c.file);
  if (!source) return source.error();
  auto plan = MakeRenderPlan(*c.info, c.request);
  if (!plan) return plan.error();
  StageTimes times;
  DecodeReport report;
  auto expected = renderer_.RenderPixels(**source, *plan, times, report);
  if (!expected) return expected.error();
  // Magnified pixels show the filter more than the picture.
  const bool magnified = expected->width > 2 * plan->region.width;
  auto facts = CheckResponse(exchange, *expected, magnified ? kLeastPsnr - 10 : kLeastPsnr);
  // A single pixel need not look like ours: neighbours and chroma are averaged in different ways.
  if (!facts && !(expected->width == 1 && exchange.status == 200)) return facts.error();
  if (exchange.body.size() == static_cast<size_t>(c.file_bytes)) {
    auto bytes = (*source)->ReadAll();
    if (bytes && std::ranges::equal(*bytes, exchange.body))
      return Fail(ErrorKind::kBadInput, "the source file itself came: streamed, not made");
  }
  if (c.request.format != "jpg") return {};
  auto answer = ReadEncoderFacts(exchange.body);
  if (!answer) return answer.error();
  c.answer = *answer;
  auto body = Source::Borrow(exchange.body, "answer");
  auto picture = DecodeWhole(*body, Variant::kLibrary);
  if (!picture) return picture.error();
  c.encode_work = out_.costs->Encode(picture->view(), c.answer);
  return {};
}

void Observer::Ask(Case& c, Answer& answer, bool evidence) {
  const CpuTime before =
      evidence && options_.running ? CpuTime::Of(options_.running->ProcessIds()) : CpuTime{};
  const Exchange exchange = client_.Get(UrlOf(c));
  const CpuTime after =
      evidence && options_.running ? CpuTime::Of(options_.running->ProcessIds()) : CpuTime{};
  if (!c.probe.info) ++out_.image_answers;
  const bool first = answer.body.empty();
  Result<void> right = first || c.probe.info ? CheckFirst(c, exchange) : Result<void>();
  if (!first && !c.probe.info && !std::ranges::equal(exchange.body, answer.body)) {
    auto known = Source::Borrow(answer.body, "first answer");
    auto picture = DecodeWhole(*known, Variant::kLibrary);
    auto same = picture ? CheckResponse(exchange, picture->view()) : Result<ResponseFacts>(picture.error());
    if (!same) right = Fail(same.error().kind, "later another answer: {}", same.error().message);
  }
  if (!right) {
    ++out_.wrong_answers;
    answer.wrong = right.error().message;
    return;
  }
  if (first) answer.body = exchange.body;
  const double latency = Ms(exchange.latency());
  c.samples_ms.push_back(latency);
  c.first_byte_ms.push_back(Ms(exchange.first_byte - exchange.due));
  c.fixed_ms =
      out_.network.Of(static_cast<int64_t>(exchange.body.size()), Ms(exchange.done - exchange.first_byte));
  if (!c.held_out) return;
  auto& methods = out_.methods[c.probe.path];
  TakeServerTiming(exchange, methods["server-timing"]);
  if (options_.running != nullptr) {
    TakeLog(options_.running->TakeLog(), methods["log"]);
    if (evidence) TakeCpu(before, after, methods["cpu"]);
  }
}

void Observer::TakeSignatures() {
  for (int pass = 0; pass < 4 && !Stopped(); ++pass) {
    for (size_t i = 0; i < out_.cases.size(); ++i) {
      Case& c = out_.cases[i];
      if (!c.probe.signature || !answers_[i].wrong.empty()) continue;
      // The budget is for the rounds: slow servers get two passes.
      if (pass >= 2 && Elapsed() > options_.budget.count() / 4) continue;
      Ask(c, answers_[i], false);
    }
  }
  std::vector<double> repeats;
  for (const Case& c : out_.cases) {
    if (c.probe.signature && !c.probe.info && c.samples_ms.size() >= 3)
      repeats.push_back(Median(std::span(c.samples_ms).subspan(1)) / c.samples_ms.front());
  }
  auto ratio = [&](const char* one, const char* other) {
    const Case *a = Find(one), *b = Find(other);
    if (a == nullptr || b == nullptr || a->samples_ms.empty() || b->samples_ms.empty()) return 0.0;
    return Median(a->samples_ms) / Median(b->samples_ms);
  };
  Signatures& s = out_.signatures;
  s.second_to_first = repeats.empty() ? 0 : Median(repeats);
  s.bottom_to_top = ratio("position:bottom", "position:top");
  s.above_level = ratio("full:501", "full:500");
  s.pixel_to_small = ratio("pixel", "ladder:64");
  s.info_to_small = ratio("info:0", "info:1");
  if (s.second_to_first > 0 && s.second_to_first < 0.7) {
    out_.refusals.push_back(
        fmt::format("a cache answers: repeats of a request take {:.2f} of the first time; switch the cache "
                    "off, or measure first requests",
                    s.second_to_first));
  }
  Say(
      fmt::format("signatures: repeat/first {:.2f}, bottom/top {:.2f}, 501/500 wide {:.2f}, pixel of page/of "
                  "64 px {:.2f}, "
                  "info of page/of 64 px {:.2f}",
                  s.second_to_first, s.bottom_to_top, s.above_level, s.pixel_to_small, s.info_to_small));
}

// Leaves out habits whose decode alone, at a quarter of our cost per pixel (amortised, on two cores), is
// slower than the whole request.
void Observer::PruneHypotheses() {
  out_.hypotheses = AllHypotheses(out_.codec, *out_.info);
  const Case* reference = Find("equal:256");
  if (reference == nullptr) return;
  auto plan = MakeRenderPlan(*reference->info, reference->request, {.variant = Variant::kLibrary});
  if (!plan) return;
  const int work = out_.costs->Decode(reference->file, *reference->info, *plan);
  out_.costs->Measure(work);
  // The region's cost holds what lies above it where there is no random access: a lower bound per pixel is
  // enough.
  const double touched = out_.codec == "jpeg"   ? static_cast<double>(out_.info->size.pixels()) / 2
                         : out_.codec == "tiff" ? 4.0 * 256 * 256
                                                : 320.0 * 320;
  const double ms_per_pixel = out_.costs->ms(work) / touched / 4;
  std::erase_if(out_.hypotheses, [&](const Hypothesis& h) {
    int slower = 0;
    for (const Case& c : out_.cases) {
      if (c.probe.info || c.samples_ms.empty()) continue;
      auto p = MakeRenderPlan(*c.info, c.request, h.settings());
      if (p && ms_per_pixel * static_cast<double>(p->level_region.size().pixels()) > Median(c.samples_ms))
        ++slower;
    }
    return slower >= 2;
  });
}

void Observer::MeasureKernels(const Case& c, std::set<int>& done) {
  if (c.probe.info) return;
  auto measure = [&](int work) {
    if (work < 0 || !done.insert(work).second) return;
    const int samples = out_.costs->samples(work);
    const double ms = out_.costs->ms(work);
    if (samples >= (ms > 300 ? 2 : ms > 50 ? 4 : 6)) return;
    out_.costs->Measure(work);
  };
  for (const auto& hypothesis : out_.hypotheses) {
    const CaseWorks works = WorksOf(c, hypothesis, *out_.costs);
    measure(works.decode);
    measure(works.resize);
  }
  measure(c.encode_work);
}

void Observer::Round(int number) {
  std::vector<size_t> order;
  for (size_t i = 0; i < out_.cases.size(); ++i) {
    order.push_back(i);
    if (out_.cases[i].held_out) order.push_back(i);
  }
  for (size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random_() % i]);
  std::set<int> measured;
  for (size_t i : order) {
    // Every probe once, whatever the budget.
    if (Stopped() || (number > 1 && Elapsed() > options_.budget.count())) return;
    Case& c = out_.cases[i];
    if (!answers_[i].wrong.empty()) continue;
    Ask(c, answers_[i], true);
    if (answers_[i].wrong.empty()) MeasureKernels(c, measured);
  }
  out_.rounds = number;
}

void Observer::DropWrongAnswers() {
  std::map<std::string, int> reasons;
  size_t kept = 0;
  for (size_t i = 0; i < out_.cases.size(); ++i) {
    if (!answers_[i].wrong.empty()) {
      if (out_.cases[i].held_out) {
        out_.refusals.push_back(fmt::format("{}: {}", out_.cases[i].probe.path, answers_[i].wrong));
      } else {
        ++reasons[answers_[i].wrong];
      }
      continue;
    }
    if (out_.cases[i].samples_ms.empty()) continue;
    if (kept != i) out_.cases[kept] = std::move(out_.cases[i]);
    ++kept;
  }
  out_.cases.resize(kept);
  for (const auto& [reason, count] : reasons)
    out_.findings.push_back(fmt::format("{} probe{} left out: {}", count, count == 1 ? "" : "s", reason));
  int foreign = 0, jpegs = 0;
  for (const Case& c : out_.cases) {
    if (c.answer.size.width == 0) continue;
    ++jpegs;
    if (!c.answer.like_libjpeg) ++foreign;
  }
  out_.foreign_encoder = foreign * 2 > jpegs;
}

Result<void> Observer::Run() {
  auto ready = ReadServer();
  if (!ready) return ready;
  PlaceLadder();
  auto made = MakeCases();
  if (!made) return made;
  Say(fmt::format("{} probes, {} requests, {} steps of the ladder; round trip {:.2f} ms", out_.cases.size(),
                  options_.requests.size(), ladder_urls_.size(), out_.network.round_trip_ms));
  WarmUp();
  TakeSignatures();
  PruneHypotheses();
  for (int round = 1; round <= 9 && !Stopped(); ++round) {
    const double before = Elapsed();
    Round(round);
    const double took = Elapsed() - before;
    Say(fmt::format("round {} took {:.1f} s; {:.0f} s of {:.0f} s used", round, took, Elapsed(),
                    options_.budget.count()));
    if (Elapsed() > options_.budget.count()) break;
  }
  for (const Case& c : out_.cases) {
    const size_t half = c.samples_ms.size() / 2;
    if (half < 1) continue;
    const double middle = Median(c.samples_ms);
    for (size_t i = 0; i < c.samples_ms.size(); ++i)
      (i < half ? early_ : late_).push_back(c.samples_ms[i] / middle);
  }
  if (!early_.empty()) out_.drift = Median(late_) / Median(early_) - 1;
  DropWrongAnswers();
  out_.seconds = Elapsed();
  return {};
}

}  // namespace

Result<Observed> Observe(const ObserveOptions& options) {
  Observed out;
  Observer observer(options, out);
  auto done = observer.Run();
  if (!done) return done.error();
  return out;
}

}  // namespace iiifbench
