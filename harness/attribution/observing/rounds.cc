#include <algorithm>
#include <cmath>
#include <set>
#include "harness/attribution/answering/first_answer.h"
#include "harness/attribution/evidence.h"
#include "harness/attribution/observing/observer.h"
#include "harness/attribution/situations/page_cache.h"
#include "harness/stats/quantile.h"

namespace iiifbench {

// By all that was answered so far.
void Observer::JudgeSignatures() {
  Signatures& s = out_.signatures;
  auto ratio = [&](const char* one, const char* other) -> std::optional<double> {
    const Case *a = Find(one), *b = Find(other);
    if (a == nullptr || b == nullptr || a->samples_ms.empty() || b->samples_ms.empty()) return {};
    return Median(a->samples_ms) / Median(b->samples_ms);
  };
  s.bottom_to_top = ratio("position:bottom", "position:top");
  s.above_level = ratio("full:501", "full:500");
  s.pixel_to_small = ratio("pixel", "ladder:64");
  s.info_to_small = ratio("info:0", "info:1");
}

void Observer::TakeSignatures() {
  // The first answer is wanted in seconds: twice each will do where a pass is slow.
  constexpr double kFirstAnswer = 5;
  // So many are asked again however slow they are: a cache shows in repeats only (answer_cache.h).
  constexpr int kRepeated = 6;
  int repeated = 0;
  for (int pass = 0; pass < 4 && !Stopped() && (pass < 2 || Elapsed() < kFirstAnswer); ++pass) {
    for (size_t i = 0; i < out_.cases.size(); ++i) {
      Case& c = out_.cases[i];
      if (!c.probe.signature || !answers_[i].wrong.empty()) continue;
      // The budget is for the rounds: more slow answers are not repeated.
      if (pass >= 1 && repeated >= kRepeated && Elapsed() > options_.budget.count() / 6 &&
          c.samples_ms.back() > 10 * options_.budget.count())
        continue;
      Ask(c, answers_[i], false);
      repeated += pass >= 1 ? 1 : 0;
    }
  }
  std::vector<double> repeats;
  Signatures& s = out_.signatures;
  for (const Case& c : out_.cases) {
    if (!c.probe.signature || c.probe.info || c.samples_ms.size() < 2) continue;
    s.repeats.push_back({c.probe.name, c.samples_ms.front() - c.fixed_ms,
                         std::max(0.0, Median(std::span(c.samples_ms).subspan(1)) - c.fixed_ms)});
    repeats.push_back(s.repeats.back().again_ms / std::max(0.1, s.repeats.back().first_ms));
  }
  if (const Case* info = Find("info:0"); info != nullptr && !info->samples_ms.empty())
    s.info_ms = Median(info->samples_ms) - info->fixed_ms;
  if (!repeats.empty()) s.second_to_first = Median(repeats);
  JudgeSignatures();
  s.cached = CacheAnswers(s.repeats, s.info_ms);
  if (s.cached) {
    out_.refusals.push_back(fmt::format(
        "a cache answers: repeats of a request take {:.2f} of the first time; switch the cache "
        "off, or measure first requests",
        s.second_to_first.value_or(0)));
  }
  Say(Describe(s));
  const Case* tile = Find("equal:256");
  const std::string answer =
      FirstAnswer(s, out_.codec, out_.network,
                  tile == nullptr || tile->samples_ms.empty() ? 0 : Median(tile->samples_ms));
  Say(fmt::format("{} (after {:.1f} s)", answer, Elapsed()));
}

void Observer::MeasureKernels(const Case& c) {
  if (c.probe.info) return;
  std::set<int> done;
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

std::vector<size_t> Observer::Shuffled(bool (*wanted)(const Case&)) {
  std::vector<size_t> order;
  for (size_t i = 0; i < out_.cases.size(); ++i) {
    if (wanted(out_.cases[i])) order.push_back(i);
  }
  for (size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random_() % i]);
  return order;
}

void Observer::Step(size_t number, bool kernels) {
  if (!answers_[number].wrong.empty()) return;
  const double start = Elapsed();
  Ask(out_.cases[number], answers_[number], true);
  if (!kernels || !answers_[number].wrong.empty()) return;
  const CpuTime before = OfThisThread();
  MeasureKernels(out_.cases[number]);
  const CpuTime after = OfThisThread();
  out_.own_cpu_ms += after.on_cpu_ms - before.on_cpu_ms;
  out_.own_run_queue_ms += after.run_queue_ms - before.run_queue_ms;
  longest_step_ = std::max(longest_step_, Elapsed() - start);
}

void Observer::Rounds() {
  const auto core = [](const Case& c) { return c.probe.core && !c.held_out; };
  const auto wanted = [](const Case& c) { return c.held_out; };
  const auto rest = [](const Case& c) { return !c.probe.core && !c.held_out; };
  // What there must be, whatever the budget: the core with its kernels, and an answer of every
  // request.
  for (size_t i : Shuffled(core)) {
    if (Stopped()) return;
    if (out_.cases[i].samples_ms.empty()) Step(i, false);
  }
  PruneHypotheses();
  PruneByPixels();
  int measured = 0;
  for (size_t i : Shuffled(core)) {
    if (Stopped()) return;
    // A slow server is asked once; the kernels must run all the same.
    if (Elapsed() < 0.7 * options_.budget.count() || out_.cases[i].samples_ms.empty()) {
      Step(i, true);
    } else if (answers_[i].wrong.empty()) {
      MeasureKernels(out_.cases[i]);
    }
    out_.costs->MeasureFaults();
    if (++measured % 4 == 0) PruneMeasured();
  }
  JudgeSignatures();
  Say(fmt::format("the core took {:.1f} s of {:.0f} s", Elapsed(), options_.budget.count()));
  Screen();
  longest_step_ = 0;  // fewer kernels from here on
  // Three answers each where there is time: a median of one or two holds every pause.
  for (int pass = 0; pass < 3; ++pass) {
    for (size_t i : Shuffled(wanted)) {
      if (Stopped() || (pass > 0 && OutOfTime())) return;
      Step(i, true);
    }
  }
  // Then in turn, while there is time.
  for (int round = 1; round <= 9; ++round) {
    for (const auto& kind : {+wanted, +core, +rest}) {
      for (size_t i : Shuffled(kind)) {
        if (OutOfTime()) return;
        Step(i, true);
      }
    }
    out_.rounds = round;
    Say(fmt::format("round {}: {:.0f} s of {:.0f} s used", round, Elapsed(),
                    options_.budget.count()));
  }
}

Result<void> Observer::Run() {
  if (auto resident = PageCacheShare(options_.source)) out_.resident_at_start = *resident;
  auto ready = ReadServer();
  if (!ready) return ready;
  PlaceLadder();
  auto made = MakeCases();
  if (!made) return made;
  Say(fmt::format("{} probes, {} requests, {} steps of the ladder", out_.cases.size(),
                  options_.requests.size(), ladder_urls_.size()));
  WarmUp();
  auto network = MeasureNetwork(options_.url + "/info.json", options_.headers);
  if (!network) return network.error();
  out_.network = *network;
  Say(fmt::format("warm after {:.1f} s; round trip {:.2f} ms", Elapsed(),
                  out_.network.round_trip_ms));
  TakeSignatures();
  out_.hypotheses = AllHypotheses(out_.codec, *out_.info);
  Rounds();
  for (const Case& c : out_.cases) {
    const size_t half = c.samples_ms.size() / 2;
    if (half < 1) continue;
    const double middle = Median(c.samples_ms);
    for (size_t i = 0; i < c.samples_ms.size(); ++i)
      (i < half ? early_ : late_).push_back(c.samples_ms[i] / middle);
  }
  if (!early_.empty()) out_.drift = Median(late_) / Median(early_) - 1;
  DropWrongAnswers();
  JudgeEncoder();
  out_.seconds = Elapsed();
  return {};
}

Result<Observed> Observe(const ObserveOptions& options) {
  Observed out;
  Observer observer(options, out);
  auto done = observer.Run();
  if (!done) return done.error();
  return out;
}

}  // namespace iiifbench
