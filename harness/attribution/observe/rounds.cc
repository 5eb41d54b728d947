#include <algorithm>
#include <cmath>
#include <set>

#include "harness/attribution/evidence/evidence.h"
#include "harness/attribution/observe/prober.h"
#include "harness/attribution/observe/way.h"
#include "harness/stats/quantile.h"

namespace iiifbench {
namespace {

// The kernels of every hypothesis that is left, for one case.
void MeasureKernels(const Prober& prober, Observed& observed, const Case& c) {
  if (c.probe.info) return;
  std::set<int> done;
  auto measure = [&](int work) {
    if (work < 0 || !done.insert(work).second) return;
    const int samples = observed.costs->samples(work);
    const double ms = observed.costs->ms(work);
    if (samples >= (ms > 300 ? 2 : ms > 50 ? 4 : 6)) return;
    observed.costs->Measure(work);
    if (prober.options.log != nullptr && observed.costs->samples(work) > samples)
      prober.options.log->AddKernel(
          work == c.encode_work ? EncodingOf(c) : observed.costs->NameOf(work), *observed.costs,
          work);
  };
  for (const auto& hypothesis : observed.hypotheses) {
    const CaseWorks works = WorksOf(c, hypothesis, *observed.costs);
    measure(works.decode);
    measure(works.resize);
  }
  measure(c.encode_work);
}

// The cases of one kind in random order.
std::vector<size_t> Shuffled(Prober& prober, const std::vector<Case>& cases,
                             bool (*wanted)(const Case&)) {
  std::vector<size_t> order;
  for (size_t i = 0; i < cases.size(); ++i) {
    if (wanted(cases[i])) order.push_back(i);
  }
  for (size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[prober.random() % i]);
  return order;
}

// Seconds of one answer to each probe, with its pause.
double SecondsOfAPass(const Prober& prober, const std::vector<Case>& cases) {
  std::vector<double> latencies;
  for (const Case& c : cases) {
    if (!c.probe.info) latencies.insert(latencies.end(), c.samples_ms.begin(), c.samples_ms.end());
  }
  const double step = latencies.empty() ? prober.warm_ms : Median(latencies);
  const Courtesy* courtesy = CourtesyOfAll();
  const double pause = courtesy == nullptr ? 0 : courtesy->PauseAfter(step / 1000);
  return (step / 1000 + pause) * static_cast<double>(cases.size());
}

void Step(Prober& prober, Observed& observed, size_t number, bool kernels) {
  if (!prober.answers[number].wrong.empty()) return;
  const double start = Elapsed(prober);
  Ask(prober, observed, number, true);
  // A request that failed this time needs its kernels for the answers that it has.
  if (!kernels || !prober.answers[number].wrong.empty() ||
      observed.cases[number].samples_ms.empty())
    return;
  const ProcessUsage before = OfThisThread();
  MeasureKernels(prober, observed, observed.cases[number]);
  const ProcessUsage after = OfThisThread();
  observed.own_cpu_ms += after.on_cpu_ms - before.on_cpu_ms;
  observed.own_run_queue_ms += after.run_queue_ms - before.run_queue_ms;
  prober.longest_step = std::max(prober.longest_step, Elapsed(prober) - start);
}

}  // namespace

void AskRounds(Prober& prober, Observed& observed) {
  const double pass_seconds = SecondsOfAPass(prober, observed.cases);
  const Courtesy* courtesy = CourtesyOfAll();
  const bool few =
      courtesy != nullptr && courtesy->left() < static_cast<int64_t>(observed.cases.size());
  const bool slow = few || Elapsed(prober) + pass_seconds > prober.options.budget.count();
  const auto core = [](const Case& c) { return c.probe.core && !c.held_out; };
  const auto wanted = [](const Case& c) { return c.held_out; };
  const auto rest = [](const Case& c) { return !c.probe.core && !c.held_out; };
  // Where not all fits, what the run is about comes first.
  if (slow) {
    const std::string how =
        "the requests of interest were asked first, then as many probes as fitted";
    observed.findings.push_back(
        {"too-few-requests-fit",
         few ? fmt::format("{} requests are left of --max-requests, and there are {} probes: {}",
                           courtesy->left(), observed.cases.size(), how)
             : fmt::format(
                   "one answer to each probe takes {:.0f} s, more than --budget leaves: {}; "
                   "--budget {:.0f} has room for all",
                   pass_seconds, how,
                   10 * std::ceil((Elapsed(prober) + 1.2 * pass_seconds) / 0.7 / 10))});
    for (size_t i = 0; i < observed.cases.size(); ++i) {
      if (!observed.cases[i].held_out) continue;
      const double start = Elapsed(prober);
      if (OutOfTime(prober)) break;
      Ask(prober, observed, i, true);
      prober.longest_step = std::max(prober.longest_step, Elapsed(prober) - start);
    }
  }
  // What there must be: the core with its kernels, and an answer of every request.
  for (size_t i : Shuffled(prober, observed.cases, core)) {
    if (Stopped(prober) || (slow && OutOfTime(prober))) break;
    if (prober.answers[i].body.empty()) Step(prober, observed, i, false);
  }
  PruneHypotheses(prober, observed);
  PruneByPixels(prober, observed);
  int measured = 0;
  for (size_t i : Shuffled(prober, observed.cases, core)) {
    // Kernels run here: what was asked needs them, though nothing more may be sent.
    if (Stopped(prober) && !NothingMoreIsSent()) return;
    // A slow server is asked once; the kernels must run all the same.
    if (!slow && (Elapsed(prober) < 0.7 * prober.options.budget.count() ||
                  observed.cases[i].samples_ms.empty())) {
      Step(prober, observed, i, true);
    } else if (prober.answers[i].wrong.empty() && !observed.cases[i].samples_ms.empty()) {
      MeasureKernels(prober, observed, observed.cases[i]);
    }
    observed.costs->MeasureFaults();
    if (++measured % 4 == 0) PruneMeasured(observed);
  }
  SetNetwork(observed);
  JudgeSignatures(prober, observed);
  Say(prober, fmt::format("the core took {:.1f} s of {:.0f} s", Elapsed(prober),
                          prober.options.budget.count()));
  ScreenStandIns(prober, observed);
  Screen(prober, observed);
  prober.longest_step = 0;  // fewer kernels from here on
  // They were asked before the core, without their kernels.
  if (slow) {
    for (const Case& c : observed.cases) {
      if (c.held_out && !c.samples_ms.empty()) MeasureKernels(prober, observed, c);
    }
  }
  // Three answers each where there is time: a median of one or two holds every pause.
  for (int pass = 0; pass < 3; ++pass) {
    for (size_t i : Shuffled(prober, observed.cases, wanted)) {
      if (Stopped(prober) || ((slow || pass > 0) && OutOfTime(prober))) return;
      Step(prober, observed, i, true);
    }
  }
  // Then in turn, while there is time.
  for (int round = 1; round <= 9; ++round) {
    for (const auto& kind : {+wanted, +core, +rest}) {
      for (size_t i : Shuffled(prober, observed.cases, kind)) {
        if (OutOfTime(prober)) return;
        Step(prober, observed, i, true);
      }
    }
    observed.rounds = round;
    Say(prober, fmt::format("round {}: {:.0f} s of {:.0f} s used", round, Elapsed(prober),
                            prober.options.budget.count()));
  }
}

void CheckRestored(Prober& prober, Observed& observed) {
  for (size_t i = 0; i < observed.cases.size() && !Stopped(prober); ++i) {
    if (!observed.cases[i].samples_ms.empty() && prober.answers[i].body.empty())
      Step(prober, observed, i, false);
  }
}

}  // namespace iiifbench
