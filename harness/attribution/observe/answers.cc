#include <algorithm>

#include "harness/answers/expected_answer.h"
#include "harness/answers/response_check.h"
#include "harness/attribution/evidence/interpose/interpose.h"
#include "harness/attribution/evidence/store_reads.h"
#include "harness/attribution/observe/failures.h"
#include "harness/attribution/observe/prober.h"
#include "harness/attribution/observe/way.h"
#include "harness/stats/milliseconds.h"

namespace iiifbench {
namespace {

constexpr int kLostAtTheEnd = 3;           // fewer may be chance
constexpr double kLostForAtTheEnd = 0.15;  // of the budget; so is what took less

std::string UrlOf(const Prober& prober, const Case& c) {
  return (c.probe.image == 0 ? prober.options.url
                             : prober.series_urls[static_cast<size_t>(c.probe.image) - 1]) +
         "/" + c.probe.path;
}

void NoteFacts(Prober& prober, const std::string& path, const ResponseFacts& facts) {
  ++prober.compared;
  const auto note = [&](const std::string& said, int& count, std::string& first) {
    if (said.empty()) return;
    ++count;
    if (first.empty()) first = fmt::format("{}: {}", path, said);
  };
  note(facts.change, prober.changed, prober.change);
  note(facts.doubt, prober.doubted, prober.doubt);
}

// What was compared and passed, and is not simply right.
void AddAnswerFindings(const Prober& prober, Observed& observed) {
  if (prober.changed > 0)
    observed.findings.push_back(
        {"changed-answers",
         fmt::format("{} of {} answers are the right picture, but changed ({}). {}", prober.changed,
                     prober.compared, prober.change, kChangedAdvice)});
  if (prober.doubted == 0) return;
  if (prober.doubted < prober.compared) {
    observed.findings.push_back(
        {"answers-not-judged",
         fmt::format("{} of {} answers are neither right nor wrong: they cannot be judged ({})",
                     prober.doubted, prober.compared, prober.doubt)});
    return;
  }
  observed.refusals.push_back(
      {"no-picture-judged", fmt::format("none of {} answers could be judged ({}). {}",
                                        prober.compared, prober.doubt, kDoubtAdvice)});
}

Result<void> CheckFirst(Prober& prober, KernelCosts& costs, Case& c, const Exchange& exchange) {
  if (c.probe.info) return CheckInfo(exchange, c.info->size);
  auto source = Source::Open(c.file);
  if (!source) return source.error();
  auto plan = MakeRenderPlan(*c.info, c.request);
  if (!plan) return plan.error();
  // Floor or ceiling of the exact side: the server's kernels worked for the size that came.
  if (const auto came = SizeOf(exchange)) {
    const auto rounding = AllowedRounding(c.request, c.info->size, *came);
    if (rounding && !rounding->empty()) {
      c.request = AtItsSize(c.request, *came);
      plan = MakeRenderPlan(*c.info, c.request);
      if (!plan) return plan.error();
      ++prober.rounded;
      if (prober.rounding.empty()) prober.rounding = fmt::format("{}: {}", c.probe.path, *rounding);
    }
  }
  StageTimes times;
  DecodeReport report;
  auto expected = prober.renderer.RenderPixels(**source, *plan, times, report);
  if (!expected) return expected.error();
  auto facts = CheckResponse(exchange, *expected, Enlargement(*plan));
  // A single pixel need not look like ours: neighbours and chroma are averaged in different ways.
  if (!facts && !(expected->width == 1 && exchange.status == 200)) return facts.error();
  if (exchange.body.size() == static_cast<size_t>(c.file_bytes)) {
    auto bytes = (*source)->ReadAll();
    if (bytes && std::ranges::equal(*bytes, exchange.body))
      return Fail(ErrorKind::kBadInput, "the source file itself came: streamed, not made");
  }
  NoteFacts(prober, c.probe.path,
            facts ? *facts : ResponseFacts{.doubt = "cannot tell: the picture is one pixel wide"});
  if (c.request.format != "jpg") return {};
  auto answer = ReadEncoderFacts(exchange.body);
  if (!answer) return answer.error();
  c.answer = *answer;
  auto body = Source::Borrow(exchange.body, "answer");
  auto picture = DecodeWhole(*body, Variant::kLibrary);
  if (!picture) return picture.error();
  c.encode_work = costs.Encode(picture->view(), c.answer);
  costs.Recall(c.encode_work, EncodingOf(c));
  return {};
}

}  // namespace

void Ask(Prober& prober, Observed& observed, size_t number, bool evidence) {
  Case& c = observed.cases[number];
  CheckedAnswer& answer = prober.answers[number];
  const ProcessUsage before = evidence && prober.options.running
                                  ? ProcessUsage::Of(prober.options.running->ProcessIds())
                                  : ProcessUsage{};
  const bool interposed = evidence && c.held_out && !prober.options.interposed.empty();
  const Interposed called = interposed ? ReadInterposed(prober.options.interposed) : Interposed{};
  const Exchange exchange = prober.client.Get(UrlOf(prober, c));
  if (exchange.failure == kNotSent) return;
  const ProcessUsage after = evidence && prober.options.running
                                 ? ProcessUsage::Of(prober.options.running->ProcessIds())
                                 : ProcessUsage{};
  ++observed.exchanges;
  observed.fresh_connections += exchange.reused ? 0 : 1;
  observed.closing += exchange.closes ? 1 : 0;
  observed.from_cache += exchange.from_cache ? 1 : 0;
  if (exchange.from_cache && observed.cache_words.empty()) observed.cache_words = exchange.cache;
  const double gap_ms = prober.last_done == std::chrono::steady_clock::time_point{}
                            ? -1
                            : MsOf(exchange.due - prober.last_done);
  prober.last_done = exchange.done;
  if (const std::string failure = FailureToday(exchange, answer); !failure.empty()) {
    TakeFailure(prober, observed, number, exchange, failure);
    if (prober.options.log != nullptr) prober.options.log->AddFailure(c, Elapsed(prober), failure);
    return;
  }
  TakeSuccess(prober, number);
  if (!c.probe.info) ++observed.image_answers;
  const bool first = answer.body.empty();
  Result<void> right =
      first || c.probe.info ? CheckFirst(prober, *observed.costs, c, exchange) : Result<void>();
  if (!first && !c.probe.info && !std::ranges::equal(exchange.body, answer.body)) {
    auto known = Source::Borrow(answer.body, "first answer");
    auto picture = DecodeWhole(*known, Variant::kLibrary);
    auto same =
        picture ? CheckResponse(exchange, picture->view()) : Result<ResponseFacts>(picture.error());
    if (!same) right = Fail(same.error().kind, "later another answer: {}", same.error().message);
  }
  if (!right) {
    if (!c.probe.info) ++observed.wrong_answers;
    answer.wrong = right.error().message;
    return;
  }
  if (first) answer.body = exchange.body;
  if (prober.options.tap != nullptr) {
    const auto reads = prober.options.tap->Take();
    StoreSample sample = SampleOf(c.probe.path, reads, exchange.due, exchange.done);
    c.read_ms.push_back(sample.stalled_ms);
    if (c.held_out) {
      TakeStore(sample, observed.methods[c.probe.path]["store"]);
      observed.store_samples.push_back(std::move(sample));
    }
  }
  const double latency = MsOf(exchange.latency());
  c.samples_ms.push_back(latency);
  c.first_byte_ms.push_back(MsOf(exchange.first_byte - exchange.due));
  c.transfers.push_back({.bytes = static_cast<int64_t>(exchange.body.size()),
                         .body_ms = MsOf(exchange.done - exchange.first_body_byte),
                         .fresh = !exchange.reused,
                         .connect_ms = MsOf(exchange.connect),
                         .tls_ms = MsOf(exchange.tls),
                         .gap_ms = gap_ms});
  std::map<std::string, StageSamples> said;
  if (c.held_out) {
    TakeServerTiming(exchange, said["server-timing"]);
    if (interposed)
      TakeInterposed(called, ReadInterposed(prober.options.interposed), said["interpose"]);
    if (prober.options.running != nullptr) {
      TakeLog(prober.options.running->TakeLog(), said["log"]);
      if (evidence) observed.process[c.probe.path].push_back(UsedBetween(before, after));
    }
    for (const auto& [method, stages] : said) {
      StageSamples& all = observed.methods[c.probe.path][method];
      for (const auto& [stage, values] : stages)
        all[stage].insert(all[stage].end(), values.begin(), values.end());
    }
  }
  if (prober.options.log != nullptr)
    prober.options.log->AddAnswer(c, Elapsed(prober), exchange, said);
}

void DropWrongAnswers(const Prober& prober, Observed& observed) {
  SetNetwork(observed);
  const bool for_long = prober.lost > 0 && Elapsed(prober) - prober.right_at >
                                               kLostForAtTheEnd * prober.options.budget.count();
  if (prober.gone || prober.lost >= kLostAtTheEnd || for_long)
    observed.findings.push_back(
        {"server-stopped-answering",
         "the server stopped answering while it was probed: what was measured before is kept"});
  std::map<std::string, int> reasons;
  size_t kept = 0;
  for (size_t i = 0; i < observed.cases.size(); ++i) {
    if (!prober.answers[i].wrong.empty()) {
      if (observed.cases[i].held_out) {
        observed.refusals.push_back(
            {"request-answered-wrongly",
             fmt::format("{}: {}", observed.cases[i].probe.path, prober.answers[i].wrong)});
      } else {
        ++reasons[prober.answers[i].wrong];
      }
      continue;
    }
    // Of an earlier sitting, and not answered in this one: not checked, its encoder not known.
    if (prober.options.log != nullptr && prober.answers[i].body.empty() &&
        !observed.cases[i].samples_ms.empty()) {
      ++reasons["not answered again after the run was resumed"];
      continue;
    }
    if (observed.cases[i].samples_ms.empty()) {
      if (observed.cases[i].held_out && !prober.answers[i].failed.empty()) {
        observed.refusals.push_back(
            {"request-failed",
             fmt::format("{}: {}", observed.cases[i].probe.path, prober.answers[i].failed)});
      } else if (observed.cases[i].held_out) {
        observed.findings.push_back(
            {"request-not-asked",
             fmt::format("{} was not asked: it did not fit into what may be asked (--budget, "
                         "--max-requests)",
                         observed.cases[i].probe.path)});
      }
      continue;
    }
    if (kept != i) observed.cases[kept] = std::move(observed.cases[i]);
    ++kept;
  }
  observed.cases.resize(kept);
  if (prober.rounded > 0)
    observed.findings.push_back(
        {"size-rounded-otherwise",
         fmt::format("{} answer{} rounded otherwise than ours, as the standard allows ({}): "
                     "compared and fitted at the size "
                     "that came",
                     prober.rounded, prober.rounded == 1 ? " was" : "s were", prober.rounding)});
  AddAnswerFindings(prober, observed);
  for (const auto& [reason, count] : reasons)
    observed.findings.push_back({"probes-left-out", fmt::format("{} probe{} left out: {}", count,
                                                                count == 1 ? "" : "s", reason)});
}

bool ForeignEncoder(const std::vector<Case>& cases) {
  int foreign = 0, jpegs = 0;
  for (const Case& c : cases) {
    if (c.answer.size.width == 0) continue;
    ++jpegs;
    if (!c.answer.like_libjpeg) ++foreign;
  }
  return foreign * 2 > jpegs;
}

}  // namespace iiifbench
