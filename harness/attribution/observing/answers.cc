#include <algorithm>
#include "harness/answers/expected_answer.h"
#include "harness/attribution/evidence/interpose/interpose.h"
#include "harness/attribution/observing/observer.h"

namespace iiifbench {

Result<void> Observer::CheckFirst(Case& c, const Exchange& exchange) {
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
      ++rounded_;
      if (rounding_.empty()) rounding_ = fmt::format("{}: {}", c.probe.path, *rounding);
    }
  }
  StageTimes times;
  DecodeReport report;
  auto expected = renderer_.RenderPixels(**source, *plan, times, report);
  if (!expected) return expected.error();
  auto facts = CheckResponse(exchange, *expected, Enlargement(*plan));
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
  const bool interposed = evidence && c.held_out && !options_.interposed.empty();
  const Interposed called = interposed ? ReadInterposed(options_.interposed) : Interposed{};
  const Exchange exchange = client_.Get(UrlOf(c));
  const CpuTime after =
      evidence && options_.running ? CpuTime::Of(options_.running->ProcessIds()) : CpuTime{};
  // A server that is gone has not answered wrongly: what it said before stands.
  const bool refused = exchange.error.find("connect") != std::string::npos;
  lost_ = refused ? lost_ + 1 : 0;
  if (refused && !c.samples_ms.empty()) return;
  if (!c.probe.info) ++out_.image_answers;
  const bool first = answer.body.empty();
  Result<void> right = first || c.probe.info ? CheckFirst(c, exchange) : Result<void>();
  if (!first && !c.probe.info && !std::ranges::equal(exchange.body, answer.body)) {
    auto known = Source::Borrow(answer.body, "first answer");
    auto picture = DecodeWhole(*known, Variant::kLibrary);
    auto same =
        picture ? CheckResponse(exchange, picture->view()) : Result<ResponseFacts>(picture.error());
    if (!same) right = Fail(same.error().kind, "later another answer: {}", same.error().message);
  }
  if (!right) {
    if (!c.probe.info) ++out_.wrong_answers;
    answer.wrong = right.error().message;
    return;
  }
  if (first) answer.body = exchange.body;
  if (options_.tap != nullptr) {
    const auto reads = options_.tap->Take();
    StoreSample sample = SampleOf(c.probe.path, reads, exchange.due, exchange.done);
    c.read_ms.push_back(sample.stalled_ms);
    if (c.held_out) {
      TakeStore(sample, out_.methods[c.probe.path]["store"]);
      out_.store_samples.push_back(std::move(sample));
    }
  }
  const double latency = Milliseconds(exchange.latency());
  c.samples_ms.push_back(latency);
  c.first_byte_ms.push_back(Milliseconds(exchange.first_byte - exchange.due));
  c.fixed_ms = out_.network.Of(static_cast<int64_t>(exchange.body.size()),
                               Milliseconds(exchange.done - exchange.first_byte));
  if (!c.held_out) return;
  auto& methods = out_.methods[c.probe.path];
  TakeServerTiming(exchange, methods["server-timing"]);
  if (interposed) TakeInterposed(called, ReadInterposed(options_.interposed), methods["interpose"]);
  if (options_.running != nullptr) {
    TakeLog(options_.running->TakeLog(), methods["log"]);
    if (evidence) TakeCpu(before, after, methods["cpu"]);
  }
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
  if (rounded_ > 0)
    out_.findings.push_back(
        fmt::format("{} answer{} rounded otherwise than ours, as the standard allows ({}): "
                    "compared and fitted at the size "
                    "that came",
                    rounded_, rounded_ == 1 ? " was" : "s were", rounding_));
  for (const auto& [reason, count] : reasons)
    out_.findings.push_back(
        fmt::format("{} probe{} left out: {}", count, count == 1 ? "" : "s", reason));
}

void Observer::JudgeEncoder() {
  int foreign = 0, jpegs = 0;
  for (const Case& c : out_.cases) {
    if (c.answer.size.width == 0) continue;
    ++jpegs;
    if (!c.answer.like_libjpeg) ++foreign;
  }
  out_.foreign_encoder = foreign * 2 > jpegs;
}

}  // namespace iiifbench
